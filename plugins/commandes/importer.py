"""What the back office brings in: orders and production codes; ``importer_park`` has the rest.

A change of an order line is told in its history, in the transaction that makes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.api import (
    N_,
    Company,
    DataKind,
    Dataset,
    DatasetColumn,
    Loading,
    RowAction,
    RowChange,
    Site,
    Standing,
)
from plugins.commandes.models import (
    Actor,
    Kind,
    OrderChange,
    OrderLine,
    OrderMessage,
    OrderRead,
    ProductionCode,
    Stage,
    is_installed,
    line_words,
)
from plugins.commandes.words import FIELDS, KINDS, STAGES

OWN = (
    "reference", "kind", "article", "contract", "wanted", "router", "link", "state", "code",
    "production_label", "ordered", "delivered", "cancelled_for",
)  # fmt: skip
"""The columns of a file that are columns of an order line, under the same names."""
OWNERS = ("company", "site")
TOLD = tuple(name for name in FIELDS if name != "closed")

CLIENT = DatasetColumn(
    "company", N_("Client"), required=True, aliases=("Société", "Raison sociale", "Customer"),
    named=True, tmf="632 organization.tradingName", example="Causses Agroalimentaire",
    hint="la société, telle qu'elle est dans « sociétés »",
)  # fmt: skip
SITE = DatasetColumn(
    "site", N_("Site"), required=True, aliases=("Nom du site", "Libellé site"), named=True,
    tmf="674 geographicSite.name", example="Agence Lot", hint="tel qu'il est dans « sites »",
)  # fmt: skip


def _column(name: str, header: str, kind: DataKind = DataKind.TEXT, **more: Any) -> DatasetColumn:
    return DatasetColumn(name, header, kind, **more)


COLUMNS = (
    _column("reference", N_("N° de référence (CLS)"), DataKind.REFERENCE,
            aliases=("CLS", "CLSS", "N° de référence", "Référence"),
            tmf="622 productOrderItem.product.externalIdentifier.id", example="C7278-00006-001"),
    _column("kind", N_("Type BC"), DataKind.CHOICE, choices={k.value: KINDS[k] for k in Kind},
            aliases=("Type de bon de commande", "BC"), tmf="622 productOrderItem.action",
            example="Création"),
    CLIENT,
    SITE,
    _column("article", N_("Libellé article"), required=True, aliases=("Article", "Offre"),
            tmf="622 productOrderItem.productOffering.name", example="IP VPN SDSL 500k"),
    _column("contract", N_("Date contractuelle"), DataKind.DATE, aliases=("Date contract.",),
            tmf="622 productOrder.expectedCompletionDate", example="10/06/2011"),
    _column("wanted", N_("Date souhaitée"), DataKind.DATE,
            tmf="622 productOrder.requestedCompletionDate", example="01/06/2011"),
    _column("router", N_("Date RDV routeur"), DataKind.DATE, aliases=("RDV routeur",),
            tmf="622 productOrderItem.appointment", example="14/06/2011"),
    _column("link", N_("Date RDV lien"), DataKind.DATE, aliases=("RDV lien",),
            tmf="622 productOrderItem.appointment", example="31/05/2011"),
    _column("state", N_("État commande"), required=True, aliases=("État", "Statut"),
            tmf="622 productOrderItem.state", example="INSTALL PROGRAMMEE"),
    _column("code", N_("Code production"), DataKind.REFERENCE, aliases=("Code prod",),
            tmf="622 productOrder.milestone.id", example="ERAT_260"),
    _column("production_label", N_("Libellé code production"), aliases=("Libellé production",),
            tmf="622 productOrder.milestone.name", example="Travaux opérateur à réaliser"),
    _column("ordered", N_("Date de commande"), DataKind.DATE,
            tmf="622 productOrder.orderDate", example="02/04/2011"),
    _column("delivered", N_("Date de mise en service"), DataKind.DATE,
            tmf="622 productOrder.completionDate", example="15/06/2011"),
    _column("cancelled_for", N_("Résiliation demandée pour le"), DataKind.DATE,
            tmf="622 cancelProductOrder.requestedCancellationDate", example="31/12/2011"),
)  # fmt: skip


def _standing(loading: Loading) -> Iterator[Standing]:
    query: Any = (
        sa.select(
            OrderLine.id, OrderLine.closed, Company.name, Site.name,
            *(getattr(OrderLine, name) for name in OWN),
        )
        .join(Company, Company.id == OrderLine.company_id)
        .join(Site, Site.id == OrderLine.site_id)
    )  # fmt: skip
    for id_, closed, company, site, *values in loading.db.stream(query):
        row = dict(zip(OWN, values, strict=True)) | {"company": company, "site": site}
        row["kind"] = row["kind"].value
        yield Standing(id_, row, closed is not None)


def owner_of(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return whose a row of a file is, by its client and its site."""
    return loading.site(values, "site", "company")._asdict()


def _write(loading: Loading, changes: Sequence[RowChange]) -> None:
    new = [change for change in changes if change.action is RowAction.NEW]
    loading.insert(OrderLine, [_row(change, change.values) for change in new])
    kept = [c for c in changes if c.action in (RowAction.CHANGED, RowAction.REOPENED)]
    moved = [change for change in kept if change.differs(*OWNERS)]
    move(loading, moved, {OrderChange: "line_id", OrderMessage: "line_id", OrderRead: "line_id"})
    rows = [{"id": c.id, "closed": None, **_row(c, {**c.before, **c.values})} for c in kept]
    loading.update(OrderLine, rows)
    gone = [change for change in changes if change.action is RowAction.GONE]
    loading.update(OrderLine, [{"id": change.id, "closed": loading.now} for change in gone])
    _tell(loading, [*kept, *gone])


def _row(change: RowChange, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of an order line, those worked out from others too."""
    row: dict[str, Any] = {name: values.get(name) for name in OWN}
    row["kind"] = Kind(values["kind"])
    row["installed"] = is_installed(row["state"])
    parts = (row["reference"], row["article"], row["state"], row["code"], row["production_label"])
    row["words"] = line_words(*parts)
    return {**row, **change.found}


def move(loading: Loading, changes: Sequence[RowChange], children: Mapping[type[Any], str]) -> None:
    """Give the rows that hang on rows which changed hands the new owner of those."""
    owners = {change.id: change.found for change in changes if change.found}
    if not owners:
        return
    for model, column in children.items():
        key = getattr(model, column)
        query: Any = sa.select(model.id, key).where(key.in_(list(owners)))
        rows = [{"id": id_, **owners[parent]} for id_, parent in loading.db.stream(query)]
        loading.update(model, rows)


def _tell(loading: Loading, changes: Sequence[RowChange]) -> None:
    """Add what changed to the history of the lines."""
    ids = [change.id for change in changes]
    query: Any = sa.select(OrderLine.id, OrderLine.company_id, OrderLine.site_id).where(
        OrderLine.id.in_(ids)
    )
    owners = {row[0]: {"company_id": row[1], "site_id": row[2]} for row in loading.db.stream(query)}
    rows = [
        {**owners[change.id], "line_id": change.id, "at": loading.now, **told}
        for change in changes
        if change.id in owners
        for told in _differences(change)
    ]
    loading.insert(OrderChange, rows)


def _differences(change: RowChange) -> Iterator[dict[str, Any]]:
    for name in TOLD:
        if change.differs(name):
            before, after = change.before.get(name), change.values[name]
            yield {"field": name, "before": _said(before), "after": _said(after)}
    ended = {RowAction.GONE: "closed", RowAction.REOPENED: "open"}.get(change.action)
    if ended:
        yield {"field": "closed", "before": None, "after": ended}


def _said(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


ORDERS = Dataset(
    "commandes", N_("Commandes"), COLUMNS, ("reference", "kind"), standing=_standing, write=_write,
    check=owner_of, tmf="622 ProductOrder",
)  # fmt: skip

ACTORS = {Actor.CUSTOMER: N_("Client"), Actor.OPERATOR: N_("Opérateur"), Actor.THIRD: N_("Tiers")}


def _standing_codes(loading: Loading) -> Iterator[Standing]:
    query: Any = sa.select(
        ProductionCode.id, ProductionCode.code, ProductionCode.label, ProductionCode.stage,
        ProductionCode.actor,
    )  # fmt: skip
    for id_, code, label, stage, actor in loading.db.stream(query):
        values = {"code": code, "label": label, "stage": stage.value, "actor": actor.value}
        yield Standing(id_, values)


def _write_codes(loading: Loading, changes: Sequence[RowChange]) -> None:
    def row(change: RowChange) -> dict[str, Any]:
        values = {**change.before, **change.values}
        return {**values, "stage": Stage(values["stage"]), "actor": Actor(values["actor"])}

    new = [row(change) for change in changes if change.action is RowAction.NEW]
    loading.insert(ProductionCode, new)
    kept = [c for c in changes if c.action in (RowAction.CHANGED, RowAction.REOPENED)]
    loading.update(ProductionCode, [{"id": change.id, **row(change)} for change in kept])


PRODUCTION_CODES = Dataset(
    "codes-production",
    N_("Codes production"),
    (
        _column("code", N_("Code"), DataKind.REFERENCE, aliases=("Code production",),
                tmf="622 productOrder.milestone.id", example="ERAT_260"),
        _column("label", N_("Libellé"), required=True, aliases=("Libellé code production",),
                tmf="622 productOrder.milestone.name", example="Travaux opérateur à réaliser"),
        _column("stage", N_("Étape"), DataKind.CHOICE, required=True,
                choices={stage.value: label for stage, label in STAGES.items()},
                tmf="622 productOrder.milestone.description", example="Travaux"),
        _column("actor", N_("Acteur"), DataKind.CHOICE, required=True,
                choices={actor.value: label for actor, label in ACTORS.items()},
                tmf="622 productOrder.relatedParty.role", example="Tiers"),
    ),
    ("code",),
    standing=_standing_codes,
    write=_write_codes,
    closes=False,
    tmf="622 Milestone",
)  # fmt: skip
