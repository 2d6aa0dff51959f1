"""The states of links and services, and the rules that give them. Pure: no clock, no store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """State of a link or of a service, from best known to not known at all."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a link or a service is in its state; the words are in ``core/web/words.py``."""

    NONE = ""
    BACKUP_ACTIVE = "backup_active"
    """The main link is down, the backup carries the service."""
    UNPROTECTED = "unprotected"
    """The main link is up, its backup is not."""
    INTERFACE_DOWN = "interface_down"
    """IF-MIB ifOperStatus says the interface does not pass packets."""
    ADMIN_DOWN = "admin_down"
    """IF-MIB ifAdminStatus: the operator has switched the interface off."""
    UNREACHABLE = "unreachable"
    """The router does not answer: unreachable, or wrong community or credentials."""
    NO_INTERFACE = "no_interface"
    """The router answers but does not know the interface."""
    BAD_ANSWER = "bad_answer"
    """The router answers something that is not what was asked."""
    STALE = "stale"
    """The last measure is too old to tell."""
    NEVER = "never"
    """Never measured yet."""
    UNSTABLE = "unstable"
    """The link goes up and down again and again (``stability.py``)."""
    LOSS = "loss"
    """Its probes (IP SLA) lose packets beyond the threshold."""
    ERRORS = "errors"
    """Its interface counts packets in error beyond the threshold."""
    DELAY = "delay"
    """The round trip of its probes is longer than the threshold."""
    JITTER = "jitter"
    """The jitter of its probes is higher than the threshold."""


@dataclass(frozen=True, slots=True)
class Status:
    """A state and its reason."""

    state: State
    reason: Reason = Reason.NONE


UP = Status(State.UP)
QUALITY = (Reason.LOSS, Reason.ERRORS, Reason.DELAY, Reason.JITTER)
"""What degrades a link that is up, the gravest first."""
CONFIRMATIONS = 2
"""Polls in a row that must fail before a link is said to be unknown."""
_ADMIN_UP, _OPER_UP, _OPER_UNKNOWN, _OPER_DORMANT = 1, 1, 4, 5


def link_status(admin: int, oper: int, standby: bool = False) -> Status:
    """Return the status of a link from IF-MIB ifAdminStatus and ifOperStatus (RFC 2863).

    A ``dormant`` interface waits to be called: that is the healthy state of a backup
    (``standby``), and a main link that carries nothing. What is neither up nor known not to
    be is unknown.
    """
    if admin != _ADMIN_UP:
        return Status(State.DOWN, Reason.ADMIN_DOWN)
    if oper == _OPER_UP or (standby and oper == _OPER_DORMANT):
        return UP
    if oper == _OPER_UNKNOWN:
        return Status(State.UNKNOWN, Reason.BAD_ANSWER)
    return Status(State.DOWN, Reason.INTERFACE_DOWN)


def unread_status(failures: int, reason: Reason) -> Status | None:
    """Return what becomes of a link that could not be read ``failures`` times in a row.

    None: the last status stands. A datagram can be lost, so one failure says nothing; a read
    « down » needs no such confirmation. A router that is silent is not a link that is down:
    it may as well be a wrong community.
    """
    return Status(State.UNKNOWN, reason) if failures >= CONFIRMATIONS else None


def service_status(main: Status, backup: Status | None) -> Status:
    """Return the status of a service from those of its links.

    Up when both links are; degraded on its backup, without its backup, or when a link is
    degraded; down when main is down and no backup carries it. When a link is unknown the
    service is told only if it would be the same whatever that link really is: else it is
    unknown, for the reason of that link.
    """
    if backup is None:
        return main
    unknown = next((s for s in (main, backup) if s.state is State.UNKNOWN), None)
    if unknown is None:
        return _both_known(main, backup)
    other = backup if unknown is main else main
    if other.state is State.DEGRADED:
        return other
    return unknown


def _both_known(main: Status, backup: Status) -> Status:
    match main.state, backup.state:
        case State.UP, State.UP:
            return UP
        case State.DOWN, State.DOWN:
            return main
        case State.DOWN, _:
            return Status(State.DEGRADED, Reason.BACKUP_ACTIVE)
        case _, State.DOWN:
            return Status(State.DEGRADED, Reason.UNPROTECTED)
        case State.DEGRADED, _:
            return main
        case _:
            return backup


def aged(status: Status, read_at: float | None, now: float, stale_after: float) -> Status:
    """Return ``status`` as it may be shown at ``now``: unknown when its reading is too old.

    ``read_at`` and ``now`` are UTC epoch seconds, ``stale_after`` is three intervals of
    reading. What is already unknown keeps its own, more precise, reason.
    """
    if status.state is State.UNKNOWN:
        return status
    if read_at is None:
        return Status(State.UNKNOWN, Reason.NEVER)
    if now - read_at > stale_after:
        return Status(State.UNKNOWN, Reason.STALE)
    return status
