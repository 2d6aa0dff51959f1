"""The first sheet of an Excel workbook, row by row: what stands in its cells, and no more.

A reader of our own, on expat: those there are hold a whole sheet, or let a small file take
hundreds of megabytes. ECMA-376, part 1: SpreadsheetML. No DTD, no macro, no link is followed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from core.i18n import N_, _
from core.imports.cells import Fault
from core.imports.limits import (
    LONGEST_CELL,
    MIB,
    MOST_COLUMNS,
    MOST_INFLATED,
    MOST_MEMBERS,
    MOST_RATIO,
    MOST_SHARED,
    FileError,
)

BROKEN = N_(
    "Ce classeur ne se lit pas (%(why)s) : ouvrez-le dans Excel, enregistrez-le, recommencez."
)
_PIECE = 64 * 1024
_EACH = 56
"""Octets that a text of Python takes besides its characters."""
_NAME = re.compile(r"([A-Z]{1,3})[0-9]+")
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Numbers of the formats of Excel that are dates and times (part 1, 18.8.30)."""
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
_EPOCHS = (datetime(1899, 12, 30), datetime(1904, 1, 1))  # noqa: DTZ001 - a workbook has no zone


def rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """Yield (number, cells) of each row of the first sheet. Raises ``FileError``."""
    with _opened(path) as archive:
        sheet, epoch = _first_sheet(archive)
        shared = _Shared.of(archive)
        dates = _Styles.of(archive)
        parser = _Sheet(shared, dates, epoch)
        with archive.open(sheet) as member:
            yield from parser.rows(member)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive)
            yield archive
    except (zipfile.BadZipFile, EOFError, zlib.error, KeyError) as error:
        why = _("il est coupé ou abîmé")
        raise FileError(_(BROKEN, why=why)) from error
    except expat.ExpatError as error:
        raise FileError(_(BROKEN, why=_("son XML est abîmé"))) from error
    except NotImplementedError as error:
        raise FileError(_(BROKEN, why=_("compression inconnue"))) from error


def _check(archive: zipfile.ZipFile) -> None:
    """Refuse what is no workbook, has macros, or would grow out of all measure."""
    members = archive.infolist()
    names = {member.filename for member in members}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileError(
            _(
                "Ce classeur contient des macros : enregistrez-le en XLSX (sans macros), "
                "recommencez."
            )
        )
    if "xl/workbook.xml" not in names:
        raise FileError(
            _("Ce n'est pas un classeur XLSX : enregistrez le tableau en XLSX ou en CSV.")
        )
    if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_INFLATED:
        raise FileError(
            _("Ce classeur est trop grand une fois décompressé : enregistrez-le en CSV.")
        )
    if any(member.flag_bits & 1 for member in members):
        raise FileError(_("Ce classeur est protégé par un mot de passe : enlevez-le, recommencez."))
    for member in members:
        if member.file_size > MIB and member.file_size > MOST_RATIO * max(member.compress_size, 1):
            raise FileError(
                _(
                    "Ce classeur se décompresse hors de toute mesure (bombe de décompression) : il "
                    "est refusé."
                )
            )


def _pieces(member: IO[bytes]) -> Iterator[bytes]:
    while piece := member.read(_PIECE):
        yield piece
    yield b""


def _parser() -> Any:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*__: object) -> None:
        raise FileError(_("Ce classeur contient une DTD : il est refusé."))

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (name, attributes) of the elements of a small part; nothing for one that is not."""
    if name not in archive.namelist():
        return
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, given: found.append((_local(tag), given))
    with archive.open(name) as member:
        for piece in _pieces(member):
            parser.Parse(piece, not piece)
            yield from found
            found.clear()


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, datetime]:
    """Return the member of the first sheet that is shown, and the day 0 of its dates."""
    epoch, wanted = _EPOCHS[0], None
    for tag, given in _elements(archive, "xl/workbook.xml"):
        if tag == "workbookPr" and given.get("date1904") in ("1", "true"):
            epoch = _EPOCHS[1]
        if tag == "sheet" and wanted is None and given.get("state", "visible") == "visible":
            wanted = next((v for k, v in given.items() if _local(k) == "id" and " " in k), "")
    for _tag, given in _elements(archive, "xl/_rels/workbook.xml.rels"):
        if wanted and given.get("Id") == wanted:
            target = given.get("Target", "")
            inside = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if inside in archive.namelist():
                return inside, epoch
    raise FileError(_(BROKEN, why=_("il n'a pas de feuille visible")))


class _Shared(list[str]):
    """The texts that cells share (18.4): all of them stand in memory, and so are counted."""

    @classmethod
    def of(cls, archive: zipfile.ZipFile) -> _Shared:
        texts, name = cls(), "xl/sharedStrings.xml"
        if name not in archive.namelist():
            return texts
        parts: list[str] = []
        inside = {"t": False, "rPh": False}
        size = 0

        def start(tag: str, _given: object) -> None:
            if (local := _local(tag)) in inside:
                inside[local] = True

        def count(characters: int) -> None:
            nonlocal size
            size += characters
            if size > MOST_SHARED:
                raise FileError(_("Ce classeur a trop de textes : enregistrez-le en CSV."))

        def data(text: str) -> None:
            if inside["t"] and not inside["rPh"]:
                count(len(text))
                parts.append(text)

        def end(tag: str) -> None:
            if (local := _local(tag)) in inside:
                inside[local] = False
            elif local == "si":
                count(_EACH)  # an empty text takes room too
                texts.append("".join(parts))
                parts.clear()

        parser = _parser()
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = data
        with archive.open(name) as member:
            for piece in _pieces(member):
                parser.Parse(piece, not piece)
        return texts


class _Styles(set[int]):
    """The styles of cells (18.8) whose numbers are dates."""

    @classmethod
    def of(cls, archive: zipfile.ZipFile) -> _Styles:
        dates, formats, place, inside = cls(), set(_DATES), 0, False
        for tag, given in _elements(archive, "xl/styles.xml"):
            if tag == "numFmt":
                code = _QUOTED.sub("", given.get("formatCode", "")).lower()
                number = int(given.get("numFmtId", "0"))
                (formats.add if set(code) & set("dmyhs") else formats.discard)(number)
            elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                inside, place = tag == "cellXfs", 0
            elif tag == "xf" and inside:
                if int(given.get("numFmtId", "0")) in formats:
                    dates.add(place)
                place += 1
        return dates


class _Sheet:
    """A sheet (18.3) while it is parsed."""

    def __init__(self, shared: list[str], dates: set[int], epoch: datetime) -> None:
        self._shared, self._dates, self._epoch = shared, dates, epoch
        self._done: list[tuple[int, list[Any]]] = []
        self._row: list[Any] = []
        self._number = self._place = self._size = 0
        self._type = self._style = ""
        self._value: list[str] | None = None

    def rows(self, member: IO[bytes]) -> Iterator[tuple[int, list[Any]]]:
        parser = _parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        for piece in _pieces(member):
            parser.Parse(piece, not piece)
            yield from self._done
            self._done.clear()

    def _start(self, tag: str, given: dict[str, str]) -> None:
        local = _local(tag)
        if local == "row":
            self._row, self._place = [], 0
            self._number = int(given.get("r", self._number + 1))
        elif local == "c":
            named = _NAME.fullmatch(given.get("r", ""))
            self._place = _column(named[1]) if named else len(self._row)
            if self._place > 10 * MOST_COLUMNS:
                raise FileError(_("Ce classeur a trop de colonnes : gardez celles de l'import."))
            self._type, self._style = given.get("t", "n"), given.get("s", "")
            self._size = 0
            self._texts: list[str] = []
        elif local in ("v", "t"):
            self._value = []

    def _data(self, text: str) -> None:
        if self._value is not None:
            self._size += len(text)
            if self._size > LONGEST_CELL:
                raise FileError(
                    _("Ligne %(number)s : une cellule trop longue.", number=self._number)
                )
            self._value.append(text)

    def _end(self, tag: str) -> None:
        local = _local(tag)
        if local in ("v", "t") and self._value is not None:
            self._texts.append("".join(self._value))
            self._value = None
        elif local == "c" and self._texts:
            self._row += [None] * (self._place + 1 - len(self._row))
            self._row[self._place] = self._cell("".join(self._texts))
        elif local == "row":
            self._done.append((self._number, self._row))

    def _cell(self, text: str) -> Any:
        if self._type == "s":
            try:
                return self._shared[int(text)]
            except (ValueError, IndexError) as error:
                raise FileError(_(BROKEN, why=_("un texte y manque"))) from error
        if self._type == "b":
            return text == "1"
        if self._type == "e":
            return Fault(text)
        if self._type in ("str", "inlineStr"):
            return text
        if self._type == "d":
            return text
        return self._figure(text)

    def _figure(self, text: str) -> Any:
        try:
            value = float(text)
            if self._style.isdigit() and int(self._style) in self._dates:
                # Excel counts days; rounded to the second it shows.
                return self._epoch + timedelta(seconds=round(value * 86_400))
        except (ValueError, OverflowError):
            return text
        return value


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
