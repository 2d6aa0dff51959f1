"""The plan of the demo as rows of the database and as a fleet of routers; nothing is written."""

from __future__ import annotations

import json
import secrets
import string
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.simulator import demo_history as history
from collectors.simulator import demo_plan as plan
from collectors.simulator import demo_quality as quality
from collectors.simulator.model import DeviceSpec, Interface, ProbeSpec
from core.db import Company, Customer
from core.network.inventory import Contact, Device, Link, LinkRole, Service, Site, SnmpVersion
from core.network.status import Status
from core.secrets import Vault

DAY = history.DAY
UNPLACED_ONE_IN = 70
"""One site in so many has no coordinates."""


@dataclass(slots=True)
class Unit:
    """A service as it will stand: its ids, its links' interfaces and what befell them."""

    service_id: int
    company_id: int
    site_id: int
    link_ids: list[int]
    interfaces: list[Interface]
    episodes: list[history.Episodes]


@dataclass(slots=True)
class Network:
    """Rows of every table, and what the simulator needs, worked out before anything is written."""

    rows: dict[type[Any], list[dict[str, Any]]] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    devices: dict[str, DeviceSpec] = field(default_factory=dict)
    """By name, without interfaces until all are known."""
    troubles: dict[str, str] = field(default_factory=dict)
    probes: dict[str, list[ProbeSpec]] = field(default_factory=dict)
    """By name of the router that runs them."""

    def add(self, model: type[Any], /, **values: Any) -> int:
        table = self.rows.setdefault(model, [])
        table.append({"id": len(table) + 1, **values})
        return len(table)


def network_of(
    customers: Sequence[plan.CustomerPlan], vault: Vault, port: int, now: datetime
) -> Network:
    network = Network()
    """Work the whole demo out, the troubles that stand at ``now`` included."""
    community = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(16))
    credentials = vault.seal(json.dumps({"community": community}))
    for customer in customers:
        network.troubles.update(customer.troubles)
        customer_id = network.add(Customer, number=customer.number, name=customer.name)
        companies = {
            name: network.add(Company, customer_id=customer_id, name=name)
            for name in customer.companies
        }
        for site in customer.sites:
            _add_site(network, site, companies[site.company], credentials)
    troubled = {
        unit.interfaces[i].reference: (unit, i)
        for unit in network.units
        for i in range(len(unit.interfaces))
    }
    for reference, trouble in network.troubles.items():
        unit, i = troubled[reference]
        spans = history.draw_standing(reference, trouble, now.timestamp())
        if trouble == "silent":  # the whole router is
            for episodes in unit.episodes:
                episodes.silent.extend(spans)
        else:
            unit.episodes[i].down.extend(spans)
    for unit in network.units:
        _settle_states(network, unit, now)
    _build_fleet(network, community, port, now)
    return network


def _add_site(network: Network, site: plan.SitePlan, company: int, credentials: str) -> None:
    place = site.commune
    # A few addresses that nobody has placed yet: the map lists them, the operator places them.
    known = zlib.crc32(site.name.encode()) % UNPLACED_ONE_IN != 0
    site_id = network.add(
        Site, company_id=company, name=site.name, address=site.address, country="FR",
        postal_code=place.postal_code, commune=place.name,
        latitude=site.latitude if known else None, longitude=site.longitude if known else None,
    )  # fmt: skip
    name, phone = site.contact
    owner = {"company_id": company, "site_id": site_id}
    network.add(Contact, **owner, name=name, role="Contact sur site", phone=phone)
    for service in site.services:
        service_id = network.add(Service, **owner)
        unit = Unit(service_id, company, site_id, [], [], [])
        network.units.append(unit)
        for position, link in enumerate(service.links):
            device_id = _device(network, link, owner, site.name, credentials)
            index = (
                sum(1 for row in network.rows.get(Link, []) if row["device_id"] == device_id) + 1
            )
            offer = link.offer
            unit.link_ids.append(
                network.add(
                    Link, **owner, reference=link.reference, designation=offer.label,
                    role=LinkRole.BACKUP if position else LinkRole.MAIN, service_id=service_id,
                    device_id=device_id, if_name=_renamed(offer.interface[0], index),
                    if_index=index, contract_in_bps=offer.down_bps, contract_out_bps=offer.up_bps,
                )
            )  # fmt: skip
            unit.interfaces.append(_interface(service, link, index, place.zone))
            unit.episodes.append(history.Episodes())
            if probe := quality.probe(link):
                network.probes.setdefault(link.device, []).append(probe)


def _renamed(name: str, index: int) -> str:
    """Two interfaces of one router never have the same name."""
    return name if index == 1 else f"{name.rsplit('/', 1)[0]}/{index}"


def _device(
    network: Network, link: plan.LinkPlan, owner: dict[str, int], site: str, credentials: str
) -> int:
    if link.device in network.devices:
        names = [row["name"] for row in network.rows[Device]]
        return names.index(link.device) + 1
    number = len(network.devices)
    host = f"127.20.{number // 250}.{number % 250 + 1}"
    network.devices[link.device] = DeviceSpec(link.device, host, 0, "", (), site)
    model = "ROUTEUR - 4331" if link.offer.down_bps >= 10**9 else "ROUTEUR - 1921"
    return network.add(
        Device, **owner, name=link.device, model=model, host=host, port=0,
        snmp_version=SnmpVersion.V2C, credentials=credentials, polled=True,
    )  # fmt: skip


def _interface(service: plan.ServicePlan, link: plan.LinkPlan, index: int, zone: str) -> Interface:
    seed = zlib.crc32(link.reference.encode())
    wide = link.offer.bits == 64
    start = seed * 2**10 if wide else (2**32 - seed % 50_000_000 if seed % 4 == 0 else seed)
    return Interface(
        link.reference, index, _renamed(link.offer.interface[0], index),
        _renamed(link.offer.interface[1], index), link.offer.down_bps, link.profile, link.load,
        round(0.2 + seed % 100 / 250, 3), seed, link.offer.bits, start, start // 3,
        service.main.reference if link is service.backup else None, zone,
        f"{link.reference} - {link.offer.label}", quality.policies(link),
    )  # fmt: skip


def _settle_states(network: Network, unit: Unit, now: datetime) -> None:
    """Draw the unit's year and write where it leaves its service and links."""
    moment = now.timestamp()
    begin = moment - 365 * DAY
    links = [network.rows[Link][link - 1] for link in unit.link_ids]
    offers = {o.label: o for o in plan.OFFERS.values()}
    for row, episodes in zip(links, unit.episodes, strict=True):
        breaks = offers[row["designation"]].breaks
        drawn = history.draw_outages(row["reference"], breaks, begin, moment, 24)
        device = network.rows[Device][row["device_id"] - 1]["name"]
        episodes.down[:0] = drawn
        episodes.silent[:0] = history.draw_outages(device, 0.5, begin, moment, 11)
    for row, episodes in zip(links, unit.episodes, strict=True):
        _stand(row, list(history.link_changes(episodes, begin)))
    service = network.rows[Service][unit.service_id - 1]
    _stand(service, list(history.service_changes(*_pair(unit), begin)))


def _pair(unit: Unit) -> tuple[history.Episodes, history.Episodes | None]:
    return unit.episodes[0], unit.episodes[1] if len(unit.episodes) > 1 else None


def _stand(row: dict[str, Any], changes: list[tuple[float, Status]]) -> None:
    at, status = changes[-1]
    row |= {"state": status.state, "reason": status.reason, "since": _utc(at)}


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).replace(microsecond=0)


def state_changes(network: Network, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the rows of the history of states, oldest first."""
    begin = (now - timedelta(days=365)).timestamp()
    found: list[tuple[float, dict[str, int | None], Status]] = []
    for unit in network.units:
        owner: dict[str, int | None] = {
            "company_id": unit.company_id, "site_id": unit.site_id, "service_id": unit.service_id,
        }  # fmt: skip
        for link, episodes in zip(unit.link_ids, unit.episodes, strict=True):
            for at, status in history.link_changes(episodes, begin):
                found.append((at, {**owner, "link_id": link}, status))
        for at, status in history.service_changes(*_pair(unit), begin):
            found.append((at, {**owner, "link_id": None}, status))
    found.sort(key=lambda change: change[0])
    for at, owner, status in found:
        yield {**owner, "state": status.state, "reason": status.reason, "at": _utc(at)}


def _build_fleet(network: Network, community: str, port: int, now: datetime) -> None:
    """Give each router its interfaces, its address and the moment it started."""
    interfaces: dict[str, list[Interface]] = {name: [] for name in network.devices}
    for unit in network.units:
        for link, interface in zip(unit.link_ids, unit.interfaces, strict=True):
            device = network.rows[Device][network.rows[Link][link - 1]["device_id"] - 1]
            interfaces[device["name"]].append(interface)
    for row in network.rows[Device]:
        row["port"] = port
    for name, spec in network.devices.items():
        age = 20 * DAY + zlib.crc32(name.encode()) % (300 * DAY)
        network.devices[name] = DeviceSpec(
            name, spec.host, port, community, tuple(interfaces[name]), spec.site, spec.descr,
            now.timestamp() - age, now.timestamp(), tuple(network.probes.get(name, ())),
        )  # fmt: skip
