"""Another tool in the place of the embedded tickets: the pages go on, our tables stay empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.config import ConfigError, Rubrics
from core.host import Host
from core.testing.context import context_of, words
from core.testing.world import NOW
from plugins.incidents.address import Asked
from plugins.incidents.backend import Backend, Embedded, wrong_backend
from plugins.incidents.callbacks import open_one, say
from plugins.incidents.files import join
from plugins.incidents.home import home_body, open_tickets
from plugins.incidents.links import actions, badges, explanations
from plugins.incidents.listing import Listing
from plugins.incidents.models import Ticket
from plugins.incidents.opening import opening
from plugins.incidents.queries import link_of
from plugins.incidents.tests.other_tool import OtherTool
from plugins.incidents.ticket_pages import ticket_layout

ALICE, BOB, LINK = "alice@a.example", "bob@b.example", "CANARI-A-10-000"
TOOL = "plugins.incidents.tests.other_tool:OtherTool"
FORM = {"link": LINK, "impact": "coupure", "users": "tous", "title": "Plus rien", "since": "",
        "description": "Tout est coupé.", "again": False, "press": 1}  # fmt: skip


@pytest.fixture
def other(filled: Host) -> Iterator[Host]:
    """An installation whose tickets live in the operator's own tool."""
    settings = {"incidents": {"backend": TOOL}}
    filled.config = filled.config.model_copy(update={"rubrics": Rubrics(settings=settings)})
    yield filled
    OtherTool.kept.clear()


def rows(host: Host) -> int:
    with Session(host.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Ticket)) or 0


def test_a_ticket_is_opened_listed_and_answered_in_the_operators_own_tool(other: Host) -> None:
    before = rows(other)
    with context_of(other, ALICE) as ctx:
        assert Listing.of(ctx, Asked()).total == 0, "none of those of our tables"
        done = open_one(ctx, FORM)
        number = str(done.to_plotly_json()["props"]["data-then"]).rpartition("/")[2]
        assert number.startswith("OUTIL-")
        data = {"ticket": number, "do": "comment", "text": "Le voyant est rouge.", "press": 1}
        assert say(ctx, data)[0] == ""
        page = words(ticket_layout(ctx, number))
        assert "Le voyant est rouge." in page
        assert "GTR" in page
        assert number in words(Listing.of(ctx, Asked()).table())
        assert number in words(home_body(ctx))
        assert open_tickets(ctx).lines[0].note.startswith(number)
        link = link_of(ctx, LINK)
        assert link is not None
        assert badges(ctx, [link])[0].link_id == link.id
        assert actions(ctx, link)[0].href == f"/incidents/{number}"
        assert explanations(ctx, link, NOW, NOW.replace(year=NOW.year + 1))
        assert "déjà ouvert" in words(opening(ctx, {"link": LINK}))
        assert "clôt lui-même" in words(say(ctx, {**data, "do": "clos"})[0])
        assert "ne prend pas de fichier" in str(join(ctx, "a.pdf", b"%PDF-1.7", number))
    with context_of(other, BOB) as ctx:
        assert "introuvable" in words(ticket_layout(ctx, number))
    assert rows(other) == before, "nothing was written into our tables"


def test_the_tool_is_a_setting_that_is_checked_at_the_start(filled: Host) -> None:
    assert isinstance(Embedded(), Backend)
    assert wrong_backend("embedded") is None
    assert wrong_backend(TOOL) is None
    assert "ne se charge pas" in str(wrong_backend("outil.absent:Outil"))
    assert "n'a pas les méthodes" in str(wrong_backend("builtins:dict"))
    for settings, said in (
        ({"incidents": {"backend": "nulle.part:X"}}, "ne se charge pas"),
        ({"incidents": {"bakend": "x"}}, "vouliez-vous dire « backend »"),
        ({"incident": {}}, "vouliez-vous dire « incidents »"),
    ):
        config = filled.config.model_copy(update={"rubrics": Rubrics(settings=settings)})
        with pytest.raises(ConfigError, match=said):
            Host(config).registry  # noqa: B018 - it is made when it is asked for
