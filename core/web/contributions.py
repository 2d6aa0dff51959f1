"""What rubrics add to links that others show: words beside them, things to do about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from dash import html
from dash.development.base_component import Component

from core.answers import Action, Badge
from core.network.inventory import Link
from core.rubric import Context
from core.web.components import icon


def badges_of(ctx: Context, link_ids: Collection[int]) -> Mapping[int, Sequence[Badge]]:
    """Return the badges of the links of a list, by link id: every rubric is asked once.

    Ids that are not of the user's scope are as absent.
    """
    if not link_ids:
        return {}
    links = ctx.db.all(sa.select(Link).where(Link.id.in_(link_ids)).order_by(Link.id))
    found: dict[int, list[Badge]] = {}
    for _rubric, badge in ctx.ask("link_badges", links=links):
        found.setdefault(badge.link_id, []).append(badge)
    return found


def badge_tag(badge: Badge) -> Component:
    """Return a badge as a small tag; its hint is said to a screen reader too."""
    css = {"accent": "tag tag-accent", "degraded": "tag tag-degraded"}.get(badge.tone, "tag")
    said = [html.Span(f" ({badge.hint})", className="sr-only")] if badge.hint else []
    return html.Span([badge.label, *said], className=css, title=badge.hint or None)


def action_links(ctx: Context, link: Link | None) -> list[Component]:
    """Return what rubrics offer to do about a service, as links; one of them at most is primary."""
    if link is None:
        return []
    found: list[Action] = [action for _rubric, action in ctx.ask("link_actions", link=link)]
    found.sort(key=lambda action: (action.order, action.label))
    main = next((action for action in found if action.primary), None)
    return [
        html.A(
            [icon(action.icon), action.label],
            href=action.href,
            className="btn btn-primary" if action is main else "btn btn-secondary",
        )
        for action in found
    ]
