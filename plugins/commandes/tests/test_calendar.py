"""Appointments open in any calendar: RFC 5545 in its ends of lines, its folds and its escapes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from plugins.commandes.calendar import Event, calendar

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


def unfolded(data: bytes) -> list[str]:
    """Return the lines of a calendar as a reader sees them (RFC 5545 3.1)."""
    assert data.endswith(b"\r\n")
    return data.decode().replace("\r\n ", "").split("\r\n")[:-1]


def value(data: bytes, name: str) -> str:
    (found,) = (line for line in unfolded(data) if line.startswith(f"{name}:"))
    text = found.partition(":")[2]
    signs = iter(text)
    return "".join({"n": "\n"}.get(after := next(signs), after) if c == "\\" else c for c in signs)


def test_an_appointment_is_a_whole_day_whatever_the_zone() -> None:
    here = NOW.astimezone(timezone(timedelta(hours=11)))
    lines = unfolded(calendar([Event("a@b", date(2026, 12, 31), "RDV lien")], "Balise", here))
    assert "DTSTART;VALUE=DATE:20261231" in lines
    assert "DTEND;VALUE=DATE:20270101" in lines
    assert "DTSTAMP:20261120T103000Z" in lines
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"


def test_signs_of_the_format_are_escaped() -> None:
    data = calendar([Event("a@b", date(2026, 1, 1), "a,b;c\\d", "un\ndeux")], "Balise", NOW)
    assert r"SUMMARY:a\,b\;c\\d" in unfolded(data)
    assert value(data, "DESCRIPTION") == "un\ndeux"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=300))
def test_whatever_the_text_no_line_is_too_long_and_nothing_is_lost(text: str) -> None:
    data = calendar([Event("a@b", date(2026, 1, 1), text)], "Balise", NOW)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    kept = "".join(c for c in text if c.isprintable())
    assert value(data, "SUMMARY") == kept
