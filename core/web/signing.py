"""The session cookie: its name and how it is set; ``__Host-`` where the site is served by TLS."""

from __future__ import annotations

from werkzeug.wrappers import Response

from core.config import Config


def secure(config: Config) -> bool:
    """Tell whether browsers reach the site over TLS, as its public address says."""
    return config.web.public_url.startswith("https://")


def cookie_name(config: Config) -> str:
    return "__Host-balise" if secure(config) else "balise"


def set_cookie(response: Response, config: Config, token: str) -> None:
    """Give the browser the id of its session; it ends with the browser or the session's limits."""
    response.set_cookie(
        cookie_name(config),
        token,
        httponly=True,
        samesite="Lax",
        secure=secure(config),
        path="/",
        max_age=config.web.session_days * 86400,
    )


def drop_cookie(response: Response, config: Config) -> None:
    response.delete_cookie(
        cookie_name(config), path="/", secure=secure(config), httponly=True, samesite="Lax"
    )
