"""Files that people join to something: kept by what is in them, outside of what the web serves."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Shelf:
    """A folder of files, each named by the SHA-256 of its content; nothing of a name people gave
    reaches the disk. The same file twice is kept once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, body: bytes) -> str:
        """Keep a file, on disk when this returns; return its digest."""
        digest = hashlib.sha256(body).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return digest

    def get(self, digest: str) -> bytes | None:
        """Return what is in a file; None for no such one, or one that was altered on disk."""
        if not _DIGEST.fullmatch(digest):
            return None
        try:
            body = self._path(digest).read_bytes()
        except FileNotFoundError:
            return None
        return body if hashlib.sha256(body).hexdigest() == digest else None

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest
