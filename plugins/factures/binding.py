"""Several PDFs as one with a bookmark each, or as a ZIP, made piece by piece: flat memory.

Pages go into the new file as they are read (ISO 32000-1, 7.5): only where objects stand in it is
remembered. What is on no page is left behind: embedded files, actions, forms, links.
"""

from __future__ import annotations

import io
import re
import zipfile
from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

OF_PAGE = (
    "/Type", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/Rotate", "/UserUnit", "/Resources",
    "/Contents", "/Group",
)  # fmt: skip
LEFT = frozenset(
    {"/Parent", "/P", "/A", "/AA", "/AF", "/JS", "/Metadata", "/OpenAction", "/PieceInfo",
     "/StructParent", "/StructParents", "/Length"}
)  # fmt: skip
CATALOG, TREE, OUTLINES = 1, 2, 3

Named = tuple[str, bytes]


def bound(documents: Iterable[Named], title: str) -> Iterator[bytes]:
    """Yield one PDF in pieces of the (bookmark, PDF) given; ``title`` is its own."""
    binder = _Binder()
    for name, body in documents:
        binder.add(name, body)
        yield binder.drained()
    binder.end(title)
    yield binder.drained()


class _Binder:
    """A PDF under way; what is written waits in a buffer until it is drained."""

    def __init__(self) -> None:
        self._out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._gone = 0
        self._places = array("Q", [0] * (OUTLINES + 1))
        self._pages = array("L")
        self._marks: list[tuple[str, int]] = []
        self._known: dict[bytes, int] = {}

    def drained(self) -> bytes:
        """Return what was written since the last time."""
        piece = bytes(self._out)
        self._gone += len(piece)
        self._out.clear()
        return piece

    def add(self, name: str, body: bytes) -> None:
        """Put the pages of a PDF at the end, under a bookmark."""
        copy = _Copy(self, PdfReader(io.BytesIO(body)))
        self._marks.append((name, len(self._pages)))
        for page in copy.reader.pages:
            number = self.number()
            self._pages.append(number)
            parts = {key: page.raw_get(key) for key in OF_PAGE if key in page}
            copied = copy.dictionary(parts, [b"/Parent %d 0 R" % TREE])
            self.write(number, copied)
            copy.rest()

    def number(self) -> int:
        """Return the number of a new object, written later."""
        self._places.append(0)
        return len(self._places) - 1

    def write(self, number: int, body: bytes) -> None:
        """Write an object."""
        self._places[number] = self._gone + len(self._out)
        self._out += b"%d 0 obj\n%b\nendobj\n" % (number, body)

    def once(self, body: bytes) -> int:
        """Return the number of an object that stands by itself: a font is written once."""
        digest = blake2b(body, digest_size=16).digest()
        if digest not in self._known:
            self._known[digest] = self.number()
            self.write(self._known[digest], body)
        return self._known[digest]

    def end(self, title: str) -> None:
        """Write the tree of pages, the bookmarks and the table of places."""
        kids = b" ".join(b"%d 0 R" % number for number in self._pages)
        self.write(
            TREE, b"<< /Type /Pages /Count %d /Kids [ %b ] >>" % (len(self._pages), kids)
        )  # fmt: skip
        first = len(self._places)
        last = first + len(self._marks) - 1
        for place, (name, page) in enumerate(self._marks):
            near = [b"/Parent %d 0 R" % OUTLINES]
            near += [b"/Prev %d 0 R" % (first + place - 1)] if place else []
            near += [b"/Next %d 0 R" % (first + place + 1)] if first + place < last else []
            target = b"/Dest [ %d 0 R /Fit ]" % self._pages[page]
            body = b"<< /Title %b %b %b >>" % (_written(TextStringObject(name)), target,
                                               b" ".join(near))  # fmt: skip
            self.write(self.number(), body)
        marks = b"/First %d 0 R /Last %d 0 R" % (first, last) if self._marks else b""
        self.write(
            OUTLINES, b"<< /Type /Outlines %b /Count %d >>" % (marks, len(self._marks))
        )  # fmt: skip
        info = self.number()
        self.write(info, b"<< /Title %b >>" % _written(TextStringObject(title)))
        self.write(
            CATALOG,
            b"<< /Type /Catalog /Pages %d 0 R /Outlines %d 0 R /PageMode /UseOutlines >>"
            % (TREE, OUTLINES),
        )
        start, count = self._gone + len(self._out), len(self._places)
        self._out += b"xref\n0 %d\n0000000000 65535 f \n" % count
        for place in self._places[1:]:
            self._out += b"%010d 00000 n \n" % place
        self._out += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\n" % (count, CATALOG, info)
        self._out += b"startxref\n%d\n%%%%EOF\n" % start


class _Copy:
    """One PDF while its pages are copied: which of its objects got which number."""

    def __init__(self, binder: _Binder, reader: PdfReader) -> None:
        self.reader, self._binder = reader, binder
        self._numbers: dict[tuple[int, int], int] = {}
        self._waiting: list[tuple[int, Any]] = []

    def dictionary(self, parts: Any, more: Iterable[bytes] = ()) -> bytes:
        """Return a dictionary of a PDF, written with the new numbers."""
        raw = parts.raw_get if isinstance(parts, DictionaryObject) else parts.__getitem__
        said = [_written(NameObject(key)) + b" " + self._value(raw(key)) for key in parts
                if key not in LEFT]  # fmt: skip
        return b"<< " + b" ".join([*said, *more]) + b" >>"

    def rest(self) -> None:
        """Write what the pages written so far name."""
        while self._waiting:
            number, value = self._waiting.pop()
            self._binder.write(number, self._value(value))

    def _value(self, value: Any) -> bytes:
        if isinstance(value, IndirectObject):
            return b"%d 0 R" % self._number(value)
        if isinstance(value, StreamObject):
            data = value._data  # noqa: SLF001 - as it stands, still compressed
            head = self.dictionary(value, [b"/Length %d" % len(data)])
            return head + b"\nstream\n" + data + b"\nendstream"
        if isinstance(value, DictionaryObject):
            return self.dictionary(value)
        if isinstance(value, ArrayObject):
            return b"[ " + b" ".join(map(self._value, list.__iter__(value))) + b" ]"
        return _written(value)

    def _number(self, named: IndirectObject) -> int:
        key = (named.idnum, named.generation)
        if key not in self._numbers:
            value = named.get_object()
            if isinstance(value, StreamObject) and not _names(value):
                self._numbers[key] = self._binder.once(self._value(value))
            else:
                self._numbers[key] = self._binder.number()
                self._waiting.append((self._numbers[key], value))
        return self._numbers[key]


def _names(stream: StreamObject) -> bool:
    """Tell whether a stream names other objects, at its first level or below."""
    left: list[Any] = [stream.raw_get(key) for key in stream if key != "/Length"]
    while left:
        part = left.pop()
        if isinstance(part, IndirectObject):
            return True
        if isinstance(part, DictionaryObject):
            left += [part.raw_get(key) for key in part]
        elif isinstance(part, ArrayObject):
            left += list.__iter__(part)
    return False


def _written(value: Any) -> bytes:
    if value is None:
        return b"null"
    out = io.BytesIO()
    value.write_to_stream(out)
    return out.getvalue()


class _Pieces(io.RawIOBase):
    """Where a ZIP is written that goes away piece by piece: it is never read nor sought."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def drained(self) -> bytes:
        piece = bytes(self._held)
        self._held.clear()
        return piece


def member_name(number: str) -> str:
    """Return a number as the name of a member of a ZIP, of letters and digits alone."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", number) or "facture"


def archive(documents: Iterable[Named], day: tuple[int, int, int]) -> Iterator[bytes]:
    """Yield a ZIP in pieces of the (name, octets) given; ``day`` (year, month, day) is that of its
    members.
    """
    out = _Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name, body in documents:
            made.writestr(zipfile.ZipInfo(name, (*day, 0, 0, 0)), body)
            yield out.drained()
    yield out.drained()
