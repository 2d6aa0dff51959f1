"""Five-minute rows of past days on sheets: nothing is lost, and half the place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.network.metrics import sheets
from core.network.metrics.families import FAMILIES, TRAFFIC, Family

values = st.one_of(
    st.just(0), st.integers(0, 255), st.integers(0, 2**32), st.integers(0, 2**53), st.just(2**62)
)


@given(st.data(), st.sampled_from(FAMILIES))
def test_a_sheet_gives_back_each_row_as_it_was(data: st.DataObject, family: Family) -> None:
    """Whatever the sizes of numbers, NULLs and slots that nothing measured."""
    day = np.zeros((len(family.rolled), sheets.SLOTS), dtype=np.int64)
    samples = family.rolled.index("samples")
    wanted = np.full_like(day, -1)
    slots = data.draw(st.lists(st.integers(0, sheets.SLOTS - 1), unique=True, max_size=20))
    for slot in slots:
        for place, column in enumerate(family.rolled):
            null = family.nullable(column) and data.draw(st.booleans())
            day[place, slot] = wanted[place, slot] = -1 if null else data.draw(values)
        day[samples, slot] = wanted[samples, slot] = data.draw(st.integers(1, 300))
    sheet = sheets.pack(day, family)
    assert len(sheet) == sheets.length(sheet, family)
    found = sheets.unpack([sheet, sheet], family, family.rolled)
    assert (found == wanted).all()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_day_that_nothing_measured_is_a_sheet_of_nothing(family: Family) -> None:
    day = np.zeros((len(family.rolled), sheets.SLOTS), dtype=np.int64)
    assert (sheets.unpack([sheets.pack(day, family)], family, family.rolled) == -1).all()


def test_a_busy_day_of_a_link_takes_less_than_25_octets_a_row() -> None:
    draw = np.random.default_rng(1)
    day = np.full((len(TRAFFIC.rolled), sheets.SLOTS), -1, dtype=np.int64)
    day[0] = 300_000 + draw.integers(-900, 900, sheets.SLOTS)
    day[1:3] = draw.integers(10**6, 4 * 10**9, (2, sheets.SLOTS))
    day[3:7] = draw.integers(0, 200, (4, sheets.SLOTS))
    day[7] = 5
    day[8:10] = draw.integers(10**6, 10**9, (2, sheets.SLOTS))
    assert len(sheets.pack(day, TRAFFIC)) / sheets.SLOTS < 25
