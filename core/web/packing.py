"""Small answers of callbacks, packed against words that the browser has already.

Most of a tick is the markup that every answer of Dash repeats. It is raw DEFLATE (RFC 1951) whose
window holds ``assets/lazy/words.txt`` from the start; ``50-packed.js`` puts them there before it
inflates. A browser that has not got the words, or has others, does not ask and gets it as usual.
"""

from __future__ import annotations

import zlib

from flask import Flask, Response, request

from core.web.templates import ASSETS

WORDS = (ASSETS / "lazy/words.txt").read_bytes().rstrip(b"\n")
"""Pieces of real answers, in ASCII as JSON is, less than 32 KB; the most useful ones last."""
NAME = f"{zlib.adler32(WORDS):08x}"
ADDRESS = f"/assets/lazy/words.txt?m={NAME}"
ASKED = "X-Words"
"""The header by which a browser names the words that it has, and an answer those it was told in."""
LARGEST = 64 * 1024
"""Bytes past which the words would not show, and the usual compression is quicker."""

_ready = zlib.compressobj(level=9, wbits=-15, memLevel=9, zdict=WORDS)


def pack(text: bytes) -> bytes:
    """Return a text as raw DEFLATE after the words."""
    squeeze = _ready.copy()
    return squeeze.compress(text) + squeeze.flush()


def unpack(packed: bytes) -> bytes:
    """Return what was packed."""
    swell = zlib.decompressobj(wbits=-15, zdict=WORDS)
    return swell.decompress(packed) + swell.flush()


def install(server: Flask) -> None:
    """Pack the answers to callbacks for those who ask for it."""

    @server.after_request
    def packed(response: Response) -> Response:
        if request.path != "/_dash-update-component" or response.mimetype != "application/json":
            return response
        response.vary.add(ASKED)
        if request.headers.get(ASKED) == NAME and (response.content_length or 0) <= LARGEST:
            response.set_data(pack(response.get_data()))
            response.mimetype = "application/octet-stream"
            response.headers[ASKED] = NAME
        return response
