"""Contract profiles are rows: who edits them, what applied when, what it does to the figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import OutOfScope
from core.host import Host
from core.testing.context import context_of, words
from core.testing.world import NOW
from plugins.incidents.callbacks import keep_terms
from plugins.incidents.clock import clocks
from plugins.incidents.hours import Span
from plugins.incidents.models import LinkContract, SlaProfile, Ticket
from plugins.incidents.months import month_span, sheet_of
from plugins.incidents.profiles import PROFILES
from plugins.incidents.queries import find
from plugins.incidents.terms import profile_of, terms_of, versions
from plugins.incidents.terms_pages import shown
from plugins.incidents.tests.test_import import bring

ALICE, STAFF, LINK = "alice@a.example", "staff@operator.example", "CANARI-A-10-000"
FORM = {
    "code": "", "label": "GTR 2 h or", "days": "01234", "opens": "07:00", "closes": "20:30",
    "restore": "2,5", "target": "99,9", "bands": "99,9 : 5\n99 : 12,5", "late": "0 : 5",
    "since": "", "press": 1,
}  # fmt: skip


def saved(host: Host, **values: str) -> str:
    """Press « Enregistrer »; return what it says when it is refused."""
    with context_of(host, STAFF) as ctx:
        today = ctx.now.astimezone(ctx.zone).date().isoformat()
        return words(keep_terms(ctx, {**FORM, "since": today, **values}))


def rows(host: Host, code: str) -> list[SlaProfile]:
    with context_of(host, STAFF) as ctx:
        return [row for row in versions(ctx) if row.code == code]


def test_the_profiles_one_begins_with_are_those_of_the_code(filled: Host) -> None:
    with context_of(filled, STAFF) as ctx:
        kept = {row.code: profile_of(row) for row in versions(ctx)}
    assert kept == PROFILES


def test_the_operator_writes_new_terms_and_what_was_stays(filled: Host) -> None:
    assert saved(filled) == ""
    (row,) = rows(filled, "gtr-2-h-or")
    profile = profile_of(row)
    assert (profile.restore, profile.target) == (timedelta(hours=2, minutes=30), 0.999)
    assert profile.bands == ((0.999, 0.05), (0.99, 0.125))
    assert profile.hours.opens is not None
    assert (row.by, row.at) == (STAFF, NOW)
    assert saved(filled, code="gtr-2-h-or", restore="3") == "", "the same day: corrected"
    assert [one.restore for one in rows(filled, "gtr-2-h-or")] == [180]
    later = (NOW + timedelta(days=40)).date().isoformat()
    assert saved(filled, code="gtr-2-h-or", restore="4", since=later) == ""
    assert [one.restore for one in rows(filled, "gtr-2-h-or")] == [180, 240]
    with context_of(filled, STAFF) as ctx:
        page = words(shown(ctx, {}))
    assert "à venir" in page
    assert "par staff@operator.example" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label": " "}, "Donnez un nom"), ({"label": "gtr 8 h en heures ouvrees"}, "déjà ce nom"),
        ({"code": "x"}, "introuvable"), ({"since": "2020-01-01"}, "d’aujourd’hui au plus tôt"),
        ({"since": "demain"}, "corrigez la date"), ({"days": "9"}, "jours de service"),
        ({"closes": ""}, "ou aucune des deux"), ({"opens": "21:00"}, "ou aucune des deux"),
        ({"opens": "", "closes": ""}, "Sans heures"), ({"restore": "vite"}, "nombre d’heures"),
        ({"restore": "0"}, "nombre d’heures"), ({"target": "101"}, "pourcentage"),
        ({"bands": "99,5 10"}, "une par ligne"), ({"late": "1 : 101"}, "une par ligne"),
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused_in_words(
    filled: Host, wrong: dict[str, str], said: str
) -> None:
    assert said in saved(filled, **wrong)
    assert len(rows(filled, "gtr-2-h-or")) == 0


def test_no_customer_writes_a_dictionary(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx, pytest.raises(OutOfScope, match="operator alone"):
        ctx.db.add(SlaProfile(code="x", label="x", days="0", restore=1, target=1, bands=[],
                              late=[]))  # fmt: skip
    with context_of(filled, ALICE) as ctx, pytest.raises(OutOfScope, match="operator alone"):
        keep_terms(ctx, {**FORM, "since": "2090-01-01"})


def under(host: Host, *contracts: tuple[date, str], **ticket: Any) -> None:
    """Put a link under contracts, each from a day on, and give it one ticket."""
    with Session(host.engine) as session:
        own = session.scalars(sa.select(Ticket).where(Ticket.number == LINK)).one()
        old = session.scalars(
            sa.select(LinkContract).where(LinkContract.link_id == own.link_id)
        ).one()
        of = {"company_id": own.company_id, "site_id": own.site_id, "link_id": own.link_id}
        session.delete(old)
        session.flush()
        session.add_all(LinkContract(**of, since=day, profile=code) for day, code in contracts)
        for name, value in ticket.items():
            setattr(own, name, value)
        for pause in list(own.pauses):
            session.delete(pause)
        session.commit()


def test_a_ticket_keeps_the_terms_of_the_day_it_was_opened(filled: Host) -> None:
    changes = (NOW - timedelta(hours=1)).date()
    under(filled, (date(2000, 1, 1), "gtr4-24x7"), (changes, "gtr8-ho"),
          opened=NOW - timedelta(days=3))  # fmt: skip
    with context_of(filled, ALICE) as ctx:
        ticket = find(ctx, LINK)
        assert ticket is not None
        assert clocks(ctx, [ticket])[ticket.id].profile.code == "gtr4-24x7"
        assert terms_of(ctx).on(ticket.link_id, NOW).code == "gtr8-ho"


def test_a_month_in_which_a_contract_changed_counts_the_hours_of_both(filled: Host) -> None:
    # March 2025: 16 days around the clock, then 11 working days from the 17th to the 31st.
    under(
        filled,
        (date(2000, 1, 1), "gtr4-24x7"),
        (date(2025, 3, 17), "gtr8-ho"),
        opened=datetime(2025, 3, 10, 2, tzinfo=UTC),
        resolved=datetime(2025, 3, 10, 8, tzinfo=UTC),
    )
    with context_of(filled, ALICE) as ctx:
        march = month_span(ctx, 2025, 3)
        row = next(row for row in sheet_of(ctx, march) if row.reference == LINK)
        cut = terms_of(ctx).stretches(row.id, march)
    assert [(profile.code, span.end) for span, profile in cut] == [
        ("gtr4-24x7", datetime(2025, 3, 16, 23, tzinfo=UTC)), ("gtr8-ho", march.end),
    ]  # fmt: skip
    assert row.figures.service == timedelta(days=16) + 11 * timedelta(hours=10)
    assert row.figures.down == timedelta(hours=6), "at night too: the terms of its opening"
    assert row.figures.late == 1, "four hours were promised then, not eight"
    assert row.profile.code == "gtr8-ho"
    assert Span(*march) == march


def test_a_contract_that_is_brought_in_again_stands_beside_those_of_the_past(
    filled: Host, tmp_path: Path
) -> None:
    head = "N° de référence (CLS);Contrat;Depuis le"

    def contracts() -> list[tuple[date, str]]:
        with Session(filled.engine) as session:
            query = sa.select(LinkContract).order_by(LinkContract.since)
            found = [row for row in session.scalars(query) if row.link_id == first]
            return [(row.since, row.profile) for row in found]

    with Session(filled.engine) as session:
        first = session.scalar(sa.select(Ticket.link_id).where(Ticket.number == LINK))
    new = f"{LINK};gtr 8 h en heures ouvrees;01/02/2026"
    bring(filled, tmp_path / "a.csv", "profils-sla", head, new)
    assert contracts() == [(date(2000, 1, 1), "gtr4-24x7"), (date(2026, 2, 1), "gtr8-ho")]
    again = bring(filled, tmp_path / "b.csv", "profils-sla", head, new)
    assert not again.counts.get("changed")
    bring(filled, tmp_path / "c.csv", "profils-sla", head, new.replace("8 h", "4 h"))
    assert contracts()[-1] == (date(2026, 2, 1), "gtr4-ho"), "of the same day: a correction"
    wrong = bring(filled, tmp_path / "d.csv", "profils-sla", head, f"{LINK};GTR 8 en heures;")
    assert wrong.counts.get("rejected") == 1
