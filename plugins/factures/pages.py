"""The page « Factures »: criteria, months, files under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.api import (
    N_,
    Context,
    JobView,
    Pages,
    _,
    card,
    export_menu,
    job_list,
    jobs_version,
    live,
    ngettext,
    page_head,
)
from plugins.factures.address import EXPORT, LIST, Asked
from plugins.factures.consolidation import KIND
from plugins.factures.listing import ORDER, Listing
from plugins.factures.permissions import READ
from plugins.factures.search import search
from plugins.factures.words import month_of, month_words

ACT, SAID = "factures-act", "factures-said"
ORDERED, ACTED = "factures-ordered", "factures-acted"
FILES, SEEN, TICK = "factures-files", "factures-seen", "factures-tick"

pages = Pages()


@pages.page(LIST, N_("Factures"), permission=READ, menu=N_("Factures"))
def invoices(ctx: Context) -> Component:
    asked = Asked.of(ctx.query)
    shown = Listing.of(ctx, asked)
    ctx.audit("viewed", "factures", asked=asked.with_())
    mine = ctx.jobs.mine(KIND)
    return html.Div(
        [
            page_head(
                _("Factures"),
                html.Span(shown.size(), id="factures-size"),
                [html.Div(exports(asked) if shown.known else [], id="factures-exports")],
            ),
            html.Div(
                [
                    *_criteria(ctx, shown),
                    html.Div(id=SAID, role="status"),
                    html.Div(files(ctx, mine), id=FILES),
                    html.Div(shown.render(), id="factures-blocks", className="stack"),
                ],
                className="stack",
            ),
            *(dcc.Store(id=name) for name in (ORDER, ACT, ORDERED, ACTED)),
            dcc.Store(id=SEEN, data=jobs_version(mine)),
            dcc.Store(id="factures-version", data=shown.version()),
            live(TICK, 1, resting=not any(job.under_way for job in mine)),
        ]
    )


def _criteria(ctx: Context, shown: Listing) -> list[Component]:
    """Return the search, once there is something to search."""
    if not shown.known:
        return []
    form = html.Div(search(ctx, shown.asked, shown.known), className="bar pad")
    return [html.Section(form, className="card card-flush")]


def exports(asked: Asked) -> Component:
    """Return the files of what is filtered; without criteria, of all that is kept."""
    return export_menu(lambda kind: asked.with_(f"{EXPORT}.{kind}", depth=1, page=1))


def files(ctx: Context, mine: Sequence[JobView]) -> list[Any]:
    """Return the files of months that were ordered, nothing while there is none."""
    if not mine:
        return []
    return [card(job_list(mine, ctx.zone, _title, store=ACT), title=_("Mes consolidations"))]


def _title(job: JobView) -> tuple[str, str]:
    month, form = month_of(job.arguments.get("month")), str(job.arguments.get("form", ""))
    name = _("Factures %(month)s", month=month_words(month) if month else "?")
    missing = job.facts.get("missing")
    if not missing:
        return name, form.upper()
    said = ngettext("%(n)s facture manque", "%(n)s factures manquent", missing)
    return name, f"{form.upper()} · {said}"
