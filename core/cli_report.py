"""``balise report``: the monthly report of a customer, from the shell."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
from sqlalchemy.orm import Session

from core import audit, clock
from core.access import Scope
from core.accounts import AccountError, find_customer
from core.cli_links import json_option, month_option, ready
from core.job_run import Run, brand_of, context_for, is_full
from core.jobs import JobError
from core.rubric import JobKind, Person

if TYPE_CHECKING:
    from core.host import Host

NAME = "report"
"""A rubric makes the report: the one that has a kind of job of this name."""


@click.command()
@click.option("--customer", required=True, help="Compte client (numéro ou nom).")
@month_option
@click.option(
    "--format", "form", type=click.Choice(["csv", "xlsx", "zip"]), required=True,
    help="csv et xlsx : une ligne par liaison ; zip : des pages avec les courbes.",
)  # fmt: skip
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), required=True,
    help="Le fichier à écrire ; un ancien n'est remplacé que par un entier.",
)  # fmt: skip
@json_option
@click.pass_obj
def report(
    host: Host, customer: str, month: tuple[int, int], form: str, output: Path, as_json: bool
) -> None:
    """Fait le rapport mensuel de toutes les liaisons d'un client, comme la page « Reporting ».

    Le mois est celui du fuseau horaire du client. Avec --json : customer, month, format, output,
    octets (du fichier), links, read (quand les mesures ont été lues), over (mois fini).
    """
    ready(host)
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
    try:
        with (
            whole(output) as file,
            context_for(host, user, granted, scope, timezone) as ctx,
        ):
            run = Run(file, brand_of(host.config), lambda _share: None)
            kind.function(ctx, run, month=asked, form=form)
            octets = file.tell()
    except JobError as error:
        raise click.ClickException(str(error)) from error
    except Exception as error:
        if is_full(error):
            why = f"Il n'y a plus de place pour {output} : rien n'est écrit."
            raise click.ClickException(why) from error
        if isinstance(error, OSError):
            raise click.ClickException(f"{output} : {error.strerror}. Rien n'est écrit.") from error
        raise
    audit.write(host.engine, now=clock.now(), actor="system", action="job done", target=str(output),
                customer=name, month=asked, format=form, octets=octets)  # fmt: skip
    told: dict[str, Any] = {"customer": name, "month": asked, "format": form, "output": str(output)}
    told |= {"octets": octets, **run.facts}
    if as_json:
        click.echo(json.dumps(told))
        return
    links = run.facts.get("links")
    click.echo(f"{output} : {name}, {asked}, {links} liaisons, {octets} octets.")


def _kind(host: Host) -> JobKind:
    """Return what makes reports. Ends when no rubric in service does."""
    for full_name, kind in host.registry.job_kinds().items():
        if full_name.partition(".")[2] == NAME:
            return kind
    raise click.ClickException("Aucune rubrique en service ne fait de rapport : balise check.")


@contextlib.contextmanager
def whole(output: Path) -> Iterator[BinaryIO]:
    """Give a file that takes the place of ``output`` once it is whole, and never before."""
    # The temporary file is a neighbour: it is renamed, not copied.
    handle, name = tempfile.mkstemp(prefix=f".{output.name[:60]}.", dir=output.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
