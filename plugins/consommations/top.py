"""The links of a site or of a company that carry the most over a period."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from core.api import Context, Link, Volume, _, formats, push
from plugins.consommations.address import Asked, Period
from plugins.consommations.queries import role_name

SHOWN = 20


def top(ctx: Context, asked: Asked, links: Sequence[Link], period: Period) -> Component:
    """Return the links with the greatest volumes, each leading to its own curve."""
    volumes = ctx.metrics.volumes(links, period.start, period.end)
    nothing = Volume(0, 0, 0.0, 0.0)
    of = [(link, volumes.get(link.id, nothing)) for link in links]
    of.sort(key=lambda one: (-one[1].in_octets - one[1].out_octets, one[0].reference))
    total = sum(volume.in_octets + volume.out_octets for _link, volume in of)
    names = [_("Volume entrant"), _("Volume sortant"), _("Moyenne entrante"), _("Part du total")]
    head = html.Tr(
        [
            html.Th(_("N° de référence"), scope="col"),
            html.Th(_("Liaison"), scope="col"),
            *(html.Th(name, scope="col", className="num") for name in names),
        ]
    )
    body = html.Tbody([_line(asked, link, volume, total) for link, volume in of[:SHOWN]])
    title = _("Liens les plus chargés de la période")
    caption = html.Caption(title, className="sr-only")
    table = html.Table([caption, html.Thead(head), body], className="grid compact plain")
    left = len(of) - SHOWN
    more = []
    if left > 0:
        text = _("%(n)s autres liens ne sont pas montrés.", n=formats.number(left))
        more.append(html.P(text, className="soft small pad mb-0"))
    head_of_card = html.Div(html.H2(title), className="panel-head")
    scrolled = html.Div(table, className="scroll")
    return html.Section([head_of_card, scrolled, *more], className="card card-flush")


def _line(asked: Asked, link: Link, volume: Volume, total: int) -> Component:
    mine = volume.in_octets + volume.out_octets
    known = volume.covered > 0
    mean = volume.in_octets * 8 / volume.covered if known else None
    cells = [
        formats.octets(volume.in_octets if known else None),
        formats.octets(volume.out_octets if known else None),
        (formats.octet_rate if asked.octets else formats.rate)(mean),
        formats.percent(mine / total if known and total else None),
    ]
    name = push(link.reference, asked.of_one(link=link.reference), scroll_to="datas-sheet")
    return html.Tr(
        [
            html.Th(name, scope="row"),
            html.Td(f"{role_name(link)} · {link.designation}", title=link.designation),
            *(html.Td(cell, className="num") for cell in cells),
        ]
    )
