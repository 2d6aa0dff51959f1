"""Files kept as they came, by the hash of what is in them, outside all that the web serves.

A name is a SHA-256, never anybody's word: no path, no link, no NUL can lead out of the folder. What
is read is compared with its name, so that a file that was altered is as absent. Its time is when it
was kept last: ``core.sweeping`` removes a day later what no row names, the folder locked.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)


class FileGone(OSError):
    """The file of a key is not there, or is no longer what was kept."""


def key_of(body: bytes) -> str:
    """Return the key under which some octets are kept."""
    return hashlib.sha256(body).hexdigest()


class FileStore:
    """A folder of files by their hash. Made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """Return where the file of a key stands, whether it is there or not.

        Raises ``FileGone`` for what is no key.
        """
        if not _KEY.fullmatch(key):
            raise FileGone("not a key")
        return self.folder / key[:2] / key

    def keep(self, body: bytes) -> str:
        """Keep some octets; return their key. The same are kept once.

        Raises ``OSError`` when they cannot be written: nothing is left of them then.
        """
        key = key_of(body)
        path = self.path(key)
        with self.held(fcntl.LOCK_SH):
            if self._is_whole(key):
                os.utime(path)
                return key
            path.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        return key

    def take(self, key: str, other: FileStore) -> None:
        """Move a file of another store here. Raises ``OSError``."""
        path = self.path(key)
        with self.held(fcntl.LOCK_SH):
            if not self._is_whole(key):
                path.parent.mkdir(mode=0o700, exist_ok=True)
                other.path(key).replace(path)
            os.utime(path)

    @contextmanager
    def held(self, how: int = fcntl.LOCK_EX) -> Iterator[None]:
        """Hold the lock of the folder: who keeps files shares it, who removes some is alone."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, how)
            yield
        finally:
            os.close(lock)

    def read(self, key: str) -> bytes:
        """Return what was kept. Raises ``FileGone``."""
        try:
            descriptor = os.open(self.path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise FileGone(str(error)) from error
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise FileGone("not a file")
            body = file.read()
        if key_of(body) != key:
            raise FileGone("its content is another")
        return body

    def _is_whole(self, key: str) -> bool:
        try:
            self.read(key)
        except FileGone:
            return False
        return True
