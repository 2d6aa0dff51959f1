"""What lies between a reading and a state: flapping and quality. Pure memory: no clock, no store.

RFC 2439 holds back a route that flaps until it has been quiet; monitors do the same with a host
that flaps, so that a hundred changes are one alarm. The same here, said so that a customer can
check it on a list of outages: a count of changes in a period, and a period of calm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.network.status import QUALITY, Reason, State, Status

if TYPE_CHECKING:
    from core.config import Quality as Rules

HOLD = 120.0
"""Seconds for which an unstable link must stay down to be down: four readings, two traffic ones."""
MEASURES, BEYOND, CALM = 3, 2, 3
"""Degraded by 2 measures of the last 3, and no more after 3 in a row that are well."""
WELL = 0.8
"""A measure is well below this share of its threshold, so that one near it does not flap."""
LAPSE = 7_200.0
"""Seconds without a measure after which a verdict is dropped: the probe may be gone."""
_UNSTABLE = Status(State.DEGRADED, Reason.UNSTABLE)
_DEGRADED = {reason: Status(State.DEGRADED, reason) for reason in QUALITY}
_LAST = (1 << MEASURES) - 1


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of a link since the last time; None for what was not.

    ``errors_per_minute`` are packets, both ways together (ifInErrors, ifOutErrors); ``loss`` is
    the share of a probe's packets that were lost, 0 to 1; delays are in ms.
    """

    errors_per_minute: float | None = None
    loss: float | None = None
    rtt_ms: float | None = None
    jitter_ms: float | None = None


@dataclass(slots=True)
class _Vote:
    """The last measures of one kind: a bit each for « beyond », and how many in a row are well."""

    at: float
    recent: int = 0
    well: int = 0
    bad: bool = False

    def cast(self, value: float, limit: float) -> None:
        self.recent = (self.recent << 1 | (value > limit)) & _LAST
        self.well = self.well + 1 if value < WELL * limit else 0
        self.bad = self.well < CALM if self.bad else self.recent.bit_count() >= BEYOND


@dataclass(slots=True)
class _Link:
    """What is remembered of a link that is not merely up. Times are those of ``settle``.

    ``at`` is when it was last read; ``changed`` when it last changed, later by the time during
    which it was not read; ``changes`` are the last ones, as many as make a link unstable.
    """

    at: float
    changed: float
    up: bool = True
    unread: bool = False
    unstable: bool = False
    changes: tuple[float, ...] = ()
    votes: dict[Reason, _Vote] = field(default_factory=dict)

    @property
    def idle(self) -> bool:
        return self.up and not (self.unstable or self.changes or self.votes)


class Stability:
    """Settles the status of links from what is read of them, by the rules of ``quality:``.

    - Up and down, as read, take effect at once: the router says so. A link that changed ``flaps``
      times within ``flap_minutes`` is unstable: degraded, until it was read ``flap_minutes``
      long without a change. So flapping is two lines of history: its beginning and its end.
    - A link that is unstable and stays down for ``HOLD`` seconds is down: it must not look
      as if it worked. When it comes back it is unstable again, if it was not calm since.
    - What is unread, or switched off by the operator, passes as it is: it is no change, and the
      time that it lasts proves no calm.
    - A link that is up is degraded when ``BEYOND`` of its last ``MEASURES`` are beyond a
      threshold, for the gravest reason; no more when ``CALM`` in a row are below ``WELL`` of it.
      Measures taken while it is not up say nothing of its quality. Instability comes first.
    - A time before the last one (a clock set back) begins the periods anew.

    Links that are up, and were not long ago anything else, are not remembered: a link not
    remembered is taken to have been up.
    """

    def __init__(self, rules: Rules) -> None:
        self._flaps = rules.flaps
        self._window = 60.0 * rules.flap_minutes
        self._limits = (
            rules.loss_percent / 100, rules.errors_per_minute, rules.rtt_ms, rules.jitter_ms,
        )  # fmt: skip
        self._links: dict[int, _Link] = {}

    def __len__(self) -> int:
        """Return how many links something is remembered of."""
        return len(self._links)

    def resume(self, link_id: int, status: Status, at: float) -> None:
        """Take up the status that was kept of a link before a restart; ``at`` is now.

        To be called before the first reading of the link: what is known already stays. An
        unstable or degraded link must be seen calm again before it is up.
        """
        if link_id in self._links:
            return
        link = _Link(at, at, unread=True)
        if status == _UNSTABLE:
            link.unstable = True
        elif status.state is State.DEGRADED and status.reason in QUALITY:
            link.votes[status.reason] = _Vote(at, bad=True)
        elif status.state is State.DOWN and status.reason is not Reason.ADMIN_DOWN:
            link.up = False
        if not link.idle:
            self._links[link_id] = link

    def settle(
        self, link_id: int, seen: Status, at: float, quality: Quality | None = None
    ) -> Status:
        """Return the status of a link that was ``seen`` so at ``at`` (UTC epoch seconds).

        ``at`` may be when it took that state, if this is after the last reading. ``quality`` is
        given when it was measured anew. The same reading twice changes nothing.
        """
        link = self._links.get(link_id)
        if link is None:
            known = seen.state is State.DOWN and seen.reason is not Reason.ADMIN_DOWN
            poor = seen.state is State.UP and quality is not None and self._is_poor(quality)
            if not (known or poor):
                return seen
            link = self._links[link_id] = _Link(at, at)
        if seen.state is State.UNKNOWN or seen.reason is Reason.ADMIN_DOWN:
            link.unread = True
            return seen
        self._advance(link, seen.state is not State.DOWN, at)
        if seen.state is State.DOWN:
            return _UNSTABLE if link.unstable and at - link.changed < HOLD else seen
        worst = self._vote(link, at, quality)
        if link.unstable:
            return _UNSTABLE
        if link.idle:
            del self._links[link_id]
        return _DEGRADED[worst] if worst else seen

    def forget(self, link_ids: Iterable[int]) -> None:
        """Let go of links that are no longer followed."""
        for link_id in link_ids:
            self._links.pop(link_id, None)

    def _advance(self, link: _Link, up: bool, at: float) -> None:
        """Bring up and down to ``at``, and with them whether the link is unstable."""
        if at < link.at:
            link.at = link.changed = at
            link.changes = ()
            for vote in link.votes.values():
                vote.at = min(vote.at, at)
        if link.unread:
            link.changed += at - link.at
            link.unread = False
        link.at = at
        if at - link.changed >= self._window:
            link.unstable, link.changes = False, ()
        if link.up is not up:
            link.up, link.changed = up, at
            link.changes = (*link.changes[1 - self._flaps :], at)
            many = len(link.changes) == self._flaps
            link.unstable |= many and at - link.changes[0] <= self._window

    def _is_poor(self, quality: Quality) -> bool:
        values = zip(_values(quality), self._limits, strict=True)
        return any(v is not None and v > limit for v, limit in values)

    def _vote(self, link: _Link, at: float, quality: Quality | None) -> Reason | None:
        """Count what was measured; return the gravest reason to be degraded."""
        votes = link.votes
        values = _values(quality) if quality else ()
        for reason, value, limit in zip(QUALITY, values, self._limits, strict=False):
            if value is None:
                continue
            vote = votes.get(reason)
            if vote is None:
                if value <= limit:
                    continue
                vote = votes[reason] = _Vote(at)
            elif at <= vote.at:
                continue
            vote.at = at
            vote.cast(value, limit)
        if not votes:
            return None
        for reason, vote in [*votes.items()]:
            if at - vote.at > LAPSE or not (vote.bad or vote.recent):
                del votes[reason]
        return next((reason for reason in QUALITY if reason in votes and votes[reason].bad), None)


def _values(quality: Quality) -> tuple[float | None, ...]:
    """Return what was measured in the order of ``QUALITY``."""
    return (quality.loss, quality.errors_per_minute, quality.rtt_ms, quality.jitter_ms)
