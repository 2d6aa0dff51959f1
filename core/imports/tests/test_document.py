"""What the documentation says of datasets is what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.cli import main
from core.cli_import import import_
from core.datasets import Dataset
from core.imports.document import placed
from core.imports.limits import LARGEST, LONGEST, LONGEST_CELL, MIB, MOST_COLUMNS
from core.imports.own import DATASETS
from core.registry import Registry, discover
from core.web.imports_page import LARGEST_UPLOAD

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/imports.md").read_text(encoding="utf-8")
EVERY: Iterable[Dataset] = Registry(discover(), DATASETS).datasets().values()


def test_the_columns_of_every_dataset_are_documented() -> None:
    assert placed(TEXT, EVERY) == TEXT, "python -m core.imports.document writes them anew"


@pytest.mark.parametrize("dataset", EVERY, ids=lambda d: d.name)
def test_every_column_has_its_field_of_the_tm_forum(dataset: Dataset) -> None:
    apis = "|".join(re.findall(r"\b(6\d\d) [A-Z]", TEXT.split("## Datasets")[1].split("<!--")[0]))
    assert re.fullmatch(rf"({apis}) \w+", dataset.tmf), dataset.tmf
    wrong = [
        c.name for c in dataset.columns
        if not c.ignored and not re.fullmatch(rf"({apis}) [\w.\[\]]+", c.tmf)
    ]  # fmt: skip
    assert wrong == [], "say which field of TM Forum's Open APIs each column is"


def test_every_option_of_the_command_is_documented() -> None:
    options = [name for p in import_.params for name in p.opts if name.startswith("--")]
    assert [name for name in options if f"`{name}" not in TEXT] == []
    assert "import" in CliRunner().invoke(main, ["--help"]).output


def test_the_limits_are_those_of_the_code() -> None:
    told = TEXT.split("## Limits")[1].split("## ")[0].replace("\n", " ")
    assert f"{LARGEST // MIB} MiB a file ({LARGEST_UPLOAD} MiB with a browser)" in told
    assert f"{MOST_COLUMNS} columns, {LONGEST_CELL:,} characters a cell" in told
    assert LONGEST == 15 * 60
