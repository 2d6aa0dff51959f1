"""``balise metrics``: measures from the shell: history brought in, months told, sums checked."""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from core import clock, formats
from core.cli_links import json_option, links_of, month_option, ready, zone_of, zone_option
from core.cli_load import load

if TYPE_CHECKING:
    from core.host import Host
    from core.network.metrics import Report


@click.group()
def metrics() -> None:
    """Les mesures : reprise d'historique, rapports du mois, vérification."""


metrics.add_command(load)


@metrics.command()
@click.argument("references", metavar="LIAISON…", nargs=-1, required=True)
@month_option
@zone_option
@json_option
@click.pass_obj
def report(
    host: Host, references: tuple[str, ...], month: tuple[int, int], zone: ZoneInfo | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Donne le mois d'une liaison, ou de la somme de plusieurs.

    Volumes exacts ; débit moyen, de pointe et 95e centile (moyennes de cinq minutes, entrant et
    sortant à part) ; créneaux mesurés et manquants. La pointe de plusieurs liaisons est celle des
    moyennes de cinq minutes ; un créneau qui manque à l'une manque à la somme.

    Avec --json : links, month, zone, start, end (UTC), complete (mois fini), in_octets,
    out_octets, in_ et out_ mean_bps, peak_bps et p95_bps, p95_bps (le plus haut des deux sens),
    slots, present, missing, coverage (0 à 1), covered_seconds. null : on ne sait pas.
    """
    from core.network.metrics import levels, months

    ready(host)
    now = clock.now()
    with Session(host.engine) as session:
        links = links_of(session, references)
        zone = zone or zone_of(links, host)
    start, end = months.month(*month, zone)
    if start >= now:
        raise click.ClickException(f"{month[0]}-{month[1]:02} n'a pas commencé.")
    complete = end <= now
    if not complete:
        end = datetime.fromtimestamp(now.timestamp() // 300 * 300, UTC)
    if len(links) == 1:
        found = host.metrics.reports(links, start, end)[links[0].id]
    else:
        found = host.metrics.combined(links, start, end)
    if as_json:
        facts = _report_facts(found)
        period = {"start": start.isoformat(), "end": end.isoformat(), "complete": complete}
        name = {"links": [link.reference for link in links], "month": f"{month[0]}-{month[1]:02}"}
        click.echo(json.dumps({**name, "zone": str(zone), **period, **facts}))
        return
    names = " + ".join(link.reference for link in links)
    click.echo(f"{names}, {month[0]}-{month[1]:02} ({zone})")
    if not complete:
        click.echo(f"Mois en cours : jusqu'au {formats.moment(end, zone)}")
    _tell_report(found)
    kept = now.timestamp() - start.timestamp() < levels.KEPT[levels.FIVE]
    if found.covered and found.missing == found.slots:
        click.echo("  Ces créneaux ne sont plus gardés : volumes d'après les heures, sans centile.")
    elif found.covered and not kept:
        click.echo("  Les plus anciens ne sont plus gardés : centile d'après ceux qui restent.")


def _report_facts(found: Report) -> dict[str, Any]:
    """Return the figures for a script: octets, bit/s, five-minute slots."""
    present = found.slots - found.missing
    both = [p95 for p95 in (found.in_p95_bps, found.out_p95_bps) if p95 is not None]
    return {
        "in_octets": found.in_octets,
        "out_octets": found.out_octets,
        "in_mean_bps": found.in_mean_bps,
        "out_mean_bps": found.out_mean_bps,
        "in_peak_bps": found.in_peak_bps,
        "out_peak_bps": found.out_peak_bps,
        "in_p95_bps": found.in_p95_bps,
        "out_p95_bps": found.out_p95_bps,
        "p95_bps": max(both) if both else None,
        "slots": found.slots,
        "present": present,
        "missing": found.missing,
        "coverage": present / found.slots if found.slots else None,
        "covered_seconds": found.covered,
    }


def _tell_report(found: Report) -> None:
    rows = (
        ("Volume", found.in_octets, found.out_octets),
        ("Moyenne", found.in_mean_bps, found.out_mean_bps),
        ("Pointe", found.in_peak_bps, found.out_peak_bps),
        ("95e centile", found.in_p95_bps, found.out_p95_bps),
    )
    for name, inward, outward in rows:
        write = formats.octets if name == "Volume" else formats.rate
        exact = (f" ({inward} octets)", f" ({outward} octets)") if name == "Volume" else ("", "")
        click.echo(
            f"  {name:<12} entrant {write(inward)}{exact[0]}, sortant {write(outward)}{exact[1]}"
        )
    present = found.slots - found.missing
    share = formats.percent(present / found.slots if found.slots else None, 2)
    click.echo(
        f"  Créneaux de cinq minutes : {present} mesurés sur {found.slots} ({share}), "
        f"{found.missing} manquants"
    )


@metrics.command()
@json_option
@click.pass_obj
def verify(host: Host, as_json: bool) -> None:
    """Compare les agrégats aux mesures dont ils viennent. Statut 1 s'ils diffèrent.

    Avec --json : ok, mismatches (family, level, id, at en secondes depuis 1970, column, found,
    expected).
    """
    ready(host)
    found = [dataclasses.asdict(mismatch) for mismatch in host.metrics.verify()]
    if as_json:
        click.echo(json.dumps({"ok": not found, "mismatches": found}))
    else:
        for one in found:
            at = datetime.fromtimestamp(one["at"], UTC).isoformat()
            click.echo(
                f"{one['family']} {one['level']}, n° {one['id']}, {at} : {one['column']} "
                f"{one['found']}, attendu {one['expected']}"
            )
        click.echo(f"Différences : {len(found)}." if found else "Tout concorde.")
    sys.exit(1 if found else 0)
