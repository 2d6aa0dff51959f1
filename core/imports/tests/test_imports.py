"""What an import changes: what the file says, once, all of it or nothing."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock
from core.audit import AuditEntry
from core.host import Host
from core.imports import runs
from core.imports.limits import FileError
from core.imports.models import ImportRun, RunState
from core.imports.runs import Imports
from core.imports.tests.files import book, csv_file
from core.network.inventory import Device, Site
from core.testing.files import csv_rows

HEADS = "N° client;Société;Site;Commune"
pytestmark = pytest.mark.usefixtures("park")


def sites(host: Host) -> dict[str, tuple[str | None, bool]]:
    """Return the commune of each site, and whether it is closed."""
    with Session(host.engine) as session:
        return {s.name: (s.commune, s.closed is not None) for s in session.scalars(sa.select(Site))}


def last_run(host: Host) -> Any:
    with Session(host.engine) as session:
        return session.scalar(sa.select(sa.func.max(ImportRun.id)))


def test_a_file_changes_what_it_says_and_nothing_else(host: Host, bring: Any) -> None:
    done = bring("sites", HEADS, "C1;Causses SAS;Rodez;RODEZ", "C1;Causses SAS;Albi;",
                 "C2;Littoral SA;Vannes;Vannes", "C2;Littoral SA;Brest;Brest")  # fmt: skip
    assert {k: n for k, n in done.counts.items() if n} == {
        "new": 1, "changed": 1, "gone": 1, "same": 2,
    }  # fmt: skip
    assert sites(host) == {
        "Rodez": ("RODEZ", False), "Albi": (None, False), "Vannes": ("Vannes", False),
        "Lorient": (None, True), "Brest": ("Brest", False),
    }  # fmt: skip
    with Session(host.engine) as session:
        rodez = session.scalars(sa.select(Site).where(Site.name == "Rodez")).one()
    assert (rodez.postal_code, rodez.latitude) == ("01200", 44.35)  # not in the file: as it was


def test_the_same_file_twice_changes_nothing(bring: Any) -> None:
    lines = (HEADS, "C1;Causses SAS;Rodez;Rodez", "c1;CAUSSES sas;Nîmes;Nîmes",
             "C2;Littoral SA;Vannes;Vannes", "C2;Littoral SA;Lorient;")  # fmt: skip
    assert bring("sites", *lines).changes
    again = bring("sites", *lines)
    assert (again.changes, again.counts["same"]) == (0, 4)


def test_what_vanished_is_closed_and_comes_back(host: Host, bring: Any) -> None:
    rows = ["C1;Causses SAS;Rodez;Rodez", "C2;Littoral SA;Vannes;Vannes"]
    bring("sites", HEADS, *rows)
    assert sites(host)["Albi"] == (None, True)
    done = bring("sites", HEADS, *rows, "C1;Causses SAS;Albi;Albi")
    assert done.counts["reopened"] == 1
    assert sites(host)["Albi"] == ("Albi", False)


def test_a_partial_file_closes_nothing(host: Host, bring: Any) -> None:
    bring("sites", HEADS, "C1;Causses SAS;Millau;Millau", partial=True)
    assert {closed for _commune, closed in sites(host).values()} == {False}


def test_a_file_of_one_customer_leaves_the_others(host: Host, bring: Any) -> None:
    with host.engine.connect() as connection:
        c1 = connection.scalar(sa.text("select id from customer where number = 'C1'"))
    done = bring("sites", HEADS, "C1;Causses SAS;Rodez;Rodez", "C2;Littoral SA;Vannes;X",
                 customer_id=c1)  # fmt: skip
    assert (done.counts["gone"], done.counts["rejected"]) == (1, 1)
    assert sites(host)["Vannes"] == ("Vannes", False)
    assert sites(host)["Lorient"] == (None, False)


def test_a_file_that_would_close_most_rows_is_refused_without_a_flag(
    host: Host, bring: Any
) -> None:
    before = sites(host)
    with pytest.raises(FileError, match="fermerait 3 lignes sur 4"):
        bring("sites", HEADS, "C1;Causses SAS;Rodez;Rodez")
    assert sites(host) == before
    bring("sites", HEADS, "C1;Causses SAS;Rodez;Rodez", allow=True)
    assert sum(closed for _commune, closed in sites(host).values()) == 3


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("C1;Littoral SA;Vannes;x", "Société", "cette société n'est pas à ce client"),
        ("C1;Causse SAS;Rodez;x", "Société", "vouliez-vous dire « Causses SAS »"),
        ("C9;Causses SAS;Rodez;x", "N° client", "client inconnu"),
        (";Causses SAS;Rodez;x", "N° client", "une valeur est attendue"),
        ("C1;Causses SAS;Rodez;x;y", "", "séparateur de trop"),
        ("C1;Causses SAS;Albi;x\x07", "Commune", "caractère de commande"),
    ],
)
def test_a_bad_row_is_told_with_its_column_and_reason(
    host: Host, bring: Any, row: str, column: str, reason: str
) -> None:
    good = "C2;Littoral SA;Lorient;Lorient"
    bring("sites", HEADS, row, good, partial=True)
    assert sites(host)["Lorient"] == ("Lorient", False)
    rows = csv_rows((Imports(host).place(last_run(host)) / "rejets.csv").read_bytes())
    assert rows[0] == ["Ligne", "Colonne", "Valeur", "Motif du rejet", *HEADS.split(";")]
    line, where, _value, why, *cells = rows[1]
    assert (line, where) == ("2", column)
    assert reason in why
    assert cells[:3] == row.split(";")[:3]


def test_rows_with_one_reference_are_both_rejected(host: Host, bring: Any, tmp_path: Path) -> None:
    before = sites(host)["Rodez"]
    done = bring("sites", HEADS, "C1;Causses SAS;Rodez;a", "C1;Causses SAS;rodez;b",
                 "C1;Causses SAS;RODEZ;c", partial=True)  # fmt: skip
    assert done.counts["rejected"] == 3
    assert sites(host)["Rodez"] == before


def test_a_rejected_row_is_not_a_vanished_one(host: Host, bring: Any) -> None:
    done = bring("sites", HEADS + ";Latitude;Longitude", "C1;Causses SAS;Rodez;x;nord;2",
                 "C1;Causses SAS;Albi;;;", "C2;Littoral SA;Vannes;;;")  # fmt: skip
    assert (done.counts["rejected"], done.counts["gone"]) == (1, 1)
    assert sites(host)["Rodez"] == ("Rodez", False)
    assert sites(host)["Lorient"][1]


def test_where_a_key_cannot_be_read_nothing_is_closed(host: Host, bring: Any) -> None:
    done = bring("sites", HEADS, "C1;Causses SAS;;x", "C1;Causses SAS;Albi;")
    assert done.kept_open
    assert done.counts["gone"] == 0


def test_the_file_of_rejects_is_brought_in_once_corrected(
    host: Host, bring: Any, tmp_path: Path
) -> None:
    bring("sites", HEADS + ";Latitude;Longitude", "C1;Causses SAS;Foix;Foix;nord;2,5", partial=True)
    text = (Imports(host).place(last_run(host)) / "rejets.csv").read_text(encoding="utf-8-sig")
    corrected = tmp_path / "corrigé.csv"
    corrected.write_text(text.replace("Foix;nord", "Foix;43,2"), encoding="utf-8")
    assert bring("sites", corrected, partial=True).counts["new"] == 1
    assert sites(host)["Foix"] == ("Foix", False)


@pytest.mark.parametrize(
    ("heads", "why"),
    [
        ("N° client;Société;Site;Comune", "« Comune » inconnue. Vouliez-vous dire « Commune » ?"),
        ("N° client;Site", "Il manque la colonne « Société »"),
        ("Code client;N° client;Société;Site", "« N° client » inconnue|Code client"),
    ],
)
def test_a_column_that_is_missing_or_unknown_stops_the_file(
    host: Host, bring: Any, heads: str, why: str
) -> None:
    with pytest.raises(FileError, match=why):
        bring("sites", heads, ";".join("C1" for _ in heads.split(";")))


def test_a_source_keeps_its_mapping(host: Host, tmp_path: Path) -> None:
    imports = Imports(host)
    path = csv_file(tmp_path / "erp.csv", "KUNNR;NAME", "C3;Troisième")

    def receive(source: str) -> int:
        return imports.receive("clients", "erp.csv", 10, "system", source=source, partial=True)

    first = receive("SAP")
    assert imports.examine(first, path).mapping == {"KUNNR": None, "NAME": "name"}
    imports.check(first, path, {"KUNNR": "customer", "NAME": "name"})
    imports.apply(first)
    assert imports.examine(receive("SAP"), path).problems == []
    assert imports.examine(receive("autre"), path).mapping["KUNNR"] is None


def test_what_changed_since_the_preview_is_refused(host: Host, bring: Any, tmp_path: Path) -> None:
    imports = Imports(host)
    path = csv_file(tmp_path / "a.csv", HEADS, "C1;Causses SAS;Albi;Albi")
    run = imports.receive("sites", "a.csv", 1, "system", partial=True)
    imports.check(run, path, imports.examine(run, path).mapping)
    bring(
        "sites", HEADS, "C1;Causses SAS;Albi;Albi-le-Vieux", "C1;Causses SAS;Rodez;Z", partial=True
    )
    with Session(host.engine) as session, session.begin():
        session.execute(sa.update(Site).where(Site.name == "Albi").values(commune="Albi"))
    with pytest.raises(FileError, match="ont changé depuis l'aperçu"):
        imports.apply(run)


def test_an_import_is_done_once(host: Host, tmp_path: Path) -> None:
    imports = Imports(host)
    path = csv_file(tmp_path / "a.csv", HEADS, "C1;Causses SAS;Foix;Foix")
    run = imports.receive("sites", "a.csv", 1, "system", partial=True)
    imports.check(run, path, imports.examine(run, path).mapping)
    imports.apply(run)
    with pytest.raises(FileError, match="pas prêt"):
        imports.apply(run)


def test_what_fails_in_the_middle_changes_nothing(
    host: Host, bring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BATCH", 1)
    before, written = sites(host), 0
    dataset = host.registry.datasets()["sites"]
    write = dataset.write

    def fail(loading: Any, changes: Any) -> None:
        nonlocal written
        write(loading, changes)
        written += 1
        if written == 2:
            raise RuntimeError("in the middle")

    object.__setattr__(dataset, "write", fail)
    try:
        with pytest.raises(RuntimeError):
            bring("sites", HEADS, *(f"C1;Causses SAS;S{n};x" for n in range(3)), partial=True)
    finally:
        object.__setattr__(dataset, "write", write)
    assert sites(host) == before


def test_an_import_leaves_a_line_in_the_audit_log_without_secrets(host: Host, bring: Any) -> None:
    bring("routeurs", "N° client;Société;Routeur;Adresse IP;Communauté SNMP",
          "C1;Causses SAS;r-rodez;10.0.0.1;nouvelle", "C1;Causses SAS;r-2;;secrète")  # fmt: skip
    with Session(host.engine) as session:
        line: Any = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (line.action, line.target) == ("imported", "routeurs")
    assert (line.facts["changed"], line.facts["rejected"]) == (1, 1)
    kept = json.dumps(line.facts) + (Imports(host).place(last_run(host)) / "rejets.csv").read_text()
    assert "nouvelle" not in kept
    assert "secrète" not in kept
    assert [p.name for p in Imports(host).place(last_run(host)).iterdir()] == ["rejets.csv"]


def test_credentials_are_sealed_and_an_empty_one_stays(host: Host, bring: Any) -> None:
    def community() -> Any:
        with Session(host.engine) as session:
            device = session.scalars(sa.select(Device)).one()
        assert "sésame" not in device.credentials
        return json.loads(host.vault.open(device.credentials)).get("community"), device.model

    assert community() == ("sésame", None)
    heads = "N° client;Société;Site;Routeur;Adresse IP;Modèle;Communauté SNMP"
    done = bring("routeurs", heads, "C1;Causses SAS;Rodez;r-rodez;10.0.0.1;1921;")
    assert done.counts["changed"] == 1
    assert community() == ("sésame", "1921")
    again = bring("routeurs", heads, "C1;Causses SAS;Rodez;r-rodez;10.0.0.1;1921;sésame")
    assert again.counts["same"] == 1


def test_a_workbook_and_a_csv_of_the_same_rows_are_the_same(
    host: Host, bring: Any, tmp_path: Path
) -> None:
    path = book(tmp_path / "sites.xlsx", [
        ["N° client", "Société", "Site", "Code postal", "Latitude", "Longitude"],
        ["C1", "Causses SAS", "Rodez", "01200", 44.35, 2.57],
    ])  # fmt: skip
    assert bring("sites", path, partial=True).counts["same"] == 1


def test_imports_nobody_went_on_with_are_given_up(host: Host, tmp_path: Path) -> None:
    imports = Imports(host)
    old = imports.receive("sites", "a.csv", 1, "system", now=clock.now() - timedelta(days=2))
    (imports.place(old) / "file").write_text("secret")
    imports.forget_old(clock.now())
    run = imports.get(old)
    assert run.state is RunState.ABANDONED
    assert not (imports.place(old) / "file").exists()


def test_a_database_that_another_program_holds_is_told(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports = Imports(host)
    path = csv_file(tmp_path / "a.csv", HEADS, "C1;Causses SAS;Foix;Foix")
    run = imports.receive("sites", "a.csv", 1, "system", partial=True)
    imports.check(run, path, imports.examine(run, path).mapping)
    monkeypatch.setattr("core.engine.BUSY_MS", 50)
    host.engine.dispose()  # connections from here on wait less
    holder = sqlite3.connect(host.config.data / "balise.db")
    holder.execute("begin immediate")
    with pytest.raises(FileError, match="un autre programme l'occupe"):
        imports.apply(run)
    holder.rollback()
    holder.close()
    assert imports.apply(run).counts["new"] == 1


def test_a_full_disk_is_told(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("core.imports.staging.Stage.add", full)
    imports = Imports(host)
    path = csv_file(tmp_path / "a.csv", HEADS, "C1;Causses SAS;Foix;Foix")
    run = imports.receive("sites", "a.csv", 1, "system", partial=True)
    with pytest.raises(FileError, match="plus de place"):
        imports.check(run, path, imports.examine(run, path).mapping)
    assert imports.get(run).state is RunState.RECEIVED


def test_two_rows_that_stand_under_one_key_are_met_once(host: Host, bring: Any) -> None:
    """Names are keys: where the database has one twice, the file's row is the first's alone."""
    with Session(host.engine) as session, session.begin():
        rodez = session.scalars(sa.select(Site).where(Site.name == "Rodez")).one()
        session.add(Site(company_id=rodez.company_id, name="RODEZ"))
    done = bring("sites", HEADS, "C1;Causses SAS;Rodez;Rodez", partial=True)
    assert (done.counts["same"], done.counts["new"], done.counts["changed"]) == (1, 0, 0)
