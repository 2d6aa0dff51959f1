"""« Aide » of a rubric: its guide, Markdown that comes with it, as components.

Nothing of a guide is markup: what its author wrote as HTML is shown as text, and an address is
either one of this portal or begins with https.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from core import i18n
from core.access import Permission
from core.i18n import N_, _
from core.network.views import fold
from core.registry import Registry
from core.rubric import Context
from core.web.components import attributes, empty_state, page_head
from core.web.router import HEALTH, HOME

ADDRESS = "/aide"
HERE = Path(__file__).parents[1] / "help"
OF_STAFF = {"collecte", "imports", "murs", "sante", "travaux"}
"""First parts of the addresses that « Exploitation » is about."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide: its place in the address, its title, who may read it, the folder of its texts."""

    id: str
    title: str
    permission: Permission
    folder: Path

    def text(self, language: str) -> str | None:
        """Return the guide in a language, else in French, None when nobody wrote it."""
        for name in (language, i18n.SOURCE):
            path = self.folder / f"{name}.md"
            if path.is_file():
                return path.read_text(encoding="utf-8")
        return None


def guides(registry: Registry) -> Mapping[str, Guide]:
    """Return the guides there are, by id: the portal's, one of each rubric, the operator's."""
    found = [Guide("portail", N_("Le portail"), HOME, HERE / "portail")]
    found += [
        Guide(rubric.id, rubric.label, rubric.read, Path(rubric.help))
        for rubric in registry.rubrics.values()
        if rubric.help
    ]
    found.append(Guide("exploitation", N_("Exploitation"), HEALTH, HERE / "exploitation"))
    return {guide.id: guide for guide in found}


def help_of(registry: Registry, path: str) -> str:
    """Return where « Aide » leads from the page at ``path``."""
    first = path.split("/")[1] if path.count("/") else ""
    known = guides(registry)
    id_ = "exploitation" if first in OF_STAFF else first
    return f"{ADDRESS}/{id_}" if id_ in known else ADDRESS


def menu(ctx: Context, registry: Registry, shown: str = "") -> Component:
    """Return the guides this user may read, as a list of links."""
    entries = [("", _("Voyants et chiffres"))]
    entries += [(g.id, _(g.title)) for g in guides(registry).values() if ctx.may(g.permission)]
    return html.Nav(
        [
            html.H2(_("Guides")),
            html.Ul(
                [
                    html.Li(
                        dcc.Link(
                            label,
                            href=f"{ADDRESS}/{id_}" if id_ else ADDRESS,
                            className="is-current" if id_ == shown else None,
                        )
                    )
                    for id_, label in entries
                ]
            ),
        ],
        className="card card-body guide-menu",
        **attributes(aria_label=_("Guides")),
    )


def layout(ctx: Context, registry: Registry, guide: str) -> Component:
    """Return the page of a guide; one that is not there, or not for this user, is the same."""
    found = guides(registry).get(guide)
    text = found.text(i18n.language()) if found and ctx.may(found.permission) else None
    if found is None or text is None:
        way = dcc.Link(_("Toute l’aide"), href=ADDRESS, className="btn btn-secondary")
        said = _("Ce guide n’existe pas, ou parle d’une rubrique que vous n’avez pas.")
        gone = empty_state("help", _("Guide introuvable"), said, way)
        return html.Div([page_head(_("Aide")), html.Section(gone, className="card")])
    title, body = rendered(text, ctx)
    return html.Div(
        [
            page_head(title, _("Aide")),
            html.Div(
                [html.Article(body, className="card guide"), menu(ctx, registry, guide)],
                className="guide-page",
            ),
        ]
    )


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_PLAIN = {
    "blockquote": html.Blockquote,
    "bullet_list": html.Ul,
    "em": html.Em,
    "list_item": html.Li,
    "ordered_list": html.Ol,
    "paragraph": html.P,
    "strong": html.Strong,
    "tbody": html.Tbody,
    "td": html.Td,
    "thead": html.Thead,
    "tr": html.Tr,
}
_HEADS: Mapping[str, Any] = {"h2": html.H2, "h3": html.H3, "h4": html.H4}


def rendered(text: str, ctx: Context) -> tuple[str, list[Any]]:
    """Return the title of a guide, its first heading, and the components of the rest."""
    nodes = SyntaxTreeNode(_MARKDOWN.parse(text)).children
    title = ""
    if nodes and nodes[0].type == "heading" and nodes[0].tag == "h1":
        title, nodes = _words(nodes[0]), nodes[1:]
    return title, [_block(node, ctx) for node in nodes]


def _block(node: SyntaxTreeNode, ctx: Context) -> Any:
    if node.type == "text":
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return " " if node.type == "softbreak" else html.Br()
    if node.type == "code_inline":
        return html.Code(node.content)
    if node.type in ("fence", "code_block"):
        return html.Pre(html.Code(node.content), tabIndex="0")
    if node.type == "hr":
        return html.Hr()
    if node.type == "image":  # a picture would come from elsewhere: its words stand for it
        return node.content
    parts = list(_inside(node, ctx))
    if node.type == "heading":
        return _HEADS.get(node.tag, html.H2)(parts, id=slug(_words(node)))
    if node.type == "link":
        return _link(str(node.attrs.get("href", "")), parts, ctx)
    if node.type == "table":
        return html.Div(html.Table(parts, className="grid"), className="scroll")
    if node.type == "th":
        return html.Th(parts, scope="col")
    kind = _PLAIN.get(node.type)
    return kind(parts) if kind else html.Span(parts)


def _inside(node: SyntaxTreeNode, ctx: Context) -> Iterator[Any]:
    """Yield what is in a node; the paragraphs of a tight list are left out, as in Markdown."""
    for child in node.children:
        bare = child.type == "inline" or (child.type == "paragraph" and child.hidden)
        if bare:
            yield from _inside(child, ctx)
        else:
            yield _block(child, ctx)


def _link(href: str, parts: list[Any], ctx: Context) -> Any:
    """Return a link to a page that the reader may open, an anchor or a site; its words else."""
    if href.startswith("#"):
        return html.A(parts, href=href)
    if href.startswith("/") and not href.startswith(("//", "/\\")):
        path = href.partition("?")[0].partition("#")[0]
        return dcc.Link(parts, href=href) if ctx.leads(path) else html.Span(parts)
    if href.startswith("https://"):
        return html.A(parts, href=href, rel="noopener noreferrer", target="_blank")
    return html.Span(parts)


def _words(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline"):
        return node.content
    return "".join(_words(child) for child in node.children)


def slug(title: str) -> str:
    """Return what stands behind « # » in an address: « exporter-la-liste »."""
    return re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")
