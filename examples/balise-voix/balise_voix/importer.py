"""What a back office brings in: the lines, and the calls of each day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from balise_voix.models import CallDay, LineKind, VoiceLine
from balise_voix.words import KINDS
from core.api import (
    N_,
    DataKind,
    Dataset,
    DatasetColumn,
    Loading,
    RowAction,
    RowChange,
    RowError,
    Site,
    Standing,
)

NUMBER = DatasetColumn(
    "number", N_("Numéro"), DataKind.REFERENCE, aliases=("N° de téléphone", "SDA"),
    example="0565112233", tmf="637 product.productCharacteristic.number",
)  # fmt: skip
PLAIN = ("number", "name", "channels")


def _lines(loading: Loading) -> Iterator[Standing]:
    query: Any = sa.select(
        VoiceLine.id, VoiceLine.number, VoiceLine.name, Site.name, VoiceLine.kind,
        VoiceLine.channels, VoiceLine.closed,
    ).join(Site, Site.id == VoiceLine.site_id)  # fmt: skip
    for id_, number, name, site, kind, channels, closed in loading.db.stream(query):
        values = {
            "number": number,
            "name": name,
            "site": site,
            "kind": kind.value,
            "channels": channels,
        }
        yield Standing(id_, values, closed is not None)


def _check_line(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return whose a line is; a number is ten digits."""
    number = str(values["number"])
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        raise RowError("number", "dix chiffres sont attendus, sans espace : 0565112233")
    channels = values.get("channels")
    if channels is not None and channels < 1:
        raise RowError("channels", "un canal au moins")
    return loading.site(values, "site")._asdict()


def _write_lines(loading: Loading, changes: Sequence[RowChange]) -> None:
    def row(change: RowChange) -> dict[str, Any]:
        values = {**change.before, **change.values}
        kind = LineKind(values.get("kind") or LineKind.LINE)
        plain = {name: values[name] for name in PLAIN}
        return {**plain, "kind": kind, "closed": None, **change.found}

    new = [change for change in changes if change.action is RowAction.NEW]
    loading.insert(VoiceLine, [row(change) for change in new])
    kept = [c for c in changes if c.action in (RowAction.CHANGED, RowAction.REOPENED)]
    loading.update(VoiceLine, [{"id": change.id, **row(change)} for change in kept])
    gone = [change for change in changes if change.action is RowAction.GONE]
    loading.update(VoiceLine, [{"id": change.id, "closed": loading.now} for change in gone])


LINES = Dataset(
    "lignes-voix",
    N_("Lignes téléphoniques"),
    (
        NUMBER,
        DatasetColumn("name", N_("Nom"), required=True, aliases=("Libellé",), example="Accueil",
                      tmf="637 product.name"),
        DatasetColumn("site", N_("Site"), required=True, named=True, example="Rodez",
                      tmf="674 geographicSite.name"),
        DatasetColumn("kind", N_("Type"), DataKind.CHOICE, default=LineKind.LINE.value,
                      choices={kind.value: KINDS[kind] for kind in LineKind}, example="Trunk SIP",
                      tmf="637 product.productOffering.name"),
        DatasetColumn("channels", N_("Canaux"), DataKind.INTEGER, default=1, example="8",
                      hint="appels simultanés", tmf="637 product.productCharacteristic.channels"),
    ),
    key=("number",),
    standing=_lines, check=_check_line, write=_write_lines,
    tmf="637 Product",
)  # fmt: skip

COUNTS = ("incoming", "outgoing", "missed", "seconds")


def _days(loading: Loading) -> Iterator[Standing]:
    query: Any = sa.select(
        CallDay.id, VoiceLine.number, CallDay.day, *(getattr(CallDay, name) for name in COUNTS)
    ).join(VoiceLine, VoiceLine.id == CallDay.line_id)
    for id_, *values in loading.db.stream(query):
        yield Standing(id_, dict(zip(("number", "day", *COUNTS), values, strict=True)))


def _check_day(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the line that a row is about, and whose it is."""
    if "lines" not in loading.kept:
        query: Any = sa.select(
            VoiceLine.number, VoiceLine.id, VoiceLine.company_id, VoiceLine.site_id
        )
        loading.kept["lines"] = {row[0]: row[1:] for row in loading.db.stream(query)}
    found = loading.kept["lines"].get(values["number"])
    if found is None:
        raise RowError("number", "ligne inconnue ici : importez d'abord « lignes-voix »")
    if any((values.get(name) or 0) < 0 for name in COUNTS):
        raise RowError("incoming", "un nombre d'appels ou de secondes n'est pas négatif")
    return dict(zip(("line_id", "company_id", "site_id"), found, strict=True))


def _write_days(loading: Loading, changes: Sequence[RowChange]) -> None:
    def row(change: RowChange) -> dict[str, Any]:
        values = {**change.before, **change.values}
        counts = {name: values.get(name) or 0 for name in COUNTS}
        return {"day": values["day"], **counts, **change.found}

    new = [change for change in changes if change.action is RowAction.NEW]
    loading.insert(CallDay, [row(change) for change in new])
    kept = [change for change in changes if change.action is RowAction.CHANGED]
    loading.update(CallDay, [{"id": change.id, **row(change)} for change in kept])


DAYS = Dataset(
    "appels-voix",
    N_("Appels par jour"),
    (
        NUMBER,
        DatasetColumn("day", N_("Jour"), DataKind.DATE, example="24/11/2026",
                      tmf="635 usage.usageDate"),
        *(
            DatasetColumn(name, header, DataKind.INTEGER, default=0, example=example,
                          tmf=f"635 usage.usageCharacteristic.{name}")
            for name, header, example in (
                ("incoming", N_("Appels entrants"), "42"),
                ("outgoing", N_("Appels sortants"), "17"),
                ("missed", N_("Appels manqués"), "3"),
                ("seconds", N_("Durée (s)"), "9120"),
            )
        ),
    ),
    key=("number", "day"),
    standing=_days, check=_check_day, write=_write_days, closes=False,
    tmf="635 Usage",
)  # fmt: skip
