"""What a look at a router found, written out: for a script by the names of the MIBs, for an eye."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from collectors.discovery import Found, FoundInterface
from collectors.figures import Figures
from collectors.keeping import Kept
from collectors.probes import FoundProbe, Run
from collectors.qos import FoundClass
from collectors.snmp import Failed, Outcome
from core.network.measured import Direction

STATUSES = {
    1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "notPresent",
    7: "lowerLayerDown",
}  # fmt: skip
"""ifAdminStatus and ifOperStatus (RFC 2863)."""
_MIB_DIRECTIONS = {Direction.IN: "input", Direction.OUT: "output"}
_DIRECTIONS = {Direction.IN: "entrée", Direction.OUT: "sortie"}
_WHY = {
    Outcome.TIMEOUT: "pas de réponse (adresse, pare-feu, communauté ou version à vérifier)",
    Outcome.REFUSED: "rien n'écoute à cette adresse et ce port, ou aucun chemin n'y mène",
    Outcome.AUTH: "l'agent refuse l'utilisateur SNMPv3 ou son mot de passe",
    Outcome.NO_SUCH: "l'agent répond mais ne montre rien (vue SNMP à vérifier)",
    Outcome.BAD_ANSWER: "l'agent répond autre chose que ce qui est demandé",
    Outcome.BAD_TARGET: "les réglages ne permettent pas de l'interroger",
    Outcome.LATE: "pas fini dans le temps accordé",
}
_NOTHING = "-"


def why(failure: Failed) -> str:
    """Return, in French, why a router could not be looked at."""
    words = _WHY.get(failure.outcome, failure.outcome.value)
    return f"{words} [{failure.detail}]" if failure.detail else words


def as_json(found: Found, read: Figures) -> dict[str, Any]:
    """Return what was found, by the names of SNMPv2-MIB, IF-MIB and Cisco's QoS and RTTMON MIBs.

    None stands for what the router does not say. Octets, ifSpeed in bit/s at any speed; of
    ``latest``, which is no MIB's, times in ms.
    """
    names = {i.index: i for i in found.interfaces}
    return {
        "sysDescr": found.description,
        "sysName": found.name,
        "sysUpTime": found.uptime,
        "interfaces": [_interface(interface, read) for interface in found.interfaces],
        "policies": _policies(found.classes),
        "classes": [_class(c, read, names.get(c.if_index)) for c in found.classes],
        "probes": [_probe(probe, read.probes.get(probe)) for probe in found.probes],
        "problems": list(found.problems),
    }


def _interface(interface: FoundInterface, read: Figures) -> dict[str, Any]:
    counters = read.interfaces.get(interface.index)
    wide = "HC" if interface.bits == 64 else ""
    return {
        "ifIndex": interface.index,
        "ifName": interface.name,
        "ifDescr": interface.descr,
        "ifAlias": interface.alias,
        "ifAdminStatus": _status(interface.admin),
        "ifOperStatus": _status(interface.oper),
        "ifSpeed": interface.speed_bps,
        "bits": interface.bits,
        f"if{wide}InOctets": counters and counters.in_octets,
        f"if{wide}OutOctets": counters and counters.out_octets,
        "ifInErrors": counters and counters.in_errors,
        "ifOutErrors": counters and counters.out_errors,
        "ifInDiscards": counters and counters.in_discards,
        "ifOutDiscards": counters and counters.out_discards,
    }


def _policies(classes: Iterable[FoundClass]) -> list[dict[str, Any]]:
    """Return the policies that stand on an interface, each once."""
    policies = {c.policy_index: _policy(c) for c in classes}
    return list(policies.values())


def _policy(found: FoundClass) -> dict[str, Any]:
    return {
        "cbQosPolicyIndex": found.policy_index,
        "ifIndex": found.if_index,
        "cbQosPolicyDirection": _MIB_DIRECTIONS[found.direction],
        "cbQosPolicyMapName": found.policy,
    }


def _class(found: FoundClass, read: Figures, interface: FoundInterface | None) -> dict[str, Any]:
    counters = read.classes.get(found)
    return {
        **_policy(found),
        "ifName": interface and interface.name,
        "cbQosObjectsIndex": found.object_index,
        "cbQosCMName": found.name,
        "path": found.path,
        "parent": found.parent,
        "cbQosCMPrePolicyByte64": counters and counters.offered_octets,
        "cbQosCMPostPolicyByte64": counters and counters.sent_octets,
        "cbQosCMDropByte64": counters and counters.dropped_octets,
        "cbQosCMDropPkt64": counters and counters.dropped_packets,
    }


def _probe(probe: FoundProbe, run: Run | None) -> dict[str, Any]:
    return {
        "rttMonCtrlAdminIndex": probe.number,
        "rttMonCtrlAdminTag": probe.tag,
        "rttMonCtrlAdminRttType": "icmpjitter" if probe.icmp else probe.kind.value,
        "latest": run
        and {
            "rttMonLatestRttOperTime": run.completed,
            "sent": run.sent,
            "lost": run.lost,
            "rtt_ms": run.rtt_ms,
            "jitter_ms": run.jitter_ms,
        },
    }


def lines(found: Found, read: Figures) -> list[str]:
    """Return what was found as lines to read on a screen."""
    said = [f"{found.name or '(sans nom)'} : {found.description or '(ne se décrit pas)'}", ""]
    said += _table(
        [
            "ifIndex", "interface", "état (voulu)", "bit/s", "octets entrés", "octets sortis",
            "bits", "erreurs", "rejets", "description",
        ],
        [_interface_row(interface, read) for interface in found.interfaces],
    )  # fmt: skip
    names = {i.index: i.name or i.descr for i in found.interfaces}
    if found.classes:
        said += ["", "Classes de service (octets)"]
        header = ["interface", "sens", "classe", "offerts", "émis", "rejetés", "paquets rejetés"]
        said += _table(
            header, [_class_row(c, read, names.get(c.if_index, "")) for c in found.classes]
        )
    if found.probes:
        said += ["", "Sondes IP SLA (dernière mesure, ms)"]
        header = ["sonde", "type", "étiquette", "envoyés", "perdus", "aller-retour", "gigue"]
        said += _table(header, [_probe_row(p, read.probes.get(p)) for p in found.probes])
    return said + [f"! {problem}" for problem in found.problems]


def kept_as_json(found: Found, kept: Kept) -> dict[str, Any]:
    """Return what was kept of a look: each link with its interface, its classes, its probes."""
    links = []
    for link, reference in kept.references.items():
        place = kept.matched.places.get(link)
        links.append(
            {
                "reference": reference,
                "ifIndex": place and place.index,
                "ifName": place and place.name,
                "ifAlias": place and place.alias,
                "classes": [c.path for owner, c in kept.matched.classes if owner == link],
                "probes": [p.number for owner, p in kept.matched.probes if owner == link],
                "moved_from": kept.moved.get(link, (None,))[0],
            }
        )
    return {
        "sysDescr": found.description,
        "sysName": found.name,
        "links": links,
        "classes_elsewhere": _elsewhere(found, kept),
        "problems": found.problems + kept.matched.problems,
    }


def kept_lines(name: str, found: Found, kept: Kept) -> list[str]:
    """Return what was kept of a look as lines to read on a screen."""
    counts = {
        "interfaces": len(found.interfaces),
        "liaisons": f"{len(kept.matched.places)} sur {len(kept.references)}",
        "classes": len(kept.classes),
        "sondes": len(kept.probes),
    }
    said = [f"{name} : " + ", ".join(f"{what} {count}" for what, count in counts.items())]
    for link, place in kept.matched.places.items():
        before, _ = kept.moved.get(link, ("", ""))
        moved = f", auparavant {before}" if before else ""
        where = f"{place.name or place.descr} (n° {place.index}{moved})"
        said.append(f"  {kept.references[link]} : {where}")
    if elsewhere := _elsewhere(found, kept):
        said.append(f"  classes sur des interfaces sans liaison : {elsewhere}")
    return said + [f"  ! {problem}" for problem in found.problems + kept.matched.problems]


def _elsewhere(found: Found, kept: Kept) -> int:
    """Return how many classes stand on interfaces that are no link's."""
    return len(found.classes) - len(kept.matched.classes)


def _interface_row(interface: FoundInterface, read: Figures) -> list[object]:
    counters = read.interfaces.get(interface.index)
    counted: list[object] = [None] * 5
    if counters is not None:
        counted = [
            counters.in_octets,
            counters.out_octets,
            interface.bits,
            _pair(counters.in_errors, counters.out_errors),
            _pair(counters.in_discards, counters.out_discards),
        ]
    return [
        interface.index,
        interface.name or interface.descr,
        f"{_status(interface.oper) or '?'} ({_status(interface.admin) or '?'})",
        interface.speed_bps,
        *counted,
        interface.alias,
    ]


def _class_row(found: FoundClass, read: Figures, interface: str) -> list[object]:
    c = read.classes.get(found)
    counted: list[object] = [None] * 4
    if c is not None:
        counted = [c.offered_octets, c.sent_octets, c.dropped_octets, c.dropped_packets]
    return [interface, _DIRECTIONS[found.direction], found.path, *counted]


def _probe_row(probe: FoundProbe, run: Run | None) -> list[object]:
    latest: list[object] = [None] * 4
    if run is not None:
        latest = [run.sent, run.lost, run.rtt_ms, run.jitter_ms]
    return [probe.number, probe.kind.value, probe.tag, *latest]


def _status(number: int | None) -> str | None:
    return None if number is None else STATUSES.get(number, str(number))


def _pair(come_in: int | None, go_out: int | None) -> str:
    return f"{_cell(come_in)}/{_cell(go_out)}"


def _cell(value: object) -> str:
    if value is None:
        return _NOTHING
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return lines of columns, numbers to the right."""
    cells = [header, *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(header))]
    right = [
        all(isinstance(row[n], int | float | None) for row in rows) for n in range(len(header))
    ]
    return [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]
