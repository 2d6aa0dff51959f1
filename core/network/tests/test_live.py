"""The list of services: aged when read, worst first, searched, within the scope."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.host import Host
from core.network.inventory import Link, LinkRole, Service, Site
from core.network.live import fold, natural, service_views
from core.network.status import Reason, State
from core.testing.context import context_of
from core.testing.world import NOW

ALICE = "alice@a.example"


def test_the_worst_services_come_first_and_only_ones_own(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        seen = service_views(ctx)
    assert [service.state for service in seen.services] == [State.DOWN, State.UP, State.UP]
    assert all(service.company.startswith("CANARI-A") for service in seen.services)
    assert seen.counts() == {
        State.UP: 2, State.DEGRADED: 0, State.DOWN: 1, State.UNKNOWN: 0,
    }  # fmt: skip
    assert seen.read_at == NOW


def test_old_readings_turn_every_service_grey(shared_world: Host) -> None:
    late = NOW + timedelta(minutes=26)
    with context_of(shared_world, ALICE, now=late) as ctx:
        seen = service_views(ctx)
    assert {service.state for service in seen.services} == {State.UNKNOWN}
    assert {service.reason for service in seen.services} == {Reason.STALE}
    assert {service.since for service in seen.services} == {NOW}, "since the last reading"


def test_a_service_keeps_its_own_since_while_it_is_measured(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert {s.since for s in service_views(ctx).services} == {NOW - timedelta(hours=2)}


def test_a_service_without_link_was_never_measured(filled: Host) -> None:
    with Session(filled.engine) as session:
        site = session.query(Site).filter(Site.name == "CANARI-A site 20").one()
        session.add(Service(company_id=site.company_id, site_id=site.id))
        session.commit()
    with context_of(filled, ALICE) as ctx:
        (bare,) = [s for s in service_views(ctx).services if s.main is None]
    assert (bare.state, bare.reason, bare.reference) == (State.UNKNOWN, Reason.NEVER, None)


def test_the_state_follows_the_links_not_what_was_written_last(filled: Host) -> None:
    """A link that is stale makes its service unknown, since that reading."""
    with Session(filled.engine) as session:
        session.execute(
            update(Link)
            .where(Link.reference.startswith("CANARI-A-10"), Link.role == LinkRole.MAIN)
            .values(state=State.DOWN, reason=Reason.INTERFACE_DOWN)
        )
        session.commit()
    with context_of(filled, ALICE) as ctx:
        service = service_views(ctx).find("CANARI-A-10-000")
    assert service is not None
    assert (service.state, service.reason) == (State.DEGRADED, Reason.BACKUP_ACTIVE)


def test_a_service_is_found_by_its_id_and_by_either_reference(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        seen = service_views(ctx)
    main, backup = seen.find("CANARI-A-10-000"), seen.find("CANARI-A-10-001")
    assert main is not None
    assert main is backup
    assert seen.find(str(main.id)) is main
    assert seen.find("CANARI-B-10-000") is None
    assert seen.find("nothing") is None


def test_search_forgets_accents_and_case_and_wants_every_word(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        seen = service_views(ctx)
    assert len(seen.matching("canari-a SOCIETE")) == 3
    assert [s.site for s in seen.matching("société commune 11")] == ["CANARI-A site 11"]
    assert len(seen.matching("a-10-001")) == 1
    assert not seen.matching("commune nulle part")
    assert [s.state for s in seen.matching(state=State.DOWN)] == [State.DOWN]


def test_one_service_alone_can_be_read(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        every = service_views(ctx).services
        (one,) = service_views(ctx, every[0].id).services
    assert one == every[0]


def test_names_sort_as_people_count() -> None:
    names = ["Agence 10", "Agence 2", "Agence 1", "2 rives", "Abattoir"]
    assert sorted(names, key=natural) == [
        "2 rives",
        "Abattoir",
        "Agence 1",
        "Agence 2",
        "Agence 10",
    ]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("SÉVÉRAC-D’Aveyron", "severac-d'aveyron"),
        ("L’Hospitalet", "l'hospitalet"),
        ("l'hospitalet", "l'hospitalet"),
        ("St-Affrique", "saint-affrique"),
        ("Sainte Eulalie", "sainte eulalie"),
        ("STE EULALIE", "sainte eulalie"),
        ("Stade, Est, poste", "stade, est, poste"),
        ("Sébazac st", "sebazac saint"),
    ],
)
def test_apostrophes_and_saints_are_compared_as_one_writes_them(said: str, found: str) -> None:
    assert fold(said) == found
