"""Classes of service: which there are, under which name for good, what they count."""

from __future__ import annotations

import pytest

from collectors import listing, oids, qos
from collectors.discovery import Found
from collectors.figures import Figures
from collectors.interfaces import NonsenseError
from collectors.qos import ClassCounters, FoundClass
from collectors.snmp import MISSING, Kind, Varbind
from collectors.tests.recorded import router, tables
from core.network.measured import Direction

Rows = dict[str, dict[str, Varbind]]
WAN, SDSL = 2, 5
"""ifIndex of the two lines of the recorded router."""
NESTED = "WAN-OUT/class-default/COS/"


def recorded(name: str = "c1921") -> Rows:
    return tables(router(name), qos.COLUMNS)


def one(found: list[FoundClass], if_index: int, direction: Direction, path: str) -> FoundClass:
    (it,) = [f for f in found if (f.if_index, f.direction, f.path) == (if_index, direction, path)]
    return it


def keys(found: list[FoundClass]) -> set[tuple[Direction, str, str, str | None]]:
    return {(f.direction, f.path, f.name, f.parent) for f in found}


def integer(value: int) -> Varbind:
    return Varbind(Kind.INTEGER, str(value))


def gauge(value: int) -> Varbind:
    return Varbind(Kind.GAUGE, str(value))


def small(**parents: int) -> Rows:
    """A policy P of one class C on interface 7, out; ``parents`` of objects by name."""
    up = {"P": 0, "C": 10} | parents
    return {
        oids.CB_QOS_POLICY_DIRECTION: {"3": integer(2)},
        oids.CB_QOS_IF_INDEX: {"3": integer(7)},
        oids.CB_QOS_CONFIG_INDEX: {"3.10": gauge(100), "3.11": gauge(101)},
        oids.CB_QOS_OBJECTS_TYPE: {"3.10": integer(1), "3.11": integer(2)},
        oids.CB_QOS_PARENT_OBJECTS_INDEX: {"3.10": gauge(up["P"]), "3.11": gauge(up["C"])},
        oids.CB_QOS_POLICY_MAP_NAME: {"100": Varbind(Kind.STRING, "P")},
        oids.CB_QOS_CM_NAME: {"101": Varbind(Kind.STRING, "C")},
    }


def test_a_class_is_named_from_the_policy_on_the_interface_down() -> None:
    out = [f for f in qos.classes(recorded()) if f.if_index == WAN and f.direction == "out"]
    assert [f.path for f in out] == [
        "WAN-OUT/class-default",
        f"{NESTED}VOIX",
        f"{NESTED}CRITIQUE",
        f"{NESTED}DATA",
        f"{NESTED}class-default",
    ]


def test_the_parent_of_a_class_is_the_class_its_policy_is_nested_in() -> None:
    found = qos.classes(recorded())
    assert one(found, WAN, Direction.OUT, f"{NESTED}VOIX").parent == "WAN-OUT/class-default"
    assert one(found, WAN, Direction.OUT, "WAN-OUT/class-default").parent is None
    assert one(found, WAN, Direction.IN, "WAN-IN/VOIX").parent is None


def test_one_policy_on_two_interfaces_makes_two_sets_of_classes() -> None:
    found = qos.classes(recorded())
    fibre = [f for f in found if f.if_index == WAN and f.direction == "out"]
    sdsl = [f for f in found if f.if_index == SDSL]
    assert keys(fibre) == keys(sdsl)
    assert {f.policy_index for f in fibre}.isdisjoint({f.policy_index for f in sdsl})


def test_the_same_class_in_both_directions_is_two_classes() -> None:
    found = qos.classes(recorded())
    assert one(found, WAN, Direction.IN, "WAN-IN/VOIX").name == "VOIX"
    assert one(found, WAN, Direction.OUT, f"{NESTED}VOIX").name == "VOIX"


def test_a_reboot_changes_every_number_and_no_name() -> None:
    before, after = qos.classes(recorded()), qos.classes(recorded("c1921-rebooted"))
    assert keys(before) == keys(after)
    assert {qos.questions(f) for f in before}.isdisjoint({qos.questions(f) for f in after})


def test_each_class_reads_its_own_counters() -> None:
    values = router("c1921")

    def counted(found: FoundClass) -> ClassCounters | None:
        return qos.reading([values[oid] for oid in qos.questions(found)])

    found = qos.classes(recorded())
    voice = one(found, WAN, Direction.OUT, f"{NESTED}VOIX")
    data = one(found, WAN, Direction.OUT, f"{NESTED}DATA")
    assert counted(voice) == ClassCounters(9_000_000_000, 9_000_000_000, 0, 0)
    assert counted(data) == ClassCounters(
        600_000_000_000, 560_000_000_000, 40_000_000_000, 40_000_000
    )


def test_the_octets_of_a_parent_contain_those_of_its_children() -> None:
    values = router("c1921")
    offered: dict[str | None, int] = {}
    for found in qos.classes(recorded()):
        if found.if_index == WAN and found.direction is Direction.OUT:
            counters = qos.reading([values[oid] for oid in qos.questions(found)])
            assert counters is not None
            offered[found.parent] = offered.get(found.parent, 0) + counters.offered_octets
    assert offered[None] == offered["WAN-OUT/class-default"]


def test_a_class_that_is_gone_has_no_counters() -> None:
    counter = Varbind(Kind.COUNTER64, "5")
    assert qos.reading([MISSING] * 4) is None
    assert qos.reading([counter, counter, MISSING, counter]) is None


def test_a_counter_of_32_bits_is_no_counter_of_a_class() -> None:
    with pytest.raises(NonsenseError):
        qos.reading([Varbind(Kind.COUNTER32, "5")] * 4)


def test_a_router_without_policies_has_no_classes() -> None:
    assert qos.classes({}) == []
    assert qos.classes({column: {} for column in qos.COLUMNS}) == []


def test_the_small_router_of_these_tests_has_its_class() -> None:
    assert qos.classes(small()) == [FoundClass(7, Direction.OUT, "P/C", "C", None, 3, 11, "P")]


@pytest.mark.parametrize("parents", [{"P": 11}, {"C": 11}, {"P": 10}, {"C": 99}, {"C": 0}])
def test_parents_in_a_circle_or_nowhere_cost_the_class_alone(parents: dict[str, int]) -> None:
    assert qos.classes(small(**parents)) == []


def test_a_chain_of_parents_without_end_is_no_policy() -> None:
    rows = small()
    for n in range(200):
        at, type_ = f"3.{11 + n}", 2 if n % 2 == 0 else 1
        rows[oids.CB_QOS_OBJECTS_TYPE][at] = integer(type_)
        rows[oids.CB_QOS_CONFIG_INDEX][at] = gauge(101 if type_ == 2 else 100)
        rows[oids.CB_QOS_PARENT_OBJECTS_INDEX][at] = gauge(10 + n)
    found = qos.classes(rows)
    assert found
    assert max(f.path.count("/") for f in found) < 16


@pytest.mark.parametrize(
    ("column", "index"),
    [
        (oids.CB_QOS_IF_INDEX, "3"),
        (oids.CB_QOS_POLICY_DIRECTION, "3"),
        (oids.CB_QOS_OBJECTS_TYPE, "3.11"),
        (oids.CB_QOS_CONFIG_INDEX, "3.11"),
        (oids.CB_QOS_CM_NAME, "101"),
        (oids.CB_QOS_POLICY_MAP_NAME, "100"),
    ],
)
def test_a_row_that_is_missing_leaves_the_class_out(column: str, index: str) -> None:
    rows = small()
    del rows[column][index]
    assert qos.classes(rows) == []


@pytest.mark.parametrize("index", ["3", "3.11.1", "x.y", "", "3.-1", "3.99999999999", "3.٣"])
def test_a_row_at_an_index_that_is_none_is_left_out(index: str) -> None:
    rows = small()
    rows[oids.CB_QOS_OBJECTS_TYPE] = {"3.10": integer(1), index: integer(2)}
    assert qos.classes(rows) == []


@pytest.mark.parametrize("column", qos.COLUMNS[:5])
def test_a_value_of_another_type_is_said_to_be_nonsense(column: str) -> None:
    rows = small()
    rows[column] = dict.fromkeys(rows[column], Varbind(Kind.STRING, "1"))
    with pytest.raises(NonsenseError):
        qos.classes(rows)


def test_the_same_policy_twice_on_one_interface_is_read_where_it_stands_first() -> None:
    """One per circuit of an ATM interface, say: the path names one class, not two."""
    rows = small()
    for column in qos.COLUMNS[:5]:
        rows[column] |= {f"4{index[1:]}": value for index, value in rows[column].items()}
    assert [(c.path, c.policy_index) for c in qos.classes(rows)] == [("P/C", 3)]


def test_the_name_of_a_policy_may_contain_a_slash() -> None:
    rows = small()
    rows[oids.CB_QOS_POLICY_MAP_NAME] = {"100": Varbind(Kind.STRING, "WAN/OUT")}
    told = listing.as_json(Found(classes=qos.classes(rows)), Figures())
    assert told["policies"][0]["cbQosPolicyMapName"] == "WAN/OUT"
    assert told["classes"][0]["cbQosPolicyMapName"] == "WAN/OUT"


def test_a_policy_on_the_control_plane_is_on_no_line() -> None:
    rows = small()
    rows[oids.CB_QOS_IF_INDEX] = {"3": integer(0)}
    assert qos.classes(rows) == []
