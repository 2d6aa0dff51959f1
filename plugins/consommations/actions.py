"""What consommations offers to do about a service, wherever its panel is shown."""

from __future__ import annotations

from urllib.parse import urlencode

from core.api import Action, Context, Link, _
from plugins.consommations.address import ADDRESS


def actions(ctx: Context, link: Link) -> list[Action]:
    """Return the way to the curves of a service; not on the page that shows them."""
    if "liaison" in ctx.query and "service" not in ctx.query:
        return []
    href = f"{ADDRESS}?{urlencode({'liaison': link.reference})}"
    return [Action(_("Consommations"), href, icon="chart", order=20)]
