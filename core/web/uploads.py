"""The files that rubrics take: an address each, decided at the door, bounded before it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from core import formats
from core.host import Host
from core.i18n import _
from core.uploads import Upload
from core.web.door import Rules

NAME = "X-File-Name"
"""The header of a file's own name, percent-encoded in UTF-8."""


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Give every upload of the rubrics in service its address, and its permission."""
    for rubric in host.registry.rubrics.values():
        for upload in rubric.uploads:
            endpoint = f"upload:{upload.path}"
            server.add_url_rule(
                upload.path, endpoint, _view(host, rubric.id, upload), methods=["POST"]
            )
            rules.uploads[endpoint] = upload.permission


def _view(host: Host, id: str, upload: Upload) -> Callable[..., Response]:
    def take(**parts: Any) -> Response:
        request.max_content_length = upload.largest
        try:
            body = request.get_data()
        except RequestEntityTooLarge:
            most = formats.octets(upload.largest)
            return _refused(_("Ce fichier est trop gros : %(most)s au plus.", most=most), 413)
        name = unquote(request.headers.get(NAME, ""), errors="replace")
        with host.registry.answering.guarding(id, upload.path, g.ctx):
            wrong = upload.function(g.ctx, name, body, **parts)
        return _refused(wrong, 422) if wrong else Response(status=204)

    return take


def _refused(why: str, status: int) -> Response:
    reply = jsonify(error=why)
    reply.status_code = status
    return reply
