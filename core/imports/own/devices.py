"""Routers and how SNMP reaches them: TM Forum 639 (Resource Inventory). Credentials are sealed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from core.datasets import (
    DataKind,
    Dataset,
    DatasetColumn,
    RowAction,
    RowChange,
    RowError,
    Standing,
)
from core.db import Company, Customer
from core.i18n import N_, _
from core.imports.loading import Loading
from core.imports.own.common import COMPANY, CUSTOMER, SITE
from core.network.inventory import Device, Site, SnmpVersion
from core.secrets import SecretError

_SECRETS = ("community", "user", "auth_password", "priv_password")
_PROTOCOLS = ("auth_protocol", "priv_protocol")
_CREDENTIALS = (*_SECRETS, *_PROTOCOLS)
_PLAIN = {"device": "name", "model": "model", "host": "host", "port": "port", "polled": "polled"}


def _standing(loading: Loading) -> Iterator[Standing]:
    query = (
        sa.select(
            Device.id, Customer.number, Company.name, Site.name, Device.name, Device.model,
            Device.host, Device.port, Device.polled, Device.snmp_version, Device.credentials,
            Device.closed,
        )
        .join(Company, Company.id == Device.company_id)
        .join(Customer, Customer.id == Company.customer_id)
        .outerjoin(Site, Site.id == Device.site_id)
    )  # fmt: skip
    names = ("customer", "company", "site", "device", "model", "host", "port", "polled", "version")
    for id_, *values, sealed, closed in loading.db.stream(query):
        row = dict(zip(names, values, strict=True))
        known = _opened(loading, sealed)
        row |= {name: loading.seal(known[name]) for name in _SECRETS if known.get(name)}
        row |= {name: known.get(name) for name in _PROTOCOLS}
        yield Standing(id_, row, closed is not None)


def _opened(loading: Loading, sealed: str) -> dict[str, str]:
    """Return credentials; none when they were sealed with another key: the file brings new ones."""
    try:
        found = json.loads(loading.open(sealed))
    except (SecretError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _check(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    port = values.get("port")
    if port is not None and not 1 <= port <= 65_535:
        raise RowError("port", _("un port de 1 à 65535 est attendu"))
    if " " in values["host"]:
        raise RowError("host", _("une adresse IP ou un nom de machine est attendu"))
    if values.get("site") is None:
        return loading.company(values, "company", "customer")._asdict()
    return loading.site(values, "site", "company", "customer")._asdict()


def _write(loading: Loading, changes: Sequence[RowChange]) -> None:
    new = [
        {**_columns(change), **change.found, "credentials": _sealed(loading, change, {})}
        for change in changes
        if change.action is RowAction.NEW
    ]
    loading.insert(Device, new)
    kept = [c for c in changes if c.action in (RowAction.CHANGED, RowAction.REOPENED)]
    old = _credentials(loading, [c.id for c in kept if c.differs(*_CREDENTIALS)])
    loading.update(
        Device,
        [
            {
                "id": change.id,
                **_columns(change),
                **({"site_id": change.found["site_id"]} if "site" in change.values else {}),
                "company_id": change.found["company_id"],
                "closed": None,
                **(
                    {"credentials": _sealed(loading, change, old[change.id])}
                    if change.id in old
                    else {}
                ),
            }
            for change in kept
        ],
    )
    gone = [change.id for change in changes if change.action is RowAction.GONE]
    loading.update(Device, [{"id": id_, "closed": loading.now} for id_ in gone])


def _columns(change: RowChange) -> dict[str, Any]:
    values = {_PLAIN[name]: value for name, value in change.values.items() if name in _PLAIN}
    if "version" in change.values:
        values["snmp_version"] = SnmpVersion(change.values["version"])
    return values


def _credentials(loading: Loading, ids: Sequence[int | None]) -> dict[int | None, dict[str, str]]:
    query: Any = sa.select(Device.id, Device.credentials).where(Device.id.in_(ids))
    return {id_: _opened(loading, sealed) for id_, sealed in loading.db.stream(query)}


def _sealed(loading: Loading, change: RowChange, old: Mapping[str, str]) -> str:
    """Return the credentials, sealed: what the file leaves empty stays as it was."""
    known = dict(old)
    for name in _SECRETS:
        if change.values.get(name) is not None:
            known[name] = loading.open(change.values[name])
    for name in _PROTOCOLS:
        if change.values.get(name) is not None:
            known[name] = change.values[name]
    return loading.seal(json.dumps(known))


def _secret(name: str, header: str, aliases: tuple[str, ...] = ()) -> DatasetColumn:
    return DatasetColumn(
        name,
        header,
        DataKind.SECRET,
        aliases=aliases,
        hint=N_("vide : ce qui est connu reste"),
        tmf=f"639 resource.resourceCharacteristic[{name}]",
    )


DEVICES = Dataset(
    "routeurs",
    N_("Routeurs"),
    columns=(
        CUSTOMER,
        COMPANY,
        replace(SITE, required=False, hint=N_("là où il est, s'il est à un endroit")),
        DatasetColumn(
            "device",
            N_("Routeur"),
            required=True,
            aliases=("Nom du routeur", "Hostname", "CPE"),
            tmf="639 resource.name",
            example="rodez-bourran-1",
        ),
        DatasetColumn(
            "model",
            N_("Modèle"),
            aliases=("Type routeur", "Model"),
            tmf="639 resource.resourceSpecification.name",
            example="Cisco 1921",
        ),
        DatasetColumn(
            "host",
            N_("Adresse IP"),
            DataKind.REFERENCE,
            required=True,
            aliases=("IP", "Adresse de supervision", "Host"),
            tmf="639 resource.resourceCharacteristic[managementAddress]",
            hint=N_("adresse ou nom où le routeur répond au SNMP"),
            example="10.20.30.1",
        ),
        DatasetColumn(
            "port",
            N_("Port SNMP"),
            DataKind.INTEGER,
            aliases=("Port",),
            tmf="639 resource.resourceCharacteristic[snmpPort]",
            default=161,
            hint=N_("161 sans lui"),
            example="161",
        ),
        DatasetColumn(
            "version",
            N_("Version SNMP"),
            DataKind.CHOICE,
            aliases=("SNMP",),
            choices={"1": "v1", "2c": "v2c", "3": "v3"},
            tmf="639 resource.resourceCharacteristic[snmpVersion]",
            default="2c",
            hint=N_("v2c sans elle"),
            example="v2c",
        ),
        _secret("community", N_("Communauté SNMP"), ("Communauté", "Community")),
        _secret("user", N_("Utilisateur SNMPv3"), ("Utilisateur SNMP",)),
        DatasetColumn(
            "auth_protocol",
            N_("Authentification SNMPv3"),
            DataKind.CHOICE,
            choices={"SHA": "SHA", "MD5": "MD5"},
            tmf="639 resource.resourceCharacteristic[auth_protocol]",
        ),
        _secret("auth_password", N_("Mot de passe SNMPv3"), ()),
        DatasetColumn(
            "priv_protocol",
            N_("Chiffrement SNMPv3"),
            DataKind.CHOICE,
            choices={"AES": "AES", "DES": "DES"},
            tmf="639 resource.resourceCharacteristic[priv_protocol]",
        ),
        _secret("priv_password", N_("Clé de chiffrement SNMPv3"), ()),
        DatasetColumn(
            "polled",
            N_("Supervisé"),
            DataKind.BOOLEAN,
            aliases=("Relevé", "Polled"),
            tmf="639 resource.operationalState",
            default=True,
            hint=N_("oui sans lui"),
            example="oui",
        ),
    ),
    key=("customer", "company", "device"),
    standing=_standing,
    write=_write,
    check=_check,
    tmf="639 PhysicalResource",
)
