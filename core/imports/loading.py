"""What the functions of a dataset are given: rows, names turned into rows, secrets, the time."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core.datasets import RowError
from core.db import Base, Company, Customer
from core.db_bulk import BulkDb
from core.files import FileStore
from core.i18n import N_, _
from core.imports.limits import FileError
from core.network.inventory import Link, Site
from core.network.views import fold
from core.secrets import Vault


class Owner(NamedTuple):
    """Whose a row is: what the pair of columns of every tenant's table holds."""

    company_id: int
    site_id: int | None


class LinkKey(NamedTuple):
    """A link, and whose it is."""

    id: int
    company_id: int
    site_id: int | None


@dataclass
class Loading:
    """An import under way, as the functions of a dataset see it.

    ``db`` reads the rows of its scope: those of one customer where the import is one customer's,
    every one otherwise. ``zone`` is that of times without one. Names that no row has raise
    ``RowError`` with the nearest one; case and accents count for nothing.
    """

    db: BulkDb
    now: datetime
    zone: ZoneInfo
    customer_id: int | None = None
    vault: Vault | None = field(default=None, repr=False)
    kept: dict[str, Any] = field(default_factory=dict, repr=False)
    """Room for what a dataset looks things up in while it checks."""
    brings: Callable[..., bool] = field(default=lambda *_key: False, repr=False)
    """``brings(*key)``: whether the file has a good row of that key, wherever it stands in it."""
    files: FileStore | None = field(default=None, repr=False)
    gathered: FileStore | None = field(default=None, repr=False)

    def forget(self) -> None:
        """Forget what names were looked up in: rows are checked, and it takes room."""
        self.kept.clear()
        for name in ("_companies", "_sites", "_links", "_numbers", "_customers"):
            self.__dict__.pop(name, None)

    def insert(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Write new rows, given by column; return their ids in the same order."""
        return self.db.insert(model, rows)

    def update(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """Write columns of rows that stand, each known by its « id »."""
        self.db.update(model, rows)

    def seal(self, text: str) -> str:
        """Return a secret encrypted, as it is kept."""
        assert self.vault is not None  # noqa: S101 - the host gives one where secrets are written
        return self.vault.seal(text)

    def open(self, sealed: str) -> str:
        """Return what ``seal`` was given."""
        assert self.vault is not None  # noqa: S101 - see seal()
        return self.vault.open(sealed)

    def keep_file(self, key: str) -> None:
        """Keep for good a file that the dataset gathered. A full disk undoes the whole import."""
        assert self.files is not None  # noqa: S101 - the host gives both to who gathers
        assert self.gathered is not None  # noqa: S101 - see above
        try:
            self.files.take(key, self.gathered)
        except OSError as error:
            raise FileError(
                f"Un document ne s'écrit pas ({error.strerror or error}) : rien n'est importé. "
                "Faites de la place sur le disque, puis recommencez."
            ) from error

    def customer(self, values: Mapping[str, Any], column: str) -> int:
        """Return the id of the customer whose number a column holds."""
        known = {fold(row[1]): int(row[0]) for row in self._customers}
        number = str(values[column])
        if fold(number) not in known:
            raise RowError(column, _unknown("client", number, [row[1] for row in self._customers]))
        return known[fold(number)]

    @cached_property
    def _customers(self) -> Sequence[Any]:
        return list(self.db.customers())

    def company(self, values: Mapping[str, Any], column: str, customer: str | None = None) -> Owner:
        """Return the company that a column names; ``customer`` is the column of its number."""
        number = values.get(customer) if customer else None
        name = str(values[column])
        if number is not None and fold(number) not in self._numbers:
            raise RowError(str(customer), _unknown("client", str(number), self._number_names))
        found = [
            owner
            for owner, whose in self._companies.get(fold(name), ())
            if number is None or fold(number) in (fold(whose[0]), fold(whose[1]))
        ]
        if not found and fold(name) in self._companies:
            raise RowError(column, _("cette société n'est pas à ce client"))
        return _only(column, "société", name, found, self._company_names)

    def site(
        self,
        values: Mapping[str, Any],
        column: str,
        company: str | None = None,
        customer: str | None = None,
    ) -> Owner:
        """Return the site that a column names; ``company`` and ``customer`` name those of whose."""
        name = str(values[column])
        owner: int | None = None
        if company is not None and values.get(company) is not None:
            owner = self.company(values, company, customer).company_id
        found = [p for p in self._sites.get(fold(name), ()) if owner in (None, p.company_id)]
        if not found and fold(name) in self._sites:
            raise RowError(column, _("ce site n'est pas à cette société"))
        return _only(column, "site", name, found, self._site_names)

    def link(self, values: Mapping[str, Any], column: str) -> LinkKey:
        """Return the link whose reference a column holds."""
        reference = str(values[column])
        key = self._links.get(reference)
        if key is None:
            raise RowError(column, _unknown("liaison", reference, self._links))
        return key

    @cached_property
    def _companies(self) -> Mapping[str, list[tuple[Owner, tuple[str, str]]]]:
        query = sa.select(Company.id, Company.name, Customer.number, Customer.name).join(
            Customer, Customer.id == Company.customer_id
        )
        found = defaultdict(list)
        for id_, name, number, customer in self.db.stream(query):
            found[fold(name)].append((Owner(id_, None), (number, customer)))
        return found

    @cached_property
    def _numbers(self) -> set[str]:
        every = (whose for some in self._companies.values() for _owner, whose in some)
        return {fold(name) for whose in every for name in whose}

    @cached_property
    def _number_names(self) -> list[str]:
        return sorted({w[0] for some in self._companies.values() for _owner, w in some})

    @cached_property
    def _company_names(self) -> list[str]:
        return list(self.db.all(sa.select(Company.name)))

    @cached_property
    def _sites(self) -> Mapping[str, list[Owner]]:
        found = defaultdict(list)
        for id_, company_id, name in self.db.stream(sa.select(Site.id, Site.company_id, Site.name)):
            found[fold(name)].append(Owner(company_id, id_))
        return found

    @cached_property
    def _site_names(self) -> list[str]:
        return list(self.db.all(sa.select(Site.name)))

    @cached_property
    def _links(self) -> Mapping[str, LinkKey]:
        query = sa.select(Link.reference, Link.id, Link.company_id, Link.site_id)
        return {row[0]: LinkKey(*row[1:]) for row in self.db.stream(query)}


def _only(column: str, what: str, name: str, found: Sequence[Owner], known: Iterable[str]) -> Owner:
    if not found:
        raise RowError(column, _unknown(what, name, known))
    if len(found) > 1:
        raise RowError(column, _("plusieurs ont ce nom : dites à qui il est"))
    return found[0]


UNKNOWN = {
    "client": N_("client inconnu ici"),
    "société": N_("société inconnue ici"),
    "site": N_("site inconnu ici"),
    "liaison": N_("liaison inconnue ici"),
}


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = _(" ; vouliez-vous dire « %(name)s » ?", name=close[0]) if close else ""
    return _(UNKNOWN[what]) + hint
