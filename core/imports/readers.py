"""The rows of a file, one after the other, whatever it is written in: flat memory, bounded."""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from core.i18n import N_, _
from core.imports import xlsx
from core.imports.dialect import Dialect
from core.imports.limits import (
    LONGEST_CELL,
    LONGEST_LINE,
    MOST_COLUMNS,
    MOST_ROWS,
    Deadline,
    FileError,
)

CUT = N_("Ce fichier est coupé : %(where)s. Exportez-le de nouveau, puis recommencez.")
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its line, its cells in the order of the heads.

    Cells are texts, or what the file has: numbers, booleans, naive datetimes, None.
    """

    line: int
    cells: Sequence[Any]


def heads(path: Path, dialect: Dialect) -> list[str]:
    """Return the heads of the columns of a file. Raises ``FileError``."""
    with closing(_rows(path, dialect)) as rows:
        return _heads(next(rows, None))


def rows(path: Path, dialect: Dialect) -> Iterator[Row]:
    """Yield the rows below the heads; empty ones are left out. Raises ``FileError``."""
    deadline, count = Deadline(), 0
    found = _rows(path, dialect)
    _heads(next(found, None))
    for row in found:
        if all(cell is None or cell == "" for cell in row.cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise FileError(
                _(
                    "Plus de %(n)s lignes : coupez ce fichier en plusieurs.",
                    n=MOST_ROWS,
                )
            )
        if count % 1000 == 0:
            deadline.check()
        yield row


def _rows(path: Path, dialect: Dialect) -> Generator[Row]:
    if dialect.form == "xlsx":
        for number, cells in xlsx.rows(path):
            yield Row(number, cells)
    elif dialect.form == "json":
        yield from _json_rows(path, dialect.encoding)
    else:
        yield from _csv_rows(path, dialect)


def _heads(row: Row | None) -> list[str]:
    found = [str(cell).strip() if cell is not None else "" for cell in (row.cells if row else ())]
    while found and not found[-1]:
        found.pop()
    if not found:
        raise FileError(_("Ce fichier n'a pas de titres de colonnes sur sa première ligne."))
    if len(found) > MOST_COLUMNS:
        raise FileError(
            _(
                "Plus de %(n)s colonnes : gardez celles de l'import.",
                n=MOST_COLUMNS,
            )
        )
    twice = sorted({head for head in found if head and found.count(head) > 1})
    if twice:
        raise FileError(_("Deux colonnes ont le même titre : « %(twice)s ».", twice=twice[0]))
    return found


def _csv_rows(path: Path, dialect: Dialect) -> Iterator[Row]:
    with path.open(encoding=dialect.encoding, newline="") as file:
        reader = csv.reader(_lines(file), delimiter=dialect.separator, strict=True)
        width, row = 0, None
        try:
            for cells in reader:
                if row is not None:
                    yield row
                row = Row(reader.line_num, cells)
                if not width and any(cells):
                    width = len(cells)
                if any(len(cell) > LONGEST_CELL for cell in cells):
                    said = _("une cellule de plus de %(n)s caractères", n=LONGEST_CELL)
                    raise FileError(_("Ligne %(n)s : %(said)s.", n=reader.line_num, said=said))
        except csv.Error as error:
            where = _(
                "ligne %(n)s, un guillemet n'est pas fermé ou est mal placé", n=reader.line_num
            )
            raise FileError(_(CUT, where=where)) from error
        if row is None:
            return
        if 0 < len(row.cells) < width and any(row.cells) and not _ends_whole(path):
            where = _("sa dernière ligne (%(n)s) s'arrête au milieu", n=row.line)
            raise FileError(_(CUT, where=where))
        yield row


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise FileError(
                _("Une ligne de plus d'un million de caractères : ce n'est pas un tableau.")
            )
        yield line


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-2, 2) if path.stat().st_size > 2 else None
        return file.read().rstrip(b"\0").endswith((b"\n", b"\r"))


def _json_rows(path: Path, encoding: str) -> Iterator[Row]:
    names: dict[str, None] = {}
    for item in _objects(path, encoding):
        names.update(dict.fromkeys(item))
        if len(names) > MOST_COLUMNS:
            break
    yield Row(0, list(names))
    for number, item in enumerate(_objects(path, encoding), start=1):
        yield Row(number, [_plain(item.get(name), number) for name in names])


def _plain(value: Any, number: int) -> Any:
    if isinstance(value, dict | list):
        said = _("une valeur simple est attendue, pas une liste ou un objet")
        raise FileError(_("Objet %(number)s : %(said)s.", number=number, said=said))
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        raise FileError(
            _(
                "Objet %(number)s : une valeur de plus de %(n)s caractères.",
                number=number,
                n=LONGEST_CELL,
            )
        )
    return value


def _objects(path: Path, encoding: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON list, or of one object a line, without holding them all."""
    decoder = json.JSONDecoder()
    cut = FileError(_(CUT, where=_("son JSON n'est pas entier")))
    with path.open(encoding=encoding) as file:
        buffer = file.read(_PIECE).lstrip()
        listed = buffer.startswith("[")
        buffer = buffer[1:] if listed else buffer
        while True:
            buffer = buffer.lstrip(" \t\r\n,")
            if listed and buffer.startswith("]"):
                return
            try:
                item, end = decoder.raw_decode(buffer)
            except (json.JSONDecodeError, RecursionError) as error:
                piece = file.read(_PIECE)
                if not piece and not buffer and not listed:
                    return
                if not piece or len(buffer) > LONGEST_LINE:
                    raise cut from error
                buffer += piece
                continue
            if not isinstance(item, dict):
                raise FileError(_("Une liste d'objets JSON est attendue : [{…}, {…}]."))
            buffer = buffer[end:]
            yield item
