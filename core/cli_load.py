"""``balise metrics load``: the history of a link, from another tool."""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from core import audit, clock, formats
from core.cli_links import json_option, links_of, ready, zone_of, zone_option

if TYPE_CHECKING:
    from core.host import Host
    from core.network.metrics.backfill import Loaded
    from core.network.metrics.intervals import Course, Stamp
    from core.network.metrics.readings import Table

CAUSES = {
    "missing": "lignes absentes",
    "no_value": "lignes sans mesure",
    "unfinished": "intervalle pas encore fini",
    "reboot": "redémarrage du routeur",
    "reset": "compteur remis à zéro",
    "ambiguous": "plusieurs tours de compteur possibles",
    "too_fast": "plus que la ligne ne porte",
    "too_long": "relevés trop éloignés",
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the file is to be taken."""

    bits: int
    rrd: bool
    stamp: Stamp
    interval: float | None
    speed_bps: int | None


@click.command()
@click.argument("reference", metavar="LIAISON")
@click.argument(
    "path", metavar="FICHIER", type=click.Path(path_type=Path, dir_okay=False, exists=True)
)
@click.option("--counters", is_flag=True, help="Compteurs de 64 bits, pas octets par intervalle.")
@click.option("--counters32", is_flag=True, help="Compteurs de 32 bits.")
@click.option("--rrd", is_flag=True, help="Fichier RRD (Cacti, LibreNMS…), lu par rrdtool.")
@click.option("--interval", type=click.FloatRange(1, 31 * 86_400), help="Secondes d'un intervalle.")
@click.option(
    "--stamp",
    type=click.Choice(["start", "end"]),
    default="start",
    show_default=True,
    help="L'heure d'une ligne est le début ou la fin de l'intervalle.",
)
@click.option("--speed", type=click.IntRange(1), help="Vitesse de l'interface, bit/s.")
@zone_option
@click.option("--skip-bad", is_flag=True, help="Charger le reste malgré des lignes fausses.")
@click.option("--dry-run", is_flag=True, help="Dire ce qui serait fait, sans rien écrire.")
@json_option
@click.pass_obj
def load(  # noqa: PLR0913 - one argument an option
    host: Host, reference: str, path: Path, *, counters: bool, counters32: bool, rrd: bool,
    interval: float | None, stamp: Stamp, speed: int | None, zone: ZoneInfo | None,
    skip_bad: bool, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Reprend l'historique d'une liaison depuis un autre outil.

    FICHIER : heure, octets entrants, octets sortants par intervalle, séparés par « , », « ; » ou
    tabulation. L'heure : secondes depuis 1970 ou date ISO 8601. Peut être répété : ce qui est
    déjà mesuré reste.

    Avec --json : link, loaded, rows (lignes lues), duplicates, bad, problems (line, column, value,
    reason), intervals, gaps (nombre par cause), start, end (UTC), in_octets et out_octets du
    fichier ; slots (créneaux de cinq minutes écrits), left (déjà mesurés), too_old,
    loaded_in_octets, loaded_out_octets. D'un fichier refusé : loaded (false), bad, problems.
    """
    if sum((counters, counters32, rrd)) > 1:
        raise click.UsageError("--counters, --counters32 et --rrd s'excluent.")
    if interval is not None and math.isnan(interval):
        raise click.UsageError("--interval : un nombre de secondes.")
    ready(host)
    bits = 64 if counters else 32 if counters32 else 0
    now = clock.now()
    with Session(host.engine) as session:
        link = links_of(session, [reference])[0]
        zone = zone or zone_of([link], host)
        rates = (link.contract_in_bps or 0, link.contract_out_bps or 0)
        # A line may carry more than was sold: only the wraps of a counter need a limit.
        fastest = speed or (max(rates) or None if bits == 32 else None)
    kind = _Kind(bits, rrd, stamp, interval, fastest)
    with _told(path):
        table = None if rrd else _table(path, kind, zone, now)
        if table is not None and table.bad and not skip_bad:
            _refuse(table, as_json)
        course = _course(path, table, kind, now)
    if table is not None and not bits:
        _wonder(table)
    loaded = _bring_in(host, link.id, course, now, dry_run)
    facts = _facts(reference, course, table, loaded, dry_run)
    if not dry_run:
        audit.write(
            host.engine,
            now=now,
            actor="system",
            action="measures loaded",
            target=reference,
            file=path.name,
            slots=loaded.written,
            left=loaded.left,
        )
    if as_json:
        click.echo(json.dumps(facts))
    else:
        _tell(facts, zone)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """End with what is wrong with a file that cannot be taken."""
    from core.network.metrics.readings import FileError

    try:
        yield
    except FileError as error:
        raise click.ClickException(f"{path} : {error}") from error
    except OSError as error:
        raise click.ClickException(f"{path} ne se lit pas ({error.strerror}).") from error


def _table(path: Path, kind: _Kind, zone: ZoneInfo, now: datetime) -> Table:
    """Return the rows of a CSV file. Raises ``FileError``."""
    from core.network.metrics import readings

    form = readings.Format(zone, now.timestamp(), kind.bits)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        table = readings.read(iter(lambda: file.readline(readings.LONGEST_LINE + 3), ""), form)
    if not table.rows:
        raise readings.FileError("aucune ligne de mesures.")
    return table


def _course(path: Path, table: Table | None, kind: _Kind, now: datetime) -> Course:
    """Return what the rows of a file tell, or an RRD file (no rows). Raises ``FileError``."""
    from core.network.metrics import intervals, rrd

    if table is None:
        return rrd.read(path, kind.speed_bps)
    if kind.bits:
        return intervals.of_counters(table, kind.bits, kind.interval, kind.speed_bps)
    return intervals.of_octets(table, kind.stamp, kind.interval, kind.speed_bps, now.timestamp())


def _bring_in(host: Host, link: int, course: Course, now: datetime, dry_run: bool) -> Loaded:
    from core.network.metrics import backfill
    from core.network.metrics.levels import StoreError

    raw_days = host.config.storage.raw_days
    try:
        return backfill.bring_in(host.metrics, link, course, now, raw_days, dry_run)
    except (sqlite3.Error, StoreError) as error:
        said = f"Les mesures ne s'écrivent pas : {error}. Recommencez : rien ne comptera deux fois."
        raise click.ClickException(said) from error


def _wonder(table: Table) -> None:
    """Warn of counters that were given as octets of intervals."""
    from core.network.metrics.readings import looks_counted

    if looks_counted(table):
        said = (
            "Attention : les deux colonnes ne font que croître. Si ce sont des compteurs, pas des "
            "octets par intervalle, donnez --counters (ou --counters32)."
        )
        click.echo(said, err=True)


def _refuse(table: Table, as_json: bool) -> None:
    """Tell the rows that cannot be, and end: nothing was loaded."""
    if as_json:
        problems = [problem.as_json() for problem in table.problems]
        click.echo(json.dumps({"loaded": False, "bad": table.bad, "problems": problems}))
    for problem in table.problems:
        click.echo(
            f"Ligne {problem.line}, {problem.column} : « {problem.value} » {problem.reason}.",
            err=True,
        )
    shown = f", dont {len(table.problems)} ci-dessus" if table.bad > len(table.problems) else ""
    many = "lignes fausses" if table.bad > 1 else "ligne fausse"
    raise click.ClickException(
        f"{table.bad} {many} sur {table.rows}{shown} : rien n'est chargé. "
        "--skip-bad charge le reste."
    )


def _facts(
    reference: str, course: Course, table: Table | None, loaded: Loaded, dry_run: bool
) -> dict[str, Any]:
    """Return what was read and written, for a script."""
    octets_in, octets_out = course.volume
    ends = [float(course.starts[0]), float(course.ends[-1])] if len(course) else []
    start, end = [datetime.fromtimestamp(at, UTC).isoformat() for at in ends] or (None, None)
    return {
        "link": reference,
        "loaded": not dry_run,
        "rows": len(course) if table is None else table.rows,
        "duplicates": 0 if table is None else table.duplicates,
        "bad": 0 if table is None else table.bad,
        "problems": [] if table is None else [problem.as_json() for problem in table.problems],
        "intervals": len(course),
        "gaps": dict(+course.gaps),
        "start": start,
        "end": end,
        "in_octets": octets_in,
        "out_octets": octets_out,
        "slots": loaded.written,
        "left": loaded.left,
        "too_old": loaded.too_old,
        "loaded_in_octets": loaded.in_octets,
        "loaded_out_octets": loaded.out_octets,
    }


def _tell(facts: dict[str, Any], zone: ZoneInfo) -> None:
    read = [f"{facts['rows']} lignes lues"]
    read += [
        f"{facts[key]} {word}"
        for key, word in (("duplicates", "doublons"), ("bad", "fausses, laissées de côté"))
        if facts[key]
    ]
    click.echo(", ".join(read))
    for problem in facts["problems"]:
        click.echo("  ligne {line}, {column} : « {value} » {reason}".format(**problem))
    if facts["start"]:
        ends = (datetime.fromisoformat(facts[key]) for key in ("start", "end"))
        first, last = (formats.moment(at, zone) for at in ends)
        click.echo(f"Période : du {first} au {last} ({zone})")
    for way, key in (("entrant", "in_octets"), ("sortant", "out_octets")):
        click.echo(f"Volume {way} : {facts[key]} octets ({formats.octets(facts[key])})")
    gaps = [f"{number} ({CAUSES.get(cause, cause)})" for cause, number in facts["gaps"].items()]
    click.echo(f"Trous : {', '.join(gaps) or 'aucun'}")
    done = "chargés" if facts["loaded"] else "à charger (--dry-run : rien n'est écrit)"
    click.echo(f"Créneaux de cinq minutes : {facts['slots']} {done}")
    if facts["left"]:
        click.echo(f"  {facts['left']} laissés tels quels : déjà mesurés")
    if facts["too_old"]:
        click.echo(f"  {facts['too_old']} plus anciens que tout ce qui est gardé, laissés")
