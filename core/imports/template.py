"""An empty workbook of a dataset, documented: its heads, what each column expects, what is known.

References and texts are typed as text, so that Excel keeps their zeros; choices are lists to pick
from; heads in bold are wanted. The import reads its first sheet.
"""

from __future__ import annotations

import io
from typing import Any

from xlsxwriter import Workbook

from core.datasets import DataKind, Dataset, DatasetColumn
from core.i18n import _
from core.imports.report import words_of

ROWS = 1000
"""Rows below the heads that are made ready."""
_FORMS = {
    DataKind.DATE: "dd/mm/yyyy",
    DataKind.DATETIME: "dd/mm/yyyy hh:mm",
    DataKind.INTEGER: "0",
    DataKind.DECIMAL: "General",
}
_LONGEST_LIST = 255  # characters of a list that Excel takes within a cell's own rule


def workbook(dataset: Dataset) -> bytes:
    """Return the template of a dataset as XLSX."""
    made = io.BytesIO()
    columns = [column for column in dataset.columns if not column.ignored]
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(made, options) as book:
        _rows(book, dataset, columns)
        _words(book, dataset, columns)
    return made.getvalue()


def _rows(book: Any, dataset: Dataset, columns: list[DatasetColumn]) -> None:
    page = book.add_worksheet(dataset.name[:31])
    plain = book.add_format({"italic": True})
    wanted = book.add_format({"bold": True})
    for place, column in enumerate(columns):
        form = book.add_format({"num_format": _FORMS.get(column.kind, "@")})
        page.set_column(place, place, max(14, len(column.header) + 4), form)
        page.write_string(0, place, column.header, wanted if dataset.required(column) else plain)
        if column.example:
            page.write_string(1, place, column.example, form)
        offered = list(column.choices.values())
        if column.kind is DataKind.BOOLEAN:
            offered = ["oui", "non"]
        if offered and len(",".join(offered)) <= _LONGEST_LIST:
            page.data_validation(1, place, ROWS, place, {"validate": "list", "source": offered})
    page.freeze_panes(1, 0)


def _words(book: Any, dataset: Dataset, columns: list[DatasetColumn]) -> None:
    page = book.add_worksheet(_("Colonnes"))
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    heads = (
        (_("Colonne"), 30), (_("Contenu"), 52), (_("obligatoire"), 12), (_("Exemple"), 30),
        (_("Autres titres connus"), 44), (_("TM Forum"), 52),
    )  # fmt: skip
    for place, (head, width) in enumerate(heads):
        page.set_column(place, place, width)
        page.write_string(0, place, head, bold)
    for line, column in enumerate(columns, start=1):
        needed = _("clé") if column.name in dataset.key else _("oui") if column.required else ""
        cells = (
            column.header, words_of(column), needed, column.example, ", ".join(column.aliases),
            column.tmf,
        )  # fmt: skip
        for place, cell in enumerate(cells):
            page.write_string(line, place, cell, wrap)
    page.freeze_panes(1, 0)
