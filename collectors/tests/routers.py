"""What simple routers have in memory: interfaces, classes of service, probes."""

from __future__ import annotations

from collections.abc import Mapping

from collectors import interfaces, oids
from collectors.snmp import Kind, Varbind
from collectors.tests.agents import Mib

Rows = dict[str, Varbind]


def interface(index: int, name: str, *, oper: int = 1, bits: int = 64, octets: int = 1_000,
              changed: int = 0, named: bool = True, speed: int = 20_000_000,
              faults: tuple[int, int, int, int] | None = None) -> Rows:  # fmt: skip
    wide = [(oids.IF_HC_IN_OCTETS, Kind.COUNTER64), (oids.IF_HC_OUT_OCTETS, Kind.COUNTER64)]
    narrow = [(oids.IF_IN_OCTETS, Kind.COUNTER32), (oids.IF_OUT_OCTETS, Kind.COUNTER32)]
    rows = {
        oids.IF_DESCR: Varbind(Kind.STRING, name),
        oids.IF_ADMIN_STATUS: Varbind(Kind.INTEGER, "1"),
        oids.IF_OPER_STATUS: Varbind(Kind.INTEGER, str(oper)),
        oids.IF_LAST_CHANGE: Varbind(Kind.TICKS, str(changed)),
        oids.IF_SPEED: Varbind(Kind.GAUGE, str(speed)),
        **({oids.IF_NAME: Varbind(Kind.STRING, name)} if named else {}),
        **{c: Varbind(k, str(octets)) for c, k in narrow + (wide if bits == 64 else [])},
    }
    for column, count in zip(interfaces.FAULTS, faults or (), strict=False):
        rows[column] = Varbind(Kind.COUNTER32, str(count))
    return {f"{column}.{index}": value for column, value in rows.items()}


def mib(*rows: Rows, uptime: int = 5_000_000) -> Mib:
    values = {oids.SYS_UPTIME: Varbind(Kind.TICKS, str(uptime))}
    for some in rows:
        values |= some
    return Mib(values)


def policy(if_index: int, sent: Mapping[str, int], *, base: int = 16, direction: int = 2,
           parent: str = "", name: str = "COS", drops: int = 0) -> Rows:  # fmt: skip
    """A policy with a class for each name of ``sent``, numbered from ``base`` on.

    With ``parent`` it is nested in that class of a policy « WAN-OUT », whose counters are the sum.
    What is offered is what was sent and ``drops`` more octets, a packet of 100 octets each.
    """
    rows: Rows = {
        f"{oids.CB_QOS_POLICY_DIRECTION}.{base}": Varbind(Kind.INTEGER, str(direction)),
        f"{oids.CB_QOS_IF_INDEX}.{base}": Varbind(Kind.INTEGER, str(if_index)),
    }
    number, config, up = base + 1, 500 + base, 0

    def add(label: str, kind: int, octets: int | None = None) -> int:
        nonlocal number, config
        number, config = number + 1, config + 1
        at = f"{base}.{number}"
        names = oids.CB_QOS_CM_NAME if kind == 2 else oids.CB_QOS_POLICY_MAP_NAME
        rows[f"{oids.CB_QOS_CONFIG_INDEX}.{at}"] = Varbind(Kind.GAUGE, str(config))
        rows[f"{oids.CB_QOS_OBJECTS_TYPE}.{at}"] = Varbind(Kind.INTEGER, str(kind))
        rows[f"{oids.CB_QOS_PARENT_OBJECTS_INDEX}.{at}"] = Varbind(Kind.GAUGE, str(up))
        rows[f"{names}.{config}"] = Varbind(Kind.STRING, label)
        if octets is not None:
            for column, value in (
                (oids.CB_QOS_CM_POST_POLICY_BYTE64, octets),
                (oids.CB_QOS_CM_PRE_POLICY_BYTE64, octets + drops),
                (oids.CB_QOS_CM_DROP_BYTE64, drops),
                (oids.CB_QOS_CM_DROP_PKT64, drops // 100),
            ):
                rows[f"{column}.{at}"] = Varbind(Kind.COUNTER64, str(value))
        return number

    if parent:
        up = add("WAN-OUT", 1)
        up = add(parent, 2, sum(sent.values()))
    up = add(name, 1)
    for label, octets in sent.items():
        add(label, 2, octets)
    return rows


def echo(number: int, tag: str, completed: int, rtt: int, sense: int = 1) -> Rows:
    """An IP SLA echo operation whose latest run ended at sysUpTime ``completed`` (1/100 s)."""
    return {
        f"{oids.RTT_MON_CTRL_ADMIN_RTT_TYPE}.{number}": Varbind(Kind.INTEGER, "1"),
        f"{oids.RTT_MON_CTRL_ADMIN_TAG}.{number}": Varbind(Kind.STRING, tag),
        f"{oids.RTT_MON_LATEST_RTT_OPER_TIME}.{number}": Varbind(Kind.TICKS, str(completed)),
        f"{oids.RTT_MON_LATEST_RTT_OPER_SENSE}.{number}": Varbind(Kind.INTEGER, str(sense)),
        f"{oids.RTT_MON_LATEST_RTT_OPER_COMPLETION_TIME}.{number}": Varbind(Kind.GAUGE, str(rtt)),
    }
