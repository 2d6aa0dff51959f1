"""Customers, their companies, the people to call: TM Forum 632 (Party)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa

from core.datasets import Dataset, DatasetColumn, RowChange, RowError, Standing
from core.db import Company, Customer
from core.i18n import N_, _
from core.imports.loading import Loading
from core.imports.own.common import COMPANY, CUSTOMER, SITE, write_plainly
from core.network.inventory import Contact, Site


def _customers(loading: Loading) -> Iterator[Standing]:
    for id_, number, name, timezone, closed in loading.db.customers():
        values = {"customer": number, "name": name, "timezone": timezone}
        yield Standing(id_, values, closed is not None)


def _check_customer(loading: Loading, values: Mapping[str, Any]) -> None:
    zone = values.get("timezone")
    if zone is not None and zone not in available_timezones():
        raise RowError("timezone", _("fuseau horaire inconnu : Europe/Paris, Indian/Reunion…"))
    if loading.customer_id is not None:
        numbers = {row[1] for row in loading.db.customers()}
        if values["customer"] not in numbers:
            raise RowError("customer", _("un autre client que celui de cet import"))


def _write_customers(loading: Loading, changes: Sequence[RowChange]) -> None:
    columns = {"customer": "number", "name": "name", "timezone": "timezone"}
    write_plainly(loading, Customer, changes, columns)


CUSTOMERS = Dataset(
    "clients",
    N_("Clients"),
    columns=(
        replace(CUSTOMER, named=False, hint=N_("la clé : une ligne par client")),
        DatasetColumn(
            "name",
            N_("Nom du client"),
            required=True,
            aliases=("Nom", "Client", "Compte", "Customer name"),
            tmf="632 organization.name",
            example="Causses Agroalimentaire",
        ),
        DatasetColumn(
            "timezone",
            N_("Fuseau horaire"),
            aliases=("Timezone", "Fuseau"),
            tmf="632 organization.partyCharacteristic[timezone]",
            default="Europe/Paris",
            hint=N_("nom IANA ; Europe/Paris sans lui"),
            example="Europe/Paris",
        ),
    ),
    key=("customer",),
    standing=_customers,
    write=_write_customers,
    check=_check_customer,
    tmf="632 Organization",
)


def _companies(loading: Loading) -> Iterator[Standing]:
    query = sa.select(Company.id, Customer.number, Company.name, Company.closed).join(
        Customer, Customer.id == Company.customer_id
    )
    for id_, number, name, closed in loading.db.stream(query):
        yield Standing(id_, {"customer": number, "company": name}, closed is not None)


def _check_company(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"customer_id": loading.customer(values, "customer")}


def _write_companies(loading: Loading, changes: Sequence[RowChange]) -> None:
    write_plainly(loading, Company, changes, {"company": "name"})


COMPANIES = Dataset(
    "societes",
    N_("Sociétés"),
    columns=(CUSTOMER, replace(COMPANY, named=False, hint="")),
    key=("customer", "company"),
    standing=_companies,
    write=_write_companies,
    check=_check_company,
    tmf="632 Organization",
)


def _contacts(loading: Loading) -> Iterator[Standing]:
    query = (
        sa.select(
            Contact.id, Customer.number, Company.name, Site.name,
            Contact.name, Contact.role, Contact.phone, Contact.email, Contact.closed,
        )
        .join(Company, Company.id == Contact.company_id)
        .join(Customer, Customer.id == Company.customer_id)
        .join(Site, Site.id == Contact.site_id)
    )  # fmt: skip
    names = ("customer", "company", "site", "name", "role", "phone", "email")
    for id_, *values, closed in loading.db.stream(query):
        yield Standing(id_, dict(zip(names, values, strict=True)), closed is not None)


def _check_contact(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    email = values.get("email")
    if email is not None and ("@" not in email.strip("@") or " " in email):
        raise RowError("email", _("ce n'est pas une adresse électronique"))
    return loading.site(values, "site", "company", "customer")._asdict()


def _write_contacts(loading: Loading, changes: Sequence[RowChange]) -> None:
    columns = {name: name for name in ("name", "role", "phone", "email")}
    write_plainly(loading, Contact, changes, columns)


CONTACTS = Dataset(
    "contacts",
    N_("Contacts"),
    columns=(
        CUSTOMER,
        COMPANY,
        SITE,
        DatasetColumn(
            "name",
            N_("Nom du contact"),
            required=True,
            aliases=("Contact", "Nom", "Contact sur site"),
            tmf="674 geographicSite.relatedParty.name",
            example="Jeanne Fabre",
        ),
        DatasetColumn(
            "role",
            N_("Rôle"),
            aliases=("Fonction", "Role"),
            tmf="674 geographicSite.relatedParty.role",
            example="Responsable informatique",
        ),
        DatasetColumn(
            "phone",
            N_("Téléphone"),
            aliases=("Tél", "Tel", "Phone", "Numéro de téléphone"),
            tmf="632 individual.contactMedium.phoneNumber",
            hint=N_("format Texte dans Excel, pour garder le 0"),
            example="05 65 00 00 00",
        ),
        DatasetColumn(
            "email",
            N_("E-mail"),
            aliases=("Email", "Mail", "Courriel", "Adresse e-mail"),
            tmf="632 individual.contactMedium.emailAddress",
            example="jeanne.fabre@causses.example",
        ),
    ),
    key=("customer", "company", "site", "name"),
    standing=_contacts,
    write=_write_contacts,
    check=_check_contact,
    tmf="632 Individual",
)
