"""Invoices as they come, made a table: what each PDF says, beside what an index says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from core.api import Gathering, ImportFileError, fold, formats
from plugins.factures import cii
from plugins.factures.cii import Refused, Said
from plugins.factures.documents import look, shows
from plugins.factures.models import Kind
from plugins.factures.sources import MOST, documents, laid_aside, plain, tables_of

_NUMBER = re.compile(r"[^\s~\x00-\x1f\x7f][^~\x00-\x1f\x7f]{0,59}")
COMPARED = ("number", "kind", "company", "issued", "due", "currency", "net", "vat", "gross")
"""What an index and the data of a PDF both say, and must say alike."""
OF_PDF = ("buyer_id", "order_reference", "credited", "profile", "payable")


def gather(gathering: Gathering) -> None:
    """Make a row of each document, and of each line of the index that has none."""
    index = _Index.of(gathering)
    seen: dict[str, str] = {}
    with gathering.writing():
        for count, (name, body) in enumerate(documents(gathering.paths), start=1):
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
        tables = tables_of(gathering.paths)
        if len(tables) > 1:
            names = ", ".join(name for _path, name in tables[:3])
            raise ImportFileError(f"Un seul index est lu ; il y en a plusieurs : {names}.")
        index = cls(given=bool(tables))
        for path, name in tables:
            if path.suffix.lower() == ".zip":
                path = laid_aside(gathering, path, name)  # noqa: PLW2901 - it is read there
            for count, (_line, values) in enumerate(gathering.index(path, name), start=1):
                if count > MOST:
                    raise ImportFileError(f"Plus de {MOST} lignes dans {name}.")
                if "file" in values:
                    index.by_file[plain(values["file"])] = values
                if "number" in values:
                    index.by_number[fold(values["number"])] = values
        return index

    def take(self, name: str, number: str | None) -> dict[str, Any] | None:
        """Return the line of a document: by its file, by its number, or by a file named so."""
        found = self.by_file.get(plain(name))
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
