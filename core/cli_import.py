"""``balise import``: what a back office gives, brought in from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
import sqlalchemy as sa

from core.cli_links import json_option, ready
from core.datasets import RowAction
from core.imports.limits import FileError
from core.imports.models import RunState

if TYPE_CHECKING:
    from core.host import Host
    from core.imports.checking import Checked
    from core.imports.runs import Imports

WORDS = {
    RowAction.NEW: "nouvelles",
    RowAction.CHANGED: "modifiées",
    RowAction.REOPENED: "rouvertes",
    RowAction.GONE: "fermées",
    "same": "inchangées",
    "rejected": "rejetées",
}
TOLD = 20
"""Rejected rows that are told one by one; the file has them all."""


@click.command("import")
@click.argument("dataset", metavar="DONNÉES")
@click.argument(
    "paths",
    metavar="FICHIER…",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True),
)
@click.option("--dry-run", is_flag=True, help="Dire ce qui serait fait, sans rien écrire.")
@click.option("--partial", is_flag=True, help="Le fichier n'a que des changements : rien ne ferme.")
@click.option("--customer", metavar="N°", help="Le fichier est d'un seul client, celui-ci.")
@click.option("--allow-closing", is_flag=True, help="Fermer même plus de la moitié des lignes.")
@click.option("--map", "pairs", metavar="TITRE=COLONNE", multiple=True, help="Titre du fichier.")
@click.option("--skip-unknown", is_flag=True, help="Laisser de côté les colonnes inconnues.")
@click.option("--source", default="", metavar="NOM", help="D'où vient le fichier (titres retenus).")
@click.option(
    "--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Où écrire les rejets."
)
@json_option
@click.pass_obj
def import_(  # noqa: PLR0913 - one argument an option
    host: Host, dataset: str, paths: tuple[Path, ...], *, dry_run: bool, partial: bool,
    customer: str | None, allow_closing: bool, pairs: tuple[str, ...], skip_unknown: bool,
    source: str, rejects: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Importe un fichier du système d'information : CSV, XLSX ou JSON.

    DONNÉES : clients, societes, sites, contacts, routeurs, liaisons, et ceux des rubriques. Peut
    être répété : les lignes se retrouvent par leur clé. Celles qui n'y sont plus sont fermées.
    Ce qui vient en documents (factures) se donne en dossiers, PDF, ZIP, avec leur index ou sans.

    Statut 0 : tout est fait. 1 : le fichier est refusé (rien n'est écrit), ou des lignes sont
    rejetées (les autres sont écrites). Avec --json : imported, dry_run, dialect, mapping, counts
    (rows, new, changed, reopened, gone, same, rejected), kept_open, rejects (line, column, value,
    reason), error.
    """
    from core.imports import report
    from core.imports.runs import Imports

    ready(host)
    known = host.registry.datasets()
    if dataset not in known:
        raise click.UsageError(f"« {dataset} » est inconnu. Connus : {', '.join(known)}.")
    imports, one = Imports(host), _customer(host, customer)
    path = paths[0]
    run_id = imports.receive(
        dataset, path.name, path.stat().st_size, "system",
        source=source, customer_id=one, partial=partial,
    )  # fmt: skip
    told: dict[str, Any] = {"imported": False, "dry_run": dry_run, "error": None}
    try:
        table = imports.gather(run_id, paths)
        examined = imports.examine(run_id, table)
        mapping = _mapped(dict(examined.mapping), pairs, skip_unknown, [*examined.heads])
        told |= {"dialect": examined.dialect.as_json(), "mapping": mapping}
        checked = imports.check(run_id, table, mapping)
        told |= _facts(imports, run_id, checked, rejects)
        if dry_run:
            imports.give_up(run_id, "Essai.")
        else:
            checked = imports.apply(run_id, allow_closing=allow_closing, as_seen=False)
            told |= report.told(checked)
            told["imported"] = True
    except FileError as error:
        imports.give_up(run_id, str(error), RunState.REFUSED)
        told["error"] = str(error)
        _end(told, as_json, path)
    if as_json:
        click.echo(json.dumps(told))
    else:
        _tell(told, examined.dialect.words, rejects or imports.place(run_id) / "rejets.csv")
    if told["counts"]["rejected"]:
        raise SystemExit(1)


def _customer(host: Host, number: str | None) -> int | None:
    from core.db import Customer

    if number is None:
        return None
    with host.engine.connect() as connection:
        found = connection.scalar(sa.select(Customer.id).where(Customer.number == number))
    if found is None:
        raise click.UsageError(f"Aucun client de numéro « {number} ».")
    return found


def _mapped(
    mapping: dict[str, str | None], pairs: tuple[str, ...], skip_unknown: bool, heads: list[str]
) -> dict[str, str | None]:
    """Return the mapping as the options change it: « Titre=colonne », « Titre= » to skip one."""
    for pair in pairs:
        head, sign, column = pair.rpartition("=")
        if not sign or head not in heads:
            raise click.UsageError(f"--map « {pair} » : TITRE=COLONNE, d'un titre du fichier.")
        mapping[head] = column
    return {h: "" if c is None and skip_unknown else c for h, c in mapping.items()}


def _facts(imports: Imports, run_id: int, checked: Checked, path: Path | None) -> dict[str, Any]:
    from core.imports import report
    from core.imports.staging import Stage

    place = imports.place(run_id)
    if path is not None and (place / "rejets.csv").exists():
        shutil.copyfile(place / "rejets.csv", path)
    with Stage(place / "stage.db") as stage:
        rejects = [
            {"line": r.line, "column": r.column, "value": r.value, "reason": r.reason}
            for r in stage.rejects(limit=1000)
        ]
    return {**report.told(checked), "rejects": rejects}


def _end(told: dict[str, Any], as_json: bool, path: Path) -> NoReturn:
    if as_json:
        click.echo(json.dumps(told))
        raise SystemExit(1)
    raise click.ClickException(f"{path.name} : {told['error']}")


def _tell(told: dict[str, Any], dialect: str, rejects: Path) -> None:
    counts = told["counts"]
    click.echo(f"{dialect} : {counts['rows']} lignes lues.")
    said = [f"{counts[name]} {word}" for name, word in WORDS.items() if counts[name]]
    click.echo(f"{'Essai, rien n’est écrit' if told['dry_run'] else 'Importé'} : "
               f"{', '.join(said) or 'rien à faire'}.")  # fmt: skip
    if told["kept_open"]:
        click.echo("Rien n'est fermé : la clé d'une ligne rejetée ne se lit pas.", err=True)
    for row in told["rejects"][:TOLD]:
        where = f"ligne {row['line']}, {row['column']} « {row['value']} »"
        click.echo(f"  rejetée : {where} : {row['reason']}", err=True)
    if counts["rejected"]:
        click.echo(f"Lignes rejetées, à corriger puis importer (--partial) : {rejects}", err=True)
