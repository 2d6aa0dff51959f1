"""A customer with many links and many tickets, to try lists and speed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Reach
from core.accounts import create_account
from core.api import Link, LinkRole, Service, Site
from core.db import Company, Customer
from core.host import Host
from core.testing.world import NOW, PASSWORD
from plugins.incidents.life import Cause, Impact, Status, Users
from plugins.incidents.models import LinkContract, Ticket, ticket_words

MANY = "many@many.example"
PROFILES = ("gtr4-24x7", "gtr4-ho", "gtr8-ho")


def fill(host: Host, links: int, tickets: int, days: int = 1400) -> None:
    """Write a customer with so many links, a site each, and tickets over the last ``days``."""
    with Session(host.engine) as session:
        customer = Customer(number="MANY", name="Beaucoup")
        session.add(customer)
        session.flush()
        company = Company(customer_id=customer.id, name="Beaucoup SA")
        session.add(company)
        session.flush()
        of = {"company_id": company.id}
        session.execute(
            sa.insert(Site),
            [{**of, "name": f"Agence {n:05}", "commune": f"Séverac N{n}X", "country": "FR"}
             for n in range(links)],
        )  # fmt: skip
        sites = session.scalars(sa.select(Site.id).where(Site.company_id == company.id)).all()
        session.execute(sa.insert(Service), [{**of, "site_id": site} for site in sites])
        query = sa.select(Service.id, Service.site_id).where(Service.company_id == company.id)
        session.execute(
            sa.insert(Link),
            [{**of, "site_id": site, "service_id": id_, "role": LinkRole.MAIN,
              "reference": f"M{site:05}-001", "designation": "Liaison SDSL 2M"}
             for id_, site in session.execute(query).all()],
        )  # fmt: skip
        found = session.execute(
            sa.select(Link.id, Link.site_id, Link.reference)
            .where(Link.company_id == company.id)
            .order_by(Link.id)
        ).all()
        session.execute(
            sa.insert(LinkContract),
            [{**of, "site_id": site, "link_id": id_, "profile": PROFILES[n % 3]}
             for n, (id_, site, _reference) in enumerate(found)],
        )  # fmt: skip
        step = timedelta(days=days) / tickets
        rows = [
            _ticket(of, found[n * 7 % len(found)], n, NOW - step * (tickets - n))
            for n in range(tickets)
        ]
        session.execute(sa.insert(Ticket), rows)
        create_account(
            session, email=MANY, name="Many", password=PASSWORD, now=NOW, admin=True,
            permissions=list(host.registry.permissions()), customer_id=customer.id,
            scope=[(Reach.CUSTOMER, customer.id)],
        )  # fmt: skip
        session.commit()


def _ticket(of: dict[str, int], link: Any, n: int, opened: datetime) -> dict[str, Any]:
    id_, site, reference = link
    over = NOW - opened > timedelta(days=3)
    number, title = str(1_000_000 + n), f"Coupure · Agence {site:05}"
    row: dict[str, Any] = {
        **of, "site_id": site, "link_id": id_, "number": number, "title": title,
        "description": "Plus rien.", "solution": "", "users": Users.EVERYONE,
        "status": Status.CLOSED if over else (Status.OPEN, Status.TAKEN)[n % 2],
        "impact": Impact.CUT if n % 3 else Impact.DEGRADED, "severity": 1 + n % 4,
        "cause": Cause.OPERATOR, "opened": opened, "opened_by": "a@b", "opened_name": "A",
        "version": 1,
        "words": ticket_words(number, title, reference, f"Agence {site:05}", "Beaucoup SA"),
    }  # fmt: skip
    row["resolved"] = opened + timedelta(minutes=30 + n % 400) if over else None
    return row
