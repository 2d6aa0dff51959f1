"""The table of services: what a tick brings, and the order of its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from dash import Patch, no_update
from dash._utils import to_json
from dash.exceptions import PreventUpdate
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.api import Badge, Context, Link, Reason, State
from core.host import Host
from core.testing.context import context_of, find, words
from core.testing.world import NOW
from plugins.supervision.callbacks import refresh_list
from plugins.supervision.listing import Listing
from plugins.supervision.pages import legend as pages_legend
from plugins.supervision.queries import Asked
from plugins.supervision.tests.changes import ALICE, break_service, link_id


def version(ctx: Context, search: str = "") -> str:
    return Listing.of(ctx, Asked.of_search(search)).version()


def version_of(host: Host, search: str = "") -> str:
    with context_of(host, ALICE) as ctx:
        return version(ctx, search)


def test_a_quiet_tick_brings_nothing(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx, pytest.raises(PreventUpdate):
        refresh_list(ctx, "", 2, version(ctx))


def test_a_new_reading_brings_only_the_clock(filled: Host) -> None:
    before = version_of(filled)
    with context_of(filled, ALICE, now=NOW + timedelta(seconds=20)) as ctx:
        filled.metrics.mark_read({link_id(ctx): int(NOW.timestamp()) + 20})
        table, legend, fresh, size, export, rows, new = refresh_list(ctx, "", 2, before)
    assert (table, legend, size, export, rows) == (no_update,) * 5
    assert "Mesures à" in words(fresh)
    assert new != before


def change_reason(host: Host, reason: Reason) -> None:
    with Session(host.engine) as session:
        broken = Link.state == State.DOWN, Link.reference.startswith("CANARI-A")
        session.execute(update(Link).where(*broken).values(reason=reason))
        session.commit()


def test_a_change_patches_its_state_alone(filled: Host) -> None:
    """Where the order stays: the first row breaks for another reason."""
    before = version_of(filled)
    change_reason(filled, Reason.ADMIN_DOWN)
    with context_of(filled, ALICE) as ctx:
        table, legend, *_, new = refresh_list(ctx, "", 2, before)
        whole = Listing.of(ctx, Asked()).table()
    assert isinstance(table, Patch)
    said = str(table.to_plotly_json()["operations"])
    assert "Interface fermée" in said
    assert "CANARI-A-11-000" not in said, "its names stay as they are"
    assert applied(before_table(filled), table) == plain(whole)
    assert legend is no_update, "the counters are the same"
    assert new != before


def plain(component: Any) -> Any:
    """Return a component as the browser has it: plain objects."""
    return json.loads(to_json(component))


def before_table(host: Host) -> Any:
    """Return the table as it was while the interface was said to be down."""
    change_reason(host, Reason.INTERFACE_DOWN)
    with context_of(host, ALICE) as ctx:
        return plain(Listing.of(ctx, Asked()).table())


def applied(tree: Any, patch: Patch) -> Any:
    """Return a tree once the operations of a patch are done, as Dash does them."""
    for operation in patch.to_plotly_json()["operations"]:
        what, given, way = (operation[of] for of in ("operation", "params", "location"))
        place = tree
        for step in way if what == "Insert" else way[:-1]:
            place = place[step]
        if what == "Delete":
            del place[way[-1]]
        elif what == "Insert":
            place.insert(given["index"], plain(given["value"]))
        else:
            place[way[-1]] = plain(given["value"])
    return tree


def held(host: Host, search: str = "") -> tuple[str, list[int], Any]:
    """Return what a browser holds: the version, the ids of its rows, and its table."""
    with context_of(host, ALICE) as ctx:
        shown = Listing.of(ctx, Asked.of_search(search))
        return shown.version(), shown.row_ids(), plain(shown.table())


def test_a_forged_version_brings_the_whole_table(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        good = version(ctx)
        forged: Any
        for forged in (
            None,
            3,
            {},
            "x",
            good + ".x",
            "9" * 70,
            good.replace(".", "/"),
            "-1.0.a.b.c.d",
        ):
            table, *_ = refresh_list(ctx, "", 2, forged)
            assert isinstance(table, list)


def test_counters_change_in_place(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        before = version(ctx, "?q=site+20")
    with Session(filled.engine) as session:
        down = {"state": State.DOWN, "reason": Reason.INTERFACE_DOWN}
        session.execute(update(Link).where(Link.reference == "CANARI-A-20-000").values(**down))
        session.commit()
    with context_of(filled, ALICE) as ctx:
        _table, legend, *_ = refresh_list(ctx, "?q=site+20", 2, before)
        whole = plain(legend_of(ctx, "?q=site+20"))
    counts = [op["params"]["value"] for op in legend.to_plotly_json()["operations"]]
    assert counts == ["0", "0", "1", "0"]
    assert [
        chip["props"]["children"][-1]["props"]["children"] for chip in whole["props"]["children"]
    ] == counts


def legend_of(ctx: Context, search: str) -> Any:
    return pages_legend(Listing.of(ctx, Asked.of_search(search)))


def test_rows_that_move_are_moved_and_the_others_stay(filled: Host) -> None:
    """Site 20 breaks: it goes up to the broken ones, its row alone is told."""
    before, ids, shown = held(filled)
    break_service(filled)
    with context_of(filled, ALICE) as ctx:
        table, legend, *_others, rows, new = refresh_list(ctx, "", 2, before, ids)
        whole, wanted = Listing.of(ctx, Asked()).table(), Listing.of(ctx, Asked()).row_ids()
    assert isinstance(table, Patch)
    said = str(table.to_plotly_json()["operations"])
    assert "CANARI-A-11-000" not in said, "the row that was broken before stays as it is"
    assert applied(shown, table) == plain(whole)
    assert applied(list(ids), rows) == wanted != ids
    assert isinstance(legend, Patch)
    assert new != before


def test_what_a_browser_says_of_its_rows_is_not_believed(filled: Host) -> None:
    """Rows that it cannot have: the table is told whole."""
    before, ids, _shown = held(filled)
    break_service(filled)
    wrong: Any
    for wrong in (None, "x", {}, [*ids, 99], ids[::-1], ids[:-1], [str(i) for i in ids], [ids]):
        with context_of(filled, ALICE) as ctx:
            table, legend, *_others, rows, _new = refresh_list(ctx, "", 2, before, wrong)
        assert isinstance(table, list)
        assert rows == held(filled)[1]
        assert "Interrompu" in words(legend)


def sites(host: Host, search: str) -> list[str]:
    with context_of(host, ALICE) as ctx:
        return [s.site[-2:] for s in Listing.of(ctx, Asked.of_search(search)).services]


def test_columns_sort_both_ways_and_the_address_says_how(shared_world: Host) -> None:
    assert sites(shared_world, "") == ["11", "10", "20"], "the worst first"
    assert sites(shared_world, "?tri=site") == ["10", "11", "20"]
    assert sites(shared_world, "?tri=-site") == ["20", "11", "10"]
    assert sites(shared_world, "?tri=reference2") == ["10", "11", "20"], "those without it last"
    assert sites(shared_world, "?tri=-reference2")[0] == "10"
    assert sites(shared_world, "?tri=__class__") == ["11", "10", "20"]
    with context_of(shared_world, ALICE) as ctx:
        table = Listing.of(ctx, Asked.of_search("?tri=site&etat=up")).rows().render([])
    (sorted_by,) = [th for th in find(table) if getattr(th, "aria-sort", None)]
    assert getattr(sorted_by, "aria-sort") == "ascending"
    (link,) = find(sorted_by, className="sort")
    assert link.href == "/supervision/etat?etat=up&tri=-site"


def test_what_rubrics_say_beside_links_is_asked_once_for_a_page_and_never_by_a_tick(
    filled: Host,
) -> None:
    asked: list[str] = []
    with context_of(filled, ALICE) as ctx:

        def inquire(hook: str, _ctx: Context, **given: Any) -> Iterator[tuple[str, Any]]:
            asked.append(hook)
            yield "trial", Badge(given["links"][0].id, "saturée", "95 %")

        spied = replace(ctx, inquire=inquire)
        table = Listing.of(spied, Asked()).table()
        before = Listing.of(spied, Asked()).version()
    assert asked == ["link_badges"]
    assert words(table).count("saturée") == 2, "in the columns, and on a phone"
    change_reason(filled, Reason.ADMIN_DOWN)
    with context_of(filled, ALICE) as ctx:
        refresh_list(replace(ctx, inquire=inquire), "", 2, before)
    assert asked == ["link_badges"]
