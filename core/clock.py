"""The time. The one place where the host reads the clock; everything else receives ``now``."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time, aware, UTC."""
    return datetime.now(UTC)
