"""Invoices: a month page among 100,000, the file of 500 PDFs, an import of PDFs.

Prints each figure with its budget, and as a ratio to plain sqlite3, or to plain copying, measured
in the same run. The import is of ``IMPORTED`` PDFs, and what 10,000 would take is told from that;
with ``--whole`` 10,000 are made and imported, which takes a quarter of an hour.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
import tracemalloc
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock
from core.access import Reach
from core.accounts import create_account
from core.db import Company, Customer
from core.host import Host
from core.imports.runs import Imports
from core.testing.context import context_of
from core.testing.world import NOW, PASSWORD
from plugins.factures.binding import bound
from plugins.factures.callbacks import refresh
from plugins.factures.demo_paper import paper
from plugins.factures.models import Invoice, Kind
from plugins.factures.pages import invoices
from plugins.factures.tests.world import bill_of

# A script finds what lies beside it; the other scripts are of the package of all tests.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.performance.bench_commandes import answered  # see above
from tests.performance.bench_services import Figure, median  # see above

INVOICES, COMPANIES, MONTHS = 100_000, 20, 60
BOUND, FEW, IMPORTED, WHOLE = 500, 20, 400, 10_000
PAGE_MS, BOUND_S, IMPORT_S = 60, 20, 300
MANY = "many@many.example"
MONTH = """
select i.number, c.name, i.issued, i.gross from factures_invoice i join company c
on c.id = i.company_id where i.month = 202610 order by i.number limit 20
"""
COUNTS = "select month, count(*) from factures_invoice group by month"


def installation(folder: Path) -> Host:
    """Return an installation of its own, with a customer of many companies and invoices."""
    from core import migrate, secrets
    from core.config import load

    folder.mkdir()
    secrets.make_key(folder)
    host = Host(load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))
    migrate.upgrade_every(host.engine, host.registry)
    with Session(host.engine) as session:
        customer = Customer(number="MANY", name="Beaucoup")
        customer.companies = [Company(name=f"Beaucoup {n:02}") for n in range(COMPANIES)]
        session.add(customer)
        session.flush()
        companies = [one.id for one in customer.companies]
        session.execute(sa.insert(Invoice), [_row(companies, n) for n in range(INVOICES)])
        create_account(
            session, email=MANY, name="Many", password=PASSWORD, now=NOW, customer_id=customer.id,
            permissions=["factures:read"], scope=[(Reach.CUSTOMER, customer.id)],
        )  # fmt: skip
        session.commit()
    return host


def _row(companies: list[int], n: int) -> dict[str, object]:
    back = n % MONTHS
    year, month = divmod(2026 * 12 + 9 - back, 12)
    day = NOW.date().replace(year=year, month=month + 1, day=2)
    return {
        "company_id": companies[n // MONTHS % COMPANIES], "number": f"FA{n:08}", "issued": day,
        "kind": Kind.CREDIT if n % 50 == 0 else Kind.INVOICE, "month": year * 100 + month + 1,
        "due": day, "published": day, "currency": "EUR", "net": 10_000 + n, "vat": 2_000,
        "gross": 12_000 + n, "payable": 12_000 + n, "vat_lines": [], "file_key": "0" * 64,
        "file_name": "x.pdf", "octets": 40_000, "pages": 1, "details": n % 3, "told": NOW,
    }  # fmt: skip


def pages(host: Host) -> list[Figure]:
    with context_of(host, MANY) as ctx:
        asked = {
            "month page": partial(invoices, ctx),
            "a month alone, page 40": partial(refresh, ctx, "?mois=2026-09&page=40", None),
            "a company": partial(refresh, ctx, "?societe=3", None),
            "a number": partial(refresh, ctx, "?q=00099421", None),
            "an amount": partial(refresh, ctx, "?min=500,00&max=510", None),
        }
        return [
            Figure(name, median(partial(answered, call)), "ms", PAGE_MS if not place else 150)
            for place, (name, call) in enumerate(asked.items())
        ]


def binding() -> tuple[Figure, float, float]:
    """Return the time of the file of a month, what writing its octets takes, its memory in MB."""
    bodies = [paper(bill_of(f"FA{n:05}", f"Société {n % 9}")) for n in range(40)]
    given = ((f"FA{n}", bodies[n % len(bodies)]) for n in range(BOUND))
    started = time.perf_counter()
    size = sum(len(piece) for piece in bound(given, "Factures"))
    taken = time.perf_counter() - started
    tracemalloc.start()
    for _piece in bound(((str(n), bodies[n % 40]) for n in range(100)), "Factures"):
        pass
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    started = time.perf_counter()
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * size)
    return Figure(f"{BOUND} PDFs as one", taken, "s", BOUND_S), time.perf_counter() - started, peak


def importing(host: Host, folder: Path, *, whole: bool) -> Figure:
    """Return what an import of 10,000 PDFs takes by the clock; or, by the processor, would take:
    what one takes, told from two imports, and once what comparing with those that stand takes.
    """
    if whole:
        taken, clock_ = _imported(host, folder / "whole", WHOLE)
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        print(f"{WHOLE} PDFs: {taken:.0f} s of processor; load averages after it {load}")
        return Figure(f"{WHOLE} PDFs imported (clock)", clock_, "s", IMPORT_S)
    few, many = (_imported(host, folder / str(count), count)[0] for count in (FEW, IMPORTED))
    each = (many - few) / (IMPORTED - FEW)
    once = few - FEW * each
    print(f"{IMPORTED} PDFs imported in {many:.1f} s: {1000 * each:.1f} ms each, {once:.1f} s once")
    what = f"{WHOLE} PDFs imported (processor, extrapolated)"
    return Figure(what, once + each * WHOLE, "s", IMPORT_S)


def _imported(host: Host, folder: Path, count: int) -> tuple[float, float]:
    """Return the seconds that an import of so many PDFs takes: of processor, by the clock."""
    folder.mkdir(parents=True)
    for n in range(count):
        number = f"N{count}-{n:05}"
        (folder / f"{n}.pdf").write_bytes(paper(bill_of(number, "Beaucoup 01")))
    imports = Imports(host)
    started, began = time.process_time(), time.perf_counter()
    run = imports.receive("factures", "envoi", 0, "system")
    table = imports.gather(run, [folder])
    imports.check(run, table, imports.examine(run, table).mapping)
    done = imports.apply(run)
    assert done.counts["new"] == count, done.counts
    return time.process_time() - started, time.perf_counter() - began


def main() -> int:
    clock.now = lambda: NOW
    with tempfile.TemporaryDirectory() as folder:
        host = installation(Path(folder) / "all")
        print(f"{INVOICES} invoices of {COMPANIES} companies, {MONTHS} months")
        found = pages(host)
        with sqlite3.connect(Path(host.config.data) / "balise.db") as own:

            def ask() -> None:
                for statement in (MONTH, COUNTS):
                    own.execute(statement).fetchall()

            alone = median(ask)
        for figure in found:
            print(
                f"{figure}, {figure.value / alone:.1f} × sqlite3{'' if figure.fits else '  OVER'}"
            )
        one, copied, peak = binding()
        print(f"{one}, {one.value / max(copied, 1e-4):.0f} × writing as much, {peak:.1f} MB held")
        whole = importing(host, Path(folder) / "envoi", whole="--whole" in sys.argv)
        print(f"{whole}{'' if whole.fits else '  OVER'}")
    return int(not all(figure.fits for figure in (*found, one, whole)))


if __name__ == "__main__":
    sys.exit(main())
