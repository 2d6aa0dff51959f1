"""``balise wall``: walls from the shell."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit, clock, walls
from core.accounts import AccountError, find_customer
from core.db import Company
from core.host import Host
from core.network.inventory import Site


@click.group()
def wall() -> None:
    """Les murs : écrans en lecture seule, sans connexion."""


@wall.command("create")
@click.option("--name", required=True, help="Nom affiché en tête du mur.")
@click.option("--customer", help="Compte client (numéro ou nom) : toutes ses sociétés.")
@click.option("--operator", is_flag=True, help="Tous les clients.")
@click.option("--company", "companies", multiple=True, help="Seulement cette société ; répétable.")
@click.option("--site", "sites", multiple=True, help="Seulement ce site ; répétable.")
@click.option("--scene", "scenes", multiple=True, help="Ex. supervision.carte ; répétable.")
@click.option("--seconds", default=20, show_default=True, help="Durée d'une scène.")
@click.option("--days", type=click.IntRange(1, 36500), help="Expire après ce nombre de jours.")
@click.option("--flash", is_flag=True, help="Le compteur bat à chaque nouvelle interruption.")
@click.option("--sound", is_flag=True, help="Un son à chaque nouvelle interruption.")
@click.option("--json", "as_json", is_flag=True, help="Pour un script.")
@click.pass_obj
def create(host: Host, /, as_json: bool, **asked: Any) -> None:
    """Crée un mur et donne son adresse, une seule fois : elle n'est gardée nulle part."""
    if bool(asked["customer"]) == asked["operator"]:
        raise click.UsageError("Donnez --customer COMPTE, ou --operator pour tous les clients.")
    now = clock.now()
    with Session(host.engine) as session:
        try:
            made, token = walls.make(
                session, _plan(host, session, now, **asked), by="system", now=now
            )
        except (walls.WallError, AccountError) as error:
            raise click.ClickException(str(error)) from error
        told = _told(session, made, now)
        session.commit()
    audit.write(host.engine, now=now, actor="system", action="wall created", target=told["name"],
                wall=told["id"], scope=told["scope"], scenes=told["scenes"],
                expires=told["expires"])  # fmt: skip
    url = walls.address(host.config.web.public_url, token)
    if as_json:
        click.echo(json.dumps({**told, "url": url}))
        return
    click.echo(
        f"Mur {told['id']}, « {told['name']} » : {told['scope']}. Son adresse, une seule fois :"
    )
    click.echo(url)


def _plan(host: Host, session: Session, now: datetime, **asked: Any) -> walls.Plan:
    """Return what the options ask for. Raises ``WallError`` or ``AccountError``."""
    customer = find_customer(session, asked["customer"]) if asked["customer"] else None
    customer_id = customer.id if customer else None
    named = {
        model: _named(session, model, customer_id, asked[option])
        for model, option in ((Company, "companies"), (Site, "sites"))
    }
    known = walls.every_scene(host, now)
    return walls.Plan(
        name=asked["name"],
        scope=walls.scope_of(session, customer_id, named[Company], named[Site]),
        customer_id=customer_id,
        permissions=walls.permissions_of(host, known, asked["scenes"]),
        scenes=asked["scenes"],
        seconds=asked["seconds"],
        expires=now + timedelta(days=asked["days"]) if asked["days"] else None,
        flash=asked["flash"],
        sound=asked["sound"],
    )


def _named(
    session: Session, model: type[Company | Site], customer_id: int | None, names: tuple[str, ...]
) -> list[int]:
    """Return the ids of a customer's companies or sites by their names. Raises ``WallError``."""
    if not names:
        return []
    query = sa.select(model.id, model.name)
    if model is Site:
        query = query.join(Company, Company.id == Site.company_id)
    query = query.where(Company.customer_id == customer_id)
    found: dict[str, list[int]] = {}
    for id_, name in session.execute(query).all():
        found.setdefault(name.casefold(), []).append(id_)
    missing = [name for name in names if name.strip().casefold() not in found]
    if missing:
        raise walls.WallError(f"Introuvable chez ce client : {', '.join(missing)}.")
    return [id_ for name in names for id_ in found[name.strip().casefold()]]


@wall.command("list")
@click.option("--json", "as_json", is_flag=True, help="Pour un script.")
@click.pass_obj
def list_walls(host: Host, as_json: bool) -> None:
    """Liste les murs en service."""
    now = clock.now()
    with Session(host.engine) as session:
        rows = [_told(session, found, now) for found in walls.in_use(session)]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        seen = f"vu {row['seen']}" if row["seen"] else "jamais affiché"
        end = (
            " (expiré)"
            if row["expired"]
            else f" (jusqu'à {row['expires']})"
            if row["expires"]
            else ""
        )
        click.echo(f"{row['id']}  {row['name']}  {row['scope']}  {seen}{end}")
    if not rows:
        click.echo(
            "Aucun mur. Créez-en un : balise wall create --name … --customer …", file=sys.stderr
        )


def _told(session: Session, made: walls.Wall, now: datetime) -> dict[str, Any]:
    expires = made.account.expires
    return {
        "id": made.id,
        "name": made.name,
        "scope": walls.scope_words(session, made.account),
        "scenes": made.scenes,
        "seconds": made.seconds,
        "created": made.account.created.isoformat(),
        "created_by": made.created_by,
        "expires": expires.isoformat() if expires else None,
        "expired": not made.account.active(now),
        "seen": made.seen.isoformat() if made.seen else None,
    }


@wall.command("revoke")
@click.argument("wall")
@click.pass_obj
def revoke(host: Host, wall: str) -> None:
    """Révoque un mur, par son numéro ou son nom : il s'éteint à sa prochaine demande."""
    now = clock.now()
    with Session(host.engine) as session:
        found = [w for w in walls.in_use(session) if wall in (str(w.id), w.name)]
        if not found:
            raise click.ClickException(f"Aucun mur en service ne répond à « {wall} ».")
        if len(found) > 1:
            numbers = ", ".join(str(w.id) for w in found)
            raise click.ClickException(f"Plusieurs murs ont ce nom : donnez un numéro ({numbers}).")
        (one,) = found
        id_, name = one.id, one.name
        walls.revoke(session, id_, now)
        session.commit()
    audit.write(host.engine, now=now, actor="system", action="wall revoked", target=name, wall=id_)
    click.echo(f"Mur {id_}, « {name} » : révoqué.")
