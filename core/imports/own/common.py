"""What the host's own datasets share: columns that tell whose a row is, and plain writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.datasets import DataKind, DatasetColumn, RowAction, RowChange
from core.db import Base
from core.i18n import N_
from core.imports.loading import Loading

CUSTOMER = DatasetColumn(
    "customer",
    N_("N° client"),
    DataKind.REFERENCE,
    required=True,
    aliases=("Numéro client", "Code client", "Compte client", "Customer number"),
    tmf="632 organization.externalReference.id",
    named=True,
    hint=N_("celui du compte client"),
    example="C7278",
)
COMPANY = DatasetColumn(
    "company",
    N_("Société"),
    required=True,
    aliases=("Raison sociale", "Nom société", "Company"),
    tmf="632 organization.tradingName",
    named=True,
    hint=N_("telle qu'elle est dans « sociétés »"),
    example="Causses Agroalimentaire SAS",
)
SITE = DatasetColumn(
    "site",
    N_("Site"),
    required=True,
    aliases=("Nom du site", "Libellé site", "Site name"),
    tmf="674 geographicSite.name",
    named=True,
    hint=N_("tel qu'il est dans « sites »"),
    example="Rodez Bourran",
)


def write_plainly(
    loading: Loading,
    model: type[Base],
    changes: Sequence[RowChange],
    columns: Mapping[str, str],
) -> None:
    """Write changes whose columns are those of a model: ``columns`` gives them by column name.

    What ``check`` found goes into new rows.
    """
    new, kept, gone = [], [], []
    for change in changes:
        values = {columns[name]: value for name, value in change.values.items() if name in columns}
        if change.action is RowAction.NEW:
            new.append({**values, **change.found})
        elif change.action is RowAction.GONE:
            gone.append({"id": change.id, "closed": loading.now})
        else:
            reopened = {"closed": None} if change.action is RowAction.REOPENED else {}
            kept.append({"id": change.id, **values, **reopened})
    loading.insert(model, new)
    loading.update(model, kept)
    loading.update(model, gone)
