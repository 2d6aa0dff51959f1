"""Two customers with a canary in every text: what one of them sees must never hold the other's."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core import audit
from core.access import Reach
from core.accounts import create_account
from core.db import Company, Customer
from core.host import Host
from core.network.inventory import (
    Contact,
    Device,
    Link,
    LinkRole,
    Service,
    Site,
    SnmpVersion,
    StateChange,
)
from core.network.measured import Direction, Probe, ProbeKind, TrafficClass
from core.network.metrics import ClassSample, ProbeSample, Sample
from core.network.status import Reason, State

PASSWORD = "sept chevaux bleus"
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Tenant:
    """One customer: its canary, and the ids and references another must not reach."""

    letter: str
    canary: str
    customer_id: int
    company_ids: tuple[int, ...]
    site_ids: tuple[int, ...]
    service_ids: tuple[int, ...]
    references: tuple[str, ...]


def fill(host: Host) -> dict[str, Tenant]:
    """Write customers A and B: two companies, three sites, services with and without backup."""
    with Session(host.engine) as session:
        tenants = {letter: _tenant(host, session, letter) for letter in "AB"}
        keys = list(host.registry.permissions())
        a, b = tenants["A"], tenants["B"]
        people: dict[str, tuple[list[str], list[tuple[Reach, int | None]], int | None]] = {
            "alice@a.example": (keys, [(Reach.CUSTOMER, a.customer_id)], a.customer_id),
            "bob@b.example": (keys, [(Reach.CUSTOMER, b.customer_id)], b.customer_id),
            "norights@a.example": ([], [(Reach.CUSTOMER, a.customer_id)], a.customer_id),
            "onesite@a.example": (keys, [(Reach.SITE, a.site_ids[0])], a.customer_id),
            "noscope@a.example": (keys, [], a.customer_id),
            # Administrators who were granted nothing: no mail about rows goes to them.
            "admin@a.example": ([], [(Reach.CUSTOMER, a.customer_id)], a.customer_id),
            "admin@b.example": ([], [(Reach.CUSTOMER, b.customer_id)], b.customer_id),
            "staff@operator.example": (keys, [(Reach.OPERATOR, None)], None),
        }
        for email, (permissions, scope, customer_id) in people.items():
            create_account(
                session,
                email=email,
                name=email.split("@")[0].title(),
                password=PASSWORD,
                permissions=permissions,
                scope=scope,
                now=NOW,
                admin=customer_id is None or email.startswith("admin@"),
                customer_id=customer_id,
            )
        for rubric_world in _of_rubrics(host):
            rubric_world.fill(host, session, list(tenants.values()))
        session.commit()
    for tenant in tenants.values():
        audit.write(
            host.engine, now=NOW, actor=f"{tenant.canary}@example", action="viewed",
            target=f"{tenant.canary} ligne", customer_id=tenant.customer_id, name=tenant.canary,
        )  # fmt: skip
    return tenants


def _of_rubrics(host: Host) -> Iterator[Any]:
    """Yield ``tests/world.py`` of each rubric that has one: ``fill(host, session, tenants)`` gives
    the two tenants rows of its own tables, with their canaries.
    """
    for owner in host.registry.owners.values():
        package = owner.partition(".plugin ")[0]
        try:
            yield importlib.import_module(f"{package}.tests.world")
        except ModuleNotFoundError as error:
            if not str(error.name).startswith(f"{package}.tests"):
                raise


def add_site(session: Session, name: str = "Site") -> dict[str, int]:
    """Add a site of a customer of its own; return the company and the site that its rows have."""
    company = Company(name="Co", customer=Customer(number="1", name="C"))
    session.add(company)
    session.flush()
    site = Site(company_id=company.id, name=name)
    session.add(site)
    session.flush()
    return {"company_id": company.id, "site_id": site.id}


def _tenant(host: Host, session: Session, letter: str) -> Tenant:
    canary = f"CANARI-{letter}"
    customer = Customer(number=f"{canary}-num", name=f"{canary} client")
    session.add(customer)
    session.flush()
    companies, sites, services, references = [], [], [], []
    for c in (1, 2):
        company = Company(customer_id=customer.id, name=f"{canary} société {c}")
        session.add(company)
        session.flush()
        companies.append(company.id)
        for s in range(3 - c):
            site = Site(
                company_id=company.id,
                name=f"{canary} site {c}{s}",
                address=f"{canary} rue",
                postal_code=f"{canary}-cp",
                commune=f"{canary} commune {c}{s}",
                latitude=44.0,
                longitude=2.0,
            )
            session.add(site)
            session.flush()
            sites.append(site.id)
            pair = {"company_id": company.id, "site_id": site.id}
            session.add(Contact(**pair, name=f"{canary} contact", role=canary, email=canary))
            secret = host.vault.seal(json.dumps({"community": f"{canary}-community"}))
            device = Device(
                **pair,
                name=f"{canary}-routeur",
                model=f"{canary} 1921",
                description=f"{canary} IOS 15.7",
                discovered=NOW - timedelta(days=1),
                host="127.0.0.1",
                port=9,
                snmp_version=SnmpVersion.V2C,
                credentials=secret,
            )
            state = State.UP if s == 0 else State.DOWN
            reason = Reason.NONE if s == 0 else Reason.INTERFACE_DOWN
            since = NOW - timedelta(hours=2)
            service = Service(**pair, state=state, reason=reason, since=since)
            session.add_all([device, service])
            session.flush()
            services.append(service.id)
            roles = (LinkRole.MAIN, LinkRole.BACKUP) if c == 1 and s == 0 else (LinkRole.MAIN,)
            for n, role in enumerate(roles):
                link = Link(
                    **pair,
                    reference=f"{canary}-{c}{s}-00{n}",
                    designation=f"{canary} Fibre {c}{s}{n}",
                    role=role,
                    service_id=service.id,
                    device_id=device.id,
                    if_name=f"{canary}-Gi0/{n}",
                    contract_in_bps=100_000_000,
                    contract_out_bps=100_000_000,
                    state=state,
                    reason=reason,
                    since=since,
                )
                session.add(link)
                session.flush()
                references.append(link.reference)
                change = {"service_id": service.id, "state": state, "reason": reason, "at": since}
                session.add_all(
                    [
                        StateChange(**pair, **change, link_id=link.id),
                        StateChange(**pair, **change, link_id=None),
                    ]
                )
                end = int(NOW.timestamp())
                ago = range(end - 7200, end, 60)
                host.metrics.record(Sample(link.id, t, 60.0, 7_500_000, 750_000) for t in ago)
                host.metrics.mark_read({link.id: end})
                measured = _measured(link, canary)
                session.add_all(measured)
                session.flush()
                cos, probe = measured
                host.metrics.record_classes(
                    ClassSample(cos.id, t, 60.0, 1_500_000, 1_400_000, 100_000, 100) for t in ago
                )
                host.metrics.record_probes(ProbeSample(probe.id, t, 10, 1, 23.5, 1.5) for t in ago)
    return Tenant(
        letter,
        canary,
        customer.id,
        tuple(companies),
        tuple(sites),
        tuple(services),
        tuple(references),
    )


def _measured(link: Link, canary: str) -> tuple[TrafficClass, Probe]:
    """Return a class of service and a probe of a link."""
    of = {"company_id": link.company_id, "site_id": link.site_id, "link_id": link.id, "seen": NOW}
    cos = TrafficClass(
        **of, direction=Direction.OUT, path=f"{canary}-OUT/{canary}-VOIX", name=f"{canary}-VOIX"
    )
    return cos, Probe(**of, number=10, tag=f"{canary} sonde", kind=ProbeKind.JITTER)
