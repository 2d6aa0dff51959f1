"""``balise sla``: what the operator's commitments came to, for a customer and a month."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.orm import Session

from core import formats
from core.access import Scope
from core.accounts import AccountError, find_customer
from core.cli_links import json_option, month_option, ready
from core.cli_report import whole
from core.job_run import Run, brand_of, context_for
from core.jobs import JobError
from core.rubric import JobKind, Person

if TYPE_CHECKING:
    from core.host import Host

NAME = "sla"
"""A rubric works commitments out: the one that has a kind of job of this name."""


@click.command()
@click.option("--customer", required=True, help="Compte client (numéro ou nom).")
@month_option
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="Un fichier à écrire aussi, .csv, .xlsx ou .pdf.",
)  # fmt: skip
@json_option
@click.pass_obj
def sla(
    host: Host, customer: str, month: tuple[int, int], output: Path | None, as_json: bool
) -> None:
    """Calcule les engagements de service d'un client, d'après ses seuls tickets.

    Le mois est celui du fuseau horaire du client. Avec --json : customer, month, over (mois fini),
    links (une par liaison, avec chaque intervalle qui fait ses chiffres).
    """
    ready(host)
    if output is not None and output.suffix not in (".csv", ".xlsx", ".pdf"):
        raise click.UsageError("--output : un nom en .csv, .xlsx ou .pdf est attendu.")
    kind = _kind(host)
    with Session(host.engine) as session:
        try:
            found = find_customer(session, customer)
        except AccountError as error:
            raise click.ClickException(str(error)) from error
        id_, name, timezone = found.id, found.name, found.timezone
    asked = f"{month[0]:04}-{month[1]:02}"
    user = Person(0, "system", "system")
    granted, scope = frozenset({kind.permission.key}), Scope(0, customer_id=id_)
    run = Run(io.BytesIO(), brand_of(host.config), lambda _share: None)
    try:
        with context_for(host, user, granted, scope, timezone) as ctx:
            kind.function(ctx, run, month=asked, form="json")
            if output is not None:
                with whole(output) as file:
                    to_file = Run(file, run.brand, run.tell)
                    kind.function(ctx, to_file, month=asked, form=output.suffix[1:])
    except JobError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{output} : {error.strerror}. Rien n'est écrit.") from error
    if as_json:
        click.echo(json.dumps({"customer": name, "month": asked, **run.facts}))
        return
    links = run.facts["links"]
    missed = [link for link in links if not link["met"]]
    click.echo(f"{name}, {asked} : {len(links)} liaisons, {len(missed)} hors engagement.")
    for link in missed:
        share, target = (formats.percent(link[key], 3) for key in ("availability", "target"))
        click.echo(
            f"{link['reference']}  {link['site']}  {share} (engagement {target})  "
            f"GTR dépassées : {link['late']}"
        )


def _kind(host: Host) -> JobKind:
    """Return what works commitments out. Ends when no rubric in service does."""
    for full_name, kind in host.registry.job_kinds().items():
        if full_name.partition(".")[2] == NAME:
            return kind
    raise click.ClickException("Aucune rubrique en service ne suit d'engagement : balise check.")
