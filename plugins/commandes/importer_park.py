"""What the back office brings in of subscriptions: the fields of all, then those of each offer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    RowError,
    Site,
    Standing,
)
from plugins.commandes.importer import CLIENT, OWNERS, SITE, move, owner_of
from plugins.commandes.models import CancellationRequest, Subscription
from plugins.commandes.offers import EVERY_FIELD, OFFERS, OTHER, subscription_words

OWN = (
    "reference", "designation", "offer", "technology", "customer_reference", "category",
    "quantity", "lan_address", "lan_mask", "wan_address", "wan_mask", "radius_login",
    "radius_secret", "sales_name", "sales_email", "manager_name", "manager_email", "started",
)  # fmt: skip
"""The columns of a file that are columns of a subscription, under the same names."""
OF_OFFER = {f"offer_{field.key}": field.key for field in EVERY_FIELD}
"""The columns that hold the fields of an offer, by name: their keys."""
NOT_SAID = "Autre"

_TEXTS: tuple[tuple[str, str, str, str], ...] = (
    ("customer_reference", N_("Référence client"), "SITE-0012", "637 product.externalIdentifier"),
    ("category", N_("Catégorie"), "Article d'abonnement de liaison de données (AEIL)",
     "637 product.productOffering.category"),
    ("lan_address", N_("Adresse IP LAN"), "10.10.10.100", "637 product.characteristic.lanAddress"),
    ("lan_mask", N_("Masque LAN"), "255.255.255.0", "637 product.characteristic.lanMask"),
    ("wan_address", N_("Adresse IP WAN"), "10.10.10.101", "637 product.characteristic.wanAddress"),
    ("wan_mask", N_("Masque WAN"), "255.255.255.252", "637 product.characteristic.wanMask"),
    ("radius_login", N_("Login Radius"), "site12@vpn", "637 product.characteristic.radiusLogin"),
    ("sales_name", N_("Commercial"), "Marion Lacombe", "637 product.relatedParty.name"),
    ("sales_email", N_("E-mail commercial"), "m.lacombe@operateur.example",
     "637 product.relatedParty.email"),
    ("manager_name", N_("Chef de projet"), "Damien Bouvier", "637 product.relatedParty.name"),
    ("manager_email", N_("E-mail chef de projet"), "d.bouvier@operateur.example",
     "637 product.relatedParty.email"),
)  # fmt: skip

COLUMNS = (
    CLIENT,
    SITE,
    DatasetColumn(
        "designation", N_("Désignation"), required=True, aliases=("Libellé",),
        tmf="637 product.name", example="Liaison BLR",
    ),
    DatasetColumn(
        "reference", N_("N° de référence (CLS)"), DataKind.REFERENCE,
        aliases=("CLS", "CLSS", "N° de référence", "Référence"),
        tmf="637 product.id", example="C7278-00006-001",
    ),
    DatasetColumn(
        "offer", N_("Type d’offre"), DataKind.CHOICE, default=OTHER.key,
        choices={offer.key: offer.label for offer in OFFERS.values()},
        tmf="637 product.productSpecification.name", example="IP VPN",
    ),
    DatasetColumn(
        "technology", N_("Technologie"), default=NOT_SAID, aliases=("Support d'accès",),
        tmf="637 product.characteristic.technology", example="SDSL",
    ),
    DatasetColumn(
        "quantity", N_("Quantité"), DataKind.INTEGER, default=1, aliases=("Qté",),
        tmf="637 product.quantity", example="1",
    ),
    *(DatasetColumn(name, head, tmf=tmf, example=example) for name, head, example, tmf in _TEXTS),
    DatasetColumn(
        "radius_secret", N_("Mot de passe Radius"), DataKind.SECRET,
        tmf="637 product.characteristic.radiusPassword",
        hint="chiffré à l'arrivée, jamais exporté",
    ),
    DatasetColumn(
        "started", N_("Date de mise en service"), DataKind.DATE, aliases=("Date de début",),
        tmf="637 product.startDate", example="01/03/2006",
    ),
    *(
        DatasetColumn(f"offer_{field.key}", field.label,
                      tmf=f"637 product.characteristic.{field.key}")
        for field in EVERY_FIELD
    ),
    DatasetColumn("ends", N_("Résiliation demandée pour le"), ignored=True),
    DatasetColumn("ending", N_("Résiliation"), ignored=True),
)  # fmt: skip


def _standing(loading: Loading) -> Iterator[Standing]:
    query: Any = (
        sa.select(
            Subscription.id, Subscription.closed, Subscription.facts, Company.name, Site.name,
            *(getattr(Subscription, name) for name in OWN),
        )
        .join(Company, Company.id == Subscription.company_id)
        .join(Site, Site.id == Subscription.site_id)
    )  # fmt: skip
    for id_, closed, facts, company, site, *values in loading.db.stream(query):
        row = dict(zip(OWN, values, strict=True)) | {"company": company, "site": site}
        row |= {name: _text(facts.get(key)) for name, key in OF_OFFER.items()}
        yield Standing(id_, row, closed is not None)


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _check(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    quantity = values.get("quantity")
    if quantity is not None and not 0 < quantity < 1_000_000:
        raise RowError("quantity", "un nombre entier de 1 ou plus est attendu")
    return owner_of(loading, values)


def _write(loading: Loading, changes: Sequence[RowChange]) -> None:
    new = [change for change in changes if change.action is RowAction.NEW]
    loading.insert(Subscription, [_row(change, change.values) for change in new])
    kept = [c for c in changes if c.action in (RowAction.CHANGED, RowAction.REOPENED)]
    moved = [change for change in kept if change.differs(*OWNERS)]
    move(loading, moved, {CancellationRequest: "subscription_id"})
    rows = [{"id": c.id, "closed": None, **_row(c, {**c.before, **c.values})} for c in kept]
    loading.update(Subscription, rows)
    gone = [change for change in changes if change.action is RowAction.GONE]
    loading.update(Subscription, [{"id": c.id, "closed": loading.now} for c in gone])


def _row(change: RowChange, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a subscription; what nobody said of it has a plain value."""
    row = {name: values.get(name) for name in OWN}
    facts = {key: values[name] for name, key in OF_OFFER.items() if values.get(name) is not None}
    row |= {
        "offer": row["offer"] or OTHER.key,
        "technology": row["technology"] or NOT_SAID,
        "quantity": row["quantity"] or 1,
        "facts": facts,
    }
    row["words"] = subscription_words(Subscription(**row))
    return {**row, **change.found}


SUBSCRIPTIONS = Dataset(
    "abonnements", N_("Abonnements"), COLUMNS, ("reference",), standing=_standing, write=_write,
    check=_check, tmf="637 Product",
)  # fmt: skip
