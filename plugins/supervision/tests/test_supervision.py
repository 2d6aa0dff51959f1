"""« État de vos services »: what the address asks for, what a tick brings, what is not there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.api import Company, Link, Reason, State, StateChange, service_views
from core.db import ScopeGrant
from core.host import Host
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from plugins.supervision.actions import actions
from plugins.supervision.callbacks import open_detail, refresh_list, refresh_panel
from plugins.supervision.home import home_body
from plugins.supervision.listing import Listing, chosen
from plugins.supervision.pages import panel_version, services
from plugins.supervision.periods import history_of
from plugins.supervision.queries import Asked
from plugins.supervision.tabs import history
from plugins.supervision.tests.changes import ALICE, MAIN, break_service, link_id, own_link


@pytest.mark.parametrize(
    "search",
    [
        None, {}, [], 7, "?page=[]", "?page=-1&etat=green", "?page=99999999999999", "?page=٣",
        "?" + "x" * 9000, "?service=" + "9" * 400, "?onglet=%00&service=%F0%9F",
        "?page={}&etat=&q=",
    ],
)  # fmt: skip
def test_any_address_is_answered(shared_world: Host, search: Any) -> None:
    with context_of(shared_world, ALICE) as ctx:
        table, *_rest, new = refresh_list(ctx, search, {"n": 1}, search)
        with suppress(PreventUpdate):
            refresh_panel(ctx, search, search, search)
        open_detail(ctx, search, search, search)
    assert "sur 3 services" in words(table)
    assert new.count(".") == 5


def test_an_address_says_the_same_read_and_written() -> None:
    asked = Asked(
        State.DOWN, "sévérac", "site", descending=True, page=2, service="C7278-00006-001",
        tab="trafic",
    )  # fmt: skip
    assert Asked.of_search(asked.with_().partition("?")[2]) == asked
    assert Asked().with_() == "/supervision/etat"
    assert Asked(page=3).with_(page=1) == "/supervision/etat"


def test_the_page_shows_counters_rows_and_freshness(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        text = words(services(ctx))
    assert "3 services sur 3 sites" in text
    assert "Fonctionnel   2" in text
    assert "CANARI-A site 11" in text
    assert "CANARI-B" not in text
    assert f"Mesures à {NOW.astimezone(ctx.zone):%H:%M:%S}" in text


def test_a_filter_keeps_the_counters_of_all(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        table, legend, *_ = refresh_list(ctx, "?etat=down", 1, None)
    assert "sur 1 service" in words(table)
    assert [b.children for b in find(legend) if b.to_plotly_json()["type"] == "B"] == [
        "2", "0", "1", "0",
    ]  # fmt: skip


def test_filtered_to_nothing_says_which_filters(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        table, *_ = refresh_list(ctx, "?q=nulle+part&etat=degraded", 1, None)
    text = words(table)
    assert "le texte « nulle part »" in text
    assert "l’état « Dégradé »" in text
    assert "Effacer les filtres" in text


def test_the_panel_refreshes_its_state_and_never_its_chart(filled: Host) -> None:
    search = f"?service={MAIN}"
    with context_of(filled, ALICE) as ctx:
        before = panel_version(service_views(ctx), Asked.of_search(search))
        with pytest.raises(PreventUpdate):
            refresh_panel(ctx, 1, search, before)
    break_service(filled)
    with context_of(filled, ALICE) as ctx:
        state, new, gone = refresh_panel(ctx, 2, search, before)
        assert gone is None
    assert "Le service est interrompu" in words(state)
    assert not find(state, id="consommations-chart")
    assert new != before


def test_a_panel_is_opened_once(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        panel, now = open_detail(ctx, f"?service={MAIN}", None, ["", ""])
        assert open_detail(ctx, f"?service={MAIN}&etat=up", None, now) == (no_update, no_update)
    text = words(panel)
    for said in (
        "Informations administratives", "Le service est fonctionnel", "Durée du statut en cours",
        "Liaison principale", "Liaison secondaire", "CANARI-A 1921", MAIN, "Trafic",
        "Historique des statuts", "ne sont pas contractuelles", "Exporter l’historique",
    ):  # fmt: skip
        assert said in text, said


def test_a_site_that_moves_to_another_customer_takes_its_open_panel_away(filled: Host) -> None:
    search = f"?service={MAIN}"
    with context_of(filled, ALICE) as ctx:
        before = panel_version(service_views(ctx), Asked.of_search(search))
        panel, now = open_detail(ctx, search, None, None)
        assert "CANARI-A 1921" in words(panel)
    with Session(filled.engine) as session:
        theirs = select(Company.customer_id).where(Company.name == "CANARI-B société 1")
        moved = update(Company).where(Company.name == "CANARI-A société 1")
        session.execute(moved.values(customer_id=session.scalars(theirs).one()))
        session.commit()
    with context_of(filled, ALICE) as ctx:
        _state, _new, gone = refresh_panel(ctx, 2, search, before)
        panel, _now = open_detail(ctx, search, gone, now)
    assert words(panel).startswith("Service introuvable")
    assert "CANARI" not in words(panel)


def test_a_scope_that_becomes_empty_empties_the_page(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        before = Listing.of(ctx, Asked()).version()
        account = ctx.user.id
    with Session(filled.engine) as session:
        session.execute(delete(ScopeGrant).where(ScopeGrant.user_id == account))
        session.commit()
    with context_of(filled, ALICE) as ctx:
        table, legend, *_ = refresh_list(ctx, "", 2, before)
    assert "Aucun service en production" in words(table)
    assert "CANARI" not in words([table, legend])


def test_the_map_is_offered_once_there_is_one() -> None:
    link = Link(reference="A&B", site_id=7)
    assert [one.href for one in actions(link, [])] == ["/supervision/historique.xlsx?service=A%26B"]
    assert "/supervision/carte?site=7" in [
        one.href for one in actions(link, ["/supervision/carte"])
    ]


@pytest.mark.parametrize("foreign", ["CANARI-B-10-000", "C0000-00000-000", "0", "-1"])
def test_a_service_of_another_is_like_one_that_does_not_exist(
    shared_world: Host, foreign: str
) -> None:
    with context_of(shared_world, ALICE) as ctx:
        panel, _ = open_detail(ctx, f"?service={foreign}", None, None)
    there = "Service introuvable Ce service n’existe pas, ou n’est pas dans votre périmètre."
    assert words(panel) == there


def test_who_has_one_service_sees_it_at_once(shared_world: Host) -> None:
    with context_of(shared_world, "onesite@a.example") as ctx:
        seen = service_views(ctx)
        assert chosen(seen, Asked())[0] == str(seen.services[0].id)
        assert "Informations administratives" in words(services(ctx))


def test_who_has_no_service_yet_is_told_what_will_be_here(shared_world: Host) -> None:
    with context_of(shared_world, "noscope@a.example") as ctx:
        assert "Aucun service en production" in words(services(ctx))
        assert "Aucun service en production" in words(home_body(ctx))


def test_stale_measures_are_said_at_the_head_of_the_page(shared_world: Host) -> None:
    with context_of(shared_world, ALICE, now=NOW + timedelta(minutes=26)) as ctx:
        text = words(services(ctx)).replace("\u202f", " ")
    assert "Dernières mesures il y a 26 min" in text
    assert "Sans mesure depuis 26 min" in text


def test_home_names_the_worst_and_counts_all(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        text = words(home_body(ctx))
    assert "2 Fonctionnels" in " ".join(text.split())
    assert "CANARI-A site 11" in text
    assert "CANARI-A site 10" not in text


def change(host: Host, count: int, *, of_link: bool = False) -> int:
    """Write changes of the service of ``MAIN``, or of that link, a minute apart; its service id."""
    with Session(host.engine) as session:
        link = session.query(Link).filter(Link.reference == MAIN).one()
        for n in range(count):
            change = StateChange(
                company_id=link.company_id,
                site_id=link.site_id,
                service_id=link.service_id,
                link_id=link.id if of_link else None,
                state=(State.DOWN, State.UP)[n % 2],
                reason=(Reason.INTERFACE_DOWN, Reason.NONE)[n % 2],
                at=NOW - timedelta(minutes=60 - n),
            )
            session.add(change)
        session.commit()
        return link.service_id


def test_history_gives_each_period_its_end_and_reason(filled: Host) -> None:
    service_id = change(filled, 1)
    with context_of(filled, ALICE) as ctx:
        found = history_of(ctx, service_id, None)
        last, before, *_older = found.periods
        assert (last.state, last.end, found.total) == (State.DOWN, None, 3)
        assert before.end == last.start
        (link,) = ctx.db.all(select(Link).where(Link.reference == MAIN))
        text = words(history(ctx, link))
    assert "Interface hors service" in text
    assert "0 jours 01:00:00" in text, "how long it was up"
    assert "1 – 3 sur 3 changements" in text
    with context_of(filled, "bob@b.example") as ctx:
        assert not history_of(ctx, service_id, None).periods


def test_history_shows_the_service_or_one_link_of_it(filled: Host) -> None:
    change(filled, 3, of_link=True)
    with context_of(filled, ALICE) as ctx:
        link = own_link(ctx, link_id(ctx))
        said = {
            which: words(history(replace(ctx, query={"historique": which}), link))
            for which in ("service", "main", "backup", "../etc", "")
        }
    assert "sur 4 changements" in said["main"]
    assert "1 – 1 sur 1 changement" in said["backup"]
    for which in ("service", "../etc", ""):
        assert "1 – 2 sur 2 changements" in said[which], which


@pytest.mark.parametrize(
    ("rang", "says"),
    [("1", "1 – 20 sur 52"), ("3", "41 – 52 sur 52"), ("9", "41 – 52"), ("-1", "1 – 20"),
     ("٣", "1 – 20"), ("999999999999", "1 – 20")],
)  # fmt: skip
def test_history_goes_by_pages_that_the_address_names(filled: Host, rang: str, says: str) -> None:
    service_id = change(filled, 50)
    with context_of(filled, ALICE) as ctx:
        link = own_link(ctx, link_id(ctx))
        text = words(history(replace(ctx, query={"rang": rang}), link))
        every = history_of(ctx, service_id, None, per_page=100).periods
        paged = [p for n in (1, 2, 3) for p in history_of(ctx, service_id, None, n).periods]
    assert says in text
    assert paged == every, "each period once, with its own end"


def test_what_the_tabs_ask_stays_in_the_address_of_their_service_alone() -> None:
    asked = Asked.of_search(f"?service={MAIN}&liaison=X&historique=main&etat=up")
    assert "liaison=X" in asked.with_(page=2)
    assert "liaison" not in asked.with_(service="Y")
    assert Asked.of_search(asked.with_().partition("?")[2]) == asked
