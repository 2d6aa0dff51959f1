"""Speed of « Suivi des commandes » and « Abonnements » at 20,000 lines of each for one customer.

Each answer is asked as the browser asks for it: components included, as JSON. Beside it the same
rows through ``sqlite3`` alone, in the same run. Exits 1 when a budget is passed.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from dash._utils import to_json

from core import clock, migrate, secrets
from core.config import load
from core.host import Host
from core.testing.context import context_of
from core.testing.world import NOW
from plugins.commandes.callbacks import refresh_orders
from plugins.commandes.pages import orders
from plugins.commandes.tests.crowd import MANY, fill
from plugins.commandes.tree_callbacks import refresh_tree
from plugins.commandes.tree_pages import subscriptions

# A script finds what lies beside it; the other scripts are of the package of all tests.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.performance.bench_services import Figure, median  # see above

SITES, EACH = 4_000, 5
PAGE_MS, EXPAND_MS, SEARCH_MS = 100, 60, 150

PAGE = """
select l.reference, c.name, s.name, l.article, l.contract, l.wanted, l.router, l.link, l.state,
       l.code, l.production_label
from commandes_line l join site s on s.id = l.site_id join company c on c.id = l.company_id
where l.company_id = 1 and l.closed is null order by l.contract desc, s.name limit 15
"""
COUNTS = "select state, count(*) from commandes_line where company_id = 1 group by state"
FIND = COUNTS.replace("group by", "and words like '%m03999%' group by")
TREE = "select site_id, count(*) from commandes_subscription where company_id = 1 group by site_id"


def installation(folder: Path) -> Host:
    """Return an installation of its own with the customer."""
    folder.mkdir()
    secrets.make_key(folder)
    host = Host(load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))
    migrate.upgrade_every(host.engine, host.registry)
    fill(host, SITES, EACH)
    return host


def answered(call: Callable[[], Any]) -> Any:
    """Return an answer as the browser gets it."""
    return to_json(call())


def figures(host: Host) -> list[Figure]:
    """Measure the pages, their search, and the opening of nodes."""
    with context_of(host, MANY, now=NOW) as ctx:
        asked: dict[str, tuple[Callable[[], Any], int]] = {
            "orders, first page": (partial(orders, ctx), PAGE_MS),
            "subscriptions, first page": (partial(subscriptions, ctx), PAGE_MS),
        }
        for name, search, budget in (
            ("orders, a word", "?q=m03999", SEARCH_MS),
            ("orders, a site", "?q=severac+n3999x", SEARCH_MS),
            ("orders, a state and dates", "?etat=INSTALLEE&du=2026-03-01&au=2026-09-01", SEARCH_MS),
            ("orders, by client, page 900", "?tri=client&page=900", SEARCH_MS),
        ):
            asked[name] = (partial(refresh_orders, ctx, search, None, None), budget)
        for name, search, budget in (
            ("subscriptions, expand a site", "?ouvert=7", EXPAND_MS),
            ("subscriptions, expand a technology", "?vue=technologies&ouvert=SDSL", EXPAND_MS),
            ("subscriptions, expand all", "?ouvert=tout", EXPAND_MS),
            ("subscriptions, all, page 500", "?ouvert=tout&page=500", EXPAND_MS),
            ("subscriptions, a word", "?q=m03999", SEARCH_MS),
            ("subscriptions, a site", "?q=severac+n3999x", SEARCH_MS),
        ):
            call = partial(refresh_tree, ctx, search, None, None, None, None)
            asked[name] = (call, budget)
        return [
            Figure(name, median(partial(answered, call)), "ms", budget)
            for name, (call, budget) in asked.items()
        ]


def reference(host: Host) -> dict[str, float]:
    """Return milliseconds of the same rows through sqlite3 alone."""
    with sqlite3.connect(Path(host.config.data) / "balise.db") as own:
        queries = {"page": (PAGE, COUNTS), "search": (FIND,), "tree": (TREE,)}

        def ask(statements: tuple[str, ...]) -> None:
            for statement in statements:
                own.execute(statement).fetchall()

        return {name: median(partial(ask, some)) for name, some in queries.items()}


def main() -> int:
    clock.now = lambda: NOW
    with tempfile.TemporaryDirectory() as folder:
        host = installation(Path(folder) / "all")
        print(f"{SITES * EACH} order lines and subscriptions on {SITES} sites of one customer")
        found = figures(host)
        alone = reference(host)
        for figure in found:
            what = "tree" if figure.what.startswith("sub") else "page"
            ratio = figure.value / alone[what]
            print(f"{figure}, {ratio:.1f} × sqlite3{'' if figure.fits else '  OVER'}")
        for name, taken in alone.items():
            print(f"sqlite3 alone, {name}: {taken:.1f} ms")
    return int(not all(figure.fits for figure in found))


if __name__ == "__main__":
    sys.exit(main())
