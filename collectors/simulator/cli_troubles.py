"""The commands of ``balise demo`` that give sites troubles, and end them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core import clock

if TYPE_CHECKING:
    from collectors.simulator.control import Control
    from collectors.simulator.demo_sites import Target
    from core.host import Host


class _Ambiguous(click.ClickException):
    exit_code = 2


def _find(host: Host, text: str) -> Target:
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.orm import Session

    from collectors.simulator import demo_sites

    try:
        with Session(host.engine) as session:
            return demo_sites.find(session, text)
    except demo_sites.UnknownSite as error:
        nearest = ", ".join(f"« {name} »" for name in error.nearest)
        hint = f" Les plus proches : {nearest}." if nearest else ""
        raise click.ClickException(f"Aucun site ne s'appelle « {text} ».{hint}") from None
    except demo_sites.AmbiguousSite as error:
        lines = "\n  ".join(error.candidates[:20])
        more = len(error.candidates) - 20
        lines += f"\n  … et {more} autres" if more > 0 else ""
        raise _Ambiguous(
            f"« {text} » désigne plusieurs sites ; précisez, ou donnez une référence :\n  {lines}"
        ) from None
    except OperationalError:  # no database, or no tables in it
        raise click.ClickException(
            "La démonstration n'est pas chargée : lancez « balise demo load »."
        ) from None


def _control(host: Host) -> Control:
    from collectors.simulator.control import Control
    from collectors.simulator.demo_up import folder

    return Control(folder(host) / "control.json")


def _until(minutes: float | None) -> float | None:
    return clock.now().timestamp() + minutes * 60 if minutes else None


_SITE = click.argument("site")
_BACKUP = click.option("--backup", "what", flag_value="backup", help="Le secours seul.")
_BOTH = click.option(
    "--both", "what", flag_value="both", help="La liaison principale et le secours."
)
_MINUTES = click.option(
    "--minutes", type=click.FloatRange(min=0.1), help="Fin d'elle-même après tant de minutes."
)


def _links(target: Target, what: str | None) -> tuple[str, ...]:
    links = {None: target.main, "backup": target.backup, "both": target.main + target.backup}[what]
    if not links:
        raise click.ClickException(f"{target.title} n'a pas de secours.")
    return links


@click.command()
@_SITE
@_BACKUP
@_BOTH
@_MINUTES
@click.pass_obj
def outage(host: Host, site: str, what: str | None, minutes: float | None) -> None:
    """Coupe la liaison principale d'un SITE (nom, partie du nom ou référence de liaison)."""
    target = _find(host, site)
    links = _links(target, what)
    _control(host).down(links, _until(minutes))
    click.echo(f"Coupée : {', '.join(links)} – {target.title}")


@click.command()
@_SITE
@click.pass_obj
def restore(host: Host, site: str) -> None:
    """Met fin à tout ce qui fut provoqué sur un SITE."""
    target = _find(host, site)
    _control(host).restore(target.main + target.backup, target.devices)
    click.echo(f"Rétabli : {target.title}")


@click.command()
@_SITE
@click.pass_obj
def reboot(host: Host, site: str) -> None:
    """Redémarre les routeurs d'un SITE : compteurs et sysUpTime repartent de zéro."""
    target = _find(host, site)
    _control(host).reboot(target.devices, clock.now().timestamp())
    click.echo(f"Redémarrage : {', '.join(target.devices)} – {target.title}")


@click.command()
@_SITE
@_MINUTES
@click.pass_obj
def flap(host: Host, site: str, minutes: float | None) -> None:
    """Fait battre la liaison principale d'un SITE : coupée, rétablie, coupée…"""
    target = _find(host, site)
    _control(host).flap(target.main, _until(minutes))
    click.echo(f"Bat : {', '.join(target.main)} – {target.title}")


@click.command()
@_SITE
@_MINUTES
@click.pass_obj
def silence(host: Host, site: str, minutes: float | None) -> None:
    """Fait taire les routeurs d'un SITE : son état devient indéterminé."""
    target = _find(host, site)
    _control(host).silence(target.devices, _until(minutes))
    click.echo(f"Muet : {', '.join(target.devices)} – {target.title}")


@click.command()
def behaviours() -> None:
    """Liste ce que « balise demo behave » sait provoquer."""
    from collectors.simulator.behaviours import listing

    click.echo(listing())


@click.command()
@click.argument("name")
@_SITE
@click.option("--amount", type=float, help="Combien, dans l'unité du comportement.")
@_BACKUP
@_BOTH
@_MINUTES
@click.pass_obj
def behave(
    host: Host, name: str, site: str, amount: float | None, what: str | None, minutes: float | None
) -> None:
    """Donne à un SITE le comportement NAME (« balise demo behaviours » les liste)."""
    import difflib

    from collectors.simulator.behaviours import BEHAVIOURS

    behaviour = BEHAVIOURS.get(name)
    if behaviour is None:
        nearest = difflib.get_close_matches(name, BEHAVIOURS, n=3)
        hint = f" Les plus proches : {', '.join(nearest)}." if nearest else ""
        raise click.ClickException(f"Aucun comportement ne s'appelle « {name} ».{hint}")
    target = _find(host, site)
    targets = _links(target, what) if behaviour.on == "link" else target.devices
    _control(host).behave(name, targets, clock.now().timestamp(), _until(minutes), amount)
    click.echo(f"{behaviour.says} {', '.join(targets)} – {target.title}")


COMMANDS = (outage, restore, reboot, flap, silence, behaviours, behave)
