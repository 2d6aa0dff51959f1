"""The address of « Consommations datas »: what makes no sense in it is as absent, or is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.host import Host
from core.testing.context import context_of
from plugins.consommations.address import PERIODS, Asked, Period, PeriodError, period_of

ALICE = "alice@a.example"
NOON = datetime(2026, 11, 24, 11, 2, 41, tzinfo=UTC)


def period(host: Host, search: str, now: datetime = NOON) -> Period:
    with context_of(host, ALICE, now=now) as ctx:
        return period_of(ctx, Asked.of_search(search))


@pytest.mark.parametrize("key", PERIODS)
def test_a_period_that_ends_now_is_as_long_as_it_says(shared_world: Host, key: str) -> None:
    found = period(shared_world, f"?periode={key}")
    assert found.live
    assert found.end == NOON.replace(second=0), "the last whole minute"
    asked = PERIODS[key][1]
    assert asked <= found.end - found.start < asked + timedelta(minutes=5)
    assert int(found.start.timestamp()) % 300 == 0, "percentiles are of whole five minutes"


@pytest.mark.parametrize("word", ["", "?periode=", "?periode=siecle", "?periode=%00", "nonsense"])
def test_a_period_that_is_none_is_the_last_24_hours(shared_world: Host, word: str) -> None:
    assert period(shared_world, word) == period(shared_world, "?periode=24h")


def custom(start: str, end: str) -> str:
    return f"?periode=perso&du={start}&au={end}"


def test_a_period_of_ones_own_is_read_by_the_clocks_of_the_customer(shared_world: Host) -> None:
    found = period(shared_world, custom("2026-11-20T08:02", "2026-11-20T09:58"))
    assert found == Period(
        datetime(2026, 11, 20, 7, 0, tzinfo=UTC), datetime(2026, 11, 20, 9, 0, tzinfo=UTC), False
    )


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("", "", "Indiquez le début et la fin"),
        ("2026-11-20T08:00", "demain", "Indiquez le début et la fin"),
        ("2026-13-40T99:00", "2026-11-20T09:00", "Indiquez le début et la fin"),
        ("0001-01-01T00:00", "2026-11-20T09:00", "Indiquez le début et la fin|trop longue"),
        ("2026-11-20T09:00", "2026-11-20T08:00", "doit venir après son début"),
        ("2026-11-20T09:00", "2026-11-20T09:00", "doit venir après son début"),
        ("2027-01-01T00:00", "2027-01-02T00:00", "n’a pas commencé"),
        ("2016-11-24T00:00", "2026-11-24T00:00", "trop longue"),
    ],
)
def test_a_period_that_cannot_be_is_told(
    shared_world: Host, start: str, end: str, said: str
) -> None:
    with pytest.raises(PeriodError, match=said):
        period(shared_world, custom(start, end))


def test_a_period_that_ends_in_the_future_ends_now(shared_world: Host) -> None:
    found = period(shared_world, custom("2026-11-24T00:00", "2026-12-31T00:00"))
    assert found.end == NOON.replace(second=0)
    assert not found.live


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-29T00:00", "2026-03-30T00:00", 23),
        ("2026-10-25T00:00", "2026-10-26T00:00", 25),
        ("2026-10-25T02:30", "2026-10-25T02:45", 1.25),
    ],
)
def test_a_day_on_which_the_clocks_change_has_its_own_length(
    shared_world: Host, start: str, end: str, hours: float
) -> None:
    """The hour that comes twice is kept whole: nothing asked for is left out."""
    found = period(shared_world, custom(start, end))
    assert found.end - found.start == timedelta(hours=hours)


def test_the_address_says_all_again_that_it_was_asked() -> None:
    search = (
        "?vue=sites&q=lot&page=2&liaison=C7278-00001-001&periode=perso&du=2026-11-20T08:00"
        "&au=2026-11-20T09:00&unite=octets&comparer=oui&sens=in&classe=A%2FB"
    )
    asked = Asked.of_search(search)
    assert Asked.of_search(asked.with_().partition("?")[2]) == asked
    assert Asked.of_search(asked.over("mois")).period == "mois"
    assert "du=" not in asked.over("mois")


@pytest.mark.parametrize("word", ["-1", "1e9", "\u0663", "9" * 40, "site", ""])
def test_a_number_that_is_none_chooses_nothing(word: str) -> None:
    assert not Asked.of({"site": word, "societe": word, "page": word}).chosen
