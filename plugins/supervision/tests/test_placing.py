"""Who places a site on the map, where, and what the log keeps of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dash import no_update
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.api import Context, Site
from core.host import Host
from core.testing.context import context_of, find, words
from core.testing.fixtures import SAME_SITE, sign_in
from core.web.app import create_app
from plugins.supervision.map_callbacks import find_towns, open_form, place_site

ALICE, STAFF = "alice@a.example", "staff@operator.example"


def site_of(host: Host, name: str) -> int:
    with Session(host.engine) as session:
        return session.scalars(select(Site.id).where(Site.name == name)).one()


def change(host: Host, name: str, **values: Any) -> None:
    with Session(host.engine) as session:
        session.execute(update(Site).where(Site.name == name).values(**values))
        session.commit()


def test_the_operator_places_a_site_and_the_log_says_what_was_before(filled: Host) -> None:
    site = site_of(filled, "CANARI-A site 10")
    log: list[Any] = []
    with context_of(filled, STAFF) as ctx:
        said, placed = place_site(_with_log(ctx, log), 1, f"?placer={site}", "45.8336 1.2476")
    assert "est placé" in words(said)
    assert placed == 1
    assert log == [
        ("site.placed", f"site {site} CANARI-A site 10",
         {"before": [44.0, 2.0], "after": [45.8336, 1.2476]}),
    ]  # fmt: skip
    with context_of(filled, ALICE) as ctx:
        kept = ctx.db.get(Site, site)
        assert kept is not None
        assert (kept.latitude, kept.longitude) == (45.8336, 1.2476)


def _with_log(ctx: Context, log: list[Any]) -> Context:
    return replace(ctx, audit=lambda action, target, **facts: log.append((action, target, facts)))


@pytest.mark.parametrize("choice", [None, "", "Limoges", "91.0 1.0", "0.0 0.0", 7, ["45.8 1.2"]])
def test_a_site_is_placed_only_where_a_town_was_chosen(filled: Host, choice: Any) -> None:
    site = site_of(filled, "CANARI-A site 10")
    with context_of(filled, STAFF) as ctx:
        said, placed = place_site(ctx, 1, f"?placer={site}", choice)
        assert placed is no_update
        assert "Choisissez une commune" in words(said)
        kept = ctx.db.get(Site, site)
        assert kept is not None
        assert (kept.latitude, kept.longitude) == (44.0, 2.0)


@pytest.mark.parametrize("asked", ["999999", "0", "-1", "x", "٣", "9" * 40])
def test_a_site_that_is_not_there_cannot_be_placed(filled: Host, asked: str) -> None:
    with context_of(filled, STAFF) as ctx:
        said, placed = place_site(ctx, 1, f"?placer={asked}", "45.8 1.2")
        assert placed is no_update
        assert "introuvable" in words(said)
        assert "introuvable" in words(open_form(ctx, f"?placer={asked}", "")[0])


def test_the_form_begins_with_the_commune_of_the_site(filled: Host) -> None:
    change(filled, "CANARI-A site 10", commune="LIMOGES", postal_code="87000", latitude=None)
    with context_of(filled, STAFF) as ctx:
        search = f"?placer={site_of(filled, 'CANARI-A site 10')}"
        form, placing = open_form(ctx, search, "")
        assert open_form(ctx, f"{search}&q=x", placing) == (no_update, no_update)
        (choices,) = find(form, id="supervision-choice")
    assert choices.value == "45.8336 1.2476"
    assert "Latitude ou longitude manquante" in words(form)


def test_a_town_that_does_not_exist_is_told(shared_world: Host) -> None:
    with context_of(shared_world, STAFF) as ctx:
        assert "Aucune commune de ce nom" in words(find_towns(ctx, "Trifouillis-les-Oies"))


PLACE = {
    "output": "..supervision-place-said.children...supervision-placed.data..",
    "outputs": [
        {"id": "supervision-place-said", "property": "children"},
        {"id": "supervision-placed", "property": "data"},
    ],
    "inputs": [{"id": "supervision-place", "property": "n_clicks", "value": 1}],
    "state": [
        {"id": "host-url", "property": "search", "value": "?placer=1"},
        {"id": "supervision-choice", "property": "value", "value": "45.8 1.2"},
    ],
    "changedPropIds": ["supervision-place.n_clicks"],
}


def test_no_customer_places_a_site_whatever_it_was_granted(shared_world: Host) -> None:
    """In the world of the tests Alice was granted every permission there is."""
    client = sign_in(create_app(shared_world), ALICE)
    reply = client.post("/_dash-update-component", json=PLACE, headers=SAME_SITE)
    assert reply.status_code == 403
    page = client.get("/_dash-dependencies").get_json()
    assert not [entry for entry in page if "supervision-place" in entry["output"]]
