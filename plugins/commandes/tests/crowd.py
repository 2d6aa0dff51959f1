"""A customer with many orders and subscriptions, to try lists and speed."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Reach
from core.accounts import create_account
from core.db import Company, Customer
from core.host import Host
from core.network.inventory import Site
from core.testing.world import NOW, PASSWORD
from plugins.commandes.models import Kind, OrderLine, Subscription, is_installed, line_words
from plugins.commandes.offers import subscription_words

MANY = "many@many.example"
STATES = ("INSTALLEE", "INSTALLEE", "PRODUCTION EN COURS", "INSTALL PROGRAMMEE")
TECHNOLOGIES = ("FTTO", "FTTH", "SDSL", "4G", "Voix")
CODES = ("ERAT_000", "ERAT_010", "ERAT_260", None)
DAY = date(2026, 1, 1)


def fill(host: Host, sites: int, each: int) -> None:
    """Write a customer with so many sites, and so many orders and subscriptions on each."""
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
             for n in range(sites)],
        )  # fmt: skip
        ids = session.scalars(sa.select(Site.id).where(Site.company_id == company.id)).all()
        places = [(id_, n) for id_ in ids for n in range(each)]
        session.execute(sa.insert(OrderLine), [_line(company.id, *place) for place in places])
        rows = [_subscription(company.id, *place) for place in places]
        session.execute(sa.insert(Subscription), rows)
        create_account(
            session, email=MANY, name="Many", password=PASSWORD, now=NOW, admin=True,
            permissions=list(host.registry.permissions()), customer_id=customer.id,
            scope=[(Reach.CUSTOMER, customer.id)],
        )  # fmt: skip
        session.commit()


def _line(company: int, site: int, n: int) -> dict[str, object]:
    turn = site * 7 + n
    state, code = STATES[turn % len(STATES)], CODES[turn % len(CODES)]
    reference, article = f"M{site:05}-{n:03}", f"IP VPN {TECHNOLOGIES[turn % 5]}"
    return {
        "company_id": company, "site_id": site, "reference": reference, "kind": Kind.CREATION,
        "article": article, "contract": DAY + timedelta(days=turn % 700), "state": state,
        "router": DAY + timedelta(days=turn % 500) if turn % 3 else None, "code": code,
        "production_label": "Travaux à réaliser" if code else None,
        "installed": is_installed(state),
        "words": line_words(reference, article, state, code),
    }  # fmt: skip


def _subscription(company: int, site: int, n: int) -> dict[str, object]:
    turn = site * 7 + n
    row: dict[str, object] = {
        "company_id": company, "site_id": site, "reference": f"M{site:05}-{n:03}",
        "designation": f"IP VPN {TECHNOLOGIES[turn % 5]}", "offer": "ip-vpn", "quantity": 1,
        "technology": TECHNOLOGIES[turn % 5], "lan_address": f"10.{site % 250}.{n}.1",
        "started": DAY, "facts": {"debit": "8 Mbit/s"},
    }  # fmt: skip
    return {**row, "words": subscription_words(Subscription(**row))}
