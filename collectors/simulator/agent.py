"""One simulated router: SNMPv2-MIB, IF-MIB, and Cisco's QoS and IP SLA where it has some."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.simulator import behaviours, ber, mib_if, mib_qos, mib_rttmon
from collectors.simulator.answering import Answering, Mib, Name, text
from collectors.simulator.mib_rttmon import Probing
from collectors.simulator.model import DeviceSpec
from collectors.simulator.port import Port

SYSTEM: Name = (1, 3, 6, 1, 2, 1, 1)


class Agent(Answering):
    """Answers for one device; ``acting`` are the behaviours in force on it, with their amounts."""

    def __init__(self, spec: DeviceSpec) -> None:
        super().__init__(spec.community)
        self.spec = spec
        self.boot = spec.boot
        self.acting: Mapping[str, float] = {}
        self.ports = [Port(interface, spec.origin) for interface in spec.interfaces]
        self.show(spec.origin)

    def uptime(self, now: float) -> int:
        """Return sysUpTime in 1/100 s; it wraps at 497 days."""
        return int((now - self.boot) * 100) % 2**32

    def show(self, now: float) -> None:
        """Make the MIB anew: after the router started, or a behaviour that changes it."""
        self.offer(behaviours.shape(self._mib(), self.acting, now), now)

    def obey(self, acting: Mapping[str, float], now: float) -> None:
        """Behave as told from now on."""
        before, self.acting = self.acting, acting
        self.acts = behaviours.acts(acting)
        if behaviours.shaping(before) != behaviours.shaping(acting):
            self.show(now)

    def reboot(self, now: float, absent: float) -> None:
        """Start again: counters and sysUpTime at zero, no answer for ``absent`` seconds."""
        self.boot = now + absent
        self.silent_until = now + absent
        for port in self.ports:
            port.settle(now)
            port.restart(now + absent)
        self.show(now)

    def _mib(self) -> Mib:
        spec = self.spec
        values: Mib = {
            (*SYSTEM, 1, 0): text(spec.descr),
            (*SYSTEM, 2, 0): ber.oid((1, 3, 6, 1, 4, 1, 9, 1, 1047)),
            (*SYSTEM, 3, 0): lambda now: ber.unsigned(self.uptime(now), ber.TIMETICKS),
            (*SYSTEM, 4, 0): text("supervision"),
            (*SYSTEM, 5, 0): text(spec.name),
            (*SYSTEM, 6, 0): text(spec.site),
            (*SYSTEM, 7, 0): ber.integer(78),
            (1, 3, 6, 1, 2, 1, 2, 1, 0): ber.integer(len(self.ports)),
        }
        for port in self.ports:
            values.update(mib_if.rows(port))
        values.update(mib_qos.rows(self.ports, self.boot))
        ports = {port.spec.reference: port for port in self.ports}
        probing = [Probing(p, ports.get(p.reference), self.boot) for p in spec.probes]
        return values | mib_rttmon.rows(probing)
