"""« Voir comme » on the wire: the portal below ``/apercu/<token>``, in a frame of the form's page.

The prefix is taken off before Flask looks at the address, so that every page and callback is the
one that the user would get, decided by the same door. What leaves the prefix is the administrator's
own again, and no frame shows that (``frame-ancestors``): a preview never turns into more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from core.access import Scope
from core.people import preview

if TYPE_CHECKING:
    from core.host import Host
    from core.sessions import SignedIn

KEY = "balise.preview"
_PREFIX = re.compile(rf"{preview.ADDRESS}/([A-Za-z0-9_-]{{43}})(?=/)")


def asked() -> str | None:
    """Return the token of the preview that the request in hand is for, None for any other."""
    token: str | None = request.environ.get(KEY)
    return token


def find(host: Host, person: SignedIn, token: str, now: datetime) -> preview.Preview | None:
    """Return a preview of this person, who must still be an administrator, and see its rows."""
    scope = Scope(person.account_id, person.acting.customer_id if person.acting else None)
    return preview.find(host.engine, token, person.email, scope, now) if person.admin else None


def install(server: Flask) -> None:
    """Take the prefix off, and let our own pages frame what stands below it."""
    plain = server.wsgi_app

    def without_prefix(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if found := _PREFIX.match(environ.get("PATH_INFO", "")):
            environ[KEY] = found[1]
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + found[0]
            environ["PATH_INFO"] = environ["PATH_INFO"][found.end() :]
        return plain(environ, start)

    server.wsgi_app = without_prefix  # type: ignore[method-assign,assignment]  # as Flask's own guide does

    @server.after_request
    def framed(response: Response) -> Response:
        policy = response.headers.get("Content-Security-Policy")
        if policy and asked():
            ours = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
            response.headers["Content-Security-Policy"] = ours
        return response
