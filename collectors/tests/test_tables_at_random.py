"""Whatever a router puts in its tables: an answer or ``NonsenseError``, in bounded time."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import probes, qos
from collectors.interfaces import HIGHEST_INDEX, NonsenseError
from collectors.snmp import ABSENT, Kind, Varbind

PARTS = st.sampled_from(["0", "1", "2", "3", "4", "18", "99999999999", "-1", "x", "", "٣"])
INDEX = st.lists(PARTS, max_size=3).map(".".join)
NUMBERS = st.sampled_from(["0", "1", "2", "3", "4", "9", "16", "18", str(2**31), "-5", "", "1e3"])
KINDS = st.sampled_from(
    [Kind.INTEGER, Kind.GAUGE, Kind.TICKS, Kind.COUNTER64, Kind.STRING, *ABSENT]
)
NUMBER = st.builds(Varbind, st.sampled_from([Kind.INTEGER, Kind.GAUGE]), NUMBERS)
ANYTHING = st.builds(Varbind, KINDS, NUMBERS | st.sampled_from(["", "A/B", "\0", "\udcff", "é"]))
NAME = st.builds(Varbind, st.just(Kind.STRING), st.sampled_from(["A", "B", "", "é/è"]))


SOME = settings(max_examples=60)


def tables(columns, value):
    return st.fixed_dictionaries(
        {column: st.dictionaries(INDEX, value, max_size=8) for column in columns}
    )


@SOME
@given(tables(qos.COLUMNS, NUMBER | NAME | ANYTHING))
def test_classes_are_found_or_the_table_is_refused(rows):
    with contextlib.suppress(NonsenseError):
        found = qos.classes(rows)
        assert len({(c.if_index, c.direction, c.path) for c in found}) == len(found)
        paths = {(c.policy_index, c.path) for c in found}
        for one in found:
            assert 0 < one.if_index <= HIGHEST_INDEX
            assert one.path.endswith(one.name)
            assert one.parent is None or (one.policy_index, one.parent) in paths


@SOME
@given(st.lists(st.integers(0, 9), min_size=10, max_size=10), st.lists(st.booleans(), min_size=10))
def test_any_shape_of_parents_comes_to_an_end(parents, is_class):
    """Ten objects of one policy, each with any other, itself or none as its parent."""
    rows = {
        qos.COLUMNS[0]: {"1": Varbind(Kind.INTEGER, "2")},
        qos.COLUMNS[1]: {"1": Varbind(Kind.INTEGER, "7")},
        qos.COLUMNS[2]: {f"1.{n}": Varbind(Kind.GAUGE, str(n)) for n in range(1, 10)},
        qos.COLUMNS[3]: {
            f"1.{n}": Varbind(Kind.INTEGER, "2" if is_class[n] else "1") for n in range(1, 10)
        },
        qos.COLUMNS[4]: {f"1.{n}": Varbind(Kind.GAUGE, str(parents[n])) for n in range(1, 10)},
        qos.COLUMNS[5]: {str(n): Varbind(Kind.STRING, f"P{n}") for n in range(10)},
        qos.COLUMNS[6]: {str(n): Varbind(Kind.STRING, f"C{n}") for n in range(10)},
    }
    for one in qos.classes(rows):
        names = one.path.split("/")
        assert [name[0] for name in names] == ["P", "C"] * (len(names) // 2)
        assert parents[int(names[0][1:])] == 0


@SOME
@given(tables(probes.COLUMNS, NUMBER | NAME | ANYTHING), st.lists(ANYTHING | NUMBER, min_size=13))
def test_probes_are_found_and_read_or_refused(rows, values):
    with contextlib.suppress(NonsenseError):
        for probe in probes.probes(rows):
            run = probes.reading(probe, values[: len(probes.questions(probe))])
            assert run is None or 0 <= run.lost <= run.sent
            assert run is None or (run.rtt_ms is None) == (run.lost == run.sent)
