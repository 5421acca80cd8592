"""What the clock does for the clinical records."""

from apps.clinical.services.orphans import remove_orphans
from medivoy.core.schedule import scheduled


@scheduled("clinical.cleanup", cron="40 3 * * *")
def cleanup() -> str:
    """Remove files that were stored for a row that never came."""
    return f"{remove_orphans()} files removed"
