"""``balise demo``: a small operator with its customers, its network and its troubles."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from collectors.simulator import cli_troubles
from core import clock

if TYPE_CHECKING:
    from core.host import Host


@click.group()
@click.pass_context
def demo(context: click.Context) -> None:
    """La démonstration : un opérateur, trois clients, des routeurs simulés."""
    from collectors.simulator.demo_up import demo_host
    from core.config import ConfigError

    try:
        context.obj = demo_host(context.obj)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


for _command in cli_troubles.COMMANDS:
    demo.add_command(_command)


def _load(host: Host, sites: int) -> None:
    from collectors.simulator import demo_load, demo_up

    click.echo("Chargement de la démonstration (moins d'une minute)…")
    started = time.monotonic()
    demo_load.load(
        host.engine, host.vault, host.metrics, demo_up.folder(host), clock.now(), sites,
        progress=lambda step: click.echo(f"  {step}"),
        rubrics=[one.demo for one in host.registry.rubrics.values() if one.demo],
        files=host.files,
    )  # fmt: skip
    click.echo(f"Chargée en {time.monotonic() - started:.0f} s dans {host.config.data}")


@demo.command()
@click.option(
    "--sites", default=400, type=click.IntRange(20, 400), help="Sites du plus grand client."
)
@click.pass_obj
def load(host: Host, sites: int) -> None:
    """Remplit une base vide : clients, sites, liaisons, comptes et une année de mesures."""
    from collectors.simulator import demo_load, demo_up

    try:
        demo_up.prepare(host)
        _load(host, sites)
    except demo_load.DemoError as error:
        raise click.ClickException(str(error)) from error


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="Pour un script.")
@click.pass_obj
def accounts(host: Host, as_json: bool) -> None:
    """Affiche les comptes de la démonstration, leurs mots de passe et l'adresse de son mur."""
    listed = _accounts(host)
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
    else:
        click.echo(_table(listed))
        click.echo(_wall(host))


def _accounts(host: Host) -> list[dict[str, Any]]:
    from collectors.simulator.demo_up import folder

    path = folder(host) / "accounts.json"
    try:
        listed: list[dict[str, Any]] = json.loads(path.read_text())
    except FileNotFoundError:
        raise click.ClickException(
            "La démonstration n'est pas chargée : lancez « balise demo load »."
        ) from None
    return listed


def _wall(host: Host) -> str:
    """Return where the wall of the demo is shown, nothing for one that was loaded without it."""
    from collectors.simulator.demo_up import folder
    from core import walls

    path = folder(host) / "wall.json"
    if not path.exists():
        return ""
    token = json.loads(path.read_text())["token"]
    return f"\nMur de supervision :\n{walls.address(host.config.web.public_url, token)}"


def _table(listed: Sequence[dict[str, Any]]) -> str:
    heads = {"email": "Adresse e-mail", "password": "Mot de passe", "customer": "Client",
             "role": "Rôle"}  # fmt: skip
    rows = [
        heads,
        *({**account, "customer": account["customer"] or "Opérateur"} for account in listed),
    ]
    widths = {key: max(len(row[key]) for row in rows) for key in heads}
    lines = ["  ".join(row[key].ljust(widths[key]) for key in heads).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths.values()), *lines[1:]])


@demo.command()
@click.pass_obj
def simulate(host: Host) -> None:
    """Fait répondre les routeurs simulés, jusqu'à SIGTERM ou Ctrl+C."""
    from collectors.simulator.demo_up import folder
    from collectors.simulator.fleet import Fleet, FleetError, load_fleet

    definition = folder(host) / "fleet.json"
    if not definition.exists():
        raise click.ClickException(
            "La démonstration n'est pas chargée : lancez « balise demo load »."
        )
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stopped.append(received))
    fleet = Fleet(load_fleet(definition), folder(host))
    try:
        fleet.run(
            lambda: bool(stopped),
            lambda: click.echo(f"{len(fleet.devices)} routeurs simulés répondent."),
        )
    except FleetError as error:
        raise click.ClickException(
            f"Les routeurs simulés ne peuvent pas répondre : {error}"
        ) from error


@demo.command()
@click.option(
    "--sites", default=400, type=click.IntRange(20, 400), help="Sites du plus grand client."
)
@click.pass_obj
def up(host: Host, sites: int) -> None:
    """Charge la démonstration si besoin, lance tout et affiche les comptes."""
    from collectors.simulator import demo_load, demo_up

    try:
        demo_up.check_pages(host)
        demo_up.prepare(host)
        if not demo_up.is_loaded(host):
            _load(host, sites)
        elif hole := demo_up.fill_hole(host, clock.now()):
            click.echo(f"Mesures complétées : la démonstration était arrêtée {hole / 3600:.1f} h.")
        demo_up.check_routers(host)
    except demo_load.DemoError as error:
        raise click.ClickException(str(error)) from error
    demo_up.run(host, lambda: click.echo(_banner(host)))


def _banner(host: Host) -> str:
    from collectors.simulator.demo_up import address

    collector = host.config.collector
    return f"""
{"━" * 72}
  Balise – démonstration    {address(host)}
{"━" * 72}

{_table(_accounts(host))}
{_wall(host)}

  Les routeurs simulés sont relevés toutes les {collector.status_interval} s (état) et \
{collector.traffic_interval} s (trafic).

  Provoquer une panne :   balise demo outage "Usine des Causses"
  … du secours aussi :    balise demo outage "Usine des Causses" --both
  La terminer :           balise demo restore "Usine des Causses"
  Autres :                balise demo flap | silence | reboot SITE
  Tout le reste :         balise demo behaviours, balise demo behave NOM SITE
  Revoir les comptes :    balise demo accounts
  Arrêter :               Ctrl+C
{"━" * 72}
"""
