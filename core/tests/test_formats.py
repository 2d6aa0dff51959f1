"""Rates, volumes, dates and durations are written as the SPEC says, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import formats
from core.i18n import speaking

PARIS = ZoneInfo("Europe/Paris")
NN = "\N{NARROW NO-BREAK SPACE}"
AT = datetime(2026, 11, 24, 7, 20, 47, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bps", "french", "english"),
    [
        (0, "0 bit/s", "0 bit/s"),
        (950, "950 bit/s", "950 bit/s"),
        (999.7, "1,0 kbit/s", "1.0 kbit/s"),
        (61_700_000, "61,7 Mbit/s", "61.7 Mbit/s"),
        (4_000_000, "4,0 Mbit/s", "4.0 Mbit/s"),
        (733_400_000, "733 Mbit/s", "733 Mbit/s"),
        (999_960_000, "1,0 Gbit/s", "1.0 Gbit/s"),
        (12_345e12, "12 345 Tbit/s", "12,345 Tbit/s"),
        (None, "N/A", "N/A"),
        (float("nan"), "N/A", "N/A"),
    ],
)
def test_a_rate_goes_by_powers_of_1000(bps: float | None, french: str, english: str) -> None:
    assert formats.rate(bps) == french.replace(" ", NN)
    with speaking("en"):
        assert formats.rate(bps) == english.replace(" ", NN)


@pytest.mark.parametrize(
    ("bps", "text"),
    [(1e9, "1 Gbit/s"), (2e8, "200 Mbit/s"), (1.5e6, "1,5 Mbit/s"), (None, "N/A")],
)
def test_a_sold_rate_has_no_idle_decimals(bps: float | None, text: str) -> None:
    assert formats.contract(bps) == text.replace(" ", NN)


@pytest.mark.parametrize(
    ("octets", "french", "english"),
    [
        (0, "0 o", "0 B"),
        (2_680_000_000_000, "2,68 To", "2.68 TB"),
        (47_120_000, "47,1 Mo", "47.1 MB"),
        (999_999, "1,00 Mo", "1.00 MB"),
        (123_400, "123 Ko", "123 kB"),
        (None, "N/A", "N/A"),
    ],
)
def test_a_volume_is_in_octets(octets: int | None, french: str, english: str) -> None:
    assert formats.octets(octets) == french.replace(" ", NN)
    with speaking("en"):
        assert formats.octets(octets) == english.replace(" ", NN)


@pytest.mark.parametrize(
    ("seconds", "full", "short"),
    [
        (8479, "0 jours 02:21:19", "02:21:19"),
        (94_879, "1 jours 02:21:19", "1 jours 02:21:19"),
        (-3, "0 jours 00:00:00", "00:00:00"),
    ],
)
def test_a_duration_counts_days_then_a_clock(seconds: int, full: str, short: str) -> None:
    assert formats.duration(timedelta(seconds=seconds)) == full
    assert formats.duration(timedelta(seconds=seconds), short=True) == short


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (59, "moins d’une minute"),
        (1560, "26 min"),
        (11_220, "3 h 07"),
        (200_000, "2 jours"),
    ],
)
def test_an_age_is_short(seconds: int, text: str) -> None:
    assert formats.age(timedelta(seconds=seconds)).replace(NN, " ") == text


def test_dates_are_those_of_the_customers_zone() -> None:
    late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert formats.date(late, PARIS) == "01/07/26"
    assert formats.moment(AT, PARIS) == "24/11/2026 08:20:47"
    assert formats.clock(AT, PARIS) == "08:20:47"


def test_what_is_missing_says_so() -> None:
    assert formats.number(None) == formats.percent(None) == formats.octets(None) == "N/A"
    assert formats.date(None, PARIS) == formats.moment(None, PARIS) == "N/A"
    assert formats.duration(None) == formats.clock(None, PARIS) == "N/A"


def test_percents_and_numbers_follow_the_language() -> None:
    assert formats.percent(0.958) == f"95,8{NN}%"
    assert formats.number(1234.5, 1) == f"1{NN}234,5"
    with speaking("en"):
        assert formats.percent(0.958) == "95.8%"
        assert formats.number(1234.5, 1) == "1,234.5"


def test_an_axis_keeps_one_unit() -> None:
    assert formats.rate_unit(120e6) == (1e6, "Mbit/s")
    assert formats.rate_unit(0) == (1.0, "bit/s")
