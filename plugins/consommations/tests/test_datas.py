"""The curves and figures of « Consommations datas », beside a brute force over raw counters."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.api import Link, Reason, Sheet, State
from core.host import Host
from core.network.metrics import Sample
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from plugins.consommations import listing
from plugins.consommations.actions import actions
from plugins.consommations.address import ADDRESS, Asked, period_of
from plugins.consommations.callbacks import open_sheet, refresh_curve, refresh_list, refresh_state
from plugins.consommations.chosen import chosen
from plugins.consommations.downloads import Line, export
from plugins.consommations.home import home_body
from plugins.consommations.measures import measured
from plugins.consommations.pages import datas
from plugins.consommations.sheet import sheet

ALICE = "alice@a.example"
MAIN, OTHER = "CANARI-A-10-000", "CANARI-A-11-000"
END = datetime.fromtimestamp(int(NOW.timestamp()) // 300 * 300, UTC)
LATER = END + timedelta(days=3)
"""When the made-up counters below are looked at: the world's own samples are out of the day."""


def counters(seed: int) -> list[tuple[int, int, int]]:
    """Return readings of two 64-bit counters, (second, in, out), of a minute each, some missing."""
    draw = random.Random(seed)
    at, ins, outs = int(LATER.timestamp()) - 86_400, 2**40, 2**41
    found = [(at, ins, outs)]
    while at < int(LATER.timestamp()):
        at += 60
        ins += draw.randrange(10**6, 10**8)
        outs += draw.randrange(10**5, 10**7)
        if draw.random() > 0.02 and not 20_000 < LATER.timestamp() - at < 24_000:
            found.append((at, ins, outs))
    return found


def samples(link_id: int, readings: list[tuple[int, int, int]]) -> list[Sample]:
    """Return the samples of readings that follow one another; a missed one leaves a gap."""
    pairs = pairwise(readings)
    return [
        Sample(link_id, at, 60.0, ins - i, outs - o)
        for (before, i, o), (at, ins, outs) in pairs
        if at - before == 60
    ]


def five_minutes(found: list[Sample], way: str) -> dict[int, float]:
    """Return the mean rate of each five minutes: octets over the seconds measured in it."""
    slots: dict[int, list[float]] = {}
    for one in found:
        slot = slots.setdefault((one.at - 1) // 300, [0.0, 0.0])
        slot[0] += getattr(one, way)
        slot[1] += one.seconds
    return {at: octets * 8 / seconds for at, (octets, seconds) in slots.items()}


def nearest_rank(values: Mapping[int, float]) -> float:
    ordered = sorted(values.values())
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


@pytest.fixture
def made(filled: Host) -> tuple[Host, dict[str, list[Sample]]]:
    """The world with a day of counters on two links."""
    with context_of(filled, ALICE) as ctx:
        ids = {one.reference: one.id for one in ctx.db.all(select(Link))}
    found = {ref: samples(ids[ref], counters(seed)) for seed, ref in enumerate((MAIN, OTHER))}
    for some in found.values():
        filled.metrics.record(some)
    return filled, found


def exported(host: Host, query: Mapping[str, str], now: datetime = LATER) -> Sheet[Line] | None:
    with context_of(host, ALICE, now=now, query=query) as ctx:
        made = export(ctx)
        return replace(made, rows=list(made.rows)) if made else None


def test_the_figures_of_a_day_are_those_of_a_brute_force_over_its_counters(made) -> None:
    host, found = made
    with context_of(host, ALICE, now=LATER) as ctx:
        asked = Asked(link=MAIN)
        of = chosen(ctx, asked)
        assert of is not None
        report = measured(ctx, of.links, period_of(ctx, asked)).report
    mine = found[MAIN]
    assert report.in_octets == sum(one.in_octets for one in mine)
    assert report.out_octets == sum(one.out_octets for one in mine)
    assert report.covered == 60 * len(mine)
    assert report.in_mean_bps == pytest.approx(report.in_octets * 8 / (60 * len(mine)))
    assert report.in_peak_bps == round(max(one.in_octets for one in mine) * 8 / 60)
    assert report.in_p95_bps == pytest.approx(nearest_rank(five_minutes(mine, "in_octets")))
    assert report.out_p95_bps == pytest.approx(nearest_rank(five_minutes(mine, "out_octets")))


@pytest.mark.parametrize("key", ["24h", "semaine", "mois", "annee"])
def test_the_slots_of_the_file_add_up_to_the_volume_on_the_page(made, key: str) -> None:
    host, _found = made
    query = {"liaison": MAIN, "periode": key}
    found = exported(host, query)
    assert found is not None
    with context_of(host, ALICE, now=LATER) as ctx:
        asked = Asked.of(query)
        of = chosen(ctx, asked)
        assert of is not None
        shown = measured(ctx, of.links, period_of(ctx, asked))
    assert sum(one.in_octets or 0 for one in found.rows) == shown.report.in_octets
    assert sum(one.out_octets or 0 for one in found.rows) == shown.report.out_octets
    assert sum(one.seconds for one in found.rows) == pytest.approx(shown.report.covered)


def test_a_gap_is_an_empty_cell_of_the_file_and_never_a_zero(made) -> None:
    found = exported(made[0], {"liaison": MAIN})
    assert found is not None
    silent = [one for one in found.rows if one.seconds == 0]
    assert len(silent) >= 12, "an hour without a reading"
    assert all(one.in_bps is None and one.in_octets is None for one in silent)


def test_links_are_summed_slot_by_slot_before_the_percentile(made) -> None:
    """The percentile of a sum is not the sum of the percentiles."""
    host, found = made
    with context_of(host, ALICE, now=LATER) as ctx:
        company = next(one.company_id for one in ctx.db.all(select(Link)) if one.reference == MAIN)
        asked = Asked(company=company)
        of = chosen(ctx, asked)
        assert of is not None
        shown = measured(ctx, of.links, period_of(ctx, asked))
    rates = [five_minutes(found[ref], "in_octets") for ref in (MAIN, OTHER)]
    sums = {at: rates[0][at] + rates[1][at] for at in rates[0].keys() & rates[1].keys()}
    assert shown.report.in_p95_bps == pytest.approx(nearest_rank(sums))
    assert shown.report.in_octets == sum(
        one.in_octets for ref in (MAIN, OTHER) for one in found[ref]
    )
    assert [link.reference for link in shown.silent] == ["CANARI-A-10-001"]


def shown_words(host: Host, **query: str) -> str:
    with context_of(host, ALICE) as ctx:
        return words(sheet(ctx, Asked.of(query))).replace("\u202f", " ")


def test_the_sheet_of_a_link_tells_its_figures(shared_world: Host) -> None:
    text = shown_words(shared_world, liaison=MAIN)
    for word in (
        f"Trafic sur le lien {MAIN}", "Informations administratives", "Débit en bps",
        "1,0 Mbit/s", "100 Mbit/s", "8,3 %", "Services QoS", "CANARI-A-VOIX",
        "Qualité · CANARI-A sonde", "23,5 ms", "1,5 ms", "10,00 %",
    ):  # fmt: skip
        assert word in text, word


def test_a_line_of_two_rates_tells_both_and_how_full_the_fuller_way_is(filled: Host) -> None:
    with Session(filled.engine) as session:
        rates = {"contract_in_bps": 20_000_000, "contract_out_bps": 200_000}
        session.execute(update(Link).where(Link.reference == MAIN).values(**rates))
        session.commit()
    text = shown_words(filled, liaison=MAIN)
    for word in ("20 Mbit/s entrant", "200 kbit/s sortant", "dont 50 % utilisés au p95"):
        assert word in text


def test_octets_are_an_eighth_of_bits(shared_world: Host) -> None:
    text = shown_words(shared_world, liaison=MAIN, unite="octets")
    assert "125 Ko/s" in text
    assert "bit/s" not in text


@pytest.mark.parametrize(
    "query", [{"liaison": "CANARI-B-10-000"}, {"liaison": "nothing"}, {"site": "999"},
              {"societe": "2", "site": "999"}]
)  # fmt: skip
def test_what_is_not_ones_own_is_not_found(shared_world: Host, query: dict[str, str]) -> None:
    assert "Accès introuvable" in shown_words(shared_world, **query)
    assert exported(shared_world, query, NOW) is None


def test_a_period_without_a_measure_says_so(shared_world: Host) -> None:
    text = shown_words(
        shared_world, liaison=MAIN, periode="perso", du="2026-01-05T00:00", au="2026-01-06T00:00"
    )
    assert "Aucune mesure sur cette période" in text
    assert "Rien n’a été mesuré du 05/01/2026 00:00 au 06/01/2026 00:00." in text


def test_a_period_that_cannot_be_is_told_beside_the_parameters(shared_world: Host) -> None:
    text = shown_words(
        shared_world, liaison=MAIN, periode="perso", du="2026-01-06T00:00", au="2026-01-05T00:00"
    )
    assert "La fin de la période doit venir après son début." in text
    assert "Valider" in text


def test_one_measure_alone_can_be_seen(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        (link,) = [one for one in ctx.db.all(select(Link)) if one.reference == MAIN]
        filled.metrics.record([Sample(link.id, int(LATER.timestamp()) - 600, 60, 7_500_000, 750)])
    with context_of(filled, ALICE, now=LATER) as ctx:
        (graph,) = find(sheet(ctx, Asked(link=MAIN)), id="datas-chart")
    assert graph.figure["data"][0]["mode"] == "lines+markers"


def test_a_minute_that_brings_nothing_sends_nothing(filled: Host) -> None:
    search = f"?liaison={MAIN}"
    with context_of(filled, ALICE) as ctx:
        head, figure, _hides, strip, _remarks, kept = refresh_curve(ctx, 1, search, None)
        assert "un point toutes les" in words(head)
        assert figure["data"]
        assert "Volume" in words(strip)
        with pytest.raises(PreventUpdate):
            refresh_curve(ctx, 2, search, kept)
        (link,) = [one for one in ctx.db.all(select(Link)) if one.reference == MAIN]
    now = NOW + timedelta(minutes=2)
    filled.metrics.record([Sample(link.id, int(NOW.timestamp()) + 60, 60.0, 5_000, 5_000)])
    with context_of(filled, ALICE, now=now) as ctx:
        *_parts, remarks, new = refresh_curve(ctx, 3, search, kept)
        assert new != kept
        assert remarks is no_update, "who reads them does not see them fold"
        with pytest.raises(PreventUpdate):
            refresh_curve(ctx, 4, f"{search}&periode=perso&du=2026-01-01T00:00", new)
        for nonsense in (None, 7, "?liaison=CANARI-B-10-000", ""):
            with pytest.raises(PreventUpdate):
                refresh_curve(ctx, 5, nonsense, new)


def test_who_has_one_service_sees_its_curve_without_choosing_it(shared_world: Host) -> None:
    with context_of(shared_world, "onesite@a.example") as ctx:
        assert f"Trafic sur le lien {MAIN}" in words(datas(ctx))
        sheet, shown = open_sheet(ctx, "", None)
        assert f"Trafic sur le lien {MAIN}" in words(sheet)
        with pytest.raises(PreventUpdate):
            open_sheet(ctx, "", shown)
        assert refresh_curve(ctx, 1, "", None)[1]["data"]
    with context_of(shared_world, ALICE) as ctx:
        assert "Choisissez un accès" in words(datas(ctx))


def test_the_page_is_drawn_again_only_where_the_address_changed(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        _table, _views, listed = refresh_list(ctx, f"?liaison={MAIN}", 1, None)
        with pytest.raises(PreventUpdate):
            refresh_list(ctx, f"?liaison={MAIN}", 2, listed)
        _sheet, shown = open_sheet(ctx, f"?liaison={MAIN}", None)
        with pytest.raises(PreventUpdate):
            open_sheet(ctx, f"?liaison={MAIN}&q=lot&page=2", shown)


@pytest.mark.parametrize(
    ("query", "lines"),
    [({}, 4), ({"q": "site 11"}, 1), ({"vue": "sites"}, 3), ({"vue": "societes"}, 2),
     ({"q": "FIBRE 100"}, 1), ({"q": "nothing of that name"}, 0)],
)  # fmt: skip
def test_the_list_holds_ones_accesses_by_link_site_or_company(
    shared_world: Host, query: dict[str, str], lines: int
) -> None:
    with context_of(shared_world, ALICE, query=query) as ctx:
        page = datas(ctx)
    bodies = [one for one in find(page) if one.to_plotly_json()["type"] == "Tbody"]
    assert len(bodies[0].children if bodies else []) == lines
    assert ("Aucun accès ne correspond" in words(page)) == (lines == 0)


def test_the_list_opens_on_the_page_of_what_was_chosen(
    shared_world: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 1)
    monkeypatch.setattr(listing, "ALONE", 2)
    for query, place in (
        ({"liaison": OTHER}, "3"),
        ({"liaison": OTHER, "page": "1"}, "1"),
        ({}, "1"),
    ):
        with context_of(shared_world, ALICE, query=query) as ctx:
            page = datas(ctx)
        (current,) = find(page, **{"aria-current": "page"})
        assert current.children == place


def test_a_state_that_changed_is_told_in_the_list_and_on_the_sheet(filled: Host) -> None:
    search = f"?liaison={MAIN}"
    with context_of(filled, ALICE) as ctx:
        _rows, _views, listed = refresh_list(ctx, search, 1, None)
        _part, kept = refresh_state(ctx, 1, search, None)
        with pytest.raises(PreventUpdate):
            refresh_state(ctx, 2, search, kept)
    with Session(filled.engine) as session:
        down = {"state": State.DOWN, "reason": Reason.INTERFACE_DOWN}
        session.execute(update(Link).where(Link.reference == MAIN).values(**down))
        session.commit()
    with context_of(filled, ALICE) as ctx:
        part, _new = refresh_state(ctx, 3, search, kept)
        assert "Interrompue" in words(part)
        rows, _views, _version = refresh_list(ctx, search, 3, listed)
        assert "Interrompu" in str(rows)
        for nonsense in (None, "", "?liaison=CANARI-B-10-000", "?site=1"):
            with pytest.raises(PreventUpdate):
                refresh_state(ctx, 4, nonsense, None)


def test_other_pages_lead_to_the_curve_of_a_link(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        (link,) = [one for one in ctx.db.all(select(Link)) if one.reference == MAIN]
        (action,) = actions(ctx, link)
        assert action.href == f"{ADDRESS}?liaison={MAIN}"
        assert actions(replace(ctx, query={"liaison": MAIN}), link) == [], "it is this page"
        assert f"{ADDRESS}?liaison={MAIN}" in str(home_body(ctx))


def test_someone_without_a_link_is_told_what_will_be_here(shared_world: Host) -> None:
    with context_of(shared_world, "noscope@a.example") as ctx:
        assert "Aucun accès en production" in words(datas(ctx))
