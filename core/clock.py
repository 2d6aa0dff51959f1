"""The time. The one place where the host reads the clock; everything else receives ``now``."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
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


class Utc(sa.TypeDecorator[datetime]):
    """An aware UTC time, kept without its zone; a naive one is refused."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without its zone is not kept: use an aware UTC datetime")
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)
