"""Times, numbers and titles as French back offices and other tools write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.network.metrics.cells import BadValueError, counter, octets, parse_time
from core.network.metrics.readings import FileError, Format, read

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 12, 1, tzinfo=UTC).timestamp()


def moment(text: str) -> datetime:
    return datetime.fromtimestamp(parse_time(text, PARIS, NOW), UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10/03/2026 00:05:00", "2026-03-09T23:05:00+00:00"),
        ("10/03/26 00:05", "2026-03-09T23:05:00+00:00"),
        ("1/7/2026 9h30", "2026-07-01T07:30:00+00:00"),
        ("31/12/2025", "2025-12-30T23:00:00+00:00"),
        ("2026-03-10T00:05:00Z", "2026-03-10T00:05:00+00:00"),
    ],
)
def test_a_time_is_read_as_the_french_write_it(text: str, expected: str) -> None:
    assert moment(text) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31/02/2026 00:00", "jj/mm/aaaa"),
        ("03/31/2026 00:00", "jj/mm/aaaa"),
        ("25/10/2026 02:30:00", "ambiguë"),
        ("29/03/2026 02:30:00", "n'existe pas"),
        ("1770000000000", "millisecondes"),
        ("1900000000", "futur"),
    ],
)
def test_a_time_that_cannot_be_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadValueError, match=reason):
        moment(text)


@pytest.mark.parametrize(
    "text", ["1 234 567", "1\u202f234\u202f567", "1\u00a0234\u00a0567", "1234567"]
)
def test_spaces_between_thousands_are_no_part_of_a_number(text: str) -> None:
    assert octets(text) == counter(text, 32) == 1_234_567


def test_numbers_that_merely_stand_side_by_side_are_no_number() -> None:
    with pytest.raises(BadValueError):
        octets("12 34")


def columns(first: str, second: str) -> None:
    read([f"time,{first},{second}\n", "1767225600,1,2\n"], Format(PARIS, NOW))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("octets_out", "octets_in"),
        ("ifHCOutOctets", "ifHCInOctets"),
        ("Octets émis", "Octets reçus"),
        ("upload", "download"),
        ("TxBytes", "RxBytes"),
    ],
)
def test_columns_titled_the_wrong_way_round_are_not_swapped_in_silence(
    first: str, second: str
) -> None:
    with pytest.raises(FileError, match="inversées"):
        columns(first, second)
    columns(second, first)


@pytest.mark.parametrize("title", ["bit/s in", "Débit entrant", "in_bps", "octets/s in"])
def test_a_column_of_rates_is_not_taken_for_octets(title: str) -> None:
    with pytest.raises(FileError, match="donne un débit"):
        columns(title, "out")


def test_a_column_of_packets_is_not_taken_for_octets() -> None:
    with pytest.raises(FileError, match="compte des paquets"):
        columns("ifHCInUcastPkts", "ifHCOutUcastPkts")
