"""Invoices as they come: folders, PDFs and ZIPs of them, with their index or without."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any

from core.api import TABLES, Gathering, ImportFileError, fold, formats
from plugins.factures import cii
from plugins.factures.cii import Refused, Said
from plugins.factures.documents import LARGEST, MIB, check_size, look, shows
from plugins.factures.models import Kind

MOST = 100_000
"""Documents of an import."""
MOST_OF_ZIP = 4096 * MIB
MOST_RATIO = 200
_NUMBER = re.compile(r"[^\s~\x00-\x1f\x7f][^~\x00-\x1f\x7f]{0,59}")
COMPARED = ("number", "kind", "company", "issued", "due", "currency", "net", "vat", "gross")
"""What an index and the data of a PDF both say, and must say alike."""
OF_PDF = ("buyer_id", "order_reference", "credited", "profile", "payable")

Found = tuple[str, bytes | str]
"""The name of a document, and its octets, or why it cannot be taken."""


def gather(gathering: Gathering) -> None:
    """Make a row of each document, and of each line of the index that has none."""
    index = _Index.of(gathering)
    seen: dict[str, str] = {}
    with gathering.writing():
        for count, (name, body) in enumerate(_documents(gathering.paths), start=1):
            if count > MOST:
                raise ImportFileError(f"Plus de {MOST} factures : importez-les en plusieurs fois.")
            row = _row(gathering, index, name, body)
            if row.get("file_key") in seen and not row.get("problem"):
                continue  # the same document twice in what was given
            seen[row.get("file_key", "")] = name
            gathering.add(row)
        for values in index.left():
            gathering.add({**values, "problem": "le PDF de cette ligne de l'index n'est pas là"})
    if not seen and not index.given:
        raise ImportFileError("Aucun PDF : donnez un dossier, des PDF ou un ZIP de factures.")


def _row(gathering: Gathering, index: _Index, name: str, body: bytes | str) -> dict[str, Any]:
    row: dict[str, Any] = {"file": name, "number": PurePath(name).stem[:60]}
    try:
        if isinstance(body, str):
            raise Refused(body)
        looked = look(body)
        said = cii.read(looked.xml) if looked.xml is not None else None
        known = index.take(name, said.number if said else None)
        if said is not None:
            row |= _facts(said)
        if index.given and known is None:
            raise Refused("cette facture n'est pas dans l'index")
        if known is not None:
            _compare(known, row if said else {})
            row |= known
        row |= {"file": name, "octets": len(body), "pages": looked.pages}
        row["file_key"] = gathering.files.keep(body)
        _check(row, looked.words)
    except Refused as error:
        row["problem"] = str(error)
    return row


def _facts(said: Said) -> dict[str, Any]:
    sign = -1 if said.kind is Kind.CREDIT else 1
    amounts = {name: sign * getattr(said, name) for name in ("net", "vat", "gross")}
    lines = "|".join(
        f"{one.category};{'' if one.rate is None else one.rate};{sign * one.basis};"
        f"{sign * one.amount}"
        for one in said.vat_lines
    )
    return {
        "number": said.number, "kind": said.kind.value, "company": said.buyer,
        "issued": said.issued, "due": said.due, "currency": said.currency, **amounts,
        "vat_lines": lines or None, **{name: getattr(said, name) for name in OF_PDF},
        "payable": sign * said.payable,
    }  # fmt: skip


def _compare(known: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """Raise ``Refused`` where an index and the data of a PDF differ."""
    for name in COMPARED:
        one, other = known.get(name), said.get(name)
        if one is None or other is None:
            continue
        if name in ("net", "vat", "gross"):
            same = abs(one) == abs(other)
        else:
            same = fold(str(one)) == fold(str(other))
        if not same:
            what = WORDS[name]
            raise Refused(f"{what} : l'index dit « {_said(one)} », la facture « {_said(other)} »")


WORDS = {
    "number": "numéro", "kind": "type", "company": "société facturée", "issued": "date",
    "due": "échéance", "currency": "devise", "net": "montant HT", "vat": "TVA",
    "gross": "montant TTC",
}  # fmt: skip


def _said(value: Any) -> str:
    return formats.number(float(value), 2) if isinstance(value, Decimal) else str(value)


def _check(row: dict[str, Any], words: str) -> None:
    """Raise ``Refused`` for a number that is none, or that the pages do not show."""
    number, gross = str(row.get("number", "")), row.get("gross")
    if not _NUMBER.fullmatch(number):
        raise Refused("son numéro n'en est pas un : 60 caractères au plus, sans « ~ »")
    if gross is not None and (wrong := shows(words, number, gross)):
        raise Refused(wrong)


@dataclass
class _Index:
    """The lines of an index, by the names of files and by the numbers of invoices."""

    given: bool = False
    by_file: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_number: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, gathering: Gathering) -> _Index:
        tables = [path for path in _files(gathering.paths) if path.suffix.lower() in TABLES]
        if len(tables) > 1:
            names = ", ".join(path.name for path in tables[:3])
            raise ImportFileError(f"Un seul index est lu ; il y en a plusieurs : {names}.")
        index = cls(given=bool(tables))
        for path in tables:
            for count, (_line, values) in enumerate(gathering.index(path), start=1):
                if count > MOST:
                    raise ImportFileError(f"Plus de {MOST} lignes dans {path.name}.")
                if "file" in values:
                    index.by_file[_plain(values["file"])] = values
                if "number" in values:
                    index.by_number[fold(values["number"])] = values
        return index

    def take(self, name: str, number: str | None) -> dict[str, Any] | None:
        """Return the line of a document: by its file, by its number, or by a file named so."""
        found = self.by_file.get(_plain(name))
        for one in (number, PurePath(name).stem):
            if found is None and one is not None:
                found = self.by_number.get(fold(one))
        if found is not None:
            self.taken.add(id(found))
        return found

    def left(self) -> Iterator[dict[str, Any]]:
        """Yield the lines that no document took."""
        known = {id(one): one for one in (*self.by_file.values(), *self.by_number.values())}
        for key, values in known.items():
            if key not in self.taken:
                yield {"file": values.get("number", "?"), **values}


def _plain(name: str) -> str:
    return PurePath(name.replace("\\", "/")).name.lower()


def _files(paths: Any) -> Iterator[Path]:
    """Yield the files given and those of folders, by name; hidden ones are left out."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            yield from (one for one in sorted(path.rglob("*")) if not one.is_dir()
                        and not one.name.startswith((".", "~")))  # fmt: skip
        else:
            yield path


def _documents(paths: Any) -> Iterator[Found]:
    """Yield every document: a PDF, or what stands where one should."""
    for path in _files(paths):
        kind = path.suffix.lower()
        if path.is_symlink():
            yield path.name, "c'est un lien : donnez le fichier lui-même"
        elif kind == ".zip":
            yield from _members(path)
        elif kind == ".pdf":
            yield path.name, _body(path)
        elif kind not in TABLES:
            yield path.name, "ce n'est ni un PDF, ni un ZIP, ni un index (CSV, XLSX, JSON)"


def _body(path: Path) -> bytes | str:
    try:
        check_size(path.stat().st_size)
        return path.read_bytes()
    except Refused as error:
        return str(error)
    except OSError as error:
        return f"ce fichier ne se lit pas ({error.strerror})"


def _members(path: Path) -> Iterator[Found]:
    """Yield the PDFs of a ZIP, which never stand on the disk under a name of theirs."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [one for one in archive.infolist() if not one.is_dir()]
            whole = sum(one.file_size for one in infos)
            if len(infos) > MOST or whole > MOST_OF_ZIP:
                raise ImportFileError(f"{path.name} : trop de fichiers, ou plus de 4 Gio en tout.")
            for info in infos:
                name = _plain(info.filename.replace("\0", ""))
                if info.file_size > MOST_RATIO * max(info.compress_size, 1):
                    yield name, "il est trop comprimé pour être une facture (bombe ?)"
                elif not name.endswith(".pdf"):
                    yield name, "seuls les PDF d'un ZIP sont lus : donnez l'index à côté"
                else:
                    yield name, _inflated(archive, info)
    except zipfile.BadZipFile as error:
        raise ImportFileError(
            f"{path.name} n'est pas un ZIP entier : envoyez-le à nouveau."
        ) from error


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | str:
    try:
        check_size(info.file_size)
        with archive.open(info) as member:  # what the member says of its size is not believed
            body = member.read(LARGEST + 1)
        check_size(len(body))
    except Refused as error:
        return str(error)
    except (OSError, RuntimeError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return "ce membre du ZIP ne se lit pas (abîmé, ou protégé par un mot de passe)"
    return body
