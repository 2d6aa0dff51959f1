"""The demo as one installation of its own: its settings, its preparation, its processes."""

from __future__ import annotations

import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

from collectors.simulator import demo_load
from collectors.simulator.control import Control
from collectors.simulator.demo_load import DemoError
from collectors.simulator.fleet import load_fleet
from core import config, migrate, processes, secrets
from core.db import Customer
from core.host import Host
from core.network.inventory import Link
from core.supervisor import Child, Supervisor, database_report

STATUS_SECONDS, TRAFFIC_SECONDS = 10, 60
"""The demo looks oftener than the product (30 s, 60 s), so that an outage shows at once."""
SUPPORT = "Support 24 h / 24 : 09 00 00 00 00"
RAW_DAYS = 3
"""Days for which the demo keeps every reading: with 10, its disk would pass 500 MB."""


def folder(host: Host) -> Path:
    """Return where the demo keeps its accounts and its simulated network."""
    return host.config.data / "demo"


def demo_host(host: Host) -> Host:
    """Return the demo's own installation beside the one configured, made when missing.

    Its settings are those of ``config.yaml`` with faster readings and a data folder of its own.
    """
    if host.config.demo:
        return host
    place = host.config.data / "demo"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / "config.yaml"
    given = host.config.path
    values: dict[str, Any] = (yaml.safe_load(given.read_text()) if given.exists() else None) or {}
    web = host.config.web
    values["demo"] = True
    operator = values.get("operator") or {}
    values["operator"] = {**operator, "support": operator.get("support") or SUPPORT}
    values["storage"] = {"data": ".", "raw_days": RAW_DAYS}
    values["web"] = {**values.get("web", {}), "public_url": f"http://{web.host}:{web.port}"}
    values["collector"] = {
        **values.get("collector", {}),
        "status_interval": STATUS_SECONDS,
        "traffic_interval": TRAFFIC_SECONDS,
    }
    text = "# Written by « balise demo »: change config.yaml instead.\n"
    text += yaml.safe_dump(values, allow_unicode=True, sort_keys=False)
    if not path.exists() or path.read_text() != text:
        demo_load.write_private(path, text)
    return Host(config.load(path))


def prepare(host: Host) -> None:
    """Make the data folder, the secret key and the database, as ``balise init`` does."""
    host.config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if host.config.secret_key is None:
        secrets.make_key(host.config.data)
    try:
        migrate.upgrade_every(host.engine, host.registry)
    except migrate.NewerSchema:
        raise DemoError(
            "La base de la démonstration vient d'une version plus récente : "
            f"supprimez {host.config.data}."
        ) from None


def is_loaded(host: Host) -> bool:
    """Tell whether the demo is there. Raises ``DemoError`` when something else is."""
    with Session(host.engine) as session:
        filled = bool(session.scalar(sa.select(sa.func.count()).select_from(Customer)))
    complete = (folder(host) / "fleet.json").exists() and (folder(host) / "accounts.json").exists()
    if filled and not complete:
        raise DemoError(
            f"La base de {host.config.data} n'est pas celle de la démonstration, ou n'est pas "
            "entière : supprimez ce dossier, ou choisissez-en un autre."
        )
    return filled


def check_pages(host: Host) -> None:
    """Raise ``DemoError`` when the pages cannot have their port; said before anything is loaded."""
    web = host.config.web
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((web.host, web.port))
        except OSError as error:
            raise DemoError(
                f"Le port est déjà pris : {web.host}:{web.port} ({error.strerror}). Arrêtez le "
                "programme qui y écoute (une autre démonstration ?), ou donnez-en un autre : "
                "BALISE_WEB_PORT=8060 balise demo up"
            ) from error


def check_routers(host: Host) -> None:
    """Raise ``DemoError`` when the simulated routers cannot have their addresses."""
    first = load_fleet(folder(host) / "fleet.json")[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((first.host, first.port))
        except OSError as error:
            raise DemoError(
                f"Les routeurs simulés ne peuvent pas répondre sur {first.host}:{first.port} "
                f"({error.strerror}). Une autre démonstration tourne-t-elle ?"
            ) from error


def fill_hole(host: Host, now: datetime) -> float:
    """Generate what was not measured while the demo was stopped; return the seconds filled."""
    with Session(host.engine) as session:
        links = session.execute(sa.select(Link.reference, Link.id))
        ids: dict[str, int] = {reference: number for reference, number in links}  # noqa: C416 - a Row is no pair to mypy
    devices = load_fleet(folder(host) / "fleet.json")
    conditions = Control(folder(host) / "control.json").read()
    return demo_load.fill_hole(host.metrics, devices, ids, conditions, now)


def run(host: Host, banner: Callable[[], None]) -> None:
    """Run simulator, web, collector and worker until told to stop; ``banner()`` once they serve."""
    simulate = Child("simulator", processes.balise(host.config.path, "demo", "simulate"))
    supervisor = Supervisor(
        [simulate, *processes.children(host.config.path)], database_report(host.engine)
    )
    stopped = threading.Event()
    teller = threading.Thread(target=_announce, args=(host, banner, stopped), daemon=True)
    teller.start()
    try:
        supervisor.run()
    finally:
        stopped.set()
        teller.join(5)


def address(host: Host) -> str:
    return f"http://{host.config.web.host}:{host.config.web.port}"


def _announce(host: Host, banner: Callable[[], None], stopped: threading.Event) -> None:
    """Call ``banner`` when the pages answer; say so when they do not within a minute."""
    deadline = time.monotonic() + 60
    while not stopped.wait(0.3):
        try:
            with urllib.request.urlopen(f"{address(host)}/healthz", timeout=2) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    banner()
                    return
        except (urllib.error.URLError, OSError):  # not yet
            if time.monotonic() > deadline:
                sys.stderr.write(f"{address(host)} ne répond pas encore : voyez les messages.\n")
                deadline = float("inf")
