"""What lists of tickets find, and in which order; what the form that opens one shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.api import PlannedWork
from core.host import Host
from core.testing.context import words
from core.testing.world import NOW
from plugins.incidents import queries
from plugins.incidents.address import Asked
from plugins.incidents.listing import Listing
from plugins.incidents.models import Ticket
from plugins.incidents.opening import opening
from plugins.incidents.queries import counts
from plugins.incidents.tests.test_tickets import ALICE, DONE, MINE, asking, opened


def test_lists_find_filter_and_count(filled: Host) -> None:
    number = opened(filled)
    with asking(filled, ALICE) as ctx:
        found = counts(ctx, Asked())
        assert sum(found.values()) == 5
        for asked, expected in (
            ({"q": number.lower()}, [number]),
            ({"link": DONE, "etat": "tous"}, [DONE]),
            ({"gravite": "4"}, []),
            ({"etat": "resolu"}, [DONE]),
            ({"q": "canari-b", "etat": "tous"}, []),
            ({"site": "canari-a site 20", "etat": "tous"}, ["CANARI-A-20-000"]),
            ({"du": "2001-01-01", "au": "2001-12-31", "etat": "tous"}, []),
            ({"q": "canari 10-001", "etat": "finis"}, [DONE]),
            ({"q": DONE, "etat": "encours"}, []),
        ):
            shown = Listing.of(ctx, Asked.of(asked))
            assert [t.number for t in shown.tickets] == expected, asked
            assert shown.total == len(expected)


def test_a_list_is_sorted_as_it_is_asked_whether_words_find_little_or_much(
    filled: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for few in (500, 1):
        monkeypatch.setattr(queries, "FEW", few)
        with asking(filled, ALICE) as ctx:
            for text in ("", "canari"):
                query = {"etat": "tous", "q": text, "tri": "numero"}
                numbers = [t.number for t in Listing.of(ctx, Asked.of(query)).tickets]
                assert numbers == sorted(numbers, key=str)
                back = Listing.of(ctx, Asked.of({**query, "tri": "-numero"})).tickets
                assert [t.number for t in back] == numbers[::-1]
                assert len(numbers) == 4


def test_the_form_shows_what_is_known_of_the_link_and_warns_of_works(filled: Host) -> None:
    with Session(filled.engine) as session:
        own = session.scalars(sa.select(Ticket).where(Ticket.number == MINE)).one()
        session.add(
            PlannedWork(
                company_id=own.company_id, site_id=own.site_id, link_id=None, title="Bascule",
                starts=NOW + timedelta(hours=1), ends=NOW + timedelta(hours=2),
            )
        )  # fmt: skip
        session.commit()
    with asking(filled, ALICE) as ctx:
        form = opening(ctx, {"link": MINE, "encore": "oui"})
    assert "Trafic des dernières 24 h" in words(form)
    assert "Derniers changements d’état" in words(form)
    assert "Bascule" in words(form)
    assert "ne compte pas dans la GTR" in words(form)
