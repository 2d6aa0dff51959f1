"""Monthly reports of 1,000 links: time, octets, memory; ``rrdtool graph`` beside: ``make bench``.

March 2026 in five-minute slots, filled as ``bench_metrics.py`` does; a tenth of the links have five
classes of service, of one day. Each report is made by a process of its own, as the worker makes it,
so that the memory told is its. Exits 1 when a limit is passed.
"""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
import tempfile
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from core import config, migrate, secrets
from core.access import Reach
from core.accounts import create_account
from core.db import Company, Customer
from core.host import Host
from core.job_run import Run, brand_of
from core.network.inventory import Link, LinkRole, Service, Site
from core.network.measured import Direction, TrafficClass
from core.network.metrics import ClassSample
from core.testing.context import context_of
from core.testing.world import PASSWORD

METRICS = runpy.run_path(str(Path(__file__).with_name("bench_metrics.py")))
END, fill, rrdtool = (METRICS[name] for name in ("END", "fill", "rrdtool"))
FEW, MANY, MONTH, DAYS = 100, 1_000, "2026-03", 35
CSV_S, XLSX_S, ZIP_S, ZIP_MB, GROWN_MB = 2.0, 4.0, 20.0, 25.0, 24.0
NOW = datetime.fromtimestamp(END, UTC)


def opened(folder: Path) -> Host:
    return Host(config.load(folder / "config.yaml", {"BALISE_STORAGE_DATA": str(folder)}))


def inventory(host: Host) -> list[int]:
    """Write a customer of ``MANY`` links, ``FEW`` of them in a company of their own; class ids."""
    with Session(host.engine) as session:
        customer = Customer(number="1", name="Mobilier Hexagone")
        session.add(customer)
        session.flush()
        companies = [Company(customer_id=customer.id, name=f"Société {n}") for n in range(2)]
        session.add_all(companies)
        session.flush()
        classes: list[TrafficClass] = []
        for n in range(1, MANY + 1):
            of = {"company_id": companies[n > FEW].id}
            site = Site(**of, name=f"Magasin de Saint-Étienne n° {n}", commune="Saint-Étienne")
            session.add(site)
            session.flush()
            of["site_id"] = site.id
            service = Service(**of)
            session.add(service)
            session.flush()
            sold = {"contract_in_bps": 100_000_000, "contract_out_bps": 100_000_000}
            link = Link(
                **of, **sold, id=n, reference=f"C7278-{n:05}-001", designation="Fibre FTTO 100M",
                role=LinkRole.MAIN, service_id=service.id,
            )  # fmt: skip
            session.add(link)
            session.flush()
            if n % 10 == 0:
                classes += [
                    TrafficClass(**of, link_id=n, direction=Direction.OUT, path=f"WAN/{name}",
                                 name=name, seen=NOW)
                    for name in ("VOIX", "VIDEO", "METIER", "DONNEES", "DEFAUT")
                ]  # fmt: skip
        session.add_all(classes)
        for name, reach, target in (
            ("few", Reach.COMPANY, companies[0].id), ("many", Reach.CUSTOMER, customer.id),
        ):  # fmt: skip
            create_account(
                session, email=f"{name}@bench.example", name=name, password=PASSWORD,
                permissions=list(host.registry.permissions()), scope=[(reach, target)], now=NOW,
                customer_id=customer.id,
            )  # fmt: skip
        session.commit()
        return [one.id for one in classes]


def one(folder: Path, who: str, form: str, output: Path) -> None:
    """Make one report and tell how long it took, and the most memory that it needed."""
    host = opened(folder)
    kind = host.registry.job_kinds()["consommations.report"]
    before = most_memory()
    began = time.perf_counter()
    with context_of(host, f"{who}@bench.example", now=NOW) as ctx, output.open("wb") as file:
        kind.function(ctx, Run(file, brand_of(host.config), lambda _: None), month=MONTH, form=form)
    seconds = time.perf_counter() - began
    print(json.dumps([seconds, output.stat().st_size, before, most_memory()]))


def most_memory() -> float:
    """Return the most memory that this process has had, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main() -> int:
    over: list[str] = []

    def limit(name: str, value: float, most: float) -> None:
        if value >= most:
            over.append(f"{name}: {value:.2f}, and the limit is {most:g}")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        secrets.make_key(folder)
        host = opened(folder)
        migrate.upgrade_every(host.engine, host.registry)
        classes = inventory(host)
        taken = fill(host.metrics, range(1, MANY + 1), DAYS, pool=200)
        first = int((NOW - timedelta(days=10)).timestamp())
        host.metrics.record_classes(
            ClassSample(id_, first + 300 * n, 300.0, 1_000_000 + n, 990_000 + n, 10_000, 10)
            for id_ in classes
            for n in range(1, 289)
        )
        print(f"filled   {MANY:,} links × {DAYS} days in {taken:.1f} s")
        peaks: dict[tuple[str, str], float] = {}
        for form, most in (("csv", CSV_S), ("xlsx", XLSX_S), ("zip", ZIP_S)):
            for who, count in (("few", FEW), ("many", MANY)):
                output = folder / f"{who}.{form}"
                command = [sys.executable, __file__, str(folder), who, form, str(output)]
                # The fastest of three: the others tell what else the machine did.
                seconds, octets, before, peak = min(
                    json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
                    for _ in range(3)
                )
                peaks[form, who] = peak
                print(
                    f"{form:<8} {count:>5,} links in {seconds:5.2f} s, {octets / 1e6:6.2f} MB, "
                    f"memory {peak:.0f} MB at most ({before:.0f} MB before)"
                )
            limit(f"seconds of the {form} of {MANY:,} links", seconds, most)
            grown = peaks[form, "many"] - peaks[form, "few"]
            limit(f"MB of memory of {form}, {MANY:,} links over {FEW}", grown, GROWN_MB)
            if form == "zip":
                limit(f"MB of the zip of {MANY:,} links", octets / 1e6, ZIP_MB)
                with zipfile.ZipFile(output) as archive:
                    pages = [info for info in archive.infolist() if info.filename.endswith("html")]
                    plain = sum(info.file_size for info in pages)
                print(f"         {len(pages):,} pages of {plain / len(pages) / 1e3:.0f} KB")
                zipped = seconds
        theirs = rrdtool(host.metrics, folder)
        if theirs:
            # The time of one graph of a day is that of fifteen of them; a thousand of them is that
            # times a thousand, without their pages.
            them = theirs["24 hours"]
            print(f"rrdtool graph: {them:.1f} ms a picture of a day, {them:.0f} s for {MANY:,}")
            print(f"zip      {zipped / them:.2f} × rrdtool graph of as many files")
        else:
            print("rrdtool is not installed: no comparison")
    for line in over:
        print(f"OVER     {line}")
    return 1 if over else 0


if __name__ == "__main__":
    if len(sys.argv) == 5:
        one(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    else:
        sys.exit(main())
