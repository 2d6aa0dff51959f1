"""What browsers may do with our answers: security headers and caching."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, request

from core.config import Config
from core.web.signing import secure

STATIC = ("/assets/", "/_dash-component-suites/")
"""Where the files that never change under their address are."""
IMMUTABLE = "public, max-age=31536000, immutable"


SHOWN = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
"""The policy of a document that one of our pages shows in a frame: it runs nothing, loads nothing,
and is of no origin."""


def policy(hashes: Sequence[str], tiles: str | None = None) -> str:
    """Return the Content-Security-Policy; ``hashes`` are those of Dash's own inline scripts.

    ``tiles`` is the address of the tile server whose pictures a map may show.
    """
    maps = f" {origin(tiles)}" if tiles else ""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(hashes)}",
            "style-src 'self' 'unsafe-inline'",  # Dash and plotly set style attributes
            f"img-src 'self' data:{maps}",
            "font-src 'self'",
            "connect-src 'self'",
            "frame-src 'self'",  # a document that a page shows
            "manifest-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )


def origin(address: str) -> str:
    """Return the scheme and host of an address: all that a policy needs."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def install(server: Flask, config: Config, hashes: Sequence[str]) -> None:
    """Put the headers on every answer."""
    csp = policy(hashes, config.map.tiles)

    @server.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", csp)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if secure(config):
            headers["Strict-Transport-Security"] = "max-age=31536000"
        static = request.path.startswith(STATIC)
        if not static:
            headers["Cache-Control"] = "no-store"
        elif response.status_code == 200 and ("m" in request.args or ".v" in request.path):
            headers["Cache-Control"] = IMMUTABLE  # the address changes with the content
        return response
