from apps.accounts.models.tokens import EmailVerification, PasswordReset, RefreshToken
from apps.accounts.models.user import User

__all__ = ["EmailVerification", "PasswordReset", "RefreshToken", "User"]
