"""Where a request goes, as logs may tell it."""

from __future__ import annotations

from flask import request


def place() -> str:
    """Return the address of the request; of one with a token in it, the route alone."""
    rule = request.url_rule
    if rule is not None and "token" in rule.arguments:
        return str(rule)
    return request.path[:200]
