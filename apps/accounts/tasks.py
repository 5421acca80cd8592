"""What the clock does for the accounts."""

from apps.accounts.services.cleanup import forget_finished
from medivoy.core.context import writing
from medivoy.core.schedule import scheduled


@scheduled("accounts.cleanup", cron="20 3 * * *")
def cleanup() -> str:
    """Forget sign-ins and links that are long over."""
    with writing(None):
        return f"{forget_finished()} rows deleted"
