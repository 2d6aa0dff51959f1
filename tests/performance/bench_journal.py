"""Speed of « Journal » with a million lines: its pages, its searches, what a line costs.

Each page is asked as the browser asks for it: components included, as JSON. Beside it the same
rows through ``sqlite3`` alone, in the same run; a line beside a bare insert. Exits 1 when a budget
is passed.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from dash._utils import to_json

from core import audit, audit_verify, clock, migrate, secrets
from core.config import load
from core.host import Host
from core.testing import world
from core.testing.context import context_of
from core.testing.world import NOW
from plugins.administration.journal_pages import refresh

# A script finds what lies beside it; the other scripts are of the package of all tests.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.performance.bench_services import Figure, median  # see above

LINES, PAGE_MS, LINE_FACTOR = 1_000_000, 100, 12
ACTIONS = ("sign-in", "exported", "ticket.opened", "contact.changed", "viewed")
ROWS = "select * from audit_entry order by id desc limit 25"
COUNT = "select count(*) from (select 1 from audit_entry limit 10000)"


def fill(host: Host, count: int) -> None:
    """Write lines by the thousand, in one chain: what one by one would leave."""
    with host.engine.begin() as connection:
        for n in range(count):
            audit.note(
                connection, now=NOW - timedelta(seconds=(count - n) * 30),
                actor=f"user{n % 5000}@client{n % 200}.example",
                action="refused" if n % 100 == 0 else ACTIONS[n % 5],
                target=f"objet {n % 90_000} de la liste", address="192.0.2.1",
                reference=f"{n:08x}", customer_id=n % 200 or None, acting=n % 5000 == 1,
                before={"name": "avant"}, after={"name": "après"},
            )  # fmt: skip


def pages(host: Host) -> list[Figure]:
    """Measure the page and its searches."""
    found: list[Figure] = []
    day = f"{NOW - timedelta(days=100):%Y-%m-%d}"
    for who, searches in {
        "staff@operator.example": (
            "", "?page=400", "?qui=user4999", "?objet=objet+777", "?objet=nothing+of+it",
            "?action=contact.changed", "?vue=refus", "?vue=agir", "?client=7",
            f"?du={day}&au={day}", f"?du={day}&objet=rien", "?ligne=500000",
        ),
        "admin@a.example": ("", "?qui=user1", "?objet=nothing+of+it", "?vue=agir"),
    }.items():  # fmt: skip
        with context_of(host, who, now=NOW) as ctx:
            for search in searches:
                call = partial(answered, partial(refresh, ctx, search))
                name = f"{who.partition('@')[0]} {search or '(all)'}"
                found.append(Figure(name, median(call), "ms", PAGE_MS))
    return found


def answered(call: Callable[[], Any]) -> Any:
    """Return an answer as the browser gets it."""
    return to_json(call())


def line(host: Host) -> None:
    audit.write(
        host.engine, now=NOW, actor="a@a.example", action="viewed", target="t", customer_id=1
    )


def main() -> int:
    clock.now = lambda: NOW
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        secrets.make_key(folder)
        host = Host(load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))
        migrate.upgrade_every(host.engine, host.registry)
        world.fill(host)
        start = time.perf_counter()
        fill(host, count)
        print(f"{count} lines in {time.perf_counter() - start:.0f} s")
        with sqlite3.connect(folder / "balise.db") as own:
            alone = median(lambda: [own.execute(s).fetchall() for s in (ROWS, COUNT)])
            own.execute("create table bare (at text, actor text, action text, target text)")

            def bare() -> None:
                own.execute("insert into bare values ('2026', 'a@a.example', 'viewed', 't')")
                own.commit()

            inserted = median(bare)
        found = pages(host)
        for figure in found:
            print(
                f"{figure}, {figure.value / alone:.1f} × sqlite3{'' if figure.fits else '  OVER'}"
            )
        took = Figure("a line", median(partial(line, host)), "ms", inserted * LINE_FACTOR)
        print(f"{took}, {took.value / inserted:.1f} × a bare insert{'' if took.fits else '  OVER'}")
        start = time.perf_counter()
        whole = audit_verify.verify(host.engine)
        spent = time.perf_counter() - start
        print(f"verify: {spent:.0f} s, {whole.lines / spent:.0f} lines a second, ok: {whole.ok}")
        size = (folder / "balise.db").stat().st_size
        print(f"database: {size / 1e6:.0f} MB, {size / count:.0f} octets a line with its indexes")
    return int(not (whole.ok and all(figure.fits for figure in (*found, took))))


if __name__ == "__main__":
    sys.exit(main())
