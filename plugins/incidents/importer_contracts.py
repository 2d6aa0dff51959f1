"""What the back office brings in of contracts: the profile of each link, and since when."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.api import (
    N_,
    DataKind,
    Dataset,
    DatasetColumn,
    Link,
    Loading,
    RowAction,
    RowChange,
    RowError,
    Standing,
    fold,
)
from plugins.incidents.models import LinkContract, SlaProfile
from plugins.incidents.profiles import ALWAYS_SINCE

COLUMNS = (
    DatasetColumn(
        "reference", N_("N° de référence (CLS)"), DataKind.REFERENCE,
        aliases=("CLS", "Référence", "N° de référence"), named=True, tmf="623 sla.id",
        example="C7278-00006-001",
    ),
    DatasetColumn(
        "profile", N_("Contrat"), required=True, aliases=("Profil", "GTR"), named=True,
        tmf="623 sla.name", example="GTR 4 h, 24 h / 24 et 7 j / 7",
        hint="le nom d'un profil de la page « Contrats de service »",
    ),
    DatasetColumn(
        "since", N_("Depuis le"), DataKind.DATE, aliases=("Date d'effet",),
        tmf="623 sla.validFor.startDateTime", example="01/01/2027",
        hint="vide : depuis toujours, ou d'aujourd'hui pour un autre contrat",
    ),
)  # fmt: skip


def _labels(loading: Loading) -> dict[str, str]:
    """Return the code of each profile by its name, the latest of each."""
    if "profiles" not in loading.kept:
        query: Any = sa.select(SlaProfile.label, SlaProfile.code).order_by(SlaProfile.since)
        rows: Sequence[Any] = loading.db.rows(query)
        loading.kept["profiles"] = {row[0]: row[1] for row in rows}
    found: dict[str, str] = loading.kept["profiles"]
    return found


def _standing(loading: Loading) -> Iterator[Standing]:
    labels = {code: label for label, code in _labels(loading).items()}
    query: Any = sa.select(
        LinkContract.id, Link.reference, LinkContract.profile, LinkContract.since
    ).join(Link, Link.id == LinkContract.link_id)
    latest: dict[str, Standing] = {}
    for id_, reference, code, since in loading.db.stream(query.order_by(LinkContract.since)):
        begun = None if since == ALWAYS_SINCE else since
        values = {"reference": reference, "profile": labels.get(code, code), "since": begun}
        latest[reference] = Standing(id_, values)
    yield from latest.values()


def _check(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    codes = {fold(label): code for label, code in _labels(loading).items()}
    said = str(values["profile"])
    if fold(said) not in codes:
        near = difflib.get_close_matches(said, list(_labels(loading)), n=1, cutoff=0.3)
        hint = f" ; vouliez-vous dire « {near[0]} » ?" if near else ""
        raise RowError("profile", f"contrat inconnu « {said} »{hint}")
    link = loading.link(values, "reference")
    of = {"link_id": link.id, "company_id": link.company_id, "site_id": link.site_id}
    return {**of, "profile": codes[fold(said)]}


def _write(loading: Loading, changes: Sequence[RowChange]) -> None:
    """Write the contracts that are new; another one of a link stands beside those it had."""
    today = loading.now.astimezone(loading.zone).date()
    added, corrected = [], []
    for change in changes:
        stood = change.before.get("since") or ALWAYS_SINCE
        since = change.values.get("since") or ALWAYS_SINCE
        if change.action is RowAction.CHANGED and not change.values.get("since"):
            since = today
        if change.action is RowAction.CHANGED and _day(since) == _day(stood):
            corrected.append({"id": change.id, "profile": change.found["profile"]})
        elif change.action in (RowAction.NEW, RowAction.CHANGED):
            added.append({**change.found, "since": _day(since)})
    loading.insert(LinkContract, added)
    loading.update(LinkContract, corrected)


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


CONTRACTS = Dataset(
    "profils-sla", N_("Contrats de service"), columns=COLUMNS, key=("reference",),
    standing=_standing, check=_check, write=_write, closes=False, tmf="623 SLA",
)  # fmt: skip
