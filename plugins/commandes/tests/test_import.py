"""What the back office brings in is what the customer sees, with what changed since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.exports import to_csv
from core.host import Host
from core.testing.context import context_of, words
from core.testing.files import csv_rows
from core.testing.world import NOW
from plugins.commandes.address import Asked, Tree
from plugins.commandes.downloads import orders, subscriptions
from plugins.commandes.listing import Listing
from plugins.commandes.models import (
    OrderChange,
    OrderLine,
    OrderMessage,
    ProductionCode,
    Stage,
    Subscription,
)
from plugins.commandes.sheets import sheet
from plugins.commandes.subscriptions import page_of
from plugins.commandes.tests.conftest import CAPEL, DATA, bring_in

HEADS = (DATA / "commandes.csv").read_text("cp1252").splitlines()[0]
LINES = (DATA / "commandes.csv").read_text("cp1252").splitlines()[1:]


def line(host: Host, reference: str) -> OrderLine:
    with Session(host.engine) as session:
        return session.scalars(sa.select(OrderLine).where(OrderLine.reference == reference)).one()


def history(host: Host, reference: str) -> list[tuple[str, str | None, str | None]]:
    with Session(host.engine) as session:
        query = sa.select(OrderChange).join(OrderLine, OrderLine.id == OrderChange.line_id)
        found = session.scalars(query.where(OrderLine.reference == reference))
        return [(x.field, x.before, x.after) for x in found]


def saved(sheet: Any, path: Path) -> list[list[str]]:
    """Return the rows of an export, and leave it as a file."""
    data = b"".join(to_csv(sheet))
    path.write_bytes(data)
    return csv_rows(data)


def test_the_five_lines_of_the_seed_stand_in_its_order(seed: Host) -> None:
    with context_of(seed, CAPEL) as ctx:
        lines = Listing.of(ctx, Asked()).lines
        said = " ".join(words(Listing.of(ctx, Asked()).table()).split())
    assert [x.reference[-7:] for x in lines] == [
        "003-001", "005-001", "004-001", "001-001", "002-001",
    ]  # fmt: skip
    assert "CAPEL LA QUERCYNOISE : C7278-00003-001 Capel Cajarc Gamme Vert" in said
    assert "ERAT_260 Travaux opérateur à réaliser" in said


def test_codes_say_the_step_and_whose_turn_it_is(seed: Host) -> None:
    with Session(seed.engine) as session:
        code = session.scalars(sa.select(ProductionCode).filter_by(code="ERAT_260")).one()
    assert (code.label, code.stage, code.actor.value) == (
        "Travaux opérateur à réaliser", Stage.WORKS, "tiers",
    )  # fmt: skip


def test_what_a_new_file_changes_is_told_in_the_history(seed: Host, bring: Any) -> None:
    changed = LINES[0].replace("14/06/11", "21/06/11").replace("INSTALL PROGRAMMEE", "INSTALLEE")
    bring("commandes", HEADS, changed, *LINES[1:])
    assert line(seed, "C7278-00003-001").installed
    assert history(seed, "C7278-00003-001") == [
        ("state", "INSTALL PROGRAMMEE", "INSTALLEE"),
        ("router", "2011-06-14", "2011-06-21"),
    ]
    assert history(seed, "C7278-00005-001") == []


def test_a_line_that_left_the_file_is_closed_and_may_come_back(seed: Host, bring: Any) -> None:
    bring("commandes", HEADS, *LINES[1:])
    assert line(seed, "C7278-00003-001").closed is not None
    with context_of(seed, CAPEL) as ctx:
        assert Listing.of(ctx, Asked()).total == 4
        assert Listing.of(ctx, Asked(progress="closes")).total == 1
    bring("commandes", HEADS, *LINES)
    assert line(seed, "C7278-00003-001").closed is None
    assert [one[0] for one in history(seed, "C7278-00003-001")] == ["closed", "closed"]


def test_a_line_that_changes_site_takes_its_messages_along(seed: Host, bring: Any) -> None:
    before = line(seed, "C7278-00003-001")
    of = {"company_id": before.company_id, "site_id": before.site_id}
    with Session(seed.engine) as session:
        session.add(
            OrderMessage(**of, line_id=before.id, at=NOW, author="a", name="a",
                         from_operator=True, text="Bonjour")
        )  # fmt: skip
        session.commit()
    bring("commandes", HEADS, LINES[0].replace("Capel Cajarc Gamme Vert", "Coeur De Reseau"))
    after = line(seed, "C7278-00003-001")
    assert after.site_id != before.site_id
    with Session(seed.engine) as session:
        assert session.scalars(sa.select(OrderMessage.site_id)).one() == after.site_id


def test_a_site_that_nobody_knows_is_rejected_with_the_nearest(seed: Host, bring: Any) -> None:
    found = bring("commandes", HEADS, LINES[0].replace("Gamme Vert", "Gamme Verte"), *LINES[1:])
    assert found.counts["rejected"] == 1


def test_what_is_exported_can_be_brought_in_again(seed: Host, tmp_path: Path) -> None:
    with context_of(seed, CAPEL) as ctx:
        rows = saved(orders(ctx), tmp_path / "commandes.csv")
        saved(subscriptions(ctx), tmp_path / "abonnements.csv")
    assert len(rows[0]) == 12
    assert rows[1][:4] == [
        "C7278-00003-001", "Création", "CAPEL LA QUERCYNOISE", "Capel Cajarc Gamme Vert",
    ]  # fmt: skip
    for dataset in ("commandes", "abonnements"):
        found = bring_in(seed, dataset, tmp_path / f"{dataset}.csv")
        counts = {name: n for name, n in found.counts.items() if n}
        assert counts == {"same": 5 if dataset == "commandes" else 3}


def test_a_radius_password_is_sealed_kept_and_never_exported(seed: Host, tmp_path: Path) -> None:
    def secret() -> str | None:
        with Session(seed.engine) as session:
            query = sa.select(Subscription.radius_secret)
            return session.scalars(query.where(Subscription.reference.endswith("-002"))).one()

    kept = secret()
    assert kept is not None
    assert "BLR-secours" not in kept
    assert seed.vault.open(kept) == "BLR-secours-06"
    with context_of(seed, CAPEL) as ctx:
        rows = saved(subscriptions(ctx), tmp_path / "abonnements.csv")
    assert not any("BLR-secours" in cell or kept in cell for row in rows for cell in row)
    text = (tmp_path / "abonnements.csv").read_text("utf-8-sig")
    (tmp_path / "abonnements.csv").write_text(text.replace("BLR de secours", "BLR secours"))
    bring_in(seed, "abonnements", tmp_path / "abonnements.csv")
    assert secret() == kept


def test_a_subscription_that_left_the_file_leaves_the_tree_and_says_it_ended(
    seed: Host, bring: Any
) -> None:
    lines = (DATA / "abonnements.csv").read_text("cp1252").splitlines()
    bring("abonnements", *lines[:-1])
    with context_of(seed, CAPEL) as ctx:
        assert page_of(ctx, Tree()).total == 2
        assert len(list(subscriptions(ctx).rows)) == 2
        shown = words(sheet(ctx, Tree(chosen="000000000-003")))
        assert f"Terminé le {NOW:%d/%m/%Y}" in shown
        assert "Demander la résiliation" not in shown
