"""A tenant sees its rows and no other; what cannot be scoped is refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from core.access import OutOfScope, Scope
from core.accounts import Account
from core.db import Base, Company, Customer, Db, Owned, ScopeGrant
from core.network.inventory import Contact, Device, Link, Service, Site, StateChange
from core.network.measured import Probe, TrafficClass


@pytest.fixture
def seen_by(shared_world):
    """``seen_by(email)``: the database as that user's rubrics see it."""
    opened = []

    def seen(email: str) -> Db:
        with orm.Session(shared_world.engine) as session:
            db = Db(
                shared_world.engine,
                Scope(session.scalars(sa.select(Account.id).where(Account.email == email)).one()),
            )
        opened.append(db)
        return db

    yield seen
    for db in opened:
        db.close()


QUICK = (
    sa.select(Link.id, Link.reference, Link.state, Link.since, Company.name)
    .join(Company, Company.id == Link.company_id)
    .where(Link.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(Link.id)
)


def test_a_statement_that_is_compiled_once_is_narrowed_for_each_user(seen_by):
    """The same one, kept, run by several in turn and with more or fewer numbers."""
    every = [link.id for link in seen_by("staff@operator.example").all(sa.select(Link))]
    for _again in range(2):
        for email in ("alice@a.example", "onesite@a.example", "noscope@a.example", "bob@b.example"):
            db = seen_by(email)
            for ids in (every, every[:2], every[-3:], []):
                wanted = [tuple(row) for row in db.rows(QUICK, ids=ids)]
                assert [tuple(row) for row in db.quick(QUICK, ids=ids)] == wanted
    assert seen_by("alice@a.example").quick(QUICK, ids=every)


OWNED = [Customer, Company, Site, Service, Link, Device, StateChange, TrafficClass, Probe]


@pytest.mark.parametrize("model", OWNED)
def test_a_tenant_sees_all_its_rows_and_no_other(seen_by, model):
    everything = len(seen_by("staff@operator.example").all(sa.select(model)))
    alice = seen_by("alice@a.example").all(sa.select(model))
    bob = seen_by("bob@b.example").all(sa.select(model))
    assert len(alice) == len(bob) == everything / 2 > 0
    assert {row.id for row in alice}.isdisjoint({row.id for row in bob})


def test_a_user_of_one_site_sees_that_site_its_company_and_nothing_else(seen_by):
    db = seen_by("onesite@a.example")
    assert ["CANARI-A site 10"] == [site.name for site in db.all(sa.select(Site))]
    assert ["CANARI-A société 1"] == [c.name for c in db.all(sa.select(Company))]
    assert ["CANARI-A client"] == [c.name for c in db.all(sa.select(Customer))]
    assert {"CANARI-A-10-000", "CANARI-A-10-001"} == {
        link.reference for link in db.all(sa.select(Link))
    }


@pytest.mark.parametrize("model", OWNED)
def test_a_user_without_scope_sees_nothing(seen_by, model):
    assert [] == seen_by("noscope@a.example").all(sa.select(model))


def test_a_row_of_another_tenant_does_not_exist(seen_by):
    theirs = seen_by("bob@b.example").all(sa.select(Link))[0]
    assert seen_by("alice@a.example").get(Link, theirs.id) is None
    assert seen_by("alice@a.example").get(Link, 10**6) is None


def test_relations_counts_and_sub_selects_stay_in_scope(seen_by):
    db = seen_by("onesite@a.example")
    (site,) = db.all(sa.select(Site))
    assert [2] == [len(service.links) for service in site.services]
    assert [(2,)] == [tuple(row) for row in db.rows(sa.select(sa.func.count(Link.id)))]
    inner = sa.select(sa.select(Link.reference).subquery())
    assert 2 == len(db.rows(inner))
    joined = sa.select(Link.reference, Site.name).join(Site, Site.id == Link.site_id)
    assert 2 == len(db.rows(joined))
    highest = sa.select(sa.func.max(Link.id)).scalar_subquery()
    assert db.rows(sa.select(Site.id, highest))[0][1] == max(
        link.id for link in db.all(sa.select(Link))
    )
    elsewhere = sa.exists().where(Link.reference.like("CANARI-B%"))
    assert [] == db.all(sa.select(Site).where(elsewhere))
    other = orm.aliased(Link)
    assert 2 == len(db.rows(sa.select(other.id)))


HOSTILE = {
    "raw SQL": lambda: sa.text("select reference from link"),
    "raw SQL as rows": lambda: sa.select(Link).from_statement(sa.text("select * from link")),
    "raw SQL as a column": lambda: sa.select(Link.id, sa.text("(select max(id) from link)")),
    "raw SQL as a condition": lambda: sa.select(Link).where(sa.text("1=1")),
    "a table without its model": lambda: sa.select(Link.__table__.c.reference),
    "a bare table beside a model": lambda: sa.select(Link.id, Site.__table__.c.name),
    "a literal column": lambda: sa.select(
        Link.id, sa.literal_column("(select max(password_hash) from account)")
    ),
    "a table made by hand": lambda: sa.select(
        Link.id, sa.table("account", sa.column("password_hash")).c.password_hash
    ),
    "an operator made by hand": lambda: sa.select(
        Link.reference.op("|| (select max(password_hash) from account) ||")("x")
    ),
    "a prefix": lambda: sa.select(Link.id).prefix_with("distinct 1, password_hash,"),
    "a suffix": lambda: sa.select(Link.id).suffix_with("union select id from account"),
    "a hint": lambda: sa.select(Link.id).with_statement_hint("union select id from account"),
    "bulk update": lambda: sa.update(Link).values(company_id=2),
    "bulk delete": lambda: sa.delete(Link),
    "bulk insert": lambda: sa.insert(Link).values(reference="x", company_id=2, site_id=2),
    "the host's accounts": lambda: sa.select(Account),
    "the host's grants": lambda: sa.select(ScopeGrant.target_id),
    "accounts through a join": lambda: sa.select(Link.id).join(Account, sa.true()),
}


@pytest.mark.parametrize("statement", HOSTILE.values(), ids=HOSTILE)
def test_a_statement_that_cannot_be_scoped_is_refused(seen_by, statement):
    with pytest.raises(OutOfScope):
        seen_by("alice@a.example").rows(statement())
    with pytest.raises(OutOfScope):
        seen_by("alice@a.example").quick(statement())


@pytest.mark.parametrize("email", ["alice@a.example", "onesite@a.example", "noscope@a.example"])
def test_a_row_cannot_be_written_for_another_tenant(seen_by, email):
    theirs = seen_by("bob@b.example").all(sa.select(Service))[0]
    with pytest.raises(OutOfScope):
        seen_by(email).add(
            Link(
                reference="x",
                designation="x",
                service_id=theirs.id,
                company_id=theirs.company_id,
                site_id=theirs.site_id,
            )
        )


def test_a_row_cannot_claim_a_site_of_another_company(seen_by):
    services = seen_by("alice@a.example").all(sa.select(Service))
    one = services[0]
    other = next(s for s in services if s.company_id != one.company_id)
    link = Link(
        reference="x",
        designation="x",
        service_id=one.id,
        company_id=one.company_id,
        site_id=other.site_id,
    )
    with pytest.raises(sa.exc.IntegrityError):
        seen_by("alice@a.example").add(link)


def test_a_row_cannot_hang_on_a_service_of_another_tenant(seen_by):
    mine, theirs = (
        seen_by(email).all(sa.select(Service))[0] for email in ("alice@a.example", "bob@b.example")
    )
    link = Link(
        reference="x",
        designation="x",
        service_id=theirs.id,
        company_id=mine.company_id,
        site_id=mine.site_id,
    )
    with pytest.raises(OutOfScope, match="service of another tenant"):
        seen_by("alice@a.example").add(link)


def test_what_waits_for_a_change_is_done_with_it_and_not_without(filled):
    done: list[str] = []
    with orm.Session(filled.engine) as session:
        id = session.scalars(sa.select(Account.id).where(Account.email == "alice@a.example")).one()
    db = Db(filled.engine, Scope(id))
    db.when_kept(lambda: done.append("at once"))
    site = db.all(sa.select(Site))[0]
    contact = {"company_id": site.company_id, "site_id": site.id}
    db.add(Contact(**contact, name="kept"))
    db.when_kept(lambda: done.append("kept"))
    assert done == ["at once"]
    db.commit()
    assert done == ["at once", "kept"]
    db.add(Contact(**contact, name="lost"))
    db.when_kept(lambda: done.append("lost"))
    db.close()
    assert done == ["at once", "kept"]


def test_a_row_cannot_be_moved_to_another_tenant(seen_by):
    db = seen_by("alice@a.example")
    theirs = seen_by("bob@b.example").all(sa.select(Company))[0]
    db.all(sa.select(Link))[0].company_id = theirs.id
    with pytest.raises(OutOfScope):
        db.commit()


def test_no_model_of_tenants_can_lose_the_key_of_its_company_and_site():
    class Reading(Owned):
        __tablename__ = "trial_reading"
        id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
        __table_args__ = (sa.UniqueConstraint("site_id", "id"),)

    try:
        for table in Reading.metadata.tables.values():
            pairs = [key.column_keys for key in table.foreign_key_constraints]
            whole = {"company_id", "site_id"} <= set(table.columns.keys())
            assert pairs.count(["company_id", "site_id"]) == whole, table.name
    finally:
        Reading.metadata.remove(Reading.metadata.tables["trial_reading"])


def test_a_model_must_say_who_owns_its_rows():
    with pytest.raises(TypeError, match="derive from Owned or Shared"):

        class Nobody(Base):
            __tablename__ = "nobody"
