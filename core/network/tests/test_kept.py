"""What a process keeps of the services is never believed without asking: TRUST.md 1 and 2."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Reach, Scope
from core.accounts import Account
from core.db import Company, ScopeGrant
from core.host import Host
from core.network import live
from core.network.changes import TRIGGERS, News, news
from core.network.inventory import Link, Service, Site
from core.network.kept import Kept
from core.network.places import site_views
from core.network.status import Reason, State
from core.testing.context import context_of
from core.testing.world import NOW

ALICE, BOB = "alice@a.example", "bob@b.example"


def seen(host: Host, email: str = ALICE) -> dict[str, State]:
    with context_of(host, email) as ctx:
        return {s.reference or "": s.state for s in live.service_views(ctx).services}


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was read of the database since: None for all of a scope, else the ids."""
    made: list[object] = []
    load = live._load

    def spy(db, ids=None):
        made.append(ids)
        return load(db, ids)

    monkeypatch.setattr(live, "_load", spy)
    return made


def change(host: Host, statement: sa.Update | sa.Delete) -> None:
    with Session(host.engine) as session:
        session.execute(statement)
        session.commit()


def test_a_second_look_reads_no_row_again(filled: Host, loads: list[object]) -> None:
    first = seen(filled)
    assert loads == [None]
    assert seen(filled) == first
    assert loads == [None]


def test_a_change_is_seen_at_once_and_alone_is_read(filled: Host, loads: list[object]) -> None:
    seen(filled)
    down = {"state": State.DOWN, "reason": Reason.INTERFACE_DOWN}
    change(filled, sa.update(Link).where(Link.reference == "CANARI-A-20-000").values(**down))
    assert seen(filled)["CANARI-A-20-000"] is State.DOWN
    assert [len(ids) for ids in loads[1:]] == [1]  # type: ignore[arg-type]  # the spy's own list
    with context_of(filled, ALICE) as ctx:
        found = live.service_views(ctx)
        whole = live.Snapshot.of(0, live._load(ctx.db))
    assert list(found.services) == list(whole.services), "in the order of a whole reading"
    assert found.counts() == {state: whole.counts[state] for state in State}


def test_a_site_that_moves_on_the_map_is_seen_at_once(filled: Host) -> None:
    def places() -> dict[str, tuple[float | None, float | None]]:
        with context_of(filled, ALICE) as ctx:
            return {s.name: (s.latitude, s.longitude) for s in site_views(ctx).sites}

    before = places()
    moved = sa.update(Site).where(Site.name == "CANARI-A site 10")
    change(filled, moved.values(latitude=48.85, longitude=2.35))
    assert places() == {**before, "CANARI-A site 10": (48.85, 2.35)}
    change(filled, moved.values(latitude=None))
    assert places()["CANARI-A site 10"] == (None, None)


def test_a_change_of_another_customer_brings_none_of_its_rows(filled: Host) -> None:
    before = seen(filled, BOB)
    change(filled, sa.update(Link).where(Link.reference.startswith("CANARI-A")).values(since=NOW))
    assert seen(filled, BOB) == before


def test_a_name_that_changes_is_read_again(filled: Host) -> None:
    seen(filled)
    change(filled, sa.update(Site).where(Site.name == "CANARI-A site 10").values(name="Neuf"))
    change(filled, sa.update(Company).where(Company.name == "CANARI-A société 2").values(name="N2"))
    with context_of(filled, ALICE) as ctx:
        services = live.service_views(ctx).services
    assert "Neuf" in {service.site for service in services}
    assert "N2" in {service.company for service in services}


def test_a_right_that_is_taken_away_counts_at_once(filled: Host) -> None:
    assert seen(filled)
    with Session(filled.engine) as session:
        id_ = session.scalars(sa.select(Account.id).where(Account.email == ALICE)).one()
    change(filled, sa.delete(ScopeGrant).where(ScopeGrant.user_id == id_))
    assert seen(filled) == {}
    with Session(filled.engine) as session:
        site = session.scalars(sa.select(Site.id).where(Site.name == "CANARI-A site 11")).one()
        session.add(ScopeGrant(user_id=id_, reach=Reach.SITE, target_id=site))
        session.commit()
    assert list(seen(filled)) == ["CANARI-A-11-000"]


def test_a_company_that_changes_customer_takes_its_services_along(filled: Host) -> None:
    assert len(seen(filled)) == 3
    assert len(seen(filled, BOB)) == 3
    with Session(filled.engine) as session:
        theirs = session.scalars(
            sa.select(Company.customer_id).where(Company.name == "CANARI-B société 1")
        ).one()
    moved = sa.update(Company).where(Company.name == "CANARI-A société 1")
    change(filled, moved.values(customer_id=theirs))
    assert list(seen(filled)) == ["CANARI-A-20-000"]
    assert len(seen(filled, BOB)) == 5


def test_a_service_that_goes_is_gone(filled: Host) -> None:
    seen(filled)
    with Session(filled.engine) as session:
        site = session.scalars(sa.select(Site).where(Site.name == "CANARI-A site 20")).one()
        session.add(Service(company_id=site.company_id, site_id=site.id))
        session.commit()
    assert "" in seen(filled)
    with Session(filled.engine) as session:
        session.delete(session.scalars(sa.select(Service).where(~Service.links.any())).one())
        session.commit()
    assert "" not in seen(filled)


def test_what_is_kept_grows_old_like_the_rest(filled: Host, loads: list[object]) -> None:
    assert set(seen(filled).values()) == {State.UP, State.DOWN}
    late = NOW + timedelta(hours=1)
    with context_of(filled, ALICE, now=late) as ctx:
        assert {s.state for s in live.service_views(ctx).services} == {State.UNKNOWN}
        assert live.service_views(ctx).counts()[State.UNKNOWN] == 3
    assert set(seen(filled).values()) == {State.UP, State.DOWN}, "a fresh reading counts again"
    assert loads == [None]


def test_without_its_triggers_nothing_is_kept(filled: Host, loads: list[object]) -> None:
    with filled.engine.begin() as connection:
        connection.exec_driver_sql("drop trigger touched_link")
    seen(filled)
    seen(filled)
    assert loads == [None, None]


def test_every_trigger_stands_after_all_migrations(filled: Host) -> None:
    with filled.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "select count(*) from sqlite_master where type = 'trigger' and name like 'touched_%'"
        ).scalar()
    assert found == TRIGGERS


def test_a_number_that_the_journal_has_forgotten_means_any_may_have_changed(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        now = news(ctx.db, filled.kept)
        assert now is not None
        assert news(ctx.db, filled.kept, now.number) == News(now.number, frozenset())
        for strange in (0, now.number + 1, 10**12):
            said = news(ctx.db, filled.kept, strange)
            assert said is not None
            assert (said.number, said.services) == (now.number, None)
    with filled.engine.begin() as connection:
        for _n in range(3):
            connection.exec_driver_sql("update link set since = since")
        connection.exec_driver_sql(
            "insert into touched (service_id) select 1 from link, link b, link c, link d"
        )
        kept = connection.exec_driver_sql("select count(*) from touched").scalar()
    assert kept == 1_000


def test_the_least_used_scope_is_forgotten_first() -> None:
    kept = Kept(most=5)
    row = live.Snapshot(1, {}, [None] * 3, {}, {})  # type: ignore[list-item]  # its size alone counts
    for user in (1, 2):
        kept.put(Scope(user), row)
    assert kept.get(Scope(1)) is None
    assert kept.get(Scope(2)) is row
