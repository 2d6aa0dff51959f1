"""Imports of 50,000 rows, exports of 100,000: time and memory; csv and sqlite3 alone beside.

Links of 12 columns on 5,000 sites, brought in by ``balise import`` itself: new, all the same, one
in ten changed; as CSV, as XLSX. Each is a process of its own, so that the memory told is its.
Exits 1 when a limit is passed.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from core import config, migrate, secrets
from core.host import Host

ROWS, SITES, EXPORTED = 50_000, 5_000, 100_000
IMPORT_S, IMPORT_MB, EXPORT_S, GROWN_MB = 30.0, 150.0, 10.0, 24.0
HEADS = (
    "N° de référence (CLS)", "N° client", "Société", "Site", "Désignation", "Type liaison",
    "Liaison principale", "Routeur", "Interface", "Index d'interface", "Débit entrant (bit/s)",
    "Débit sortant (bit/s)",
)  # fmt: skip
EXPORT = """
import resource, sys, time
from pathlib import Path
from core import config
from core.access import Scope
from core.db_bulk import BulkDb
from core.exports import KINDS
from core.host import Host
from core.imports.loading import Loading
from core.imports.report import sheet_of
from core import clock
host = Host(config.load(Path(sys.argv[1]) / "config.yaml"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began, octets = time.perf_counter(), 0
with host.engine.connect() as connection:
    db = BulkDb(connection, Scope(0, every=True))
    loading = Loading(db, clock.now(), clock.zone(None, "UTC"))
    for piece in KINDS[sys.argv[2]][1](sheet_of(host.registry.datasets()[sys.argv[3]], loading)):
        octets += len(piece)
spent = time.perf_counter() - began
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(spent, octets, before / 1024, after / 1024)
"""


def lines(changed: int = 0) -> Iterator[list[str]]:
    """Yield the rows of the file; one in ``changed`` with another designation."""
    for n in range(ROWS):
        other = changed and n % changed == 0
        yield [
            f"C7278-{n:05}-001", "C7278", "Mobilier Hexagone", f"Magasin {n % SITES:04}",
            f"Fibre FTTO {100 + n % 9} Mbit/s{' Plus' if other else ''}", "Principale", "", "",
            f"GigabitEthernet0/{n % 4}", "", "100000000", "100000000",
        ]  # fmt: skip


def write_csv(path: Path, heads: Any, rows: Any) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(heads)
        out.writerows(rows)
    return path


def write_xlsx(path: Path, heads: Any, rows: Any) -> Path:
    with Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate([heads, *rows]):
            page.write_row(number, 0, row)
    return path


def balise(folder: Path, *arguments: object) -> tuple[float, float, dict[str, Any]]:
    """Run « balise import »; return seconds, mebioctets at most, what it told."""
    command = [sys.executable, "-m", "core.cli", "--config", folder / "config.yaml", "import"]
    began = time.perf_counter()
    done = subprocess.Popen(
        [str(part) for part in (*command, *arguments, "--json")], stdout=subprocess.PIPE, text=True
    )
    assert done.stdout
    said = done.stdout.read()
    _pid, status, used = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    spent = time.perf_counter() - began
    assert done.returncode == 0, said
    return spent, used.ru_maxrss / 1024, json.loads(said)


def reference(path: Path, folder: Path) -> tuple[float, float]:
    """Return the seconds that csv and sqlite3 alone take: the file into a table, and back."""
    began = time.perf_counter()
    store = sqlite3.connect(folder / "reference.db")
    store.execute(
        f"create table link (id integer primary key, {', '.join(f'c{n}' for n in range(12))})"
    )
    store.execute("create unique index reference on link (c0)")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        next(rows)
        query = f"insert into link values (null, {', '.join('?' * 12)})"
        store.executemany(query, rows)
    store.commit()
    read = time.perf_counter() - began
    began = time.perf_counter()
    found = store.execute("select * from link")
    with (folder / "back.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(found)
    return read, time.perf_counter() - began


def export(folder: Path, kind: str, name: str) -> tuple[float, float, float]:
    done = subprocess.run(
        [sys.executable, "-c", EXPORT, str(folder), kind, name],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    spent, octets, before, after = (float(part) for part in done.stdout.split())
    return spent, octets / 1e6, after - before


def main() -> int:
    over = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "config.yaml").write_text("storage: {data: .}\n")
        secrets.make_key(folder)
        host = Host(config.load(folder / "config.yaml"))
        for line in migrate.lines(host.registry):
            migrate.upgrade(host.engine, line)
        host.engine.dispose()
        write_csv(folder / "c.csv", ("N° client", "Nom du client"), [("C7278", "Hexagone")])
        write_csv(folder / "s.csv", ("N° client", "Société"), [("C7278", "Mobilier Hexagone")])
        sites = [("C7278", "Mobilier Hexagone", f"Magasin {n:04}") for n in range(SITES)]
        write_csv(folder / "p.csv", ("N° client", "Société", "Site"), sites)
        for name, file in (("clients", "c"), ("societes", "s"), ("sites", "p")):
            _spent, _size, told = balise(folder, name, folder / f"{file}.csv")
        small = balise(folder, "clients", folder / "c.csv")[1]
        print(f"balise import of one row: {small:.0f} MB (what the command itself takes)")
        files = {
            "new": write_csv(folder / "new.csv", HEADS, lines()),
            "same": folder / "new.csv",
            "one in ten changed": write_csv(folder / "changed.csv", HEADS, lines(10)),
            "same, XLSX": write_xlsx(folder / "changed.xlsx", HEADS, lines(10)),
        }
        read, back = reference(files["new"], folder)
        print(f"reference: csv and sqlite3 read {ROWS:,} rows in {read:.2f} s, write {back:.2f} s")
        for name, path in files.items():
            spent, size, told = balise(folder, "liaisons", path)
            counts = {k: n for k, n in told["counts"].items() if n and k != "rows"}
            print(
                f"{ROWS:,} links, {name}: {spent:.1f} s ({spent / read:.0f} x the reference), "
                f"{size:.0f} MB; {counts}"
            )
            if spent > IMPORT_S or size > IMPORT_MB:
                over.append(name)
        more = [("C7278", "Mobilier Hexagone", f"Magasin {n:06}") for n in range(EXPORTED)]
        write_csv(folder / "more.csv", ("N° client", "Société", "Site"), more)
        for name, kind in (("sites", "csv"), ("sites", "xlsx")):
            few = export(folder, kind, name)
            print(f"{SITES:,} sites as {kind}: {few[0]:.2f} s, {few[1]:.1f} MB, + {few[2]:.0f} MB")
        balise(folder, "sites", folder / "more.csv", "--partial")
        for kind in ("csv", "rfc4180.csv", "xlsx"):
            spent, size, grown = export(folder, kind, "sites")
            count = EXPORTED + SITES
            ratio = spent / (back * count / ROWS)
            print(
                f"{count:,} sites as {kind}: {spent:.1f} s ({ratio:.0f} x the reference), "
                f"{size:.1f} MB, memory + {grown:.0f} MB"
            )
            if spent > EXPORT_S or grown > GROWN_MB:
                over.append(kind)
    print(f"this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print("over the limit: " + ", ".join(over) if over else "within limits")
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main())
