"""Whose curve the address asks for: a link, the links of a site, or those of a company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from core.api import Company, Context, Link, LinkRole, Service, Site, _, service_views
from plugins.consommations.address import Asked
from plugins.consommations.queries import link_by_reference


@dataclass(frozen=True, slots=True)
class Chosen:
    """Links whose traffic is shown together; ``link`` when it is one alone, asked by its name.

    ``name`` is what a file of it is called.
    """

    title: str
    name: str
    links: Sequence[Link]
    link: Link | None = None
    service: Service | None = None


def completed(ctx: Context, asked: Asked) -> Asked:
    """Return what is asked for: who has one service alone need not choose it."""
    services = () if asked.chosen else service_views(ctx).services
    main = services[0].main if len(services) == 1 else None
    return replace(asked, link=main.reference) if main else asked


def chosen(ctx: Context, asked: Asked) -> Chosen | None:
    """Return what the address asks for, None when it is not there, or not this user's."""
    if asked.link:
        link = link_by_reference(ctx, asked.link)
        if link is None:
            return None
        title = _("Trafic sur le lien %(reference)s", reference=link.reference)
        service = ctx.db.get(Service, link.service_id)
        return Chosen(title, link.reference, [link], link, service)
    if asked.site:
        site = ctx.db.get(Site, asked.site)
        links = _links(ctx, Link.site_id == asked.site) if site else []
        if site is None or not links:
            return None
        return Chosen(_("Trafic du site %(name)s", name=site.name), site.name, links)
    company = ctx.db.get(Company, asked.company)
    links = _links(ctx, Link.company_id == asked.company) if company else []
    if company is None or not links:
        return None
    title = _("Trafic de la société %(name)s", name=company.name)
    return Chosen(title, company.name, links)


def _links(ctx: Context, which: object) -> Sequence[Link]:
    query = select(Link).where(which).order_by(Link.reference)  # type: ignore[arg-type]  # a column compared
    found: Sequence[Link] = ctx.db.all(query)
    return found


def link_title(link: Link) -> str:
    """Return « Liaison principale » or « Liaison secondaire »."""
    main = link.role is LinkRole.MAIN
    return _("Liaison principale") if main else _("Liaison secondaire")
