"""``balise audit``: the audit log from the shell: is it whole, what is in it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit_verify, clock
from core.accounts import AccountError, find_customer
from core.audit import AuditEntry
from core.audit_chain import ChainError
from core.audit_verify import Checkpoint, Fault, FaultKind, Verdict
from core.formats import number
from core.host import Host


@click.group()
def audit() -> None:
    """Le journal : qui a fait quoi, et la preuve que rien n'y a été changé."""


def _words(fault: Fault) -> str:
    several = fault.last > fault.first
    lines = f"lignes {fault.first} à {fault.last}" if several else f"ligne {fault.first}"
    gone = "manquent" if several else "manque"
    return {
        FaultKind.ALTERED: f"{lines} : ce n'est pas ce qui a été écrit, ou pas à cette place.",
        FaultKind.MISSING: f"{lines} : {gone}.",
        FaultKind.ADDED: f"{lines} : de trop, hors de la chaîne.",
        FaultKind.TRUNCATED: f"{lines} : {gone}, la fin du journal a été coupée.",
        FaultKind.HEAD: "la tête de la chaîne manque ou a été changée.",
        FaultKind.OLD: "les lignes d'avant la chaîne ne sont plus ce qu'elles étaient.",
        FaultKind.CHECKPOINT: f"{lines} : le journal n'est pas celui du point de contrôle gardé : "
        "récrit, ou remis à un état plus ancien.",
    }[fault.kind]


@audit.command("verify")
@click.option(
    "--checkpoint", "files", type=click.File(encoding="utf-8"), multiple=True,
    help="Points de contrôle gardés ailleurs (balise audit checkpoint) ; répétable.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Pour un script.")
@click.pass_obj
def verify(host: Host, files: tuple[TextIO, ...], as_json: bool) -> None:
    """Relit tout le journal. Statut 1 si une ligne a été changée, ôtée, ajoutée ou déplacée.

    Compare aussi avec les points de contrôle que « balise work » garde dans le dossier de données,
    et avec ceux que vous donnez.
    """
    try:
        verdict = audit_verify.verify(host.engine, _checkpoints(host, files))
    except ChainError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(verdict.as_json()))
    else:
        _say(verdict)
    sys.exit(0 if verdict.ok else 1)


def _checkpoints(host: Host, files: tuple[TextIO, ...]) -> list[Checkpoint]:
    found = []
    kept = host.config.data / audit_verify.CHECKPOINTS
    try:
        if kept.exists():
            with kept.open(encoding="utf-8") as file:
                found += audit_verify.read_checkpoints(file)
        for other in files:
            found += audit_verify.read_checkpoints(other)
    except ValueError as error:
        raise click.ClickException(f"Les points de contrôle ne se lisent pas : {error}.") from error
    return found


def _say(verdict: Verdict) -> None:
    size = f"{number(verdict.lines)} lignes, {verdict.checkpoints} points de contrôle"
    if verdict.old:
        size += f", et {number(verdict.old)} lignes d'avant la chaîne"
    if verdict.ok:
        click.echo(f"Le journal est entier : {size}.")
        return
    click.echo(f"Le journal n'est plus celui qui a été écrit ({size}) :")
    for fault in verdict.faults:
        click.echo(f"✗ {_words(fault)}")
    click.echo(
        "Gardez une copie de la base avant toute autre chose, et comparez-la avec une sauvegarde."
    )


@audit.command("checkpoint")
@click.pass_obj
def checkpoint(host: Host) -> None:
    """Donne un point de contrôle : une ligne à garder hors de cette machine.

    « balise audit verify --checkpoint FICHIER » saura ensuite si le journal a été récrit ou remis
    à un état plus ancien, même par qui a la clé de l'installation.
    """
    made = audit_verify.checkpoint(host.engine, clock.now())
    if made is None:
        raise click.ClickException("Le journal est vide : rien à garder.")
    click.echo(made.as_json())


@audit.command("export")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Depuis ce jour (UTC).")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Jusqu'à ce jour, non compris.")
@click.option("--customer", help="D'un seul compte client (numéro ou nom).")
@click.pass_obj
def export(
    host: Host, since: datetime | None, until: datetime | None, customer: str | None
) -> None:
    """Écrit le journal, une ligne de JSON par ligne, la plus ancienne d'abord."""
    query = sa.select(AuditEntry.__table__).order_by(AuditEntry.id)
    if since is not None:
        query = query.where(AuditEntry.at >= since.replace(tzinfo=UTC))
    if until is not None:
        query = query.where(AuditEntry.at < until.replace(tzinfo=UTC))
    if customer is not None:
        with Session(host.engine) as session:
            try:
                query = query.where(AuditEntry.customer_id == find_customer(session, customer).id)
            except AccountError as error:
                raise click.ClickException(str(error)) from error
    with host.engine.connect() as connection:
        for row in connection.execute(query, execution_options={"yield_per": 1000}).mappings():
            line: dict[str, Any] = {**row, "at": row["at"].isoformat()}
            click.echo(json.dumps(line, ensure_ascii=False))
