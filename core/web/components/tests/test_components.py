"""What the pieces of a page promise: shape and word together, links that are links, no markup."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from dash import Patch
from dash._utils import to_json

from core.network.status import Reason, State
from core.testing.context import find, words
from core.web.components import (
    Chip,
    Column,
    Table,
    attributes,
    chips,
    empty_state,
    error_card,
    led,
    live,
    page_head,
    running,
    search_form,
    segmented,
    state_tag,
    table_foot,
)
from core.web.words import REASONS, STATES, reason_words, service_sentence, state_word


@pytest.mark.parametrize("state", State)
def test_a_led_says_its_state_by_shape_and_by_word(state: State) -> None:
    for shown in (led(state), led(state, word=False)):
        assert state_word(state) in words(shown)
        (shape,) = find(shown, className=f"led led-{STATES[state].css}")
        assert shape.to_plotly_json()["props"]["aria-hidden"] == "true"


def test_every_state_and_reason_has_its_words() -> None:
    assert set(STATES) == set(State)
    assert set(REASONS) == set(Reason)
    assert len({words.shape for words in STATES.values()}) == len(State)
    assert reason_words(Reason.STALE, "26 min") == "sans mesure depuis 26 min"
    assert reason_words(Reason.NONE) == ""
    assert service_sentence(State.UP, Reason.NONE) == "Le service est fonctionnel"


def test_a_tint_is_given_to_what_is_known_only() -> None:
    assert state_tag(State.DOWN, "Interrompu").className == "tag tag-down"
    assert state_tag(State.UNKNOWN, "?").className == "tag"


def test_the_reference_of_a_failure_is_on_its_card() -> None:
    card = error_card("7f3a0142")
    assert "Cette rubrique ne répond pas" in words(card)
    assert "7f3a0142" in words(card)
    assert "Réessayer" in words(card)


def test_a_filter_is_a_link_that_says_whether_it_is_on() -> None:
    on = Chip("Dégradé / Non secouru", 3, "/x?etat=degraded", current=True, short="Dégradé")
    shown = chips([on, Chip("Interrompu", 1, "/x?etat=down")], "Filtrer")
    first, second = (link.to_plotly_json()["props"] for link in find(shown, className="chip"))
    assert first["href"] == "/x?etat=degraded"
    assert first["aria-current"] == "true"
    assert "aria-current" not in second
    assert words(shown).split() == ["Dégradé", "/", "Non", "secouru", "3", "Interrompu", "1"]


TABLE: Table[dict[str, str]] = Table(
    label="Services",
    columns=[
        Column("Site", lambda r: r["site"], link=True, sorted=True),
        Column("Désignation\nsecondaire", lambda r: r.get("backup"), absent="–"),
        Column("Octets", lambda r: r["n"], numeric=True),
    ],
    href=lambda r: f"?service={r['id']}",
    phone=lambda r: ("•", r["site"], [r["id"], ""]),
)
ROWS = [{"id": "1", "site": "<b>Rodez</b>", "n": "5"}, {"id": "2", "site": "Millau", "n": "7"}]


def test_a_filter_may_have_other_words_on_a_phone():
    shown = str(chips([Chip("Ne répond pas", 4, "/x", short="Muets")], "Filtrer"))
    assert "Span(children='Ne répond pas', className='hide-phone')" in shown
    assert "Span(children='Muets', className='only-phone')" in shown


def test_a_row_holds_a_link_for_the_keyboard_and_its_phone_form() -> None:
    row = TABLE.row(ROWS[0], selected=True).to_plotly_json()["props"]
    assert row["data-href"] == "?service=1"
    assert row["aria-selected"] == "true"
    links = find(row["children"], href="?service=1")
    assert len(links) == 2
    *_, number, folded = row["children"]
    assert (number.className, folded.className) == ("num", "cell-phone")


def test_a_name_is_text_never_markup() -> None:
    shown = TABLE.render(ROWS)
    assert "<b>Rodez</b>" in words(shown)


def test_what_is_absent_is_said() -> None:
    assert "–" in words(TABLE.row(ROWS[0]))
    assert "N/A" in words(
        Table([Column[int]("x", lambda _: None)], str, lambda n: ("", str(n), []), "t").row(1)
    )


def test_one_cell_takes_the_place_of_another_in_a_patch() -> None:
    patch = Patch()
    TABLE.place_cell(patch, 0, ROWS[1], 0)
    shown = json.loads(to_json(TABLE.render(ROWS)))
    for step in patch.to_plotly_json()["operations"]:
        *way, last = step["location"]
        place = shown
        for key in way:
            place = place[key]
        place[last] = json.loads(to_json(step["params"]["value"]))
    first, second = shown["props"]["children"]["props"]["children"][2]["props"]["children"]
    cells, others = (row["props"]["children"] for row in (first, second))
    assert cells[0]["props"]["children"] == others[0]["props"]["children"]
    assert cells[1:-1] != others[1:-1], "the rest of the row stays"


def test_the_foot_counts_and_links_the_pages() -> None:
    foot = table_foot(420, 3, 25, lambda n: f"?page={n}", "services")
    assert words(foot).startswith("51 – 75 sur 420 services")
    numbers = [link.children for link in find(foot) if link.to_plotly_json()["type"] == "A"]
    assert numbers == ["1", "2", "3", "4", "17"]
    (here,) = find(foot, aria_current="page")
    assert here.children == "3"
    assert words(table_foot(3, 1, 25, str, "services")) == "1 – 3 sur 3 services"


def test_fields_and_choices_have_their_names() -> None:
    assert "Chercher un service" in words(search_form("x", "Site", "Chercher un service", id="q"))
    (group,) = find(
        segmented({"a": "A", "b": "B"}, "a", "Liaison", href="?x={}".format), role="group"
    )
    assert group.to_plotly_json()["props"]["aria-label"] == "Liaison"
    on, off = (link.to_plotly_json()["props"] for link in group.children)
    assert (on["href"], on["aria-current"], "data-merge" in on) == ("?x=a", "true", True)
    assert (off["href"], "aria-current" in off) == ("?x=b", False)


def test_a_running_duration_does_not_change_what_the_server_says() -> None:
    since = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    props = running(since, short=True).to_plotly_json()["props"]
    assert props["data-since"] == str(int(since.timestamp()))
    assert props["data-short"] == ""
    assert not props["children"]


def test_a_live_page_names_its_clock_so_that_it_can_rest() -> None:
    assert "data-stale-after" not in live("tick", 10).to_plotly_json()["props"]
    shown = live("tick", 10, 90)
    assert shown.to_plotly_json()["props"]["data-stale-after"] == 90
    assert shown.to_plotly_json()["props"]["data-live"] == "tick"
    assert shown.children.interval == 10_000


def test_heads_and_empty_places_say_what_they_are_given() -> None:
    assert words(page_head("Titre", "Sous-titre", ["Action"])) == "Titre Sous-titre Action"
    assert words(empty_state("pulse", "Rien", "Bientôt", "Agir")) == "Rien Bientôt Agir"
    assert attributes(aria_label="x", data_y=None) == {"aria-label": "x"}
