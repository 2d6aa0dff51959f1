"""The downloads of the rubrics: an address each, decided at the door, streamed, never kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, Response, abort, g, stream_with_context

from core import i18n
from core.exports import KINDS, Document, Sheet
from core.host import Host
from core.rubric import Download
from core.web.door import Rules
from core.web.headers import SHOWN

log = structlog.get_logger("balise.web")


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Give every download of the rubrics in service its addresses, and their permission."""
    for rubric in host.registry.rubrics.values():
        for download in rubric.downloads:
            for kind in download.kinds or KINDS:
                endpoint = f"download:{download.path}.{kind}"
                server.add_url_rule(
                    f"{download.path}.{kind}",
                    endpoint,
                    _view(host, rubric.id, download, kind),
                    methods=["GET"],
                )
                rules.downloads[endpoint] = download.permission


def _view(host: Host, id: str, download: Download, kind: str) -> Callable[..., Response]:
    def send(**parts: Any) -> Response:
        # The labels are those of the French page, whoever reads: an import knows them again.
        guarding = host.registry.answering.guarding(id, f"{download.path}.{kind}", g.ctx)
        with guarding, i18n.speaking(i18n.SOURCE):
            sheet = download.function(g.ctx, **parts)
        if sheet is None:
            abort(404)
        if isinstance(sheet, Document) and kind not in KINDS:
            body = [sheet.body] if isinstance(sheet.body, bytes) else sheet.body
            return _answer(iter(body), sheet.name, sheet.mimetype, shown=sheet.shown)
        if not isinstance(sheet, Sheet):
            raise TypeError(f"{download.path} answers {type(sheet).__name__}, not a Sheet")
        mimetype, write = KINDS[kind]
        return _answer(spoken(write(sheet)), f"{sheet.name}.{kind}", mimetype)

    return send


def _answer(pieces: Iterator[bytes], name: str, mimetype: str, *, shown: bool = False) -> Response:
    """Return a file as it is made, and note in the audit log that it was taken, or shown."""
    g.ctx.audit("viewed" if shown else "exported", name)
    first = next(pieces, b"")  # what fails at once is an error page, not half a file
    reply = Response(stream_with_context(_with(first, pieces)), mimetype=mimetype)
    reply.headers["Content-Disposition"] = disposition(name, shown=shown)
    if shown:
        reply.headers["Content-Security-Policy"] = SHOWN
    return reply


def spoken(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces, each made while speaking French."""
    while True:
        with i18n.speaking(i18n.SOURCE):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _with(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def disposition(name: str, *, shown: bool = False) -> str:
    """Return the Content-Disposition of a file to be saved, or shown, under that name (RFC 6266).

    The name stands twice: in ASCII for old browsers, in UTF-8 (RFC 8187) for the others.
    """
    name = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "-" for c in name)
    plain = unicodedata.normalize("NFKD", name.replace("’", "-")).encode("ascii", "ignore").decode()
    way = "inline" if shown else "attachment"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
