"""``bring``: documents brought in as ``balise import`` does, where there are two tenants."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.host import Host
from core.imports.runs import Imports
from core.imports.staging import Reject, Stage
from plugins.factures.demo_paper import paper
from plugins.factures.tests.world import bill_of

OWNER = "CANARI-A société 1"

Bring = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "envoi"
    found.mkdir()
    return found


@pytest.fixture
def write(folder: Path) -> Callable[..., Path]:
    """``write("FA1")``: a real Factur-X invoice of that number; options as a bill's."""

    def do(number: str, name: str = "", buyer: str = OWNER, **options: Any) -> Path:
        path = folder / (name or f"{number.replace('/', '-')}.pdf")
        path.write_bytes(paper(bill_of(number, buyer, **options)))
        return path

    return do


class Brought:
    """What an import did: its counts, and the rows that it refused."""

    def __init__(self, checked: Any, rejects: list[Reject]) -> None:
        self.counts, self.rejects = checked.counts, rejects

    @property
    def why(self) -> str:
        return " / ".join(f"{one.value}: {one.reason}" for one in self.rejects)


@pytest.fixture
def bring(filled: Host, folder: Path) -> Bring:
    """``bring()`` brings the folder in, ``bring(path, …)`` others; ``dry=True`` writes nothing."""

    def do(*paths: Path, dataset: str = "factures", dry: bool = False, **options: Any) -> Brought:
        imports, given = Imports(filled), paths or (folder,)
        run = imports.receive(dataset, given[0].name, 0, "system", **options)
        table = imports.gather(run, given)
        checked = imports.check(run, table, imports.examine(run, table).mapping)
        with Stage(imports.place(run) / "stage.db") as stage:
            rejects = list(stage.rejects())
        if dry:
            imports.give_up(run)
        else:
            checked = imports.apply(run)
        return Brought(checked, rejects)

    return do
