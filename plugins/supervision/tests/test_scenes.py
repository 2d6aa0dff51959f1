"""What walls show of supervision: every service, the worst first, and why."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.api import Board, Lines, Places, Site, State, service_views
from core.host import Host
from core.testing.context import context_of
from core.testing.world import NOW
from plugins.supervision.scenes import board, changes, places, scenes

ALICE, STAFF = "alice@a.example", "staff@operator.example"


def test_the_board_shows_every_service_the_worst_first(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        shown = board(ctx)
        assert isinstance(shown, Board)
        assert [tile.state for tile in shown.tiles] == [State.DOWN, State.UP, State.UP]
        assert shown.tiles[0].name == "CANARI-A commune 11"
        (line,) = shown.beside.lines
    assert (line.title, line.state) == ("CANARI-A site 11", State.DOWN)
    assert line.since == NOW - timedelta(hours=2)
    assert line.note == ("Interface hors service · CANARI-A société 1 · CANARI-A commune 11")


def test_two_sites_of_one_town_keep_their_own_names(filled: Host) -> None:
    with Session(filled.engine) as session:
        session.execute(update(Site).values(commune="Rodez"))
        session.commit()
    with context_of(filled, ALICE) as ctx:
        names = [tile.name for tile in board(ctx).tiles]
    assert sorted(names) == ["CANARI-A site 10", "CANARI-A site 11", "CANARI-A site 20"]


def test_a_site_without_coordinates_is_listed_though_not_on_the_map(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        down = next(s for s in service_views(ctx).services if s.state is State.DOWN)
    with Session(filled.engine) as session:
        session.execute(update(Site).where(Site.id == down.site_id).values(latitude=None))
        session.commit()
    with context_of(filled, ALICE) as ctx:
        shown = places(ctx)
    assert isinstance(shown, Places)
    assert [point.state for point in shown.points] == [State.UP, State.UP]
    assert [line.title for line in shown.beside.lines] == ["CANARI-A site 11"]


def test_the_last_changes_tell_when_and_the_newest_is_first(shared_world: Host) -> None:
    with context_of(shared_world, STAFF) as ctx:
        shown = changes(ctx)
    assert isinstance(shown, Lines)
    assert len(shown.lines) == 8  # the world has one for each of its links
    assert "Interrompu · interface hors service" in str([line.note for line in shown.lines])
    when = [line.since for line in shown.lines if line.since]
    assert when == sorted(when, reverse=True)


def test_an_empty_scope_has_nothing_to_deal_with(shared_world: Host) -> None:
    with context_of(shared_world, "noscope@a.example") as ctx:
        shown = board(ctx)
        assert (list(shown.tiles), list(shown.beside.lines)) == ([], [])
        assert shown.beside.aside == ""
        assert [scene.id for scene in scenes(ctx)] == ["voyants", "carte", "changements"]


def test_a_scene_does_not_change_with_time_alone(shared_world: Host) -> None:
    with (
        context_of(shared_world, ALICE) as now,
        context_of(shared_world, ALICE, now=NOW + timedelta(seconds=45)) as later,
    ):
        assert board(now) == board(later)
        assert places(now) == places(later)
        assert changes(now) == changes(later)
