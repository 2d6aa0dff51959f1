"""How a device that was silent is visited: one cheap question before all others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collectors import oids
from collectors.snmp import Answer, Job, Outcome, Sink, Target, Transport


class Cautious:
    """A transport for one visit to a device that was silent: one cheap question goes first.

    Only when sysUpTime is answered, in one try, are the questions of the visit asked; otherwise
    each of them ends as that one did.
    """

    def __init__(self, transport: Transport) -> None:
        self.lanes = transport.lanes
        self._transport = transport
        self._probed: Answer | None = None

    @property
    def requests(self) -> int:
        return self._transport.requests

    def open(self, targets: Iterable[Target]) -> None:
        self._transport.open(targets)

    def forget(self, keys: Iterable[int]) -> None:
        self._transport.forget(keys)

    def close(self) -> None:
        self._transport.close()

    def poll(self, jobs: Sequence[Job], sink: Sink, deadline: float) -> None:
        """Answer the jobs, all of one target."""
        if self._probed is None:
            box: list[Answer] = []
            probe = Job(jobs[0].target, (oids.SYS_UPTIME,), tries=1)
            self._transport.poll([probe], box.append, deadline)
            self._probed = box[0]
        if self._probed.outcome is Outcome.OK:
            self._transport.poll(jobs, sink, deadline)
            return
        for job in jobs:
            sink(Answer(job, self._probed.outcome, detail=self._probed.detail))
