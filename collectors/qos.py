"""CISCO-CLASS-BASED-QOS-MIB: the classes of service of a router, and what they count. Pure.

The numbers of policies and objects change with each reboot, and configIndex is shared by every
attachment of a class: a class is known by its interface, its direction and its path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collectors import oids
from collectors.interfaces import HIGHEST_INDEX, number
from collectors.labels import label
from collectors.snmp import ABSENT, MISSING, Kind, Varbind
from core.network.measured import Direction

COLUMNS = (
    oids.CB_QOS_POLICY_DIRECTION,
    oids.CB_QOS_IF_INDEX,
    oids.CB_QOS_CONFIG_INDEX,
    oids.CB_QOS_OBJECTS_TYPE,
    oids.CB_QOS_PARENT_OBJECTS_INDEX,
    oids.CB_QOS_POLICY_MAP_NAME,
    oids.CB_QOS_CM_NAME,
)
"""The columns that tell which classes there are."""
_COUNTERS = (
    oids.CB_QOS_CM_POST_POLICY_BYTE64,
    oids.CB_QOS_CM_PRE_POLICY_BYTE64,
    oids.CB_QOS_CM_DROP_BYTE64,
    oids.CB_QOS_CM_DROP_PKT64,
)
_POLICY_MAP, _CLASS_MAP = 1, 2
_DIRECTIONS = {1: Direction.IN, 2: Direction.OUT}
_DEEPEST = 16
"""Objects from the interface down to a class; IOS nests three policies at most."""


@dataclass(frozen=True, slots=True)
class FoundClass:
    """A class of service on an interface, in one direction.

    ``path`` goes from the policy on the interface down to the class (« WAN-OUT/class-default/
    COS/VOIX »), ``parent`` is the path of the class that holds the policy it is in, ``policy`` the
    name of the one on the interface (names may contain « / »).
    ``policy_index`` and ``object_index`` say where its counters are until the next reboot.
    """

    if_index: int
    direction: Direction
    path: str
    name: str
    parent: str | None
    policy_index: int
    object_index: int
    policy: str


@dataclass(frozen=True, slots=True)
class ClassCounters:
    """What a class counted so far: offered is before the policy, sent after it."""

    offered_octets: int
    sent_octets: int
    dropped_octets: int
    dropped_packets: int


@dataclass(frozen=True, slots=True)
class _Object:
    """A policy map or a class map as it is used in a policy on an interface."""

    type: int
    name: str
    parent: int


def classes(rows: Mapping[str, Mapping[str, Varbind]]) -> list[FoundClass]:
    """Return the classes that the columns tell of: {column: {index: value}}, by policy and object.

    What does not hold together is left out: a class without a name or a policy, a chain of
    parents that has no end, a policy on no interface. Raises ``NonsenseError`` when a value is not
    of its type.
    """
    objects = _objects(rows)
    directions = rows.get(oids.CB_QOS_POLICY_DIRECTION, {})
    found: dict[tuple[int, Direction, str], FoundClass] = {}
    for written, value in rows.get(oids.CB_QOS_IF_INDEX, {}).items():
        (policy,) = _numbers(written, 1) or (0,)
        if_index = _whole(value)
        direction = _DIRECTIONS.get(_whole(directions.get(written)))
        if not policy or direction is None or not 0 < if_index <= HIGHEST_INDEX:
            continue
        within = objects.get(policy, {})
        for index in sorted(i for i, o in within.items() if o.type == _CLASS_MAP):
            names = _path(within, index)
            if names is None:
                continue
            path, parent = "/".join(names), "/".join(names[:-2]) or None
            found.setdefault(
                (if_index, direction, path),
                FoundClass(if_index, direction, path, names[-1], parent, policy, index, names[0]),
            )
    return list(found.values())


def questions(found: FoundClass) -> tuple[str, ...]:
    """Return the OIDs of the counters of a class: sent, offered, dropped octets and packets."""
    at = f"{found.policy_index}.{found.object_index}"
    return tuple(f"{column}.{at}" for column in _COUNTERS)


def reading(values: Sequence[Varbind]) -> ClassCounters | None:
    """Return what the answer to ``questions`` says, None when there is no such class any more.

    The same when the agent cannot say it in 64 bits (SNMPv1). Raises ``NonsenseError``.
    """
    if any(value.kind in ABSENT for value in values):
        return None
    sent, offered, dropped, packets = (number(value, Kind.COUNTER64) for value in values)
    return ClassCounters(offered, sent, dropped, packets)


def _objects(rows: Mapping[str, Mapping[str, Varbind]]) -> dict[int, dict[int, _Object]]:
    """Return the policy maps and class maps in use, {policy: {object: it}}."""
    configs = rows.get(oids.CB_QOS_CONFIG_INDEX, {})
    parents = rows.get(oids.CB_QOS_PARENT_OBJECTS_INDEX, {})
    names = {
        _POLICY_MAP: rows.get(oids.CB_QOS_POLICY_MAP_NAME, {}),
        _CLASS_MAP: rows.get(oids.CB_QOS_CM_NAME, {}),
    }
    objects: dict[int, dict[int, _Object]] = {}
    for written, value in rows.get(oids.CB_QOS_OBJECTS_TYPE, {}).items():
        kind, at = _whole(value), _numbers(written, 2)
        if kind not in names or at is None:
            continue
        name = label(names[kind].get(str(_whole(configs.get(written))), MISSING))
        if name:
            policy, index = at
            parent = _whole(parents.get(written))
            objects.setdefault(policy, {})[index] = _Object(kind, name, parent)
    return objects


def _path(within: Mapping[int, _Object], index: int) -> list[str] | None:
    """Return the names from the policy on the interface down to a class, None if there is none."""
    names: list[str] = []
    wanted = _CLASS_MAP
    while index:
        step = within.get(index)
        if step is None or step.type != wanted or len(names) == _DEEPEST:
            return None
        names.append(step.name)
        index, wanted = step.parent, _POLICY_MAP if wanted == _CLASS_MAP else _CLASS_MAP
    return names[::-1] if wanted == _CLASS_MAP else None


def _whole(value: Varbind | None) -> int:
    """Return a number that releases of the MIB give as Integer32 or Unsigned32; 0 without one."""
    return 0 if value is None else number(value, Kind.INTEGER, Kind.GAUGE)


def _numbers(written: str, size: int) -> tuple[int, ...] | None:
    """Return the numbers of an index of ``size`` parts, None if it is not one."""
    parts = written.split(".")
    if len(parts) != size or not all(p.isascii() and p.isdecimal() for p in parts):
        return None
    numbers = tuple(int(part) for part in parts if len(part) < 11)
    return numbers if len(numbers) == size and all(numbers) else None
