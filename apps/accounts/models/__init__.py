from apps.accounts.models.audit import AuditEntry
from apps.accounts.models.export import AccountExport, ExportState
from apps.accounts.models.second_factor import RecoveryCode, Totp
from apps.accounts.models.tokens import EmailChange, EmailVerification, Invitation, PasswordReset, RefreshToken
from apps.accounts.models.user import User

__all__ = [
    "AccountExport",
    "AuditEntry",
    "EmailChange",
    "EmailVerification",
    "ExportState",
    "Invitation",
    "PasswordReset",
    "RecoveryCode",
    "RefreshToken",
    "Totp",
    "User",
]
