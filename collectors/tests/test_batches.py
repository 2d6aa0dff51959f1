"""Writing what waits: in short transactions, and without what cannot be written."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Sequence

import pytest

from collectors.batches import each, pour
from collectors.tests.scenes import log_lines


class Store:
    """Takes numbers; a negative one makes the whole call fail, as a transaction would."""

    def __init__(self, room: int = 10**9) -> None:
        self.room = room
        self.calls: list[list[int]] = []
        self.tries = 0

    @property
    def kept(self) -> list[int]:
        return [number for call in self.calls for number in call]

    def write(self, numbers: Sequence[int]) -> None:
        self.tries += 1
        if min(numbers) < 0:
            raise OverflowError("no database holds it")
        if len(self.kept) + len(numbers) > self.room:
            raise sqlite3.OperationalError("database or disk is full")
        self.calls.append(list(numbers))


def test_what_waits_is_written_in_short_transactions_in_its_order() -> None:
    store, waiting = Store(), deque(range(10))
    assert pour(store.write, waiting, 4) == []
    assert store.calls == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert not waiting


def test_what_a_store_took_before_it_refused_waits_no_longer() -> None:
    store, waiting = Store(room=8), deque(range(10))
    with pytest.raises(sqlite3.OperationalError):
        pour(store.write, waiting, 4)
    assert list(waiting) == [8, 9]
    store.room = 10
    assert pour(store.write, waiting, 4) == []
    assert store.kept == list(range(10))


def test_one_that_cannot_be_written_costs_itself_and_a_few_more_tries() -> None:
    store = Store()
    numbers = [-1 if n == 700 else n for n in range(1_000)]
    with log_lines() as lines:
        assert each(store.write, numbers) == [-1]
    assert store.kept == [n for n in numbers if n >= 0]
    assert store.tries < 30
    assert [line["event"] for line in lines] == ["not written, let go of"]
