"""The seed's own orders and subscriptions, as its back office would give them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.access import Reach
from core.accounts import create_account
from core.db import Customer
from core.host import Host
from core.imports.runs import Imports
from core.testing.world import NOW, PASSWORD

DATA = Path(__file__).parent / "data"
CAPEL = "capel@capel.example"
SITES = (
    "Capel Cajarc Gamme Vert",
    "Capel La Vie En Vert Saint Germain Les Vergnes",
    "Capel Livernon Gamme Vert",
    "Coeur De Reseau",
)

Bring = Callable[..., Any]


def bring_in(host: Host, dataset: str, path: Path, **options: Any) -> Any:
    """Bring a file in, as ``balise import`` does; return what was checked."""
    imports = Imports(host)
    run = imports.receive(dataset, path.name, path.stat().st_size, "system", **options)
    imports.check(run, path, imports.examine(run, path).mapping)
    return imports.apply(run, allow_closing=True)


def bring_seed(host: Host, folder: Path) -> None:
    """Bring in the seed's customer, its sites, its five order lines and its subscriptions."""
    company = "CAPEL LA QUERCYNOISE"
    files = {
        "clients": ["N° client;Nom du client", f"C7278;{company}"],
        "societes": ["N° client;Société", f"C7278;{company}"],
        "sites": ["N° client;Société;Site", *(f"C7278;{company};{site}" for site in SITES)],
    }
    for dataset, lines in files.items():
        path = folder / f"seed-{dataset}.csv"
        path.write_text("\n".join(lines))
        bring_in(host, dataset, path)
    for dataset, name in (
        ("codes-production", "codes.csv"),
        ("commandes", "commandes.csv"),
        ("abonnements", "abonnements.csv"),
    ):
        found = bring_in(host, dataset, DATA / name)
        assert not found.counts.get("rejected"), found.counts
    with Session(host.engine) as session:
        customer = session.query(Customer).filter(Customer.number == "C7278").one()
        create_account(
            session, email=CAPEL, name="GRUFFEILLE JEAN LUC", password=PASSWORD,
            permissions=list(host.registry.permissions()), now=NOW, admin=True,
            scope=[(Reach.CUSTOMER, customer.id)], customer_id=customer.id,
        )  # fmt: skip
        session.commit()


@pytest.fixture
def bring(host: Host, tmp_path: Path) -> Bring:
    """``bring("commandes", "CLSS;…", "C7278-…")``: the lines of a file brought in."""
    number = 0

    def do(dataset: str, *lines: str) -> Any:
        nonlocal number
        number += 1
        path = tmp_path / f"{dataset}-{number}.csv"
        path.write_text("\n".join(lines))
        return bring_in(host, dataset, path)

    return do


@pytest.fixture
def seed(host: Host, tmp_path: Path) -> Host:
    """An installation that holds the seed, and its one account."""
    bring_seed(host, tmp_path)
    return host
