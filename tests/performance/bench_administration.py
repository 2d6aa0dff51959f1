"""Speed of the users' pages at 5,000 users of one customer with 10,000 sites; rights of a request.

Each page is asked as the browser asks for it: components included, as JSON. Beside it the same rows
through ``sqlite3`` alone, in the same run. Exits 1 when a budget is passed.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dash._utils import to_json
from sqlalchemy.orm import Session

from core import clock, migrate, secrets, sessions
from core.access import Reach, Scope, opened
from core.accounts import Account, AccountPermission, create_account
from core.config import load
from core.db import Company, Customer, ScopeGrant
from core.host import Host
from core.network.inventory import Site
from core.people.model import Actor, UserDraft, UserScope
from core.testing.context import context_of
from core.testing.world import NOW, PASSWORD
from plugins.administration.callbacks import refresh_matrix, refresh_sites, refresh_users
from plugins.administration.pages import new_user, one_user, users

# A script finds what lies beside it; the other scripts are of the package of all tests.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.performance.bench_services import Figure, median  # see above

USERS, SITES, COMPANIES = 5_000, 10_000, 40
PAGE_MS, RIGHTS_MS = 150, 0.3
ADMIN = "admin@many.example"
RIGHTS = ("supervision:read", "consommations:read", "factures:read", "incidents:read")

LIST = """
select a.id, a.email, a.name, a.last_sign_in from account a
where a.customer_id = 1 and a.deleted is null order by a.name limit 25
"""
COUNT = "select count(*) from account where customer_id = 1"
GRID = """
select s.id, s.name, s.commune, c.name from site s join company c on c.id = s.company_id
where c.customer_id = 1 order by c.name, s.name limit 50
"""
WHO = """
select a.email, a.name from login_session s join account a on a.id = s.account_id
where s.id = ?
"""
KEYS = "select key from account_permission where account_id = 1"


def installation(folder: Path) -> Host:
    """Return an installation of its own with the customer, its users and its sites."""
    folder.mkdir()
    secrets.make_key(folder)
    host = Host(load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))
    migrate.upgrade_every(host.engine, host.registry)
    draw = random.Random(5)
    with Session(host.engine) as session:
        customer = Customer(number="1", name="Mille Sites")
        session.add(customer)
        session.flush()
        companies = [
            Company(customer_id=customer.id, name=f"Société {n}") for n in range(COMPANIES)
        ]
        session.add_all(companies)
        session.flush()
        session.add_all(
            Site(
                company_id=draw.choice(companies).id, name=f"Site {n}", commune=f"COMMUNE {n % 700}"
            )
            for n in range(SITES)
        )
        create_account(
            session, email=ADMIN, name="Claire Vidal", password=PASSWORD, permissions=RIGHTS,
            scope=[(Reach.CUSTOMER, customer.id)], now=NOW, admin=True, customer_id=customer.id,
        )  # fmt: skip
        for n in range(USERS - 1):
            reach = draw.choice((Reach.CUSTOMER, Reach.COMPANY, Reach.SITE))
            count = 1 if reach is Reach.CUSTOMER else draw.randrange(1, 9)
            session.add(
                Account(
                    email=f"u{n}@many.example", name=f"Prénom Nom{n}", family_name=f"Nom{n}",
                    given_name="Prénom", customer_id=customer.id, created=NOW, password_hash="x",
                    admin=False, last_sign_in=NOW - timedelta(minutes=n),
                    permissions=[AccountPermission(key=key) for key in RIGHTS[: 1 + n % 4]],
                    scope=[ScopeGrant(reach=reach, target_id=1 + t) for t in range(count)],
                )
            )  # fmt: skip
        session.commit()
    return host


def answered(call: Callable[[], Any]) -> Any:
    """Return an answer as the browser gets it."""
    return to_json(call())


def actor_of(host: Host) -> Actor:
    with Session(host.engine) as session:
        account = session.scalars(sa.select(Account).where(Account.email == ADMIN)).one()
        known = host.registry.permissions().values()
        granted = opened(frozenset(RIGHTS), known, admin=True, staff=False)
        return Actor(account.id, ADMIN, account.customer_id, granted, Scope(account.id))


def figures(host: Host) -> list[Figure]:
    """Measure the pages, a change, a preview, and the rights of a request."""
    actor = actor_of(host)
    desk = host.people(actor, NOW)
    with Session(host.engine) as session:
        account = session.get_one(Account, actor.id)
        token = sessions.open_session(session, account, "::1", "bench", NOW)
    draft = UserDraft(
        "neuf@many.example", "Neuf", "Anne", frozenset(RIGHTS),
        UserScope(sites=frozenset(range(1, SITES + 1))),
    )  # fmt: skip
    made = desk.create(draft).id  # a user of ten thousand single sites: the worst case

    def saved() -> None:
        user = desk.find(made)
        assert user is not None  # just made
        name = "Anne" if user.given_name != "Anne" else "Anna"
        desk.change(made, replace(draft, given_name=name), user.version)

    with context_of(host, ADMIN, now=NOW) as plain:
        ctx = replace(plain, people=desk)
        asked: dict[str, tuple[Callable[[], Any], float | None]] = {
            "list, first page": (partial(users, ctx), PAGE_MS),
            "list, a word": (partial(refresh_users, ctx, "?q=nom49"), PAGE_MS),
            "list, by last sign-in": (partial(refresh_users, ctx, "?tri=-connexion"), PAGE_MS),
            "list, a rubric, page 90": (
                partial(refresh_users, ctx, "?rubrique=factures:read&page=90"), PAGE_MS),
            "matrix, page 200": (partial(refresh_matrix, ctx, "?page=200"), PAGE_MS),
            "form, new": (partial(new_user, ctx), PAGE_MS),
            "form of 10,000 single sites": (partial(one_user, ctx, made), PAGE_MS),
            "grid, page 150": (
                partial(refresh_sites, ctx, "", {"page": 150, "q": ""}, None), PAGE_MS),
            "grid, a word": (partial(refresh_sites, ctx, "commune 33", None, None), PAGE_MS),
            "save, 10,000 single sites stay": (saved, None),
        }  # fmt: skip
        found = [
            Figure(name, median(partial(answered, call)), "ms", budget)
            for name, (call, budget) in asked.items()
        ]
    who = partial(sessions.who, host.engine, token, host.limits, NOW)
    for _warm in range(50):
        who()
    return [*found, Figure("rights of a request", median(who, 400), "ms", RIGHTS_MS)]


def reference(host: Host, token: str = "") -> dict[str, float]:
    """Return milliseconds of the same rows through sqlite3 alone."""
    with sqlite3.connect(Path(host.config.data) / "balise.db") as own:

        def ask(*statements: str) -> None:
            for statement in statements:
                own.execute(statement, (token,) if "?" in statement else ()).fetchall()

        return {
            "list": median(partial(ask, LIST, COUNT)),
            "grid": median(partial(ask, GRID)),
            "rights": median(partial(ask, WHO, KEYS), 400),
        }


def main() -> int:
    clock.now = lambda: NOW
    with tempfile.TemporaryDirectory() as folder:
        host = installation(Path(folder) / "all")
        print(f"{USERS} users of one customer with {SITES} sites in {COMPANIES} companies")
        found = figures(host)
        alone = reference(host)
        for figure in found:
            word = figure.what.split()[0].strip(",")
            what = {"list": "list", "matrix": "list", "rights": "rights"}.get(word, "grid")
            ratio = figure.value / alone[what]
            print(f"{figure}, {ratio:.1f} × sqlite3{'' if figure.fits else '  OVER'}")
        for name, taken in alone.items():
            print(f"sqlite3 alone, {name}: {taken:.3f} ms")
    return int(not all(figure.fits for figure in found))


if __name__ == "__main__":
    sys.exit(main())
