"""What is written is read again, and is the same: by the import, and after LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.access import Scope
from core.db_bulk import BulkDb
from core.exports import KINDS
from core.host import Host
from core.imports import dialect, readers
from core.imports.loading import Loading
from core.imports.own import DATASETS
from core.imports.report import sheet_of, template_of
from core.imports.runs import Imports
from core.imports.template import workbook
from core.testing.files import text_inside
from core.testing.world import NOW

OFFICE = shutil.which("soffice")
HEADLESS = ("--headless", "--norestore", "--nolockcheck")


@pytest.fixture
def full(host: Host, bring: Any, park: None) -> Host:
    """An installation with rows of every dataset, awkward values among them."""
    bring(
        "sites", "N° client;Société;Site;Adresse;Code postal;Commune;Pays;Latitude;Longitude",
        'C1;Causses SAS;"=1+1 ; ""Nord""";"12, rue\nde l’Île";01200;Sévérac;FR;44,3525;-2,5',
        partial=True,
    )  # fmt: skip
    bring(
        "contacts", "N° client;Société;Site;Nom du contact;Rôle;Téléphone;E-mail",
        "C1;Causses SAS;Rodez;Jeanne Fabre;Responsable;05 65 00 00 00;j.fabre@causses.example",
        "C1;Causses SAS;Albi;+33 Astreinte;;+33565000000;",
    )  # fmt: skip
    bring(
        "routeurs",
        "N° client;Société;Site;Routeur;Modèle;Adresse IP;Version SNMP;Utilisateur SNMPv3;"
        "Authentification SNMPv3;Mot de passe SNMPv3;Supervisé",
        "C2;Littoral SA;Vannes;r-vannes;ISR 1111;10.0.0.2;v3;admin;SHA;motdepasse;non",
        partial=True,
    )  # fmt: skip
    bring(
        "liaisons",
        "CLS;N° client;Société;Site;Désignation;Type liaison;Liaison principale;Routeur;Interface;"
        "Débit entrant (bit/s)",
        "000000000-001;C1;Causses SAS;Rodez;Liaison BLR;;;r-rodez;Gi0/0;2000000",
        "000000000-002;C1;Causses SAS;Rodez;ADSL;Secondaire;000000000-001;r-rodez;Gi0/1;",
    )  # fmt: skip
    return host


def written(host: Host, name: str, kind: str, folder: Path) -> Path:
    path = folder / f"{name}.{kind}"
    with host.engine.connect() as connection:
        db = BulkDb(connection, Scope(0, every=True))
        loading = Loading(db, NOW, Imports(host)._zone(connection, None), vault=host.vault)
        path.write_bytes(
            b"".join(KINDS[kind][1](sheet_of(host.registry.datasets()[name], loading)))
        )
        db.close()
    return path


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("name", [dataset.name for dataset in DATASETS])
def test_what_an_export_writes_its_import_finds_unchanged(
    full: Host, bring: Any, tmp_path: Path, name: str, kind: str
) -> None:
    done = bring(name, written(full, name, kind, tmp_path))
    assert {k: n for k, n in done.counts.items() if n} == {"same": done.standing}
    assert done.standing


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_export_holds_a_secret(full: Host, tmp_path: Path, kind: str) -> None:
    said = text_inside(written(full, "routeurs", kind, tmp_path).read_bytes())
    assert "r-rodez" in said  # the control
    assert not [secret for secret in ("sésame", "motdepasse", "admin") if secret in said]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_whole_installation_is_made_again_from_its_exports(
    full: Host, empty_installation: Path, tmp_path: Path, kind: str
) -> None:
    from core import config

    files = {d.name: written(full, d.name, kind, tmp_path) for d in DATASETS}
    shutil.copytree(empty_installation, tmp_path / "other")
    settings = {"BALISE_STORAGE_DATA": str(tmp_path / "other")}
    other = Host(config.load(tmp_path / "other" / "config.yaml", settings))
    imports = Imports(other)
    for name, path in files.items():
        run = imports.receive(name, path.name, 1, "system")
        imports.check(run, path, imports.examine(run, path).mapping)
        assert imports.apply(run).counts["rejected"] == 0
    again = tmp_path / "again"
    again.mkdir()
    for name, path in files.items():
        found = written(other, name, kind, again)
        assert sorted(lines(found)) == sorted(lines(path)), name
    other.engine.dispose()


def lines(path: Path) -> Iterator[str]:
    found = dialect.detect(path)
    yield repr(readers.heads(path, found))
    yield from (repr(list(row.cells)) for row in readers.rows(path, found))


def convert(path: Path, form: str, profile: Path) -> Path:
    """Return what LibreOffice makes of a file; fails when it warns."""
    assert OFFICE
    out = profile / "out"
    options = [f"-env:UserInstallation=file://{profile}", *HEADLESS]
    if path.suffix == ".csv":  # separator ;, UTF-8, every column as it looks in French
        options.append("--infilter=CSV:59,34,76,1,,1036,false,true")
    done = subprocess.run(
        [OFFICE, *options, "--convert-to", form, "--outdir", str(out), str(path)],
        capture_output=True, text=True, timeout=110, check=True,
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "javaldx" not in line]  # no Java here
    assert said == []
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.mark.skipif(OFFICE is None, reason="no LibreOffice here: make setup-test installs it")
@pytest.mark.parametrize("name", ["sites", "contacts", "liaisons"])
def test_a_workbook_saved_again_by_libreoffice_comes_back_equal(
    full: Host, bring: Any, tmp_path: Path, profile: Path, name: str
) -> None:
    path = written(full, name, "xlsx", tmp_path)
    made = convert(path, "xlsx:Calc MS Excel 2007 XML", profile)
    moved = made.replace(tmp_path / f"again-{name}.xlsx")
    done = bring(name, moved)
    assert {k: n for k, n in done.counts.items() if n} == {"same": done.standing}


@pytest.mark.skipif(OFFICE is None, reason="no LibreOffice here: make setup-test installs it")
def test_a_csv_file_opens_in_libreoffice_with_its_words_and_references(
    full: Host, tmp_path: Path, profile: Path
) -> None:
    path = written(full, "liaisons", "csv", tmp_path)
    made = convert(path, "csv:Text - txt - csv (StarCalc):59,34,76,1,,1036,false,true", profile)
    moved = made.replace(tmp_path / "again.csv")
    assert list(lines(moved)) == list(lines(path))


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.name)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_template_has_every_column_and_is_read(
    host: Host, tmp_path: Path, dataset: Any, kind: str
) -> None:
    path = tmp_path / f"modele.{kind}"
    made = workbook(dataset) if kind == "xlsx" else b"".join(KINDS[kind][1](template_of(dataset)))
    path.write_bytes(made)
    imports = Imports(host)
    run = imports.receive(dataset.name, path.name, 1, "system")
    examined = imports.examine(run, path)
    assert examined.problems == []
    wanted = [column.name for column in dataset.columns if not column.ignored]
    assert list(examined.mapping.values()) == wanted


@pytest.mark.skipif(OFFICE is None, reason="no LibreOffice here: make setup-test installs it")
def test_a_template_filled_in_and_saved_by_libreoffice_is_read(
    full: Host, tmp_path: Path, profile: Path
) -> None:
    path = tmp_path / "modele.xlsx"
    path.write_bytes(workbook(full.registry.datasets()["liaisons"]))
    made = convert(path, "xlsx:Calc MS Excel 2007 XML", profile).replace(tmp_path / "again.xlsx")
    assert list(lines(made)) == list(lines(path))
    assert "Colonnes" in text_inside(path.read_bytes())
    assert "637 product.id" in text_inside(path.read_bytes())
