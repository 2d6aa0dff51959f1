"""« Status map »: what a refresh tells, what has no place, and who may give it one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest
from dash import no_update
from sqlalchemy import insert, inspect, select, update
from sqlalchemy.orm import Session

from core.api import Company, Context, Link, Reason, Service, Site, State, map_news, site_views
from core.host import Host
from core.testing.context import context_of, find
from core.testing.fixtures import SAME_SITE, sign_in
from core.testing.world import NOW
from core.web.app import create_app
from core.web.components.map import _bounds
from core.web.components.map_data import map_start
from plugins.supervision.map_callbacks import refresh_map
from plugins.supervision.map_page import status_map_page

ALICE = "alice@a.example"
MODULUS = 2_147_483_647


pytestmark = pytest.mark.usefixtures("at_now")


def version_of(start: dict[str, Any]) -> dict[str, Any]:
    """Return what the browser says after ``start`` (61-map.js does the same)."""
    total, codes = 0, []
    for *_names, status, since, worst in start["sites"]:
        total = (total * 31 + status * 7 + since + worst * 3) % MODULUS
        codes.append(status)
    runs = [part for status, same in groupby(codes) for part in (status, len(list(same)))]
    return {"key": start["key"], "t": start["t"], "at": start["at"], "sum": total, "runs": runs}


def shown_by(ctx: Context) -> dict[str, Any]:
    return version_of(map_start(ctx, site_views(ctx)))


def site_of(host: Host, name: str) -> int:
    with Session(host.engine) as session:
        return session.scalars(select(Site.id).where(Site.name == name)).one()


def change(host: Host, name: str, **values: Any) -> None:
    with Session(host.engine) as session:
        session.execute(update(Site).where(Site.name == name).values(**values))
        session.commit()


def break_site(host: Host, name: str) -> None:
    """Take every link of a site down, as the collector would write it."""
    down = {"state": State.DOWN, "reason": Reason.ADMIN_DOWN, "since": NOW}
    with Session(host.engine) as session:
        id_ = session.scalars(select(Site.id).where(Site.name == name)).one()
        for model in (Link, Service):
            session.execute(update(model).where(model.site_id == id_).values(**down))
        session.commit()


def test_a_refresh_in_which_nothing_happened_says_nothing(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert map_news(ctx, site_views(ctx), shown_by(ctx)) is no_update


def test_a_refresh_tells_the_site_that_changed_and_no_other(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        start = map_start(ctx, site_views(ctx))
    break_site(filled, "CANARI-A site 10")
    with context_of(filled, ALICE) as ctx:
        news = refresh_map(ctx, 1, None, version_of(start))
    changed = [start["sites"][position][1] for position, *_rest in news["d"]]
    assert changed == ["CANARI-A site 10"]
    assert news["d"][0][2] == int(NOW.timestamp())


def test_a_new_reading_without_a_change_is_its_time_alone(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        before = shown_by(ctx)
    with Session(filled.engine) as session:
        ids = session.scalars(select(Link.id)).all()
    later = int(NOW.timestamp()) + 30
    filled.metrics.mark_read(dict.fromkeys(ids, later))
    with context_of(filled, ALICE, now=NOW + timedelta(seconds=31)) as ctx:
        assert refresh_map(ctx, 1, None, before) == later


def test_what_is_not_measured_any_more_turns_grey(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        before = shown_by(ctx)
    with context_of(filled, ALICE, now=NOW + timedelta(hours=1)) as ctx:
        news = refresh_map(ctx, 1, None, before)
        states = {site.status.state for site in site_views(ctx).sites}
    assert states == {State.UNKNOWN}
    assert len(news["d"]) == 3


def test_a_site_moved_to_another_customer_leaves_the_map(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        before = shown_by(ctx)
    with Session(filled.engine) as session:
        theirs = session.scalars(
            select(Company.id).where(Company.name == "CANARI-B société 1")
        ).one()
    site = site_of(filled, "CANARI-A site 20")
    with filled.engine.begin() as connection:  # its whole row of tables moves with it
        connection.exec_driver_sql("pragma defer_foreign_keys = on")
        move = "update {} set company_id = ? where {} = ?"
        connection.exec_driver_sql(move.format("site", "id"), (theirs, site))
        seen = inspect(connection)
        for table in seen.get_table_names():
            if {"company_id", "site_id"} <= {column["name"] for column in seen.get_columns(table)}:
                connection.exec_driver_sql(move.format(table, "site_id"), (theirs, site))
    with context_of(filled, ALICE) as ctx:
        news = refresh_map(ctx, 1, None, before)
    assert [row[1] for row in news["full"]["sites"]] == ["CANARI-A site 10", "CANARI-A site 11"]


@pytest.mark.parametrize(
    "told",
    [
        None, [], "x", {}, {"key": 1}, {"runs": None}, {"runs": [1]}, {"runs": [1, -3]},
        {"runs": [10**12, 3]}, {"runs": [0, 10**9]}, {"runs": ["0", 3]}, {"runs": [True, 3]},
        {"t": "yesterday"}, {"sum": "x", "t": 10**30},
    ],
)  # fmt: skip
def test_whatever_the_browser_says_it_shows_is_answered(shared_world: Host, told: Any) -> None:
    with context_of(shared_world, ALICE) as ctx:
        said = {**shown_by(ctx), **told} if isinstance(told, dict) and told else told
        news = refresh_map(ctx, {"x": 1}, 4, said)
        full = {"full": map_start(ctx, site_views(ctx))}
    assert news == full


@pytest.mark.parametrize(
    ("latitude", "longitude", "why"),
    [
        (None, None, "absent"),
        (45.8, None, "half"),
        (None, 1.2, "half"),
        (0.0, 0.0, "impossible"),
        (91.0, 1.2, "impossible"),
        (45.8, 181.0, "impossible"),
        (float("inf"), 1.2, "impossible"),
    ],
)
def test_a_site_without_a_place_is_told_with_its_reason(
    filled: Host, latitude: float | None, longitude: float | None, why: str
) -> None:
    change(filled, "CANARI-A site 10", latitude=latitude, longitude=longitude)
    with context_of(filled, ALICE) as ctx:
        rows = {row[1]: row for row in map_start(ctx, site_views(ctx))["sites"]}
    assert rows["CANARI-A site 10"][5:8] == [None, None, why]
    assert rows["CANARI-A site 11"][5:8] == [44.0, 2.0, ""]
    json.dumps(rows, allow_nan=False)


def test_the_map_begins_where_the_sites_are(filled: Host) -> None:
    change(filled, "CANARI-A site 10", latitude=-20.88, longitude=55.45)
    change(filled, "CANARI-A site 11", latitude=48.85, longitude=2.35)
    with context_of(filled, ALICE) as ctx:
        assert _bounds(site_views(ctx)) == [[-20.88, 2.0], [48.85, 55.45]]
    change(filled, "CANARI-A site 10", latitude=None, longitude=None)
    with context_of(filled, ALICE) as ctx:
        assert _bounds(site_views(ctx)) == [[44.0, 2.0], [48.85, 2.35]]


def test_the_page_links_to_a_ticket_only_where_a_rubric_opens_tickets(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        (store,) = find(status_map_page(ctx), id="map-words")
    assert "link-ticket" not in store.data["texts"]
    assert store.data["texts"]["link-detail"] == "/supervision/etat?service="


def test_the_page_links_to_a_ticket_where_a_rubric_opens_tickets(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        opens = replace(ctx, leads=lambda path: path == "/incidents/nouveau")
        (store,) = find(status_map_page(opens), id="map-words")
    assert store.data["texts"]["link-ticket"] == "/incidents/nouveau?link="


def test_an_address_leads_somewhere_for_who_may_open_it(shared_world: Host) -> None:
    _rules, pages, _dash = create_app(shared_world).extensions["balise"]
    assert pages.leads("/supervision/etat", frozenset({"supervision:read"}))
    assert not pages.leads("/supervision/etat", frozenset())
    assert not pages.leads("/incidents/ailleurs", frozenset({"supervision:read"}))


def test_every_state_of_the_product_is_a_state_of_the_map(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        (store,) = find(status_map_page(ctx), id="map-words")
    assert {state["key"] for state in store.data["states"]} == {state.value for state in State}
    assert len(store.data["reasons"]) == len(Reason)


@pytest.fixture
def thousand(filled: Host) -> Host:
    """A thousand sites of customer A, all up."""
    with Session(filled.engine) as session:
        company = session.scalars(
            select(Company.id).where(Company.name == "CANARI-A société 1")
        ).one()
        before = session.scalars(select(Site.id)).all()
        of = {"company_id": company}
        session.execute(
            insert(Site),
            [
                {**of, "name": f"Magasin {i}", "country": "FR", "latitude": 45.0, "longitude": 2.0}
                for i in range(997)
            ],
        )
        sites = session.scalars(select(Site.id).where(Site.id.not_in(before))).all()
        up = {"state": State.UP, "reason": Reason.NONE, "since": NOW - timedelta(days=3)}
        session.execute(insert(Service), [{**of, **up, "site_id": site} for site in sites])
        rows = session.execute(select(Service.id, Service.site_id)).all()
        named = {"designation": "Fibre", "role": "main"}
        session.execute(
            insert(Link),
            [
                {**of, **up, **named, "site_id": site, "service_id": id_, "reference": f"C-{id_}"}
                for id_, site in rows
                if site in set(sites)
            ],
        )
        session.commit()
        links = session.scalars(select(Link.id)).all()
    filled.metrics.mark_read(dict.fromkeys(links, int(NOW.timestamp())))
    return filled


def test_a_refresh_of_a_thousand_sites_weighs_nearly_nothing(thousand: Host) -> None:
    client = sign_in(create_app(thousand), ALICE)
    with context_of(thousand, ALICE) as ctx:
        start = map_start(ctx, site_views(ctx))
    assert len(start["sites"]) == 1000

    def refresh(version: dict[str, Any]) -> Any:
        inputs = [("map-tick", "n_intervals", 1), ("supervision-placed", "data", None)]
        body = {
            "output": "map-news.data",
            "outputs": {"id": "map-news", "property": "data"},
            "inputs": [{"id": i, "property": p, "value": v} for i, p, v in inputs],
            "state": [{"id": "map-version", "property": "data", "value": version}],
            "changedPropIds": ["map-tick.n_intervals"],
        }
        headers = {**SAME_SITE, "Accept-Encoding": "zstd, gzip"}
        return client.post("/_dash-update-component", json=body, headers=headers)

    shown = version_of(start)
    assert len(json.dumps(shown)) < 200
    nothing = refresh(shown)
    assert nothing.get_json()["response"] == {}
    assert len(nothing.data) <= 60
    only_read = refresh({**shown, "at": 1})
    assert only_read.get_json()["response"]["map-news"]["data"] == start["at"]
    assert len(only_read.data) <= 60
    for i in range(100, 105):
        break_site(thousand, f"Magasin {i}")
    reply = refresh(shown)
    assert len(reply.get_json()["response"]["map-news"]["data"]["d"]) == 5
    assert len(reply.data) <= 300
