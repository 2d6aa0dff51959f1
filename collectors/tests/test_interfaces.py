"""IF-MIB in and out: what is asked, what an answer says, what is refused."""

from __future__ import annotations

import pytest

from collectors import interfaces, oids
from collectors.interfaces import Known, NonsenseError, Octets, Reading
from collectors.snmp import MISSING, Kind, Varbind

UPTIME = Varbind(Kind.TICKS, "123456")


def integer(value: int) -> Varbind:
    return Varbind(Kind.INTEGER, str(value))


def ticks(value: int) -> Varbind:
    return Varbind(Kind.TICKS, str(value))


def gauge(value: int) -> Varbind:
    return Varbind(Kind.GAUGE, str(value))


def name(value: str) -> Varbind:
    return Varbind(Kind.STRING, value)


STATUS = [integer(1), integer(2), ticks(99)]
LINE = [gauge(20_000_000), gauge(20), ticks(7)]


def counters(kind: str, *values: int) -> list[Varbind]:
    return [Varbind(kind, str(value)) for value in values]


FAULTS = counters(Kind.COUNTER32, 1, 2, 3, 4)
OTHER_SPEED = frozenset({oids.IF_HIGH_SPEED})


def test_a_status_reading_asks_three_values_and_the_name_that_proves_the_index() -> None:
    assert interfaces.questions(Known(4, named=True), traffic=False) == (
        f"{oids.IF_ADMIN_STATUS}.4", f"{oids.IF_OPER_STATUS}.4", f"{oids.IF_LAST_CHANGE}.4",
        f"{oids.IF_NAME}.4",
    )  # fmt: skip


@pytest.mark.parametrize(("bits", "column"), [(64, oids.IF_HC_IN_OCTETS), (32, oids.IF_IN_OCTETS)])
def test_a_traffic_reading_asks_counters_of_the_width_the_router_has(
    bits: int, column: str
) -> None:
    asked = interfaces.questions(Known(4, named=False, bits=bits), traffic=True)
    assert f"{column}.4" in asked
    assert len(asked) == 12


def test_a_status_answer_is_decoded() -> None:
    known = Known(4, named=True)
    assert interfaces.reading(known, False, UPTIME, [*STATUS, name("Gi0/1")]) == Reading(
        123456, 1, 2, 99, "Gi0/1"
    )


@pytest.mark.parametrize(("bits", "kind"), [(64, Kind.COUNTER64), (32, Kind.COUNTER32)])
def test_a_traffic_answer_is_decoded(bits: int, kind: str) -> None:
    values = [*STATUS, *counters(kind, 10, 20), *LINE, *FAULTS]
    found = interfaces.reading(Known(4, named=False, bits=bits), True, UPTIME, values)
    octets = Octets(bits, 10, 20, 20_000_000, 7, (1, 2, 3, 4))
    assert found == Reading(123456, 1, 2, 99, None, octets, OTHER_SPEED)


def test_an_engine_that_does_not_tell_types_is_held_to_the_range_of_each() -> None:
    """gufo-snmp gives numbers without their SNMP type."""
    bare = [
        Varbind(Kind.NUMBER, v.text) for v in [*STATUS, *counters("", 10, 2**63), *LINE, *FAULTS]
    ]
    uptime = Varbind(Kind.NUMBER, "5")
    found = interfaces.reading(Known(4, named=False), True, uptime, bare)
    octets = Octets(64, 10, 2**63, 20_000_000, 7, (1, 2, 3, 4))
    assert found == Reading(5, 1, 2, 99, None, octets, OTHER_SPEED)
    with pytest.raises(NonsenseError):
        interfaces.reading(Known(4, named=False, bits=32), True, uptime, bare)
    with pytest.raises(NonsenseError):
        interfaces.ticks(Varbind(Kind.NUMBER, str(2**32)))


@pytest.mark.parametrize(
    "odd",
    [
        MISSING,
        Varbind(Kind.STRING, "many"),
        Varbind(Kind.COUNTER64, "9"),
        Varbind(Kind.COUNTER32, str(2**32)),
        Varbind(Kind.COUNTER32, "-1"),
    ],
)
def test_a_counter_of_errors_that_is_wrong_costs_itself_alone(odd: Varbind) -> None:
    values = [*STATUS, *counters(Kind.COUNTER64, 10, 20), *LINE, odd, *FAULTS[1:]]
    found = interfaces.reading(Known(4, named=False), True, UPTIME, values)
    assert found is not None
    assert found.octets == Octets(64, 10, 20, 20_000_000, 7, (None, 2, 3, 4))


def after(first: list[Varbind], second: list[Varbind] | None = None) -> tuple[int, int | None]:
    """How many values the second reading of a line with these speeds asks, and its speed."""
    base = [*STATUS, *counters(Kind.COUNTER64, 1, 1)]
    known = Known(4, named=False)
    one = interfaces.reading(known, True, UPTIME, [*base, *first, ticks(0), *FAULTS])
    assert one is not None
    known = Known(4, named=False, spared=one.spared)
    asked = interfaces.questions(known, True)
    if second is None:
        return len(asked), one.octets.speed_bps if one.octets else None
    two = interfaces.reading(known, True, UPTIME, [*base, *second, ticks(0), *FAULTS])
    assert two is not None
    third = interfaces.questions(Known(4, named=False, spared=two.spared), True)
    return len(third), two.octets.speed_bps if two.octets else None


def test_of_the_two_speeds_the_one_that_tells_is_asked() -> None:
    assert after([gauge(2_300_000), gauge(2)]) == (11, 2_300_000)
    assert after([gauge(2**32 - 1), gauge(10_000)]) == (11, 10_000_000_000)
    assert after([gauge(0), gauge(0)]) == (12, None)


def test_a_line_that_becomes_too_fast_for_one_speed_is_asked_both_again() -> None:
    slow, fast = [gauge(20_000_000), gauge(20)], [gauge(2**32 - 1)]
    assert after(slow, fast) == (12, None), "its speed is not known, rather than a wrong one"


def test_what_a_router_does_not_have_is_not_asked_again() -> None:
    values = [*STATUS, *counters(Kind.COUNTER64, 1, 1), *LINE[:2], MISSING, *[MISSING] * 4]
    found = interfaces.reading(Known(4, named=False), True, UPTIME, values)
    assert found is not None
    assert interfaces.questions(Known(4, named=False, spared=found.spared), True) == tuple(
        f"{column}.4"
        for column in (
            oids.IF_ADMIN_STATUS, oids.IF_OPER_STATUS, oids.IF_LAST_CHANGE,
            oids.IF_HC_IN_OCTETS, oids.IF_HC_OUT_OCTETS, oids.IF_SPEED,
        )
    )  # fmt: skip


def test_a_router_without_64_bit_counters_says_so_and_gives_its_status() -> None:
    found = interfaces.reading(
        Known(4, named=False), True, UPTIME, [*STATUS, MISSING, MISSING, *LINE, *FAULTS]
    )
    assert found == Reading(123456, 1, 2, 99)


def test_an_interface_that_is_gone_is_none() -> None:
    assert interfaces.reading(Known(4, named=True), False, UPTIME, [MISSING] * 4) is None


def test_what_old_routers_do_not_have_is_done_without() -> None:
    """No ifLastChange, no ifHighSpeed, no ifCounterDiscontinuityTime."""
    values = [integer(1), integer(1), MISSING, *counters(Kind.COUNTER32, 1, 2), gauge(64_000)]
    answer = [*values, MISSING, MISSING, *FAULTS]
    found = interfaces.reading(Known(4, False, 32), True, UPTIME, answer)
    assert found is not None
    assert (found.last_change, found.octets) == (0, Octets(32, 1, 2, 64_000, 0, (1, 2, 3, 4)))


@pytest.mark.parametrize(
    "nonsense",
    [
        [Varbind(Kind.STRING, "1"), integer(1), ticks(1)],
        [integer(1), Varbind(Kind.COUNTER64, "1"), ticks(1)],
        [integer(1), integer(-1), ticks(1)],
        [integer(1), integer(1), gauge(1)],
        [Varbind(Kind.INTEGER, "up"), integer(1), ticks(1)],
        [Varbind("OPAQUE", "\x00"), integer(1), ticks(1)],
        [Varbind("", ""), integer(1), ticks(1)],
    ],
)
def test_a_value_of_another_type_is_refused(nonsense: list[Varbind]) -> None:
    with pytest.raises(NonsenseError):
        interfaces.reading(Known(4, named=False), False, UPTIME, nonsense)


@pytest.mark.parametrize(
    "values",
    [
        counters(Kind.COUNTER32, 1, 2),  # 64 bits were asked
        counters(Kind.GAUGE, 1, 2),
        [Varbind(Kind.COUNTER64, "beaucoup"), Varbind(Kind.COUNTER64, "1")],
    ],
)
def test_counters_of_another_type_are_refused(values: list[Varbind]) -> None:
    with pytest.raises(NonsenseError):
        interfaces.reading(Known(4, False), True, UPTIME, [*STATUS, *values, *LINE, *FAULTS])


@pytest.mark.parametrize(
    ("speed", "high", "bps"),
    [
        (gauge(2_300_000), gauge(2), 2_300_000),  # ifHighSpeed rounds an SDSL line
        (gauge(2**32 - 1), gauge(10_000), 10_000_000_000),
        (gauge(0), gauge(100), 100_000_000),
        (MISSING, gauge(1_000), 1_000_000_000),
        (gauge(64_000), MISSING, 64_000),
        (gauge(0), gauge(0), None),
        (MISSING, MISSING, None),
        (gauge(2**32 - 1), MISSING, None),  # more than that, and no one says how much
    ],
)
def test_the_speed_is_exact_where_the_router_tells_it(
    speed: Varbind, high: Varbind, bps: int | None
) -> None:
    assert interfaces.speed_bps(speed, high) == bps


def test_interfaces_are_found_by_name() -> None:
    rows = {"1": name("Gi0/0"), "10101": name("Gi0/1\0"), "2.5": name("Gi9")}
    assert interfaces.find(rows, ["Gi0/1", "Gi9", "Te1"]) == {"Gi0/1": 10101}


def test_a_column_of_names_that_holds_something_else_is_refused() -> None:
    with pytest.raises(NonsenseError):
        interfaces.find({"1": integer(4)}, ["Gi0/0"])
