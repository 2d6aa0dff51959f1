"""One poll cycle of 1,000 simulated links, against a bare easysnmp GET loop: ``make bench``.

Both ask the same OIDs of the same agents with the same threads; only the CPU time of this
process counts (the agents live in another). Prints the ratio; exits 1 above the limit.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import easysnmp
from sqlalchemy.orm import Session

from collectors import interfaces, netsnmp, oids
from collectors.easy import EasyTransport
from collectors.inventory import Inventory, Shard
from collectors.poller import Poller
from collectors.simulator.fleet import Fleet
from collectors.simulator.model import DeviceSpec, Interface
from collectors.writer import Writer
from core import config, migrate, secrets
from core.db import Company, Customer
from core.host import Host
from core.network.inventory import Device, Link, Service, Site

LINKS, THREADS, CYCLES, LIMIT = 1_000, 32, 7, 1.6
PORT, COMMUNITY = 16_171, "bench"


def routers() -> list[DeviceSpec]:
    """Return one router a link, half with 64-bit counters and half with 32."""
    return [
        DeviceSpec(
            f"r{i}", f"127.77.{i // 250}.{i % 250 + 1}", PORT, COMMUNITY,
            (Interface(f"L{i}", 1, "Gi0/0", "GigabitEthernet0/0", 20_000_000, seed=i,
                       bits=64 if i % 2 else 32),),
            boot=time.time() - 1e6, origin=time.time(),
        )
        for i in range(LINKS)
    ]  # fmt: skip


def installation(folder: Path, fleet: list[DeviceSpec]) -> Host:
    """Return an installation with these routers, one site, service and link each."""
    secrets.make_key(folder)
    host = Host(config.load(folder / "config.yaml", {
        "BALISE_STORAGE_DATA": str(folder), "BALISE_COLLECTOR_THREADS": str(THREADS),
    }))  # fmt: skip

    migrate.upgrade(host.engine)
    credentials = host.vault.seal(json.dumps({"community": COMMUNITY}))
    with Session(host.engine) as session, session.begin():
        company = Company(name="Co", customer=Customer(number="1", name="C"))
        session.add(company)
        session.flush()
        for router in fleet:
            site = Site(company_id=company.id, name=router.name)
            session.add(site)
            session.flush()
            place = {"company_id": company.id, "site_id": site.id}
            device = Device(name=router.name, host=router.host, port=PORT,
                            credentials=credentials, **place)  # fmt: skip
            service = Service(**place)
            session.add_all([device, service])
            session.flush()
            session.add(
                Link(reference=router.interfaces[0].reference, designation="", if_name="Gi0/0",
                     if_index=1, service_id=service.id, device_id=device.id, **place)
            )  # fmt: skip
    return host


def bare(fleet: list[DeviceSpec]) -> Callable[[], None]:
    """Return a cycle of the reference: one ``Session.get`` of the same OIDs a router."""
    sessions = [
        (
            easysnmp.Session(hostname=r.host, remote_port=PORT, version=2, community=COMMUNITY,
                             timeout=2, retries=2, use_numeric=True),
            [oids.SYS_UPTIME, *interfaces.questions(
                interfaces.Known(1, True, r.interfaces[0].bits), True)],
        )
        for r in fleet
    ]  # fmt: skip
    pool = ThreadPoolExecutor(THREADS)

    def cycle() -> None:
        for values in pool.map(lambda pair: pair[0].get(pair[1]), sessions):
            assert len(values) >= 13

    return cycle


def whole(host: Host) -> Callable[[], None]:
    """Return a cycle of the product: poll, decode, rate, store, status."""
    writer = Writer(host.metrics, host.engine, 3600.0)
    settings = host.config.collector
    poller = Poller(EasyTransport(THREADS), writer.put, settings)
    plans = Inventory(host.engine, host.vault.open, settings, Shard()).plans()
    poller.follow(plans)
    writer.follow(watch.link_id for plan in plans.values() for watch in plan.watches)

    def cycle() -> None:
        visits = poller.once(time.monotonic() + 60)
        assert sum(len(visit.traffic) for visit in visits) == LINKS
        assert writer.write() is None

    return cycle


def cpu(cycle: Callable[[], None]) -> float:
    begin = time.process_time()
    cycle()
    return time.process_time() - begin


def main() -> int:
    netsnmp.open_session("127.0.0.1", PORT, 2, "x", 1.0)  # pins the output format
    fleet = routers()
    with tempfile.TemporaryDirectory() as folder, Fleet(fleet):
        host = installation(Path(folder), fleet)
        reference, product = bare(fleet), whole(host)
        for cycle in (reference, product, product):  # opens sessions, finds counters' widths
            cycle()
        pairs = [(cpu(reference), cpu(product)) for _ in range(CYCLES)]
        host.metrics.close()
        host.engine.dispose()
    bare_cpu, whole_cpu = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(product / reference for reference, product in pairs)
    print(f"bare easysnmp GET loop {bare_cpu * 1000:6.0f} ms CPU a cycle of {LINKS:,} links")
    print(f"the whole path         {whole_cpu * 1000:6.0f} ms CPU a cycle")
    print(f"ratio                  {ratio:6.2f} (limit {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
