"""Logs: one line an event, key=value, UTC, rate-limited, without secrets."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET = re.compile(
    r"password|community|secret|token|cookie|credential|authorization", re.IGNORECASE
)
BURST, PERIOD = 20, 60.0
"""How many lines of one event are written in a period (seconds); the rest are counted."""

_seen: dict[str, tuple[float, int]] = {}


def _redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if SECRET.search(key):
            event[key] = "***"
    return event


def _limit(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if event.pop("unlimited", False):  # asked for: BALISE_TRACE_HOOKS
        return event
    name, now = str(event.get("event", ""))[:200], time.monotonic()
    start, count = _seen.get(name, (now, 0))
    if now - start > PERIOD:
        if count > BURST:
            event["suppressed"] = count - BURST
        start, count = now, 0
    _seen[name] = (start, count + 1)
    if len(_seen) > 5000:
        _seen.clear()
    if count >= BURST:
        raise structlog.DropEvent
    return event


def _one_line(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if "exception" in event:
        event["exception"] = str(event["exception"]).replace("\n", " | ")
    return event


def setup(level: str = "INFO") -> None:
    """Send structlog's and the standard library's logs to standard error, in the same form.

    May be called again: what loggers have once taken from structlog's settings they keep, so that
    those are made at the first call alone.
    """
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _limit,
        structlog.processors.format_exc_info,
        _redact,
        _one_line,
    ]
    if not structlog.is_configured():
        structlog.configure(
            processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=True,
        )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.LogfmtRenderer(key_order=["at", "level", "logger", "event"]),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("werkzeug", "alembic", "dash"):
        logging.getLogger(name).setLevel(logging.WARNING)
