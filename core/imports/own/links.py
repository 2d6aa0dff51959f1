"""Access links, main and backup: TM Forum 637 (Product Inventory) and 638 (Service Inventory)."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

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
from core.network.inventory import Device, Link, LinkRole, Service, Site
from core.network.views import fold

_PLAIN = {
    "reference": "reference", "designation": "designation", "interface": "if_name",
    "index": "if_index", "contract_in": "contract_in_bps", "contract_out": "contract_out_bps",
}  # fmt: skip
_MOST_BPS = 10**13


def _standing(loading: Loading) -> Iterator[Standing]:
    main = aliased(Link)
    query = (
        sa.select(
            Link.id, Link.reference, Customer.number, Company.name, Site.name, Link.designation,
            Link.role, main.reference, Device.name, Link.if_name, Link.if_index,
            Link.contract_in_bps, Link.contract_out_bps, Link.closed,
        )
        .join(Company, Company.id == Link.company_id)
        .join(Customer, Customer.id == Company.customer_id)
        .join(Site, Site.id == Link.site_id)
        .outerjoin(Device, Device.id == Link.device_id)
        .outerjoin(
            main,
            sa.and_(
                main.service_id == Link.service_id,
                main.role == LinkRole.MAIN,
                Link.role == LinkRole.BACKUP,
            ),
        )
    )  # fmt: skip
    names = tuple(column.name for column in LINKS.columns)
    for id_, *values, closed in loading.db.stream(query):
        yield Standing(id_, dict(zip(names, values, strict=True)), closed is not None)


class _Known:
    """What the check of links looks things up in, read once for an import."""

    def __init__(self, loading: Loading) -> None:
        self.sites = array("q")
        self.services = array("q")
        self._links: dict[str, int] = {}  # one number each: there may be very many
        self.backups: dict[int, str] = {}
        query = sa.select(Link.reference, Link.service_id, Link.role, Link.site_id)
        for reference, service, role, site in loading.db.stream(query):
            self._links[reference] = len(self.sites)
            self.sites.append(site or 0)
            self.services.append(service)
            if role is LinkRole.BACKUP:
                self.backups[service] = reference
        self.devices: dict[tuple[int, str], int] = {}
        for id_, company, name in loading.db.stream(
            sa.select(Device.id, Device.company_id, Device.name).where(Device.closed.is_(None))
        ):
            self.devices[company, fold(name)] = id_
        self.taken: dict[str, str] = {}

    def link(self, reference: str) -> tuple[int, LinkRole, int] | None:
        """Return (service, role, site) of a link that stands, None for one that does not."""
        at = self._links.get(reference)
        if at is None:
            return None
        service = self.services[at]
        role = LinkRole.BACKUP if self.backups.get(service) == reference else LinkRole.MAIN
        return service, role, self.sites[at]

    @classmethod
    def of(cls, loading: Loading) -> _Known:
        known: _Known = loading.kept.setdefault("links", None) or cls(loading)
        loading.kept["links"] = known
        return known


def _check(loading: Loading, values: Mapping[str, Any]) -> Mapping[str, Any]:
    owner = loading.site(values, "site", "company", "customer")
    known, reference = _Known.of(loading), values["reference"]
    role = LinkRole(values.get("role", LinkRole.MAIN))
    for name in ("contract_in", "contract_out"):
        if values.get(name) is not None and not 0 < values[name] < _MOST_BPS:
            raise RowError(name, _("un débit en bit/s est attendu : 100000000 pour 100 Mbit/s"))
    standing = known.link(reference)
    if standing is not None:
        _service, before, site = standing
        if site != owner.site_id:
            said = _("cette liaison est sur un autre site : un import ne la déplace pas")
            raise RowError("site", said)
        if "role" in values and before is not role:
            raise RowError("role", _("un import ne change pas le rôle d'une liaison"))
    if role is LinkRole.BACKUP and standing is None:
        _check_main(loading, known, values, owner.site_id)
    found: dict[str, Any] = owner._asdict()
    if values.get("device") is not None:
        device = known.devices.get((owner.company_id, fold(values["device"])))
        if device is None:
            raise RowError("device", _("aucun routeur de ce nom dans cette société"))
        found["device_id"] = device
    return found


def _check_main(
    loading: Loading, known: _Known, values: Mapping[str, Any], site_id: int | None
) -> None:
    """Raise ``RowError`` unless the main link of a new backup is there, or in the file, alone."""
    main, reference = values.get("main"), values["reference"]
    if main is None:
        raise RowError("main", _("une liaison secondaire nomme sa liaison principale"))
    other = known.taken.setdefault(main, reference)
    of_main = known.link(main)
    if of_main is not None:
        service, role, site = of_main
        if role is not LinkRole.MAIN or site != site_id:
            raise RowError("main", _("ce n'est pas une liaison principale de ce site"))
        other = known.backups.get(service, other)
    elif not loading.brings(main):
        raise RowError("main", _("liaison principale inconnue, ici et dans le fichier"))
    if other != reference:
        raise RowError("main", _("cette liaison a déjà une secondaire : %(other)s", other=other))


def _write(loading: Loading, changes: Sequence[RowChange]) -> None:
    new = [change for change in changes if change.action is RowAction.NEW]
    _insert(loading, [c for c in new if c.values.get("role") != LinkRole.BACKUP], LinkRole.MAIN)
    _insert(loading, [c for c in new if c.values.get("role") == LinkRole.BACKUP], LinkRole.BACKUP)
    kept = [c for c in changes if c.action in (RowAction.CHANGED, RowAction.REOPENED)]
    loading.update(Link, [{"id": c.id, **_columns(c), "closed": None} for c in kept])
    back = [c.id for c in kept if c.action is RowAction.REOPENED]
    loading.update(Service, [{"id": s, "closed": None} for s in _services(loading, back)])
    gone = [change.id for change in changes if change.action is RowAction.GONE]
    loading.update(Link, [{"id": id_, "closed": loading.now} for id_ in gone])
    idle = set(_services(loading, gone)) - set(_services(loading, gone, still_open=True))
    loading.update(Service, [{"id": s, "closed": loading.now} for s in sorted(idle)])


def _insert(loading: Loading, changes: Sequence[RowChange], role: LinkRole) -> None:
    if not changes:
        return
    owners = [{name: c.found[name] for name in ("company_id", "site_id")} for c in changes]
    if role is LinkRole.MAIN:
        services = loading.insert(Service, owners)
    else:
        wanted = [change.values["main"] for change in changes]
        query: Any = sa.select(Link.reference, Link.service_id).where(Link.reference.in_(wanted))
        of = dict(tuple(row) for row in loading.db.stream(query))
        services = [of[reference] for reference in wanted]
    loading.insert(
        Link,
        [
            {**_columns(change), **owner, "role": role, "service_id": service}
            for change, owner, service in zip(changes, owners, services, strict=True)
        ],
    )


def _columns(change: RowChange) -> dict[str, Any]:
    values = {_PLAIN[name]: value for name, value in change.values.items() if name in _PLAIN}
    if "device" in change.values:
        values["device_id"] = change.found.get("device_id")
    return values


def _services(
    loading: Loading, link_ids: Sequence[int | None], *, still_open: bool = False
) -> list[int]:
    """Return the services of links; those that have an open link if asked."""
    query: Any = sa.select(Link.service_id).where(Link.id.in_(link_ids)).distinct()
    if still_open:
        other = aliased(Link)
        query = (
            sa.select(other.service_id)
            .join(Link, Link.service_id == other.service_id)
            .where(Link.id.in_(link_ids), other.closed.is_(None))
            .distinct()
        )
    return [row[0] for row in loading.db.stream(query)]


LINKS = Dataset(
    "liaisons",
    N_("Liaisons"),
    columns=(
        DatasetColumn(
            "reference",
            N_("N° de référence (CLS)"),
            DataKind.REFERENCE,
            aliases=("CLS", "Référence", "N° de référence", "Numéro de référence", "Reference"),
            tmf="637 product.id",
            hint=N_("celle de la liaison, zéros de tête gardés"),
            example="C7278-00006-001",
        ),
        CUSTOMER,
        COMPANY,
        SITE,
        DatasetColumn(
            "designation",
            N_("Désignation"),
            required=True,
            aliases=("Libellé", "Offre", "Designation"),
            tmf="637 product.name",
            example="Liaison SDSL 2M",
        ),
        DatasetColumn(
            "role",
            N_("Type liaison"),
            DataKind.CHOICE,
            aliases=("Rôle", "Role", "Type"),
            choices={LinkRole.MAIN: N_("Principale"), LinkRole.BACKUP: N_("Secondaire")},
            tmf="637 product.productCharacteristic[role]",
            default=LinkRole.MAIN,
            hint=N_("principale sans lui"),
            example="Principale",
        ),
        DatasetColumn(
            "main",
            N_("Liaison principale"),
            DataKind.REFERENCE,
            aliases=("Référence principale", "Main link"),
            tmf="637 product.productRelationship.product.id",
            named=True,
            hint=N_("d'une secondaire : la référence de la principale qu'elle secourt"),
        ),
        DatasetColumn(
            "device",
            N_("Routeur"),
            aliases=("Nom du routeur", "Hostname", "CPE"),
            tmf="637 product.realizingResource.name",
            named=True,
            hint=N_("tel qu'il est dans « routeurs »"),
            example="rodez-bourran-1",
        ),
        DatasetColumn(
            "interface",
            N_("Interface"),
            aliases=("ifName", "Nom d'interface"),
            tmf="639 resource.resourceCharacteristic[ifName]",
            hint=N_("ifName du routeur"),
            example="Gi0/0",
        ),
        DatasetColumn(
            "index",
            N_("Index d'interface"),
            DataKind.INTEGER,
            aliases=("ifIndex",),
            tmf="639 resource.resourceCharacteristic[ifIndex]",
            hint=N_("seulement si le routeur n'a pas d'ifName"),
        ),
        DatasetColumn(
            "contract_in",
            N_("Débit entrant (bit/s)"),
            DataKind.INTEGER,
            aliases=("Débit entrant", "Débit descendant", "Download"),
            tmf="637 product.productCharacteristic[downstreamRate]",
            example="2000000",
        ),
        DatasetColumn(
            "contract_out",
            N_("Débit sortant (bit/s)"),
            DataKind.INTEGER,
            aliases=("Débit sortant", "Débit montant", "Upload"),
            tmf="637 product.productCharacteristic[upstreamRate]",
            example="2000000",
        ),
    ),
    key=("reference",),
    standing=_standing,
    write=_write,
    check=_check,
    rank=lambda values: int(values.get("role") == LinkRole.BACKUP),
    tmf="637 Product",
)
