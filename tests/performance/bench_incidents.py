"""Speed of « Incidents » with 200,000 tickets of one customer, and of the sheet of commitments of
1,000 links for a year.

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
from plugins.incidents.callbacks import refresh_tickets
from plugins.incidents.pages import tickets
from plugins.incidents.sla_pages import sheet
from plugins.incidents.tests.crowd import MANY, fill

# A script finds what lies beside it; the other scripts are of the package of all tests.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.performance.bench_services import Figure, median  # see above

LINKS, TICKETS = 1_000, 200_000
PAGE_MS, SEARCH_MS, SHEET_MS = 100, 100, 3_000

PAGE = """
select t.number, s.name, l.reference from incidents_ticket t join site s on s.id = t.site_id
join link l on l.id = t.link_id where t.company_id = 1 order by t.opened desc limit 15
"""
COUNTS = "select status, count(*) from incidents_ticket where company_id = 1 group by status"
FIND = COUNTS.replace("group by", "and words like '%agence 00123%' group by")
YEAR = (
    "select * from incidents_ticket where company_id = 1 and resolved > datetime('now', '-1 year')"
)


def installation(folder: Path) -> Host:
    """Return an installation of its own with the customer."""
    folder.mkdir()
    secrets.make_key(folder)
    host = Host(load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))
    migrate.upgrade_every(host.engine, host.registry)
    fill(host, LINKS, TICKETS)
    return host


def answered(call: Callable[[], Any]) -> Any:
    """Return an answer as the browser gets it."""
    return to_json(call())


def figures(host: Host) -> list[tuple[Figure, str]]:
    """Measure the list, its searches, the sheet; each with the reference it is compared to."""
    with context_of(host, MANY, now=NOW) as ctx:
        found: list[tuple[str, Callable[[], Any], int, str]] = [
            ("tickets, first page", partial(tickets, ctx), PAGE_MS, "page")
        ]
        for name, search in (
            ("tickets, all", "?etat=tous"),
            ("tickets, all, page 900", "?etat=tous&page=900"),
            ("tickets, a site in words", "?etat=tous&q=agence+00123"),
            ("tickets, a number", "?etat=tous&q=1123456"),
            ("tickets, closed and critical", "?etat=clos&gravite=1"),
            ("tickets, one link", "?etat=tous&link=M00123-001"),
            ("tickets, by severity", "?etat=tous&tri=gravite"),
        ):
            call = partial(refresh_tickets, ctx, search, None, None)
            what = "search" if "q=" in search else "page"
            found.append((name, call, SEARCH_MS, what))
        year = f"{NOW.year - 1}-06"
        for name, query in (("a month", {}), ("a year", {"annee": "oui"})):
            asked = partial(sheet, ctx, {"mois": year, **query})
            found.append((f"sheet, {name}", asked, SHEET_MS, "year"))
        return [
            (Figure(name, median(partial(answered, call)), "ms", budget), what)
            for name, call, budget, what in found
        ]


def reference(host: Host) -> dict[str, float]:
    """Return milliseconds of the same rows through sqlite3 alone."""
    with sqlite3.connect(Path(host.config.data) / "balise.db") as own:
        queries = {"page": (PAGE, COUNTS), "search": (FIND,), "year": (YEAR,)}

        def ask(statements: tuple[str, ...]) -> None:
            for statement in statements:
                own.execute(statement).fetchall()

        return {name: median(partial(ask, some)) for name, some in queries.items()}


def main() -> int:
    clock.now = lambda: NOW
    with tempfile.TemporaryDirectory() as folder:
        host = installation(Path(folder) / "all")
        print(f"{TICKETS} tickets on {LINKS} links of one customer")
        found = figures(host)
        alone = reference(host)
        for figure, what in found:
            ratio = figure.value / alone[what]
            print(f"{figure}, {ratio:.1f} × sqlite3{'' if figure.fits else '  OVER'}")
        for name, taken in alone.items():
            print(f"sqlite3 alone, {name}: {taken:.1f} ms")
    return int(not all(figure.fits for figure, _what in found))


if __name__ == "__main__":
    sys.exit(main())
