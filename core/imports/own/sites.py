"""Sites: TM Forum 674 (Geographic Site)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.datasets import DataKind, Dataset, DatasetColumn, RowChange, RowError, Standing
from core.db import Company, Customer
from core.i18n import N_, _
from core.imports.loading import Loading
from core.imports.own.common import COMPANY, CUSTOMER, SITE, write_plainly
from core.network.inventory import Site

_FIELDS = ("address", "postal_code", "commune", "country", "latitude", "longitude")


def _standing(loading: Loading) -> Iterator[Standing]:
    query = (
        sa.select(
            Site.id, Customer.number, Company.name, Site.name, Site.address, Site.postal_code,
            Site.commune, Site.country, Site.latitude, Site.longitude, Site.closed,
        )
        .join(Company, Company.id == Site.company_id)
        .join(Customer, Customer.id == Company.customer_id)
    )  # fmt: skip
    for id_, *values, closed in loading.db.stream(query):
        row = dict(zip(("customer", "company", "site", *_FIELDS), values, strict=True))
        for name in ("latitude", "longitude"):
            row[name] = None if row[name] is None else Decimal(repr(row[name]))
        yield Standing(id_, row, closed is not None)


def _check(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, most in (("latitude", 90), ("longitude", 180)):
        value = values.get(name)
        if value is not None and abs(value) > most:
            raise RowError(
                name, _("des degrés de -%(most)s à %(most)s sont attendus (WGS 84)", most=most)
            )
    if "latitude" in values and (values["latitude"] is None) != (values.get("longitude") is None):
        missing = "latitude" if values["latitude"] is None else "longitude"
        raise RowError(missing, _("latitude et longitude vont ensemble"))
    country = values.get("country")
    if country is not None and not (len(country) == 2 and country.isalpha()):
        raise RowError("country", _("un code de deux lettres est attendu : FR"))
    return {"company_id": loading.company(values, "company", "customer").company_id}


def _write(loading: Loading, changes: Sequence[RowChange]) -> None:
    columns = {name: name for name in _FIELDS} | {"site": "name"}
    write_plainly(loading, Site, [_floats(c) for c in changes], columns)


def _floats(change: RowChange) -> RowChange:
    values = {k: float(v) if isinstance(v, Decimal) else v for k, v in change.values.items()}
    return RowChange(change.action, change.id, values, change.before, change.found, change.line)


SITES = Dataset(
    "sites",
    N_("Sites"),
    columns=(
        CUSTOMER,
        COMPANY,
        replace(SITE, named=False, hint=""),
        DatasetColumn(
            "address",
            N_("Adresse"),
            aliases=("Rue", "Adresse 1", "Address"),
            tmf="673 geographicAddress.streetName",
            example="12 avenue de l'Aubrac",
        ),
        DatasetColumn(
            "postal_code",
            N_("Code postal"),
            DataKind.REFERENCE,
            aliases=("CP", "Postal code"),
            tmf="673 geographicAddress.postcode",
            hint=N_("format Texte dans Excel, pour garder le 0"),
            example="12000",
        ),
        DatasetColumn(
            "commune",
            N_("Commune"),
            aliases=("Ville", "City"),
            tmf="673 geographicAddress.city",
            example="Rodez",
        ),
        DatasetColumn(
            "country",
            N_("Pays"),
            aliases=("Country",),
            tmf="673 geographicAddress.country",
            default="FR",
            hint=N_("code ISO 3166 de deux lettres ; FR sans lui"),
            example="FR",
        ),
        DatasetColumn(
            "latitude",
            N_("Latitude"),
            DataKind.DECIMAL,
            aliases=("Lat",),
            tmf="675 geographicLocation.geometry.y",
            hint=N_("degrés, WGS 84"),
            example="44,3525",
        ),
        DatasetColumn(
            "longitude",
            N_("Longitude"),
            DataKind.DECIMAL,
            aliases=("Lon", "Lng", "Long"),
            tmf="675 geographicLocation.geometry.x",
            hint=N_("degrés, WGS 84"),
            example="2,5734",
        ),
    ),
    key=("customer", "company", "site"),
    standing=_standing,
    write=_write,
    check=_check,
    tmf="674 GeographicSite",
)
