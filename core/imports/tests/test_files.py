"""A file is read as it is written, or refused whole with what to do about it."""

from __future__ import annotations

import os
import tracemalloc
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.imports import dialect, limits, readers
from core.imports.cells import Fault
from core.imports.limits import FileError
from core.imports.tests.files import SHEET, book, csv_file, raw_book


def read(path: Path) -> tuple[list[str], list[list[Any]]]:
    found = dialect.detect(path)
    return readers.heads(path, found), [list(row.cells) for row in readers.rows(path, found)]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_file_is_read_whatever_its_dialect(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    lines = [separator.join(row) for row in (["N° client", "Société"], ["007", "Évêché d’Albi"])]
    path = csv_file(tmp_path / "a.csv", *lines, encoding=encoding)
    assert read(path) == (["N° client", "Société"], [["007", "Évêché d’Albi"]])


def test_a_comma_within_a_text_is_no_separator(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", "Site;Débit", "Rodez, nord;1,5", '"a;b";"deux\r\nlignes"')
    assert read(path)[1] == [["Rodez, nord", "1,5"], ["a;b", "deux\r\nlignes"]]


def test_a_workbook_gives_texts_numbers_and_dates(tmp_path: Path) -> None:
    heads, day = ["Réf", "Q", "Le", "Vide", "Oui"], datetime.fromisoformat("2011-06-10 09:30")
    path = book(tmp_path / "a.xlsx", [heads, ["007", 1.5, day, None, True]])
    assert read(path) == (heads, [["007", 1.5, day, None, True]])


def test_a_workbook_may_leave_out_cells_and_name_no_place(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>A</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>B</t></is></c></row>'
        '<row r="7"><c r="B7" t="str"><v>b</v></c></row>'
        '<row><c t="e"><v>#REF!</v></c><c t="n"><v>2</v></c></row>'
    )
    path = raw_book(tmp_path / "a.xlsx", SHEET.format(rows=rows))
    found = list(readers.rows(path, dialect.detect(path)))
    assert [(row.line, list(row.cells)) for row in found] == [
        (7, [None, "b"]),
        (8, [Fault("#REF!"), 2.0]),
    ]


@pytest.mark.parametrize("text", ['[{"a": "é", "b": 1}, {"a": null, "c": true}]',
                                  '{"a": "é", "b": 1}\n{"a": null, "c": true}\n'])  # fmt: skip
def test_json_is_a_list_of_objects_or_one_a_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    assert read(path) == (["a", "b", "c"], [["é", 1, None], [None, None, True]])


def entity(tmp_path: Path) -> Path:
    dtd = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    return raw_book(tmp_path / "dtd.xlsx", dtd + SHEET.format(rows="<row><c><v>&b;</v></c></row>"))


def bomb(tmp_path: Path) -> Path:
    return raw_book(tmp_path / "bomb.xlsx", SHEET.format(rows=" " * 50_000_000))


def many(tmp_path: Path) -> Path:
    more: dict[str, bytes | str] = {f"xl/{n}.xml": b"" for n in range(600)}
    return raw_book(tmp_path / "many.xlsx", SHEET.format(rows=""), more)


def macros(tmp_path: Path) -> Path:
    return raw_book(tmp_path / "m.xlsm", SHEET.format(rows=""), {"xl/vbaProject.bin": b"x"})


def cut_book(tmp_path: Path) -> Path:
    path = book(tmp_path / "cut.xlsx", [["A"], ["b"]])
    path.write_bytes(path.read_bytes()[:-200])
    return path


def broken_xml(tmp_path: Path) -> Path:
    return raw_book(tmp_path / "x.xlsx", "<worksheet><sheetData><row>")


def of_bytes(name: str, data: bytes) -> Any:
    def make(tmp_path: Path) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return make


def huge(tmp_path: Path) -> Path:
    path = tmp_path / "huge.csv"
    path.touch()
    os.truncate(path, 2 * 1024**3)  # sparse: it takes no room
    return path


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (entity, "DTD"),
        (bomb, "bombe"),
        (many, "trop grand"),
        (macros, "macros"),
        (cut_book, "coupé"),
        (broken_xml, "XML est abîmé"),
        (huge, "2048 Mio"),
        (of_bytes("a.csv", b""), "vide"),
        (of_bytes("a.csv", b"\r\n\r\n"), "vide"),
        (of_bytes("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1"), "ancien classeur"),
        (of_bytes("a.pdf", b"%PDF-1.7 \x00"), "pas un tableau"),
        (of_bytes("a.csv", b"A;B\r\n1;\x81\r\n"), "encodage"),
        (of_bytes("a.csv", b"A;B;C\r\n1;2;3\r\n4;5"), "coupé"),
        (of_bytes("a.csv", b'A;B\r\n1;"deux\r\n3;4\r\n'), "guillemet"),
        (of_bytes("a.csv", b"A;B;A\r\n1;2;3\r\n"), "même titre"),
        (of_bytes("a.csv", b";".join(b"%d" % n for n in range(300)) + b"\r\n"), "200 colonnes"),
        (of_bytes("a.csv", b"A;B\r\n1;" + b"x" * 40_000 + b"\r\n"), "32767 caract"),
        (of_bytes("a.csv", b"A;B\r\n" + b"x" * 2_000_000), "million"),
        (of_bytes("a.json", b'[{"a": 1}, {"a": 2}'), "coupé"),
        (of_bytes("a.json", b'[{"a": [1]}]'), "valeur simple"),
        (of_bytes("a.json", b"[1, 2]"), "liste d'objets"),
        (of_bytes("a.json", b'[{"a":' + b"[" * 200_000), "coupé|simple|entier"),
        (of_bytes("a.zip", b"PK\x05\x06" + b"\0" * 18), "classeur"),
    ],
)
def test_a_file_that_cannot_be_taken_says_what_to_do(tmp_path: Path, make: Any, why: str) -> None:
    path = make(tmp_path)
    with pytest.raises(FileError, match=why):
        read(path)


def test_a_workbook_that_unfolds_takes_no_memory(tmp_path: Path) -> None:
    path = bomb(tmp_path)
    tracemalloc.start()
    with pytest.raises(FileError):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * limits.MIB


def test_texts_shared_by_cells_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.imports.xlsx.MOST_SHARED", 1000)
    path = book(tmp_path / "a.xlsx", [[f"texte {n}"] for n in range(500)])
    with pytest.raises(FileError, match="trop de textes"):
        read(path)


def test_rows_and_time_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv_file(tmp_path / "a.csv", "A", *("1" for _ in range(3000)))
    monkeypatch.setattr(readers, "MOST_ROWS", 2000)
    with pytest.raises(FileError, match="2000 lignes"):
        read(path)
    monkeypatch.setattr(readers, "MOST_ROWS", 5000)
    monkeypatch.setattr(readers, "Deadline", lambda: limits.Deadline(-1))
    with pytest.raises(FileError, match="trop de temps"):
        read(path)
