"""``balise collect``: the SNMP collector, one supervised process a core."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collectors.alone import NotAloneError, alone
from core.supervisor import Child, Supervisor, database_report, forget_former

if TYPE_CHECKING:
    from core.host import Host


def children(config: Path, processes: int) -> list[Child]:
    """Return the processes of the collector, ``processes`` of them, 0 for one a core."""
    of = processes or os.cpu_count() or 1
    return [
        Child(
            f"collector {number + 1}/{of}",
            [
                sys.executable, "-m", "collectors.worker",
                "--shard", f"{number}/{of}", "--config", str(config),
            ],
        )
        for number in range(of)
    ]  # fmt: skip


@click.command()
@click.option("--once", is_flag=True, help="Un seul relevé de chaque routeur, puis fin.")
@click.option("--json", "as_json", is_flag=True, help="Pour un script, avec --once.")
@click.pass_obj
def collect(host: Host, once: bool, as_json: bool) -> None:
    """Relève l'état et le trafic des liaisons par SNMP.

    Un seul collecteur par base de mesures : un second, --once compris, refuse de démarrer.
    """
    if as_json and not once:
        raise click.UsageError("--json va avec --once.")
    try:
        # Beside the measures, which are in the data folder unless the settings say otherwise.
        with alone(host.config.measures_path.parent / "collector" / "lock"):
            if once:
                _once(host, as_json)
            else:
                _supervise(host)
    except NotAloneError as error:
        raise click.ClickException(str(error)) from error


def _supervise(host: Host) -> None:
    from collectors.exporter import export
    from collectors.telling import forget_accounts

    settings = host.config.collector
    processes = children(host.config.path, settings.processes)
    forget_former(host.engine, processes)
    forget_accounts(host.engine, len(processes))
    if settings.metrics_port:
        export(host.engine, settings.metrics_port)
    Supervisor(processes, database_report(host.engine)).run()


def _once(host: Host, as_json: bool) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from collectors.inventory import Shard
    from collectors.worker import Worker, silent_for
    from core.config import ConfigError

    try:
        summary = Worker(host, Shard()).once(silent_for(host))
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise click.ClickException(f"La base ne se lit pas : {cause}") from error
    if as_json:
        click.echo(json.dumps(summary.as_json()))
        return
    click.echo(
        f"{summary.devices} routeurs, {summary.links} liaisons : {summary.read} lues, "
        f"{summary.changes} changements d'état, en {summary.seconds} s"
    )
    for outcome, number in summary.outcomes.items():
        click.echo(f"  {outcome} : {number}")
