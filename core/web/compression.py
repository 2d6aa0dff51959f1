"""How answers are compressed: flask-compress, and the files of a process once for all."""

from __future__ import annotations

from typing import Any

from flask import Request

from core.web.headers import STATIC


class _Files:
    """Files as they were compressed, by « algorithm;path »."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._known.get(key)

    def set(self, key: str, compressed: bytes) -> None:
        if not key.endswith(";"):
            self._known[key] = compressed


def _key(asked: Request) -> str:
    """Return the path of a file, which never changes while we run; nothing for what is made."""
    return asked.path if asked.path.startswith(STATIC) else ""


SETTINGS: dict[str, Any] = {
    "COMPRESS_ZSTD_LEVEL": 6,  # a tenth smaller than 3 for the small answers that ticks are
    "COMPRESS_ALGORITHM": ["zstd", "gzip"],
    "COMPRESS_MIMETYPES": [
        "text/html",
        "text/css",
        "application/json",
        "text/javascript",
        "application/javascript",
    ],
    "COMPRESS_CACHE_KEY": _key,
    "COMPRESS_CACHE_BACKEND": _Files,
}
