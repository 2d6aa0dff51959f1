"""The time. The one place where the host reads the clock; everything else receives ``now``."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

log = structlog.get_logger("balise.clock")


def now() -> datetime:
    """Return the current time, aware, UTC."""
    return datetime.now(UTC)


def zone(name: str | None, otherwise: str) -> ZoneInfo:
    """Return the customer's time zone; the installation's when it has none, or one unknown here."""
    try:
        return ZoneInfo(name or otherwise)
    except (ZoneInfoNotFoundError, ValueError):
        log.warning("unknown time zone", zone=name)
        return ZoneInfo(otherwise)
