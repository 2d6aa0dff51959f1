"""What the collector asks of an SNMP engine: targets, jobs, answers, and nothing of the wire.

An engine is batch-shaped so that threads (easysnmp) and event loops can stand behind the same
words: ``open(targets)``, ``poll(jobs, sink, deadline)``, ``close()``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol


class Outcome(StrEnum):
    """How a job ended."""

    OK = "ok"
    TIMEOUT = "timeout"
    """No answer: dead, unreachable, wrong community, or wrong SNMPv3 privacy password."""
    REFUSED = "refused"
    """The machine answers that nothing listens on this port, or the network that it has no way."""
    AUTH = "auth"
    """The agent refuses the SNMPv3 user or its authentication password."""
    NO_SUCH = "no_such"
    """The agent answers but has nothing at all of what was asked."""
    BAD_ANSWER = "bad_answer"
    """The agent answers something that is not what was asked, or says it failed."""
    BAD_TARGET = "bad_target"
    """The settings of the device cannot make a session: missing user, short password, bad name."""
    LATE = "late"
    """The deadline passed before the job was begun."""


class Varbind(NamedTuple):
    """A value as the agent gave it: its SNMP type (``Kind``) and its text."""

    kind: str
    text: str


class Kind:
    """SNMP types by their names in net-snmp; v1's noSuchName stands as ``NOSUCHINSTANCE``."""

    INTEGER = "INTEGER"
    COUNTER32 = "COUNTER"
    COUNTER64 = "COUNTER64"
    GAUGE = "GAUGE"
    TICKS = "TICKS"
    NUMBER = "NUMBER"
    """A number of one of the types above, no one says which: an engine lost it (gufo-snmp)."""
    STRING = "OCTETSTR"
    OBJECT_ID = "OBJECTID"
    ADDRESS = "IPADDR"
    NO_SUCH_OBJECT = "NOSUCHOBJECT"
    NO_SUCH_INSTANCE = "NOSUCHINSTANCE"
    END_OF_VIEW = "ENDOFMIBVIEW"


ABSENT = frozenset({Kind.NO_SUCH_OBJECT, Kind.NO_SUCH_INSTANCE, Kind.END_OF_VIEW})
MISSING = Varbind(Kind.NO_SUCH_INSTANCE, "")


@dataclass(frozen=True, slots=True)
class Target:
    """An SNMP agent: where it is and how to speak to it; ``timeout`` in seconds for each try.

    ``version`` is ``1``, ``2c`` or ``3``; ``credentials`` as in ``core.network.inventory.Device``
    once opened, never shown by ``repr``.
    """

    key: int
    host: str
    port: int
    version: str
    credentials: Mapping[str, str] = field(repr=False)
    timeout: float = 1.0
    retries: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """A question to one target: the values of ``oids``, with ``column`` the rows below oids[0].

    ``tries``: how often each exchange is tried at most, 0 for the target's ``retries + 1``.
    """

    target: int
    oids: tuple[str, ...]
    column: bool = False
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a job: for a GET ``values`` in the order asked, for a column ``rows`` by index.

    ``detail`` says in a few words what went wrong, without any secret.
    """

    job: Job
    outcome: Outcome
    values: Sequence[Varbind] = ()
    rows: Mapping[str, Varbind] = field(default_factory=dict)
    detail: str = ""


Sink = Callable[[Answer], None]


class Transport(Protocol):
    """An SNMP engine. ``poll`` may be called by ``lanes`` threads at once, on distinct targets.

    ``requests`` counts the exchanges begun.
    """

    lanes: int

    @property
    def requests(self) -> int: ...

    def open(self, targets: Iterable[Target]) -> None:
        """Learn targets, replacing those of the same key whose settings changed."""

    def forget(self, keys: Iterable[int]) -> None:
        """Close the sessions of targets that are no longer polled."""

    def poll(self, jobs: Sequence[Job], sink: Sink, deadline: float) -> None:
        """Answer every job once through ``sink``; none is begun after ``deadline`` (monotonic)."""

    def close(self) -> None:
        """Close every session."""


class Failed(Exception):
    """A request did not give what was asked; ``outcome`` says why."""

    def __init__(self, outcome: Outcome, detail: str = "") -> None:
        super().__init__(detail or outcome.value)
        self.outcome = outcome
        self.detail = detail


class TooBig(Exception):
    """The answer does not fit in one message (RFC 3416 tooBig)."""


class NoSuchName(Exception):
    """SNMPv1: one of the names asked, no one says which, does not exist (RFC 1157 noSuchName)."""
