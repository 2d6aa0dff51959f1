"""How a file is written: workbook, JSON or CSV, in which encoding, with which separator."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.i18n import N_, _
from core.imports.limits import LARGEST, MIB, FileError

SEPARATORS = {";": N_("point-virgule"), ",": N_("virgule"), "\t": N_("tabulation")}
ENCODINGS = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
_SAMPLE = 64 * 1024
_PIECE = 1024 * 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What was found of a file. ``form`` is « csv », « xlsx » or « json »; the rest is for CSV."""

    form: str
    encoding: str = ""
    separator: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def words(self) -> str:
        """The dialect for a person: « CSV, point-virgule, UTF-8 »."""
        if self.form != "csv":
            return {"xlsx": "Excel (XLSX)", "json": "JSON"}[self.form]
        return f"CSV, {_(SEPARATORS[self.separator])}, {ENCODINGS[self.encoding]}"


def detect(path: Path, known: Callable[[str], bool] = lambda _head: False) -> Dialect:
    """Return how a file is written. Raises ``FileError``.

    ``known`` tells whether a text is the head of a column: where two separators could be meant,
    the one that gives known heads is.
    """
    size = path.stat().st_size
    if size == 0:
        raise FileError(_("Ce fichier est vide."))
    if size > LARGEST:
        raise FileError(
            _(
                "Ce fichier fait %(size)s Mio ; %(most)s Mio au plus sont lus : coupez-le en "
                "plusieurs.",
                size=format(size / MIB, ".0f"),
                most=LARGEST // MIB,
            )
        )
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    if start.startswith(b"PK"):
        return Dialect("xlsx")
    if start.startswith(_OLD_OFFICE):
        raise FileError(
            _(
                "C'est un ancien classeur Excel (.xls), ou un classeur protégé par un mot de "
                "passe : enregistrez-le en XLSX sans protection, ou en CSV."
            )
        )
    if start.startswith(b"%PDF") or (b"\0" in start and not start.startswith(codecs.BOM_UTF16_LE)
                                     and not start.startswith(codecs.BOM_UTF16_BE)):  # fmt: skip
        raise FileError(_("Ce n'est pas un tableau : CSV, XLSX ou JSON sont lus."))
    encoding = _encoding(path, start)
    text = start.decode(encoding, errors="ignore")
    if text.lstrip().startswith(("[", "{")):
        return Dialect("json", encoding)
    return Dialect("csv", encoding, _separator(text, known))


def _encoding(path: Path, start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if _decodes(path, "utf-8-sig"):
        return "utf-8-sig"
    if _decodes(path, "cp1252"):
        return "cp1252"
    raise FileError(
        _(
            "L'encodage de ce fichier n'est ni UTF-8 ni Windows-1252 : enregistrez-le en « "
            "CSV UTF-8 »."
        )
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(text: str, known: Callable[[str], bool]) -> str:
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if not lines:
        raise FileError(_("Ce fichier est vide."))

    def worth(separator: str) -> tuple[int, int, int]:
        heads = next(csv.reader(lines, delimiter=separator), [])
        heads_known = sum(known(head) for head in heads)
        agreeing = sum(line.count(separator) > 0 for line in lines)
        return heads_known, agreeing if len(heads) > 1 else 0, len(heads)

    return max(SEPARATORS, key=worth)
