"""What an import tells of itself: the rows it rejected, as a file that can be corrected; templates;
the dataset as it stands, written as the import reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.datasets import DataKind, Dataset, DatasetColumn, RowAction, Standing
from core.exports import Field, Sheet, to_csv
from core.i18n import N_, _
from core.imports.checking import Checked
from core.imports.loading import Loading
from core.imports.mapping import OF_REPORT
from core.imports.staging import Reject, Stage

UTC = ZoneInfo("UTC")
KIND_WORDS = {
    DataKind.TEXT: N_("texte"),
    DataKind.REFERENCE: N_("référence"),
    DataKind.INTEGER: N_("nombre entier"),
    DataKind.DECIMAL: N_("nombre"),
    DataKind.DATE: N_("date jj/mm/aaaa"),
    DataKind.DATETIME: N_("date et heure jj/mm/aaaa hh:mm"),
    DataKind.BOOLEAN: N_("oui ou non"),
    DataKind.CHOICE: N_("choix"),
    DataKind.SECRET: N_("secret"),
}


def told(checked: Checked) -> dict[str, Any]:
    """Return what an import found, as plain JSON for scripts and reports."""
    counts = {str(name): count for name, count in checked.counts.items()}
    counts["rows"] = sum(n for name, n in counts.items() if name != RowAction.GONE)
    return {"counts": counts, "kept_open": checked.kept_open}


def write_rejects(path: Path, stage: Stage, heads: Sequence[str]) -> None:
    """Write the rows that cannot be taken: where, what, why, then the row as it was.

    Corrected, the file can be brought in again as it is; a secret is left empty. Without a bad
    row there is no file.
    """
    path.unlink(missing_ok=True)
    rejects = stage.rejects()
    first = next(rejects, None)
    if first is None:
        return
    fields: list[Field[Reject]] = [
        Field(OF_REPORT[0], lambda r: r.line),
        Field(OF_REPORT[1], lambda r: r.column),
        Field(OF_REPORT[2], lambda r: r.value),
        Field(OF_REPORT[3], lambda r: r.reason),
        *(Field(head, _cell(place)) for place, head in enumerate(heads)),
    ]

    def every() -> Iterator[Reject]:
        yield first
        yield from rejects

    with path.open("wb") as file:
        for piece in to_csv(Sheet("rejets", fields, every(), UTC)):
            file.write(piece)


def _cell(place: int) -> Any:
    return lambda reject: reject.cells[place] if place < len(reject.cells) else None


def fields_of(dataset: Dataset) -> list[Field[Standing]]:
    """Return the columns of a dataset as an export writes them; secrets are left empty."""

    def value(column: DatasetColumn) -> Any:
        if column.kind is DataKind.SECRET:
            return lambda _row: None
        return lambda row: row.values.get(column.name)

    return [dataset.field(column.name, value(column), 20) for column in dataset.columns]


def sheet_of(dataset: Dataset, loading: Loading) -> Sheet[Standing]:
    """Return the rows of a dataset that stand open, as its import reads them."""
    rows = (row for row in dataset.standing(loading) if not row.closed)
    return Sheet(dataset.name, fields_of(dataset), rows, loading.zone)


def template_of(dataset: Dataset) -> Sheet[Any]:
    """Return an empty file of a dataset: its heads, and one row of examples to write over."""
    fields = [Field(c.header, _example(c), 22) for c in dataset.columns if not c.ignored]
    return Sheet(f"modèle {dataset.name}", fields, [None], UTC)


def _example(column: DatasetColumn) -> Any:
    return lambda _row: column.example or None


def words_of(column: DatasetColumn) -> str:
    """Return what a column expects, in a few words."""
    said = _(KIND_WORDS[column.kind])
    if column.choices:
        said = " / ".join(_(label) for label in column.choices.values())
    return f"{said} ; {_(column.hint)}" if column.hint else said
