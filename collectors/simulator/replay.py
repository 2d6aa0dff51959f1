"""A recorded device that answers again: the same OIDs and types, counters and times that move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collectors.simulator import behaviours, ber
from collectors.simulator.answering import Answering, Mib, Name, Value
from collectors.simulator.control import Conditions
from collectors.simulator.mib_if import IF_TABLE, IF_X
from collectors.simulator.mib_qos import QOS
from collectors.simulator.mib_rttmon import RTTMON
from collectors.simulator.snmprec import Recording

DEVICE = "replay"
"""The name of the recorded device in ``Conditions``; a link is its ifIndex in decimal."""
NOT_HERE = frozenset({"drops", "delay", "probe-loss"})
"""Behaviours that only a router made from a model can have."""
REBOOT_SECONDS = 3.0
_UPTIME: Name = (1, 3, 6, 1, 2, 1, 1, 3, 0)
_SYSTEM_UPTIME: Name = (1, 3, 6, 1, 2, 1, 25, 1, 1, 0)
_CLOCKS: Mapping[Name, int] = {
    _SYSTEM_UPTIME: 100,
    (1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0): 1,
}
"""hrSystemUptime in 1/100 s, snmpEngineTime in s."""
_STATS: Name = (*QOS, 15, 1, 1)
_WIDE = {
    **{(*IF_TABLE, low): (*IF_X, high) for low, high in ((10, 6), (11, 7), (16, 10), (17, 11))},
    **{(*_STATS, low): (*_STATS, low + 1) for low in (2, 5, 9, 13, 16)},
}
"""Columns of 32 bits and those that count the same in 64."""
_OCTETS = ((*IF_TABLE, 10), (*IF_TABLE, 16), (*IF_X, 6), (*IF_X, 10))
_FAULTS = {
    (*IF_TABLE, 13): "discards", (*IF_TABLE, 14): "errors",
    (*IF_TABLE, 19): "discards", (*IF_TABLE, 20): "errors",
}  # fmt: skip
_NAMES = ((*IF_X, 1), (*IF_TABLE, 2), (*IF_X, 18))
_UNKNOWN_UPTIME = 86_400.0
_FULLEST = 0.5
"""Share of its speed that an interface is never above: no one knows since when it counts."""
_JUST_UNDER = 2**32 - 20_000


class Counter:
    """A recorded counter that goes on from its value, ``mean`` a second unless told otherwise."""

    __slots__ = ("at", "mean", "moved", "rate", "start", "tag")

    def __init__(self, start: int, tag: int, mean: float, at: float) -> None:
        self.start, self.tag, self.mean, self.rate, self.at = start, tag, mean, mean, at
        self.moved = 0.0

    def read(self, now: float) -> bytes:
        moved = int(self.moved + self.rate * max(now - self.at, 0.0))
        most = 2**64 if self.tag == ber.COUNTER64 else 2**32
        return ber.unsigned((self.start + moved) % most, self.tag)

    def drive(self, rate: float, now: float) -> None:
        """Move at another rate from ``now`` on."""
        self.moved += self.rate * max(now - self.at, 0.0)
        self.at, self.rate = now, rate

    def set(self, value: int, at: float) -> None:
        self.start, self.moved, self.at = value, 0.0, at


class Recorded(Answering):
    """Answers as the device of a recording that started to answer at ``now`` (epoch seconds)."""

    def __init__(self, recording: Recording, community: str, now: float) -> None:
        super().__init__(community)
        self._values = recording.values
        ticks = self._number(_UPTIME)
        age = ticks / 100 if ticks else _UNKNOWN_UPTIME
        self._age = max(age, (self._number(_SYSTEM_UPTIME) or 0) / 100)
        """Seconds its counters took to come where they are: an agent is younger than its host."""
        self._started, self._boot = now, now - age
        self._counters = {
            name: Counter(ber.read_number(value), value[0], self._rate(recording, name), now)
            for name, value in recording.values.items()
            if value[0] in (ber.COUNTER32, ber.COUNTER64)
        }
        self._down: dict[int, int] = {}
        """Interfaces that are cut, and the sysUpTime when they were."""
        self._changed: dict[int, int] = {}
        self._acting: Mapping[str, float] = {}
        self._acted: dict[int, Mapping[str, float]] = {}
        self._done: dict[str, float] = {}
        self.interfaces = self._find_interfaces()
        self._show(now)

    def uptime(self, now: float) -> int:
        """Return sysUpTime in 1/100 s."""
        return int(max(now - self._boot, 0.0) * 100) % 2**32

    def named(self, text: str) -> int | None:
        """Return the ifIndex of an interface by its index, ifName, ifDescr or ifAlias."""
        found = [index for index, names in self.interfaces.items() if text in names]
        return found[0] if found else None

    def tick(self, conditions: Conditions, now: float) -> None:
        """Bring the device to ``now``: what befalls it and its interfaces."""
        self.silent = conditions.is_silent(DEVICE, now)
        acting = conditions.acting_on(DEVICE, now)
        if acting != self._acting:
            before, self._acting = self._acting, acting
            self.acts = behaviours.acts(acting)
            if behaviours.shaping(before) != behaviours.shaping(acting):
                self._show(now)
        at = conditions.reboots.get(DEVICE)
        if at is not None and self._done.get(DEVICE, self._started - 1) < at <= now:
            self._done[DEVICE] = at
            self._reboot(now)
        for index in self.interfaces:
            self._befall(index, conditions, now)

    def _befall(self, index: int, conditions: Conditions, now: float) -> None:
        """Cut, restore, wrap or spoil one interface."""
        link = str(index)
        down = not conditions.link_is_up(link, now)
        acting = conditions.acting_on(link, now)
        if down != (index in self._down) or acting != self._acted.get(index, {}):
            if down != (index in self._down):
                self._changed[index] = self.uptime(now)
            self._acted[index] = acting
            for column, counter in self._of(index):
                extra = acting.get(_FAULTS.get(column, ""), 0.0)
                counter.drive(0.0 if down else counter.mean + extra, now)
            if down:
                self._down[index] = self.uptime(now)
            else:
                self._down.pop(index, None)
        at = conditions.wraps.get(link)
        if at is not None and self._done.get(link, self._started - 1) < at <= now:
            self._done[link] = at
            for column, counter in self._of(index):
                if column in _OCTETS:
                    counter.set(_JUST_UNDER, now)

    def _reboot(self, now: float) -> None:
        self._boot = self.silent_until = now + REBOOT_SECONDS
        self._changed.clear()
        for counter in self._counters.values():
            counter.set(0, self._boot)

    def _of(self, index: int) -> Iterable[tuple[Name, Counter]]:
        """Yield the counters of an interface with their columns."""
        for table in (IF_TABLE, IF_X):
            for column in range(6, 22):
                counter = self._counters.get((*table, column, index))
                if counter is not None:
                    yield (*table, column), counter

    def _show(self, now: float) -> None:
        self.offer(behaviours.shape(self._mib(), self._acting, now), now)

    def _mib(self) -> Mib:
        mib: Mib = dict(self._values)
        mib.update({name: counter.read for name, counter in self._counters.items()})
        if _UPTIME in mib:
            mib[_UPTIME] = lambda now: ber.unsigned(self.uptime(now), ber.TIMETICKS)
        for name, unit in _CLOCKS.items():
            if name in mib:
                mib[name] = self._clock(self._values[name], unit)
        for index in self.interfaces:
            for column, of in ((8, self._oper_status), (9, self._last_change)):
                name = (*IF_TABLE, column, index)
                if name in mib:
                    mib[name] = of(index, self._values[name])
        for name in list(mib):
            if name[:-1] == (*RTTMON, 2, 10, 1, 5):
                mib[name] = self._run_end(name)
        return mib

    def _clock(self, recorded: bytes, unit: int) -> Value:
        first, tag = ber.read_number(recorded), recorded[0]
        return lambda now: ber.unsigned((first + int((now - self._started) * unit)) % 2**31, tag)

    def _oper_status(self, index: int, recorded: bytes) -> Value:
        return lambda _: ber.integer(2) if index in self._down else recorded

    def _last_change(self, index: int, recorded: bytes) -> Value:
        def read(_: float) -> bytes:
            changed = self._changed.get(index)
            return recorded if changed is None else ber.unsigned(changed, ber.TIMETICKS)

        return read

    def _run_end(self, name: Name) -> Value:
        """Return the end of the latest run of an IP SLA operation, which runs on as it did."""
        every = max(self._number((*RTTMON, 2, 1, 1, 6, name[-1])) or 60, 1) * 100
        phase = (self._number(name) or 0) % every

        def read(now: float) -> bytes:
            runs = (self.uptime(now) - phase) // every
            return ber.unsigned(max(runs * every + phase, 0), ber.TIMETICKS)

        return read

    def _rate(self, recording: Recording, name: Name) -> float:
        """Return what a counter gained a second, on average, since the device started.

        A counter of 32 bits may have wrapped: where one of 64 counts the same, that one tells.
        """
        if name in recording.rates:
            return recording.rates[name]
        for low, high in _WIDE.items():
            if name[: len(low)] == low and (*high, *name[len(low) :]) in recording.values:
                name = (*high, *name[len(low) :])
        rate = (self._number(name) or 0) / max(self._age, 1.0)
        if name[:-1] not in _OCTETS:
            return rate
        speed = (self._number((*IF_X, 15, name[-1])) or 0) * 1e6
        speed = speed or self._number((*IF_TABLE, 5, name[-1])) or 0
        return min(rate, speed * _FULLEST / 8) if speed else rate

    def _number(self, name: Name) -> int | None:
        value = self._values.get(name)
        if value is None or value[0] in (ber.OCTETS, ber.OID, ber.NULL):
            return None
        return ber.read_number(value)

    def _find_interfaces(self) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for name, value in self._values.items():
            if name[:-1] == (*IF_TABLE, 1):
                found.setdefault(name[-1], set()).add(str(name[-1]))
            if name[:-1] in _NAMES and value[0] == ber.OCTETS:
                _, start, end = ber.read_tlv(value, 0)
                found.setdefault(name[-1], set()).add(value[start:end].decode(errors="replace"))
        return found
