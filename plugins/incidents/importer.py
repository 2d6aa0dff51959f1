"""What the back office brings in: tickets of its own tool, and the contract profile of links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from core.api import (
    N_,
    Company,
    DataKind,
    Dataset,
    DatasetColumn,
    Link,
    Loading,
    RowAction,
    RowChange,
    RowError,
    Site,
    Standing,
)
from plugins.incidents.life import Cause, Impact, Status, Stop, Users
from plugins.incidents.models import Ticket, TicketPause, ticket_words
from plugins.incidents.words import CAUSES, SEVERITIES, STATUSES, TITLES

OWN = (
    "number", "title", "status", "impact", "severity", "cause", "customer_reference", "opened",
    "taken", "resolved", "closed", "assignee", "description", "solution",
)  # fmt: skip
"""The columns of a file that are columns of a ticket, under the same names."""
TYPES: Mapping[str, Any] = {"status": Status, "impact": Impact, "cause": Cause, "severity": int}
ISO = DataKind.DATETIME


def _column(name: str, header: str, kind: DataKind = DataKind.TEXT, **more: Any) -> DatasetColumn:
    return DatasetColumn(name, header, kind, **more)


COLUMNS = (
    _column("number", N_("N° de ticket"), DataKind.REFERENCE, aliases=("Ticket", "Numéro"),
            tmf="621 troubleTicket.externalIdentifier.id", example="269286"),
    _column("reference", N_("N° de référence (CLS)"), DataKind.REFERENCE, required=True,
            aliases=("CLS", "Référence", "N° de référence"), named=True,
            tmf="621 troubleTicket.relatedEntity.id", example="C7278-00006-001",
            hint="la liaison, telle qu'elle est dans « liaisons »"),
    _column("company", N_("Société"), ignored=True, example="Causses Agroalimentaire"),
    _column("site", N_("Site"), ignored=True, example="Agence Lot"),
    _column("title", N_("Objet"), required=True, aliases=("Titre",),
            tmf="621 troubleTicket.name", example="Coupure de la liaison principale"),
    _column("status", N_("État"), DataKind.CHOICE, required=True, aliases=("Statut",),
            choices={s.value: STATUSES[s][0] for s in Status},
            tmf="621 troubleTicket.status", example="Résolu"),
    _column("impact", N_("Impact"), DataKind.CHOICE, required=True,
            choices={i.value: TITLES[i] for i in Impact},
            tmf="621 troubleTicket.ticketType", example="Coupure"),
    _column("severity", N_("Gravité"), DataKind.CHOICE, required=True, aliases=("Priorité",),
            choices={str(n): words for n, (words, _css) in SEVERITIES.items()},
            tmf="621 troubleTicket.severity", example="1 · Critique"),
    _column("cause", N_("Imputable à"), DataKind.CHOICE, default=Cause.OPERATOR.value,
            choices={c.value: CAUSES[c] for c in Cause},
            tmf="621 troubleTicket.troubleTicketCharacteristic", example="Opérateur"),
    _column("customer_reference", N_("Référence client"),
            tmf="621 troubleTicket.externalIdentifier.id", example="INC-42"),
    _column("opened", N_("Ouvert le"), ISO, required=True, aliases=("Date d'ouverture",),
            tmf="621 troubleTicket.creationDate", example="24/11/2026 08:24"),
    _column("taken", N_("Pris en charge le"), ISO,
            tmf="621 troubleTicket.statusChange", example="24/11/2026 08:32"),
    _column("resolved", N_("Résolu le"), ISO, aliases=("Date de rétablissement",),
            tmf="621 troubleTicket.resolutionDate", example="24/11/2026 11:30"),
    _column("closed", N_("Clos le"), ISO, tmf="621 troubleTicket.statusChange",
            example="25/11/2026 09:00"),
    _column("stopped", N_("Horloge arrêtée (min)"), DataKind.INTEGER,
            tmf="621 troubleTicket.troubleTicketCharacteristic", example="45",
            hint="minutes d'attente du client, comptées après la prise en charge"),
    _column("assignee", N_("Suivi par"), tmf="621 troubleTicket.relatedParty.name",
            example="Support Sud"),
    _column("description", N_("Description de l’incident"),
            tmf="621 troubleTicket.description", example="Le site ne répond plus."),
    _column("solution", N_("Solution de l’incident"),
            tmf="621 troubleTicket.note.text", example="Fibre ressoudée."),
)  # fmt: skip


def _standing(loading: Loading) -> Iterator[Standing]:
    query: Any = sa.select(
        Ticket.id, Link.reference, *(getattr(Ticket, name) for name in OWN)
    ).outerjoin(Link, Link.id == Ticket.link_id)
    for id_, reference, *values in loading.db.stream(query):
        row = dict(zip(OWN, values, strict=True)) | {"reference": reference}
        for name in TYPES:
            row[name] = str(getattr(row[name], "value", row[name]))
        row["stopped"] = _stopped(loading).get(id_)
        for name in ("description", "solution"):
            row[name] = row[name] or None
        yield Standing(id_, row)


def _stopped(loading: Loading) -> dict[int, int]:
    """Return the minutes for which the clock of each ticket stood, that ended."""
    if "stopped" not in loading.kept:
        found: dict[int, int] = {}
        query: Any = sa.select(TicketPause.ticket_id, TicketPause.start, TicketPause.end).where(
            TicketPause.end.is_not(None), TicketPause.reason == Stop.CUSTOMER
        )
        for id_, start, end in loading.db.stream(query):
            found[id_] = found.get(id_, 0) + int((end - start).total_seconds()) // 60
        loading.kept["stopped"] = found
    kept: dict[int, int] = loading.kept["stopped"]
    return kept


def _check(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return whose a ticket is, by its link; refuse times that do not follow one another."""
    number = str(values["number"])
    if not number.isascii() or "/" in number or len(number) > 40:
        raise RowError("number", "un numéro de chiffres et de lettres est attendu")
    times = [(name, values.get(name)) for name in ("opened", "taken", "resolved", "closed")]
    known = [(name, at) for name, at in times if at is not None]
    for (_before, earlier), (name, later) in pairwise(known):
        if later < earlier:
            raise RowError(name, "cette date précède l'étape d'avant")
    over = values["status"] in (Status.RESOLVED.value, Status.CLOSED.value)
    if over and values.get("resolved") is None:
        raise RowError("resolved", "un ticket résolu ou clos a une date de résolution")
    if not over and values.get("resolved") is not None:
        raise RowError(
            "status", "un ticket qui a une date de résolution est « Résolu » ou « Clos »"
        )
    link = loading.link(values, "reference")
    return {"link_id": link.id, "company_id": link.company_id, "site_id": link.site_id}


def _write(loading: Loading, changes: Sequence[RowChange]) -> None:
    names = _names(loading, changes)
    new = [change for change in changes if change.action is RowAction.NEW]
    ids = loading.insert(Ticket, [_row(change, names, new=True) for change in new])
    _pause(loading, list(zip(ids, new, strict=True)))
    kept = [change for change in changes if change.action is RowAction.CHANGED]
    versions = _versions(loading, [change.id for change in kept if change.id])
    rows = [
        {"id": c.id, "version": versions.get(c.id or 0, 1) + 1, **_row(c, names, new=False)}
        for c in kept
    ]
    loading.update(Ticket, rows)
    loading.kept.pop("stopped", None)


def _names(loading: Loading, changes: Sequence[RowChange]) -> dict[int, tuple[str, str]]:
    """Return the names of the site and company of the links of changes."""
    ids = {change.found["link_id"] for change in changes if change.found}
    query: Any = (
        sa.select(Link.id, Site.name, Company.name)
        .join(Site, Site.id == Link.site_id)
        .join(Company, Company.id == Link.company_id)
        .where(Link.id.in_(ids))
    )
    rows: Sequence[Any] = loading.db.rows(query)
    return {row[0]: (row[1], row[2]) for row in rows}


def _versions(loading: Loading, ids: Sequence[int]) -> dict[int, int]:
    query: Any = sa.select(Ticket.id, Ticket.version).where(Ticket.id.in_(ids))
    rows: Sequence[Any] = loading.db.rows(query)
    return {row[0]: row[1] for row in rows}


def _row(change: RowChange, names: Mapping[int, tuple[str, str]], *, new: bool) -> dict[str, Any]:
    """Return the columns of a ticket, those worked out from others too."""
    values = {**change.before, **change.values}
    row: dict[str, Any] = {name: values.get(name) for name in OWN}
    for name, kind in TYPES.items():
        row[name] = kind(values.get(name) or Cause.OPERATOR.value)
    for name in ("description", "solution"):
        row[name] = row[name] or ""
    place = names.get(change.found["link_id"], ())
    row["words"] = ticket_words(
        row["number"], row["title"], row["customer_reference"], values["reference"], *place
    )
    if new:
        row |= {"users": Users.EVERYONE, "opened_by": "import", "version": 1,
                "opened_name": row["assignee"] or "Support opérateur"}  # fmt: skip
    return {**row, **change.found}


def _pause(loading: Loading, made: Sequence[tuple[int, RowChange]]) -> None:
    """Write the time for which the clock of new tickets stood, from when they were taken on."""
    rows = []
    for id_, change in made:
        minutes = change.values.get("stopped") or 0
        if minutes > 0:
            start = change.values.get("taken") or change.values["opened"]
            owner = {name: change.found[name] for name in ("company_id", "site_id")}
            end = start + timedelta(minutes=minutes)
            if (resolved := change.values.get("resolved")) is not None:
                end = min(end, resolved)
            rows.append({**owner, "ticket_id": id_, "start": start, "end": end,
                         "reason": Stop.CUSTOMER})  # fmt: skip
    loading.insert(TicketPause, rows)


INCIDENTS = Dataset(
    "incidents", N_("Tickets d’incident"), columns=COLUMNS, key=("number",), standing=_standing,
    check=_check, write=_write, closes=False, tmf="621 TroubleTicket",
)  # fmt: skip
