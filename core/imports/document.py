"""The columns of every dataset as ``docs/imports.md`` tells them.

``python -m core.imports.document`` writes them anew between its two marks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from core.datasets import Dataset, DatasetColumn
from core.imports.report import words_of

BEGIN, END = "<!-- columns: python -m core.imports.document -->", "<!-- end of columns -->"


def tables(datasets: Iterable[Dataset]) -> str:
    """Return the columns of datasets as Markdown."""
    return "\n".join(_table(dataset) for dataset in datasets)


def _table(dataset: Dataset) -> str:
    heads = "| column | in JSON | content | other heads known | TM Forum |"
    rows = [_row(dataset, column) for column in dataset.columns]
    title = f"### `{dataset.name}`: {dataset.label}"
    keys = ", ".join(f"« {dataset.column(name).header} »" for name in dataset.key)
    gone = "closed" if dataset.closes else "kept as they are"
    facts = f"TMF{dataset.tmf}. " if dataset.tmf else ""
    facts += f"Key: {keys}. Rows that are no longer in the file are {gone}."
    return "\n".join([title, "", facts, "", heads, "|---|---|---|---|---|", *rows, ""])


def _row(dataset: Dataset, column: DatasetColumn) -> str:
    said = "written by the export, not read" if column.ignored else words_of(column)
    if dataset.required(column):
        said = f"{said} ; **obligatoire**"
    tmf = f"TMF{column.tmf}" if column.tmf else "–"
    others = ", ".join(column.aliases) or "–"
    return f"| {column.header} | `{column.name}` | {said} | {others} | {tmf} |"


def placed(text: str, datasets: Iterable[Dataset]) -> str:
    """Return the text of the document with the tables of datasets between its marks."""
    before, _mark, rest = text.partition(BEGIN)
    _old, _mark, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables(datasets)}\n{END}{after}"


if __name__ == "__main__":
    from core import config
    from core.host import Host

    path = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/imports.md")
    known = Host(config.load(Path("config.yaml"))).registry.datasets().values()
    path.write_text(placed(path.read_text(encoding="utf-8"), known), encoding="utf-8")
