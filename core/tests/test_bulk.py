"""Rows by the thousand keep to their scope as single ones do: what an import reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import OutOfScope, Scope
from core.accounts import Account
from core.db import Company, Customer
from core.db_bulk import BulkDb
from core.host import Host
from core.network.inventory import Contact, Device, Link, Service, Site


@pytest.fixture
def rows(filled: Host) -> Any:
    """The tenants' rows: ``rows[letter]`` is (customer, companies, sites, link)."""
    found = {}
    with Session(filled.engine) as session:
        for letter in "AB":
            company = session.scalars(
                sa.select(Company).where(Company.name == f"CANARI-{letter} société 1")
            ).one()
            site = session.scalars(sa.select(Site).where(Site.company_id == company.id)).first()
            assert site
            link = session.scalars(sa.select(Link).where(Link.site_id == site.id)).first()
            assert link
            found[letter] = (company.customer_id, company.id, site.id, link)
        session.expunge_all()
    return found


@pytest.fixture
def of_a(filled: Host, rows: Any) -> Iterator[BulkDb]:
    db = BulkDb(filled.engine, Scope(0, rows["A"][0]))
    yield db
    db.close()


@pytest.fixture
def of_all(filled: Host) -> Iterator[BulkDb]:
    db = BulkDb(filled.engine, Scope(0, every=True))
    yield db
    db.close()


def test_what_is_read_is_the_scope_of_the_import(of_a: BulkDb, of_all: BulkDb) -> None:
    mine = [name for (name,) in of_a.stream(sa.select(Site.name))]
    assert len(mine) == 3
    assert all("CANARI-A" in name for name in mine)
    assert len(list(of_all.stream(sa.select(Site.name)))) == 6
    assert [row.number for row in of_a.customers()] == ["CANARI-A-num"]
    assert len(list(of_all.customers())) == 2
    with pytest.raises(OutOfScope):
        list(of_all.stream(sa.select(Account.email)))  # the host's own rows are nobody's


def test_new_rows_of_another_customer_are_refused(of_a: BulkDb, rows: Any) -> None:
    _customer, company, site, _link = rows["A"]
    assert len(of_a.insert(Contact, [{"company_id": company, "site_id": site, "name": "x"}])) == 1
    _customer, company, site, _link = rows["B"]
    with pytest.raises(OutOfScope):
        of_a.insert(Contact, [{"company_id": company, "site_id": site, "name": "x"}])


def test_a_row_cannot_claim_a_site_of_another_company(of_all: BulkDb, rows: Any) -> None:
    pair = {"company_id": rows["A"][1], "site_id": rows["B"][2]}
    with pytest.raises((OutOfScope, sa.exc.IntegrityError)):
        of_all.insert(Contact, [{**pair, "name": "x"}])


def test_a_row_cannot_name_one_of_another_customer(of_all: BulkDb, rows: Any) -> None:
    pair = {"company_id": rows["A"][1], "site_id": rows["A"][2]}
    theirs = rows["B"][3]
    (service,) = of_all.insert(Service, [pair])
    link = {**pair, "reference": "X-1", "designation": "x", "service_id": service}
    with pytest.raises(OutOfScope, match="device of another tenant"):
        of_all.insert(Link, [{**link, "device_id": theirs.device_id}])
    with pytest.raises(OutOfScope, match="service of another tenant"):
        of_all.insert(Link, [{**link, "service_id": theirs.service_id}])
    assert of_all.insert(Link, [{**link, "device_id": rows["A"][3].device_id}])


def test_a_row_that_stands_cannot_be_made_to_name_one_of_another_customer(
    of_all: BulkDb, rows: Any
) -> None:
    mine, theirs = rows["A"][3], rows["B"][3]
    of_all.update(Link, [{"id": mine.id, "device_id": mine.device_id}])
    with pytest.raises(OutOfScope, match="device of another tenant"):
        of_all.update(Link, [{"id": mine.id, "device_id": theirs.device_id}])


def test_rows_of_another_customer_are_not_changed(of_a: BulkDb, rows: Any) -> None:
    of_a.update(Link, [{"id": rows["A"][3].id, "designation": "x"}])
    with pytest.raises(OutOfScope):
        of_a.update(Link, [{"id": rows["B"][3].id, "designation": "x"}])
    with pytest.raises(OutOfScope):  # nor given away
        of_a.update(Device, [{"id": rows["A"][3].device_id, "company_id": rows["B"][1]}])


def test_customers_and_companies_are_the_operators_to_make(
    of_a: BulkDb, of_all: BulkDb, rows: Any
) -> None:
    new = {"number": "N", "name": "N", "timezone": "Europe/Paris"}
    with pytest.raises(OutOfScope):
        of_a.insert(Customer, [new])
    with pytest.raises(OutOfScope):
        of_a.insert(Company, [{"customer_id": rows["B"][0], "name": "N"}])
    assert of_a.insert(Company, [{"customer_id": rows["A"][0], "name": "N"}])
    of_a.close()  # its transaction holds the lock
    assert of_all.insert(Customer, [new])


def test_the_hosts_own_rows_are_never_written(of_all: BulkDb) -> None:
    with pytest.raises(OutOfScope):
        of_all.insert(Account, [{"email": "x@x.example"}])


def test_ids_come_back_in_the_order_of_the_rows(of_all: BulkDb, rows: Any) -> None:
    pair = {"company_id": rows["A"][1], "site_id": rows["A"][2]}
    names = [f"n{number}" for number in range(2500)]
    ids = of_all.insert(Contact, [{**pair, "name": name} for name in names])
    found = {
        id_: name
        for id_, name in of_all.stream(sa.select(Contact.id, Contact.name))
        if name in set(names)
    }
    assert [found[id_] for id_ in ids] == names
