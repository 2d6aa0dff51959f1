"""Questions that must be split, and columns that must end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import asking, engines
from collectors.snmp import MISSING, Failed, Job, Kind, NoSuchName, Outcome, TooBig, Varbind

COLUMN = ".1.3.6.1"


def value(text: str) -> Varbind:
    return Varbind(Kind.STRING, text)


@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=40, unique=True),
    st.integers(1, 10),
    st.sets(st.integers(0, 99)),
)
def test_however_a_question_is_split_each_value_stands_at_its_place(
    names: list[int], fits: int, unknown: set[int]
) -> None:
    """An SNMPv1 agent with room for ``fits`` values, that refuses a whole question for one name."""

    def get(oids: Sequence[str]) -> list[Varbind]:
        if len(oids) > fits:
            raise TooBig
        if unknown & {int(oid) for oid in oids}:
            raise NoSuchName
        return [value(oid) for oid in oids]

    expected = [MISSING if n in unknown else value(str(n)) for n in names]
    assert asking.fetch(get, [str(n) for n in names]) == expected


def test_one_value_too_big_for_any_answer_is_a_bad_answer() -> None:
    def get(_: Sequence[str]) -> list[Varbind]:
        raise TooBig

    with pytest.raises(Failed) as failed:
        asking.fetch(get, ["1"])
    assert failed.value.outcome is Outcome.BAD_ANSWER


def table(*rows: str, batch: int = 2) -> asking.Next:
    """An agent that gives these OIDs in this order, ``batch`` at a time, from the one asked on."""

    def following(oid: str) -> list[tuple[str, Varbind]]:
        start = rows.index(oid) + 1 if oid in rows else 0
        return [(row, value(row)) for row in rows[start : start + batch]]

    return following


def soon() -> float:
    return time.monotonic() + 5


def test_a_column_ends_where_the_next_begins() -> None:
    rows = asking.rows(
        table(f"{COLUMN}.1", f"{COLUMN}.2", f"{COLUMN}.10", ".1.3.6.2.1"), COLUMN, soon()
    )
    assert list(rows) == ["1", "2", "10"]


def test_a_column_ends_with_the_agent_and_with_its_view() -> None:
    assert asking.rows(lambda _: [], COLUMN, soon()) == {}
    end = Varbind(Kind.END_OF_VIEW, "")
    assert asking.rows(lambda _: [(f"{COLUMN}.1", end)], COLUMN, soon()) == {}


@pytest.mark.parametrize(
    "agent",
    [
        table(f"{COLUMN}.5", f"{COLUMN}.4"),
        lambda _: [(f"{COLUMN}.1", value("x"))],
        lambda _: [(COLUMN, value("x"))],
        lambda oid: [(f"{COLUMN}.{int(oid.rpartition('.')[2]) + 1}", value("x"))],
        lambda _: [(f"{COLUMN}.x", value("x"))],
    ],
    ids=["goes back", "stands still", "repeats us", "has no end", "speaks in names"],
)
def test_an_agent_that_would_be_followed_for_ever_is_left(agent: asking.Next) -> None:
    with pytest.raises(Failed) as failed:
        asking.rows(agent, COLUMN, soon(), limit=50)
    assert failed.value.outcome is Outcome.BAD_ANSWER


def test_a_column_is_left_at_its_deadline() -> None:
    with pytest.raises(Failed) as failed:
        asking.rows(table(f"{COLUMN}.1"), COLUMN, time.monotonic() - 1)
    assert failed.value.outcome is Outcome.LATE


@given(st.binary(max_size=200))
def test_whatever_a_discovery_brings_it_is_an_engine_id_or_nothing(data: bytes) -> None:
    assert engines.engine_of(data, 7) is None


@given(st.integers(1, 2**31 - 1))
def test_our_own_discovery_question_is_no_answer_to_it(number: int) -> None:
    """It is well formed (snmpd answers it in ``test_transport``) and names no engine."""
    assert engines.engine_of(engines.question(number), number) is None


class Faltering:
    """An agent that is silent so many times, then answers."""

    def __init__(self, silences: int, outcome: Outcome = Outcome.TIMEOUT) -> None:
        self.left = silences
        self.outcome = outcome
        self.asked = 0

    def get(self, oids: Sequence[str]) -> list[Varbind]:
        self.asked += 1
        self.left -= 1
        if self.left >= 0:
            raise Failed(self.outcome)
        return [value(oid) for oid in oids]

    def following(self, oid: str) -> list[tuple[str, Varbind]]:
        self.get([oid])
        return [(f"{COLUMN}.1", value("x"))] if oid == COLUMN else []


@pytest.mark.parametrize("column", [False, True])
def test_silence_is_asked_again_as_often_as_was_said(column: bool) -> None:
    agent = Faltering(2)
    job = Job(1, (COLUMN,), column)
    assert asking.settle(job, 3, agent, soon()).outcome is Outcome.OK
    with pytest.raises(Failed) as failed:
        asking.settle(job, 3, Faltering(3), soon())
    assert failed.value.outcome is Outcome.TIMEOUT


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.AUTH, Outcome.BAD_ANSWER])
def test_what_is_not_silence_is_not_asked_again(outcome: Outcome) -> None:
    agent = Faltering(1, outcome)
    with pytest.raises(Failed) as failed:
        asking.settle(Job(1, (COLUMN,)), 3, agent, soon())
    assert (failed.value.outcome, agent.asked) == (outcome, 1)


def test_nothing_is_asked_after_the_deadline_nor_asked_again() -> None:
    agent = Faltering(9)
    with pytest.raises(Failed) as failed:
        asking.settle(Job(1, (COLUMN,)), 3, agent, time.monotonic() - 1)
    assert (failed.value.outcome, agent.asked) == (Outcome.LATE, 0)


def test_a_question_in_many_pieces_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that has room for nothing, and takes its time to say so."""
    now = [0.0]

    class Slow(Faltering):
        def get(self, oids: Sequence[str]) -> list[Varbind]:
            now[0] += 1
            if len(oids) > 1:
                raise TooBig
            return super().get(oids)

    agent = Slow(0)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with pytest.raises(Failed) as failed:
        asking.settle(Job(1, tuple("abcdefgh")), 1, agent, 4.5)
    assert failed.value.outcome is Outcome.LATE
    assert now[0] == 5


def test_a_column_that_weighs_too_much_is_left() -> None:
    """Each row is what a message can hold: 4096 of them would be 256 MB."""
    heavy = value("x" * 60_000)
    asked = []

    def following(oid: str) -> list[tuple[str, Varbind]]:
        asked.append(oid)
        row = 1 if oid == COLUMN else int(oid.rpartition(".")[2]) + 1
        return [(f"{COLUMN}.{row}", heavy)]

    with pytest.raises(Failed) as failed:
        asking.rows(following, COLUMN, soon())
    assert failed.value.outcome is Outcome.BAD_ANSWER
    assert len(asked) * 60_000 < 2 * asking.MAX_OCTETS


def test_a_column_has_so_many_rows_at_most() -> None:
    def following(oid: str) -> list[tuple[str, Varbind]]:
        first = 1 if oid == COLUMN else int(oid.rpartition(".")[2]) + 1
        return [(f"{COLUMN}.{row}", value("x")) for row in range(first, min(first + 24, 101))]

    assert len(asking.rows(following, COLUMN, soon(), limit=100)) == 100
    with pytest.raises(Failed, match="99 rows") as failed:
        asking.rows(following, COLUMN, soon(), limit=99)
    assert failed.value.outcome is Outcome.BAD_ANSWER


def test_a_row_too_big_for_any_answer_is_a_bad_answer() -> None:
    def following(_: str) -> list[tuple[str, Varbind]]:
        raise TooBig

    with pytest.raises(Failed) as failed:
        asking.rows(following, COLUMN, soon())
    assert failed.value.outcome is Outcome.BAD_ANSWER


@given(st.binary(max_size=300), st.integers(0, 299), st.integers(0, 255))
def test_the_header_of_a_mutilated_message_is_read_or_refused(
    tail: bytes, place: int, octet: int
) -> None:
    message = bytearray(engines.question(7) + tail)
    message[place % len(message)] = octet
    with contextlib.suppress(ValueError):
        start, end = engines.header(bytes(message)).digest
        assert 0 <= start <= end <= len(message)
