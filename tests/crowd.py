"""A large customer for walls: real communes, every state, a day of traffic; nothing is polled."""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from collectors.simulator.demo_plan import DATA
from core.db import Company, Customer
from core.host import Host
from core.network.inventory import Link, LinkRole, Service, Site, StateChange
from core.network.metrics import Sample
from core.network.status import Reason, State

STATES = {
    State.DOWN: (Reason.INTERFACE_DOWN, 2),
    State.DEGRADED: (Reason.UNPROTECTED, 5),
    State.UNKNOWN: (Reason.UNREACHABLE, 2),
}
"""How many services are in trouble, and why; all the others are up."""
KINDS = ("Magasin", "Entrepôt", "Dépôt", "Showroom", "Agence")


def fill(host: Host, services: int, now: datetime, name: str = "Mobilier Hexagone") -> int:
    """Write a customer with so many services, read at ``now``; return its id.

    The services in trouble are those of ``STATES``, if there are that many.
    """
    draw = random.Random(services)
    with DATA.open(encoding="utf-8") as file:
        communes = list(csv.DictReader(file))
    draw.shuffle(communes)
    states = [(state, why) for state, (why, many) in STATES.items() for _ in range(many)]
    states += [(State.UP, Reason.NONE)] * services
    with Session(host.engine) as session:
        customer = Customer(number=f"CLI-{name}", name=name)
        session.add(customer)
        session.flush()
        company = Company(customer_id=customer.id, name=f"{name} Distribution")
        session.add(company)
        session.flush()
        samples: list[Sample] = []
        read: dict[int, int] = {}
        end = int(now.timestamp()) // 300 * 300
        for n in range(services):
            commune = communes[n % len(communes)]
            state, reason = states[n]
            since = now - timedelta(seconds=draw.randrange(300, 200_000))
            site = Site(
                company_id=company.id,
                name=f"{draw.choice(KINDS)} {commune['name']}",
                commune=commune["name"],
                postal_code=commune["postal_code"],
                latitude=float(commune["latitude"]),
                longitude=float(commune["longitude"]),
            )
            session.add(site)
            session.flush()
            of = {"company_id": company.id, "site_id": site.id}
            told = {"state": state, "reason": reason}
            service = Service(**of, **told, since=since)
            session.add(service)
            session.flush()
            link = Link(
                **of,
                **told,
                reference=f"{name[:1]}{customer.id:04d}-{n:05d}-001",
                designation="Fibre FTTO 100M",
                role=LinkRole.MAIN,
                service_id=service.id,
                contract_in_bps=100_000_000,
                contract_out_bps=100_000_000,
                since=since,
            )
            session.add(link)
            session.flush()
            session.add(StateChange(**of, **told, service_id=service.id, link_id=None, at=since))
            octets = draw.randrange(100_000_000, 3_200_000_000)
            samples += [
                Sample(link.id, t, 300.0, octets, octets // 4)
                for t in range(end - 86_400, end, 300)
            ]
            read[link.id] = int(now.timestamp())
        session.commit()
        host.metrics.record(samples)
        host.metrics.mark_read(read)
        return customer.id
