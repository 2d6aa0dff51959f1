"""``bring``: a file brought in, on an installation of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.host import Host
from core.imports.checking import Checked
from core.imports.runs import Imports
from core.imports.tests.files import csv_file


@pytest.fixture
def bring(host: Host, tmp_path: Path) -> Callable[..., Checked]:
    """``bring("sites", "N° client;…", "C1;…")``: lines of a CSV file, or the path of a file."""
    number = 0

    def do(dataset: str, *lines: Any, allow: bool = False, **options: Any) -> Checked:
        nonlocal number
        number += 1
        path = lines[0] if lines and isinstance(lines[0], Path) else csv_file(
            tmp_path / f"{dataset}-{number}.csv", *lines
        )  # fmt: skip
        imports = Imports(host)
        run = imports.receive(dataset, path.name, path.stat().st_size, "system", **options)
        imports.check(run, path, imports.examine(run, path).mapping)
        return imports.apply(run, allow_closing=allow)

    return do


@pytest.fixture
def park(bring: Callable[..., Checked]) -> None:
    """Two customers, with a company and two sites each, and a router at C1's Rodez."""
    bring("clients", "N° client;Nom du client", "C1;Causses", "C2;Littoral")
    bring("societes", "N° client;Société", "C1;Causses SAS", "C2;Littoral SA")
    heads = "N° client;Société;Site;Code postal;Commune;Latitude;Longitude"
    bring(
        "sites", heads, "C1;Causses SAS;Rodez;01200;Rodez;44,35;2,57", "C1;Causses SAS;Albi;;;;",
        "C2;Littoral SA;Vannes;56000;Vannes;;", "C2;Littoral SA;Lorient;;;;",
    )  # fmt: skip
    bring(
        "routeurs", "N° client;Société;Site;Routeur;Adresse IP;Communauté SNMP",
        "C1;Causses SAS;Rodez;r-rodez;10.0.0.1;sésame",
    )  # fmt: skip
