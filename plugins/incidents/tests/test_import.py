"""Tickets and contracts that a back office brings in; what the list exports is read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.exports import to_csv
from core.host import Host
from core.imports.runs import Imports
from core.testing.context import context_of, words
from plugins.incidents.clock import clocks
from plugins.incidents.downloads import tickets
from plugins.incidents.models import LinkContract, Ticket
from plugins.incidents.months import month_span, sheet_of
from plugins.incidents.queries import find
from plugins.incidents.ticket_pages import ticket_layout

HEAD = (
    "N° de ticket;N° de référence (CLS);Objet;État;Impact;Gravité;Ouvert le;Pris en charge le;"
    "Résolu le;Horloge arrêtée (min)"
)
LINK = "CANARI-A-10-000"
GOOD = (
    f"269286;{LINK};Coupure de la fibre;Résolu;Coupure;1 · Critique;24/11/2025 08:24;"
    "24/11/2025 08:32;24/11/2025 11:30;45"
)


def bring(host: Host, path: Path, dataset: str, *lines: str) -> Any:
    """Bring lines in, as ``balise import`` does; return what was checked."""
    path.write_text("\n".join(lines))
    imports = Imports(host)
    run = imports.receive(dataset, path.name, path.stat().st_size, "system")
    imports.check(run, path, imports.examine(run, path).mapping)
    return imports.apply(run, allow_closing=True)


def test_a_ticket_of_another_tool_counts_as_one_of_ours(filled: Host, tmp_path: Path) -> None:
    bring(filled, tmp_path / "a.csv", "incidents", HEAD, GOOD)
    with context_of(filled, "alice@a.example") as ctx:
        ticket = find(ctx, "269286")
        assert ticket is not None
        assert clocks(ctx, [ticket])[ticket.id].spent.total_seconds() == (3 * 60 + 6 - 45) * 60
    with context_of(filled, "bob@b.example") as ctx:
        assert find(ctx, "269286") is None


def test_the_same_file_twice_changes_nothing_and_a_correction_changes_one(
    filled: Host, tmp_path: Path
) -> None:
    bring(filled, tmp_path / "a.csv", "incidents", HEAD, GOOD)
    again = bring(filled, tmp_path / "b.csv", "incidents", HEAD, GOOD)
    assert (again.counts.get("new"), again.counts.get("changed")) in ((0, 0), (None, None))
    corrected = GOOD.replace("Coupure de la fibre", "Fibre coupée")
    bring(filled, tmp_path / "c.csv", "incidents", HEAD, corrected)
    with Session(filled.engine) as session:
        one = session.scalars(sa.select(Ticket).where(Ticket.number == "269286")).one()
        assert (one.title, one.version, len(one.pauses)) == ("Fibre coupée", 2, 1)


def test_a_ticket_older_than_all_that_is_known_of_its_link_is_kept_and_counts(
    filled: Host, tmp_path: Path
) -> None:
    old = GOOD.replace("/11/2025", "/11/2003")
    bring(filled, tmp_path / "a.csv", "incidents", HEAD, old)
    with context_of(filled, "alice@a.example") as ctx:
        ticket = find(ctx, "269286")
        assert ticket is not None
        assert "269286" in words(ticket_layout(ctx, "269286"))
        november = sheet_of(ctx, month_span(ctx, 2003, 11))
        row = next(row for row in november if row.reference == LINK)
    assert row.figures.down.total_seconds() == (3 * 60 + 6 - 45) * 60


@pytest.mark.parametrize(
    ("before", "after"),
    [(LINK, "C9999-1"), ("11:30;45", "07:30;45"), ("24/11/2025 11:30", ""), ("Résolu", "Ouvert"),
     ("1 · Critique", "12")],
)  # fmt: skip
def test_a_line_that_makes_no_sense_is_refused(
    filled: Host, tmp_path: Path, before: str, after: str
) -> None:
    found = bring(filled, tmp_path / "a.csv", "incidents", HEAD, GOOD.replace(before, after))
    assert found.counts.get("rejected") == 1
    with Session(filled.engine) as session:
        assert not session.scalars(sa.select(Ticket).where(Ticket.number == "269286")).all()


def test_what_the_list_exports_is_read_again(filled: Host, tmp_path: Path) -> None:
    with context_of(filled, "staff@operator.example", query={"etat": "tous"}) as ctx:
        written = b"".join(to_csv(tickets(ctx)))
    path = tmp_path / "export.csv"
    path.write_bytes(written)
    imports = Imports(filled)
    run = imports.receive("incidents", path.name, path.stat().st_size, "system")
    imports.check(run, path, imports.examine(run, path).mapping)
    found = imports.apply(run, allow_closing=True)
    assert not found.counts.get("rejected"), found.counts
    assert not found.counts.get("new"), found.counts


def test_the_contract_of_a_link_is_brought_in(filled: Host, tmp_path: Path) -> None:
    head, line = "N° de référence (CLS);Contrat", f"{LINK};GTR 8 h en heures ouvrées"
    bring(filled, tmp_path / "a.csv", "profils-sla", head, line)
    with Session(filled.engine) as session:
        kept = session.scalars(sa.select(LinkContract.profile)).all()
    assert kept.count("gtr8-ho") == 1
