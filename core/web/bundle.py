"""The scripts and styles of every page, each kind in one file: a cold browser asks for two, not for
thirty. Made when the process starts, of the files of ``assets`` in the order of their names.
"""

from __future__ import annotations

from hashlib import blake2b

from flask import Flask, Response

from core.web import door
from core.web.templates import ASSETS

ALONE = ("theme.js",)
"""Stands in the head, before the first paint."""


class Bundle:
    """The files of a kind, one after the other, and the address that changes when they do."""

    def __init__(self, kind: str, mimetype: str) -> None:
        files = [path for path in sorted(ASSETS.glob(f"*.{kind}")) if path.name not in ALONE]
        self.text = b"\n".join(path.read_bytes() for path in files)
        self.path = f"/assets/balise.{kind}"
        self.address = f"{self.path}?m={blake2b(self.text, digest_size=8).hexdigest()}"
        self._mimetype = mimetype

    def answer(self) -> Response:
        return Response(self.text, mimetype=self._mimetype)


SCRIPTS = Bundle("js", "text/javascript")
STYLES = Bundle("css", "text/css")


def install(server: Flask, rules: door.Rules) -> None:
    """Serve the two files."""
    for name, bundle in (("scripts", SCRIPTS), ("styles", STYLES)):
        server.add_url_rule(bundle.path, name, bundle.answer, methods=["GET"])
        rules.public.add(name)
