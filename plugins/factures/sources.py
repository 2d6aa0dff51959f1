"""Where invoices come from: folders, PDFs and ZIPs of them, with their index or without."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from core.api import TABLES, Gathering, ImportFileError
from plugins.factures.cii import Refused
from plugins.factures.documents import LARGEST, MIB, check_size

MOST = 100_000
"""Documents of an import."""
MOST_OF_ZIP = 4096 * MIB
MOST_OF_INDEX = 64 * MIB
MOST_RATIO = 200
IN_ZIP = tuple(kind for kind in TABLES if kind != ".txt")
"""What an index in a ZIP is; a text there is a word to the reader."""

Found = tuple[str, bytes | str]
"""The name of a document, and its octets, or why it cannot be taken."""


def plain(name: str) -> str:
    """Return the last part of a name, wherever it comes from, in small letters."""
    return PurePath(name.replace("\\", "/")).name.lower()


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files given and those of folders, by name; hidden ones are left out."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            yield from (one for one in sorted(path.rglob("*")) if not one.is_dir()
                        and not _is_hidden(one.name))  # fmt: skip
        else:
            yield path


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~")) or name.lower() == "thumbs.db"


def tables_of(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Return (file, name) of the tables given; one that stands in a ZIP has the ZIP as its file."""
    found = []
    for path in files_of(paths):
        kind = path.suffix.lower()
        if kind in TABLES:
            found.append((path, path.name))
        elif kind == ".zip" and not path.is_symlink():
            with _opened(path) as archive:
                names = [one.filename for one in _members(archive, path)]
            found += [(path, name) for name in names if plain(name).endswith(IN_ZIP)]
    return found


def laid_aside(gathering: Gathering, path: Path, name: str) -> Path:
    """Return where a table out of a ZIP was laid, to be read. Raises ``ImportFileError``."""
    place = gathering.aside(PurePath(plain(name)).suffix)
    with _opened(path) as archive:
        body = _inflated(archive, archive.getinfo(name), MOST_OF_INDEX)
    if isinstance(body, str):
        raise ImportFileError(f"{name} : {body}.")
    place.write_bytes(body)
    return place


def documents(paths: Iterable[Path]) -> Iterator[Found]:
    """Yield every document: a PDF, or what stands where one should."""
    for path in files_of(paths):
        kind = path.suffix.lower()
        if path.is_symlink():
            yield path.name, "c'est un lien : donnez le fichier lui-même"
        elif kind == ".zip":
            yield from _of_zip(path)
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


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise ImportFileError(
            f"{path.name} n'est pas un ZIP entier : envoyez-le à nouveau."
        ) from error


def _members(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    """Return the files of a ZIP; what a desktop adds to them is left out."""
    infos = [one for one in archive.infolist() if not one.is_dir()]
    whole = sum(one.file_size for one in infos)
    if len(infos) > MOST or whole > MOST_OF_ZIP:
        raise ImportFileError(f"{path.name} : trop de fichiers, ou plus de 4 Gio en tout.")
    return [one for one in infos if not _is_hidden(plain(one.filename))]


def _of_zip(path: Path) -> Iterator[Found]:
    """Yield the PDFs of a ZIP, which never stand on the disk under a name of theirs."""
    with _opened(path) as archive:
        for info in _members(archive, path):
            name = plain(info.filename.replace("\0", ""))
            if name.endswith(".pdf"):
                yield name, _inflated(archive, info, LARGEST)
            elif not name.endswith(IN_ZIP):
                yield name, "d'un ZIP, seuls les PDF et l'index (CSV, XLSX, JSON) sont lus"


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes | str:
    """Return a member of a ZIP, or why it cannot be taken; no more than it may be is inflated."""
    if info.file_size > MOST_RATIO * max(info.compress_size, 1):
        return "il est trop comprimé pour être vrai (bombe ?)"
    try:
        check_size(info.file_size, most)
        with archive.open(info) as member:  # what the member says of its size is not believed
            body = member.read(most + 1)
        check_size(len(body), most)
    except Refused as error:
        return str(error)
    except (OSError, RuntimeError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return "ce membre du ZIP ne se lit pas (abîmé, ou protégé par un mot de passe)"
    return body
