"""« État de vos services » with 100 to 10,000 sites: first paint, and what a tick costs and weighs.

Run by ``make bench``; exits 1 when a figure is over its budget. Server time is that of the
functions behind the door (``bench_web.py`` has the door's own); bytes are those of the answer's
body as a browser receives it, compressed.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dash.exceptions import PreventUpdate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core import clock, config, migrate, secrets
from core.access import Reach
from core.accounts import create_account
from core.db import Company, Customer
from core.host import Host
from core.network.inventory import Link, LinkRole, Service, Site
from core.network.status import Reason, State
from core.testing.context import context_of
from core.testing.fixtures import SAME_SITE, sign_in
from core.testing.world import NOW, PASSWORD
from core.web import packing
from core.web.app import create_app
from plugins.supervision.callbacks import refresh_list
from plugins.supervision.listing import Listing
from plugins.supervision.pages import services as services_page
from plugins.supervision.queries import Asked

ROUNDS = 30
COMMUNES = ("Rodez", "Millau", "Sévérac-d’Aveyron", "Saint-Affrique", "Figeac", "Mende", "Cahors")
KINDS = ("Agence", "Dépôt", "Usine", "Magasin", "Entrepôt", "Laiterie", "Atelier")
LIST = (
    "..supervision-table.children...supervision-legend.children...supervision-fresh.children"
    "...supervision-size.children...supervision-export.children...supervision-rows.data"
    "...supervision-version.data.."
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, and the most it may be."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    goal: float | None = None
    """What it should be one day, and is not yet: told, and not failed."""

    def __str__(self) -> str:
        most = f" (budget {self.budget:g})" if self.budget is not None else ""
        most += f" (goal {self.goal:g})" if self.goal is not None else ""
        return f"{self.what}: {self.value:.2f} {self.unit}{most}"

    @property
    def fits(self) -> bool:
        return self.budget is None or self.value <= self.budget


def installation(folder: Path, sizes: Sequence[tuple[str, int]]) -> Host:
    """Return a host with customers of so many sites, and a user for each and for the staff."""
    folder.mkdir()
    secrets.make_key(folder)
    host = Host(config.load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))
    migrate.upgrade_every(host.engine, host.registry)
    with Session(host.engine) as session:
        keys = list(host.registry.permissions())
        scopes: list[tuple[str, Reach, int | None]] = [("staff", Reach.OPERATOR, None)]
        for name, count in sizes:
            customer = Customer(number=name, name=name)
            session.add(customer)
            session.flush()
            scopes.append((name, Reach.CUSTOMER, customer.id))
            _sites(session, customer, count)
        for name, reach, target in scopes:
            create_account(
                session, email=f"{name}@bench.example", name=name, password=PASSWORD,
                permissions=keys, scope=[(reach, target)], now=NOW, customer_id=target,
            )  # fmt: skip
        session.commit()
        ids = session.scalars(sa.select(Link.id)).all()
    host.metrics.mark_read(dict.fromkeys(ids, int(NOW.timestamp())))
    return host


def _sites(session: Session, customer: Customer, count: int) -> None:
    company = Company(customer_id=customer.id, name=f"{customer.name} Agroalimentaire SAS")
    session.add(company)
    session.flush()
    sites = [
        Site(
            company_id=company.id,
            name=f"{KINDS[n % 7]} {COMMUNES[n * 5 % 7]} {n}",
            commune=COMMUNES[n * 5 % 7],
            postal_code=f"12{n % 1000:03}",
        )
        for n in range(count)
    ]
    session.add_all(sites)
    session.flush()
    up: dict[str, Any] = {"state": State.UP, "reason": Reason.NONE, "since": NOW}
    services = [Service(company_id=company.id, site_id=site.id, **up) for site in sites]
    session.add_all(services)
    session.flush()
    for n, service in enumerate(services):
        of = {"company_id": company.id, "site_id": service.site_id, "service_id": service.id}
        name = f"C{customer.id:04}-{n:05}"
        session.add(Link(**of, **up, reference=f"{name}-001", designation="Fibre FTTO 100M"))
        if n % 4 == 0:
            backup = {"role": LinkRole.BACKUP, "designation": "Liaison 4G 50M"}
            session.add(Link(**of, **up, reference=f"{name}-002", **backup))
    session.flush()


def change(
    host: Host, name: str, reason: Reason, state: State = State.DOWN, count: int = 5
) -> None:
    """Give some sites of a customer, spread over the list, another state."""
    with Session(host.engine) as session:
        sites = (
            sa.select(Site.id).join(Company, Company.id == Site.company_id)
            .where(Company.name.startswith(f"{name} ")).order_by(Site.id)
        )  # fmt: skip
        every = session.scalars(sites).all()
        ids = every[1 :: len(every) // count][:count]  # 1: they have no backup
        new = {"state": state, "reason": reason, "since": NOW}
        session.execute(
            sa.update(Link).where(Link.site_id.in_(ids), Link.role == LinkRole.MAIN).values(**new)
        )
        session.execute(sa.update(Service).where(Service.site_id.in_(ids)).values(**new))
        session.commit()


def median(call: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return the median processor time of a call in milliseconds: other work does not count."""
    times = []
    for _round in range(rounds):
        start = time.thread_time()
        call()
        times.append((time.thread_time() - start) * 1000)
    return statistics.median(times)


def first_paint(host: Host, who: str, budget: float) -> list[Figure]:
    """Measure the whole page, with nothing kept and with what the last visit left."""

    def cold() -> None:
        host.kept = type(host.kept)()
        with context_of(host, f"{who}@bench.example") as ctx:
            services_page(ctx)

    def warm() -> None:
        with context_of(host, f"{who}@bench.example") as ctx:
            services_page(ctx)

    return [
        Figure("first paint, nothing kept", median(cold, 5), "ms", budget),
        Figure("first paint, warm", median(warm, 10), "ms", budget),
    ]


def ticks(host: Host, app: Flask, who: str, sort: str, budget: bool) -> list[Figure]:
    """Measure a tick that brings nothing, and one after five changes, on a page in some order."""
    search = f"?tri={sort}" if sort else ""
    customer = who if who != "staff" else "large"
    client = sign_in(app, f"{who}@bench.example")
    quiet, busy, moved, sizes, moves = [], [], [], [0.0], [0.0]
    for n in range(ROUNDS):
        times = {}
        for what, reason, state in (
            ("moved", Reason.INTERFACE_DOWN, State.DOWN),
            ("in place", Reason.ADMIN_DOWN, State.DOWN),
            ("moved back", Reason.NONE, State.UP),
        ):
            with context_of(host, f"{who}@bench.example") as ctx:
                held = Listing.of(ctx, Asked.of_search(search))
                before = held.version(), held.row_ids()
                quiet.append(median(lambda: _tick(ctx, search, before), 1))  # noqa: B023 - called now
            change(host, customer, reason, state)
            with context_of(host, f"{who}@bench.example") as ctx:
                times[what] = median(lambda: _tick(ctx, search, before), 1)  # noqa: B023 - called now
            if n < 3:
                (sizes if what == "in place" else moves).append(_bytes(client, search, *before))
        busy.append(times["in place"])
        moved += [times["moved"], times["moved back"]]
    with context_of(host, f"{who}@bench.example") as ctx:
        held = Listing.of(ctx, Asked.of_search(search))
    quiet_bytes = _bytes(client, search, held.version(), held.row_ids())
    order = f"order « {sort or 'worst first'} »"
    one = 1 if budget else None
    # By site the five are on other pages; the worst first, all of them are on the page.
    return [
        Figure(f"tick, nothing changed, {order}", statistics.median(quiet), "ms", goal=one),
        Figure(f"tick, 5 changed in place, {order}", statistics.median(busy), "ms", goal=one),
        Figure(f"tick, 5 broken or repaired, {order}", statistics.median(moved), "ms", goal=one),
        Figure(f"tick, nothing changed, {order}", quiet_bytes, "bytes", 60),
        Figure(f"tick, 5 changed in place, {order}", max(sizes), "bytes", 300),
        Figure(f"tick, 5 broken or repaired, {order}", max(moves), "bytes", 800, 300),
    ]


def _tick(ctx: Any, search: str, held: tuple[str, list[int]]) -> None:
    with suppress(PreventUpdate):
        refresh_list(ctx, search, 1, *held)


def _bytes(client: FlaskClient, search: str, version: str, rows: list[int]) -> int:
    """Return how many bytes the answer to a tick is."""
    names = ("table", "legend", "fresh", "size", "export")
    body = {
        "output": LIST,
        "outputs": [
            *({"id": f"supervision-{name}", "property": "children"} for name in names),
            {"id": "supervision-rows", "property": "data"},
            {"id": "supervision-version", "property": "data"},
        ],
        "inputs": [
            {"id": "host-url", "property": "search", "value": search},
            {"id": "supervision-tick", "property": "n_intervals", "value": 2},
        ],
        "state": [
            {"id": "supervision-version", "property": "data", "value": version},
            {"id": "supervision-rows", "property": "data", "value": rows},
        ],
        "changedPropIds": ["supervision-tick.n_intervals"],
    }
    headers = {**SAME_SITE, "Accept-Encoding": "zstd, gzip", packing.ASKED: packing.NAME}
    reply = client.post("/_dash-update-component", json=body, headers=headers)
    if reply.status_code not in (200, 204):
        raise SystemExit(f"a tick answers {reply.status_code}")
    return len(reply.get_data())


def main() -> int:
    figures: list[Figure] = []
    clock.now = lambda: NOW  # the measures stay as fresh as they are

    def tell(title: str, found: list[Figure]) -> None:
        print(f"-- {title}")
        for figure in found:
            print(f"{figure}{'' if figure.fits else '  OVER'}")
        figures.extend(found)

    with tempfile.TemporaryDirectory() as folder:
        alone = installation(Path(folder) / "alone", [("small", 100)])
        tell("a customer of 100 sites, alone", first_paint(alone, "small", 50))
        host = installation(
            Path(folder) / "full", [("small", 100), ("middle", 1_000), ("large", 9_000)]
        )
        app = create_app(host)
        tell("the same, beside 10,000 sites of others", first_paint(host, "small", 50))
        tell("a customer of 1,000 sites", first_paint(host, "middle", 300))
        for sort in ("", "site"):
            tell("a customer of 1,000 sites", ticks(host, app, "middle", sort, budget=True))
        tell("the staff, 10,100 sites", first_paint(host, "staff", 300))
        tell("the staff, 10,100 sites", ticks(host, app, "staff", "", budget=False))
    return 0 if all(figure.fits for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
