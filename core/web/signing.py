"""Cookies that open something: their names and how they are set; ``__Host-`` under TLS."""

from __future__ import annotations

from datetime import timedelta

from werkzeug.wrappers import Response

from core import devices, pending
from core.config import Config

SESSION, STEP, DEVICE = "balise", "balise-etape", "balise-appareil"
"""The session, a sign-in that waits for its second step, and the browser itself."""


def secure(config: Config) -> bool:
    """Tell whether browsers reach the site over TLS, as its public address says."""
    return config.web.public_url.startswith("https://")


def cookie_name(config: Config, kind: str = SESSION) -> str:
    return f"__Host-{kind}" if secure(config) else kind


def set_cookie(response: Response, config: Config, token: str, kind: str = SESSION) -> None:
    """Give the browser the id of its session, or another secret of its own."""
    life = {
        SESSION: timedelta(days=config.web.session_days),
        STEP: pending.LIFE,
        DEVICE: devices.KEPT,
    }
    response.set_cookie(
        cookie_name(config, kind),
        token,
        httponly=True,
        samesite="Lax",
        secure=secure(config),
        path="/",
        max_age=life[kind],
    )


def drop_cookie(response: Response, config: Config, kind: str = SESSION) -> None:
    response.delete_cookie(
        cookie_name(config, kind), path="/", secure=secure(config), httponly=True, samesite="Lax"
    )
