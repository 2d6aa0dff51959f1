"""The accounts of the demo: who they are, what they may do, and their passwords of the day."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from collectors.simulator.demo_plan import CustomerPlan
from collectors.simulator.demo_words import PEOPLE
from core import walls
from core.access import Reach
from core.accounts import create_account
from core.db import Company, Customer
from core.network.inventory import Site

RIGHTS = {
    "admin": (
        "supervision:read", "consommations:read", "commandes:read", "commandes:write",
        "commandes:cancel", "commandes:radius", "incidents:read", "incidents:write",
        "factures:read",
    ),
    "technique": ("supervision:read", "consommations:read", "commandes:read", "commandes:write",
                  "commandes:radius", "incidents:read", "incidents:write"),
    "compta": ("factures:read",),
    "site": ("supervision:read", "consommations:read"),
    "noc": ("supervision:read", "consommations:read", "incidents:read"),
}  # fmt: skip
"""Permissions by role; those of a rubric that is not installed open nothing."""
OF_STAFF = {
    "admin": ("supervision:place", "commandes:manage", "incidents:manage", "incidents:terms"),
    "noc": ("supervision:place", "incidents:manage"),
}
"""What the operator's own people may do besides."""
OPERATOR = "operateur.example"
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def make_password() -> str:
    """Return a random password: 20 characters, in fives, none taken for another."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def create_accounts(
    session: Session, customers: Sequence[CustomerPlan], now: datetime
) -> list[dict[str, str | None]]:
    """Create the accounts and return them as ``demo accounts --json`` shows them."""
    made: list[dict[str, str | None]] = []

    def add(
        role: str, domain: str, scope: tuple[Reach, int | None], customer: Customer | None
    ) -> None:
        email, password = f"{role}@{domain}", make_password()
        create_account(
            session, email=email, name=PEOPLE[domain][role], password=password,
            permissions=RIGHTS[role] + (() if customer else OF_STAFF[role]),
            scope=[scope], now=now, admin=role == "admin",
            customer_id=customer.id if customer else None,
        )  # fmt: skip
        made.append(
            {
                "email": email, "password": password,
                "customer": customer.name if customer else None, "role": role,
            }
        )  # fmt: skip

    for planned in customers:
        customer = session.scalars(
            sa.select(Customer).where(Customer.number == planned.number)
        ).one()
        own = session.scalars(
            sa.select(Site.id)
            .join(Company, Company.id == Site.company_id)
            .where(Company.customer_id == customer.id, Site.name == planned.own_site)
        ).one()
        for role in ("admin", "technique", "compta"):
            add(role, planned.domain, (Reach.CUSTOMER, customer.id), customer)
        add("site", planned.domain, (Reach.SITE, own), customer)
    for role in ("noc", "admin"):
        add(role, OPERATOR, (Reach.OPERATOR, None), None)
    return made


def create_wall(session: Session, now: datetime) -> str:
    """Create a wall that shows every customer; return the token of its address."""
    plan = walls.Plan(
        name="Mur de supervision",
        scope=[(Reach.OPERATOR, None)],
        customer_id=None,
        permissions=("supervision:read", "consommations:read"),
    )
    _wall, token = walls.make(session, plan, by=f"noc@{OPERATOR}", now=now)
    return token
