"""A PDF looked at before it is kept: bounded, without code, read for its data and its words."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pypdf import PdfReader, apply_configuration, get_configuration
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from plugins.factures.cii import LARGEST as LARGEST_XML
from plugins.factures.cii import Refused

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is told by Refused

MIB = 1024 * 1024
LARGEST = 25 * MIB
"""Octets of a PDF."""
MOST_PAGES = 500
MOST_OBJECTS = 50_000
XML_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/XFA", "/RichMediaContent"})
ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute"}
)
_DEEPEST = 40
_MOST = get_configuration().with_overwrites(
    array_based_stream_maximum_output_length=8 * MIB,
    lzw_maximum_output_length=8 * MIB,
    run_length_maximum_output_length=8 * MIB,
    zlib_maximum_output_length=8 * MIB,
    stream_decoding_work_maximum_length=16 * MIB,
    stream_parsing_work_maximum_count=150_000,
    xform_maximum_invocations_per_extraction=500,
    disable_legacy_handling=True,
)
"""What reading a PDF may cost: its pictures are not read, its words and its data are small."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A PDF that can be kept: its pages, its Factur-X data if any, the words of its first and last
    pages (empty where it has none: a scan).
    """

    pages: int
    xml: bytes | None
    words: str


def look(body: bytes) -> Looked:
    """Return what a PDF is. Raises ``Refused`` for one that is too large, encrypted, active or
    broken.
    """
    check_size(len(body))
    if b"%PDF-" not in body[:1024]:
        raise Refused("ce n'est pas un PDF")
    try:
        with apply_configuration(_MOST):
            return _looked(body)
    except Refused:
        raise
    except LimitReachedError as error:
        raise Refused(
            "ce PDF est fait pour coûter : il se déploie bien au-delà de ses pages"
        ) from (error)
    except RecursionError as error:
        raise Refused("ce PDF s'emboîte sans fin") from error
    except Exception as error:  # a library that reads what anybody may have made
        raise Refused(f"ce PDF ne se lit pas ({type(error).__name__})") from error


def check_size(octets: int, most: int = LARGEST) -> None:
    """Raise ``Refused`` for a file that is too large to be read at all."""
    if octets > most:
        raise Refused(f"ce fichier fait {octets / MIB:.0f} Mio ; {most // MIB} Mio au plus")


def _looked(body: bytes) -> Looked:
    reader = PdfReader(io.BytesIO(body))
    if reader.is_encrypted:
        raise Refused("ce PDF est protégé par un mot de passe : enregistrez-le sans protection")
    pages = len(reader.pages)
    if not 1 <= pages <= MOST_PAGES:
        raise Refused(f"ce PDF a {pages} pages ; de 1 à {MOST_PAGES} sont gardées")
    for one in _objects(reader):
        if _is_active(one, 0):
            raise Refused("ce PDF contient du JavaScript ou une action qui lance un programme")
    shown = {0, pages - 1}
    words = " ".join(reader.pages[n].extract_text() for n in sorted(shown))
    return Looked(pages, _xml(reader), words.strip())


def _objects(reader: PdfReader) -> Iterator[Any]:
    numbers = {(n, gen) for gen, some in reader.xref.items() for n in some}
    numbers |= {(n, 0) for n in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise Refused(f"ce PDF a plus de {MOST_OBJECTS} objets")
    yield reader.trailer
    for number, generation in numbers:
        if number:
            yield reader.get_object(IndirectObject(number, generation, reader))


def _is_active(part: Any, depth: int) -> bool:
    """Tell whether an object holds an action that runs something; what it names is seen apart."""
    if depth > _DEEPEST:
        raise Refused("ce PDF s'emboîte sans fin")
    if isinstance(part, DictionaryObject):
        if not ACTIVE_KEYS.isdisjoint(part) or str(part.raw_get("/S") if "/S" in part else "") in (
            ACTIVE_ACTIONS
        ):
            return True
        return any(_is_active(part.raw_get(key), depth + 1) for key in part)
    if isinstance(part, ArrayObject):
        return any(_is_active(one, depth + 1) for one in list.__iter__(part))
    return False


def _xml(reader: PdfReader) -> bytes | None:
    for attached in reader.attachment_list:
        if attached.name.lower() in XML_NAMES:
            xml = bytes(attached.content)
            if len(xml) > LARGEST_XML:
                raise Refused(f"son XML fait plus de {LARGEST_XML // MIB} Mio")
            return xml
    return None


def xml_of(body: bytes) -> bytes | None:
    """Return the Factur-X data of a PDF that was kept, None for one without."""
    with apply_configuration(_MOST):
        return _xml(PdfReader(io.BytesIO(body)))


def shows(words: str, number: str, gross: Decimal) -> str | None:
    """Return what the words of a PDF do not say, None when they agree or there are none."""
    if not words:
        return None
    if re.sub(r"\s", "", number) not in re.sub(r"\s", "", words):
        return f"le numéro {number} ne se lit pas sur le PDF"
    whole, cents = divmod(int(abs(gross) * 100), 100)
    thousands = f"{whole:,}".replace(",", r"[\s.,'’]?")
    if not re.search(rf"(?<!\d){thousands}\s?[.,]{cents:02}(?!\d)", words):
        return f"le total {gross:f} ne se lit pas sur le PDF"
    return None
