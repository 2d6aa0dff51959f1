"""What the form of a user sends, read as a draft: every value is the browser's word.

Only these fields are read: whatever else stands in what was sent changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from core.api import Context, UserDraft, UserError, UserScope, _
from plugins.administration.address import number

MOST = 20_000
"""Companies, sites or rights in one form."""


def read_draft(ctx: Context, data: Mapping[str, Any]) -> UserDraft:
    """Return the draft. Raises ``UserError`` for a date that does not read."""

    def text(name: str) -> str:
        value = data.get(name)
        return value[:500] if isinstance(value, str) else ""

    keys = data.get("permissions")
    typed = keys[:MOST] if isinstance(keys, list) else []
    permissions = [key for key in typed if isinstance(key, str)]
    return UserDraft(
        email=text("email"),
        family_name=text("family_name"),
        given_name=text("given_name"),
        permissions=frozenset(permissions),
        scope=_scope(data.get("scope")),
        expires=_end(ctx, text("expires")),
        guest=data.get("kind") == "guest",
        profile=text("profile") or None,
        password=text("password") or None,
    )


def _scope(value: object) -> UserScope:
    if not isinstance(value, Mapping):
        return UserScope()

    def ids(part: object) -> frozenset[int]:
        found = [number(one) for one in part[:MOST]] if isinstance(part, list) else []
        return frozenset(one for one in found if one is not None)

    companies, sites = ids(value.get("companies")), ids(value.get("sites"))
    return UserScope(value.get("whole") is True, companies, sites)


def _end(ctx: Context, text: str) -> datetime | None:
    """Return the midnight that ends a day « 2026-12-31 » in the reader's zone, None without one."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10]) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise UserError(_("Cette date ne se lit pas."), "expires") from error
    if day.year > ctx.now.year + 100:
        raise UserError(_("Cette date est trop lointaine."), "expires")
    return datetime.combine(day, time(), ctx.zone)
