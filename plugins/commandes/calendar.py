"""Appointments as a calendar file (iCalendar, RFC 5545). Pure.

The back office gives days without hours: events last the whole day, whatever the zone of who reads
them (VALUE=DATE, RFC 5545 3.3.4), and need no VTIMEZONE.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST = 75
"""Octets of a line, its end not counted (RFC 5545 3.1)."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a whole day; ``uid`` stays the same when its day changes, ``sequence`` grows."""

    uid: str
    day: date
    summary: str
    description: str = ""
    location: str = ""
    sequence: int = 0


def calendar(events: Sequence[Event], product: str, now: datetime) -> bytes:
    """Return a calendar of these events, made at ``now`` (aware)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{_text(product)}//Balise//FR",
             "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]  # fmt: skip
    for event in events:
        lines += _event(event, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _event(event: Event, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"SUMMARY:{_text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    if event.location:
        yield f"LOCATION:{_text(event.location)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(value: str) -> str:
    """Return a text with what means something in the format escaped (RFC 5545 3.3.11)."""
    plain = "".join(c for c in value if c == "\n" or c.isprintable())
    for sign, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(sign, escaped)
    return plain


def _folded(line: str) -> Iterator[str]:
    """Yield a line in parts of 75 octets, no character cut; a space begins all but the first."""
    part, size = "", 0
    for c in line:
        width = len(c.encode())
        if size + width > LONGEST:
            yield part
            part, size = " ", 1
        part, size = part + c, size + width
    yield part
