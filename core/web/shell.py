"""The frame of every page: header, menu in two levels, and the place where the page goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from core import i18n
from core.config import Config
from core.i18n import N_, _
from core.registry import Registry
from core.rubric import Context, Page, Rubric
from core.web import acting_pages
from core.web.guides import help_of
from core.web.router import ACCOUNT, HEALTH

ADMINISTRATION = N_("Administration")
"""The section of the menu that the host's own pages stand in."""
HELP: dict[str, Any] = {"data-help": ""}
SECTION_ICONS = {"Supervision": "pulse", ADMINISTRATION: "admin"}


def icon(name: str) -> html.I:
    """Return one of ``assets/30-icons.css``, hidden from screen readers."""
    return html.I(className=f"i i-{name}", **{"aria-hidden": "true"})


def frame(ctx: Context, config: Config, registry: Registry) -> html.Div:
    """Return the frame for this user; the router fills ``host-page`` and ``host-menu``."""
    return html.Div(
        [
            dcc.Location(id="host-url", refresh="callback-nav"),
            dcc.Store(id="host-title"),
            html.A(_("Aller au contenu"), href="#host-page", className="skip"),
            _header(ctx, config, registry),
            *acting_pages.band(ctx),
            html.Nav(
                menu(ctx, config, registry, ""),
                id="host-menu",
                className="menu",
                **{"aria-label": _("Rubriques")},
            ),
            html.Main(_loading(), id="host-page", className="page", tabIndex="-1"),
            html.Div(id="host-announce", className="visually-hidden", role="status"),
        ],
        className="app acts" if ctx.acting else "app",
    )


def _loading() -> html.Div:
    bars = [html.Span(className="skeleton", style={"width": f"{w}%"}) for w in (30, 90, 80, 85)]
    return html.Div(bars, className="stack late", **{"aria-busy": "true"})


def _header(ctx: Context, config: Config, registry: Registry) -> html.Header:
    operator = config.operator
    logo: Any = html.Span(operator.name, className="logo")
    if operator.logo:
        logo = html.Img(src=operator.logo, alt=operator.name, className="logo-picture", height=28)
    # The menu, drawn anew for each page, knows where it leads; 50-menu.js repeats it here.
    links: list[Any] = [html.A(_("Aide"), href="/aide", className="head-link hide-phone", **HELP)]
    admin = _administration(ctx, registry)
    if admin:
        links.append(html.A(_("Administration"), href=admin, className="head-link hide-phone"))
    links.append(html.A(_("Déconnexion"), href="/deconnexion", className="head-link hide-phone"))
    demo = [html.Span(_("Démonstration"), className="badge demo")] if config.demo else []
    return html.Header(
        [
            html.Button(
                icon("menu"),
                id="host-menu-button",
                className="head-link only-phone",
                **{"aria-label": _("Menu"), "aria-controls": "host-menu", "aria-expanded": "false"},
            ),
            dcc.Link([logo, html.Span(operator.title)], href="/", className="brand"),
            html.Div(
                [
                    *demo,
                    html.Button(
                        icon("moon"),
                        className="head-link",
                        **{"aria-label": _("Thème clair ou sombre"), "data-do": "theme"},
                    ),
                    _other_language(),
                    html.Span(className="head-sep hide-phone"),
                    _own_account(ctx),
                    *links,
                ],
                className="head-end",
            ),
        ],
        className="head",
    )


def _other_language() -> html.A:
    code, name = next((c, n) for c, n in i18n.LANGUAGES.items() if c != i18n.language())
    return html.A(name, href=f"/langue/{code}", lang=code, className="head-link hide-phone")


def _administration(ctx: Context, registry: Registry) -> str | None:
    """Return where « Administration » leads for this user, None when it leads nowhere: to the
    first page of that section of the menu.
    """
    for rubric in registry.rubrics.values():
        for page in _entries(ctx, rubric):
            if (page.section or rubric.label) == ADMINISTRATION:
                return page.path
    return "/sante" if ctx.may(HEALTH) else None


def menu(ctx: Context, config: Config, registry: Registry, path: str) -> list[Any]:
    """Return the menu of what this user may open, the entry of ``path``, or above it, marked."""
    here = path
    sections: dict[str, list[Page]] = {label: [] for label in config.display.menu}
    icons = dict(SECTION_ICONS)
    for rubric in registry.rubrics.values():
        icons[rubric.label] = rubric.icon
    pages_of = [
        (rubric, page) for rubric in registry.rubrics.values() for page in _entries(ctx, rubric)
    ]
    path = _entry_above(path, [page.path for _rubric, page in pages_of])
    # The pages of the section's own rubric come before those that others put under it.
    for rubric, page in sorted(
        pages_of, key=lambda pair: pair[1].section not in (None, pair[0].label)
    ):
        sections.setdefault(page.section or rubric.label, []).append(page)
    items: list[Any] = [
        _entry("/", [icon("home"), _("Accueil")], current=path == "/", className="menu-home")
    ]
    if ctx.may(HEALTH):
        sections.setdefault(ADMINISTRATION, [])
    for label, pages in sections.items():
        entries = [_link(page, config, path) for page in pages]
        if label == ADMINISTRATION and ctx.may(HEALTH):
            entries += _own_entries(path)
        if entries:
            title = config.display.labels.get(label, _(label))
            items.append(html.Div([icon(icons.get(label, "right")), title], className="menu-group"))
            items.append(html.Ul([html.Li(entry) for entry in entries]))
    items.append(_phone_links(ctx, help_of(registry, here)))
    return items


def _own_entries(path: str) -> list[Any]:
    """Return the lines of the host's own pages, for the operator's administrators."""
    own = {
        "/sante": _("Santé de la plateforme"),
        "/collecte": _("Collecte"),
        "/imports": _("Imports"),
        "/murs": _("Murs"),
    }
    return [
        _entry(href, label, current=path == href or path.startswith(f"{href}/"))
        for href, label in own.items()
    ]


def _entry_above(path: str, entries: Sequence[str]) -> str:
    """Return the address of the entry that a page belongs to: its own, or the nearest above it."""
    above = [entry for entry in entries if path == entry or path.startswith(f"{entry}/")]
    return max(above, key=len, default=path)


def _entries(ctx: Context, rubric: Rubric) -> Sequence[Page]:
    return [page for page in rubric.pages if page.menu and ctx.may(page.permission)]


def _link(page: Page, config: Config, path: str) -> dcc.Link:
    label = config.display.labels.get(page.menu or "") or _(page.menu or page.title)
    return _entry(page.path, label, current=path == page.path)


def _entry(href: str, label: Any, *, current: bool, **props: Any) -> html.A | dcc.Link:
    """Return one line of the menu. Dash's Link cannot say ``aria-current``: the class does in CSS,
    and ``host.js`` repeats it for screen readers.
    """
    name = f"{props.pop('className', '')} {'is-current' if current else ''}".strip()
    return dcc.Link(label, href=href, className=name, **props)


def _own_account(ctx: Context) -> Any:
    """Return the name of the user, which leads to their account unless they act for a customer."""
    words = [icon("user"), html.Span(ctx.user.name)]
    if not ctx.may(ACCOUNT):
        return html.Span(words, className="head-link head-user", title=ctx.user.email)
    title = _("Mon compte : %(email)s", email=ctx.user.email)
    return dcc.Link(words, href="/compte", className="head-link head-user", title=title)


def _phone_links(ctx: Context, help_page: str) -> html.Ul:
    """Return what a phone's header has no room for."""
    code, name = next((c, n) for c, n in i18n.LANGUAGES.items() if c != i18n.language())
    return html.Ul(
        [
            html.Li(ctx.user.name, className="menu-group"),
            *([html.Li(dcc.Link(_("Mon compte"), href="/compte"))] if ctx.may(ACCOUNT) else []),
            html.Li(html.A(_("Aide"), href=help_page, **HELP)),
            html.Li(html.A(name, href=f"/langue/{code}", lang=code)),
            html.Li(html.A(_("Déconnexion"), href="/deconnexion")),
        ],
        className="only-phone",
    )
