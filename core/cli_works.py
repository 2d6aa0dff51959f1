"""``balise works``: what the operator announces to do on links."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit, clock, formats
from core.cli_links import Moment, json_option, links_of, ready, zone_of
from core.network.inventory import Link, Site
from core.network.works import PlannedWork

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from core.host import Host


@click.group()
def works() -> None:
    """Les travaux planifiés : annoncés sur des liaisons, marqués à côté de leurs états."""


@works.command()
@click.argument("references", metavar="LIAISON…", nargs=-1, required=True)
@click.option("--start", type=Moment(), required=True, help="« 2026-12-01 22:00 », heure locale.")
@click.option("--end", type=Moment(), required=True, help="La fin, de même.")
@click.option("--title", required=True, help="Ce qui sera fait, en quelques mots.")
@json_option
@click.pass_obj
def add(
    host: Host, references: tuple[str, ...], start: datetime, end: datetime, title: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Annonce des travaux sur des liaisons, à l'heure du client quand elle ne dit pas son décalage.

    Ils ne taisent rien : les états restent ceux qui sont mesurés, les travaux sont dits à côté.
    """
    ready(host)
    with Session(host.engine) as session, session.begin():
        links = links_of(session, references)
        zone = zone_of(links, host)
        starts, ends = (at if at.tzinfo else at.replace(tzinfo=zone) for at in (start, end))
        if starts >= ends:
            raise click.UsageError("La fin (--end) vient après le début (--start).")
        made = [
            PlannedWork(
                title=title, link_id=link.id, company_id=link.company_id, site_id=link.site_id,
                starts=starts, ends=ends,
            )
            for link in links
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        numbers = [work.id for work in made]
    for number, reference in zip(numbers, dict.fromkeys(references), strict=True):
        _note(host, "works announced", number, link=reference, title=title)
    if as_json:
        click.echo(json.dumps({"works": numbers}))
    else:
        said = f"du {formats.moment(starts, zone)} au {formats.moment(ends, zone)} ({zone})"
        click.echo(f"Travaux {', '.join(map(str, numbers))} annoncés, {said}.")


@works.command("list")
@json_option
@click.pass_obj
def list_(host: Host, as_json: bool) -> None:
    """Liste les travaux à venir ou en cours."""
    ready(host)
    with Session(host.engine) as session:
        rows = session.execute(
            sa.select(PlannedWork, Link, Site.name)
            .outerjoin(Link, Link.id == PlannedWork.link_id)
            .outerjoin(Site, Site.id == PlannedWork.site_id)
            .where(PlannedWork.ends > clock.now(), PlannedWork.cancelled.is_(None))
            .order_by(PlannedWork.starts, PlannedWork.id)
        ).all()
        told = [_fact(*row) for row in rows]
        if as_json:
            click.echo(json.dumps({"works": told}))
            return
        if not told:
            click.echo("Aucuns travaux à venir.")
        for (work, link, _site), fact in zip(rows, told, strict=True):
            zone = _zone(link, host)
            said = f"{formats.moment(work.starts, zone)} – {formats.moment(work.ends, zone)}"
            click.echo(f"{work.id}  {said}  {fact['link'] or fact['site']}  {work.title}")


@works.command()
@click.argument("number", metavar="NUMÉRO", type=int)
@click.pass_obj
def cancel(host: Host, number: int) -> None:
    """Annule des travaux : ils ne sont plus dits nulle part."""
    ready(host)
    with Session(host.engine) as session, session.begin():
        work = session.get(PlannedWork, number)
        if work is None or work.cancelled is not None:
            raise click.ClickException(f"Aucuns travaux de numéro {number} à annuler.")
        work.cancelled = clock.now()
    _note(host, "works cancelled", number)
    click.echo(f"Travaux {number} annulés.")


def _zone(link: Link | None, host: Host) -> ZoneInfo:
    return zone_of([link] if link else [], host)


def _fact(work: PlannedWork, link: Link | None, site: str | None) -> dict[str, Any]:
    return {
        "id": work.id,
        "title": work.title,
        "link": link.reference if link else None,
        "site": site,
        "start": work.starts.isoformat(),
        "end": work.ends.isoformat(),
    }


def _note(host: Host, action: str, number: int, **facts: Any) -> None:
    audit.write(
        host.engine, now=clock.now(), actor="system", action=action, target=str(number), **facts
    )
