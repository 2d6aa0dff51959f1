"""A router whose true octets are known, and bad days of it, for the tests of the truth."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

T0 = 1_750_000_000 // 86_400 * 86_400
LONGEST = 90
"""Seconds between two readings that still make a measure: 1.5 times the minute."""
WRAP = 2**32
SPEEDS = (2_000_000, 20_000_000, 100_000_000, 400_000_000, 1_000_000_000, 10_000_000_000)
BOOT = 180
"""Seconds between two restarts of a router."""


@dataclass(frozen=True)
class Reading:
    """What a router answered at ``at``, and what was true then."""

    at: int
    uptime: int
    bits: int
    counters: tuple[int, int]
    true: tuple[int, int]
    boots: int
    resets: int
    discontinuity: int
    run: int | None


@dataclass
class Router:
    """A router whose true octets are known. ``speed`` is None when it does not tell it."""

    bits: int
    speed: int | None
    offset: tuple[int, int]
    booted: int
    at: int = T0
    true: tuple[int, int] = (0, 0)
    base: tuple[int, int] = (0, 0)
    boots: int = 0
    resets: int = 0
    discontinuity: int = 0
    run: int = 0

    @property
    def fastest(self) -> int:
        """The most it carries, bit/s; a 32-bit counter of unknown speed must not run around."""
        return self.speed or (300_000_000 if self.bits == 32 else 10_000_000_000)

    def carry(self, seconds: int, share: tuple[int, int]) -> None:
        """Let traffic pass, at some percents of the speed."""
        self.at += seconds
        most = self.fastest * seconds // 800
        self.true = self.true[0] + most * share[0], self.true[1] + most * share[1]

    def restart_counters(self) -> None:
        self.base, self.offset = self.true, (0, 0)

    def counters(self) -> tuple[int, int]:
        one, two = (
            (t - b + o) % 2**self.bits
            for t, b, o in zip(self.true, self.base, self.offset, strict=True)
        )
        return one, two

    def answer(self) -> Reading:
        ticks = (self.at - self.booted) * 100 % WRAP
        return Reading(self.at, ticks, self.bits, self.counters(), self.true, self.boots,
                       self.resets, self.discontinuity, self.run)  # fmt: skip


def most(router_speed: int | None, seconds: int) -> float | None:
    return None if router_speed is None else router_speed * 1.05 * seconds / 8


def knowable(before: Reading, after: Reading, speed: int | None, longest: float = LONGEST) -> bool:
    """Tell whether the octets between two readings can be known, from what only the test knows."""
    seconds = after.at - before.at
    same = (before.boots, before.resets, before.bits) == (after.boots, after.resets, after.bits)
    if not same or seconds > longest or before.run not in (None, after.run):
        return False
    if before.bits == 64:
        return True
    limit = most(speed, seconds)
    for start, old, new in zip(before.counters, before.true, after.true, strict=True):
        if limit is None and start + new - old >= WRAP:
            return False
        if limit is not None and new - old + WRAP <= limit:
            return False
        if limit is not None and new - old >= WRAP:  # one of several laps
            return False
    return True


@dataclass
class Step:
    """What happens in the ``pause`` seconds before a reading, and to the reading."""

    kind: str
    pause: int
    share: tuple[int, int]
    when: int
    """After how many percents of the pause it happens."""


KINDS = (
    "read", "read", "read", "read", "missed", "twice", "swapped", "reboot", "reset", "silent",
    "width", "run", "restart", "kill", "write", "roll",
)  # fmt: skip
percents = st.integers(0, 100)
IN_A_FILE = ("read", "read", "read", "missed", "twice", "swapped", "reboot")


def courses(kinds: tuple[str, ...]) -> st.SearchStrategy[list[Step]]:
    shares = st.tuples(percents, percents)
    step = st.builds(Step, st.sampled_from(kinds), st.integers(40, 70), shares, percents)
    return st.lists(step, min_size=1, max_size=40)


counters = st.one_of(st.integers(0, WRAP), st.integers(WRAP - 10**9, WRAP - 1))
uptimes = st.one_of(st.integers(BOOT, 10**6), st.integers(WRAP // 100 - 1_000, WRAP // 100 - 1))
routers = st.builds(
    Router,
    bits=st.sampled_from([32, 64]),
    speed=st.sampled_from([*SPEEDS, None]),
    offset=st.tuples(counters, counters),
    booted=uptimes.map(lambda up: T0 - up),
)


def happen(router: Router, step: Step, fresh: bool = False) -> None:
    """Let the pause of a step pass, with what happens to the router in it.

    ``fresh``: the collector has read nothing since it started.
    """
    before = step.pause * step.when // 100
    router.carry(before, step.share)
    kind = step.kind
    if kind == "reboot" and router.at - router.booted >= BOOT:
        router.boots += 1
        router.booted, router.discontinuity = router.at, 0
        router.restart_counters()
    elif kind == "reset" and not fresh:
        router.resets += 1
        router.discontinuity = (router.at - router.booted) * 100 % WRAP + 1
        router.restart_counters()
    elif kind == "silent" and router.bits == 64 and min(router.counters()) > 2**40:
        router.resets += 1  # cleared by hand, and the router does not say so
        router.restart_counters()
    elif kind == "width":
        router.bits = 96 - router.bits
    elif kind == "run":
        router.run += 1
    router.carry(step.pause - before, step.share)
