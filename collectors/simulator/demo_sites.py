"""Finding the site or the link that a command of the demo names."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.db import Company
from core.network.inventory import Device, Link, LinkRole, Site


class UnknownSite(Exception):
    """No site has this name; ``nearest`` are the closest ones."""

    def __init__(self, text: str, nearest: Sequence[str]) -> None:
        super().__init__(text)
        self.nearest = list(nearest)


class AmbiguousSite(Exception):
    """Several sites have this in their name."""

    def __init__(self, text: str, candidates: Sequence[str]) -> None:
        super().__init__(text)
        self.candidates = list(candidates)


@dataclass(frozen=True, slots=True)
class Target:
    """What a command is about: a site's links by role, and its routers by name."""

    title: str
    main: tuple[str, ...]
    backup: tuple[str, ...]
    devices: tuple[str, ...]


def plain(text: str) -> str:
    """Return a text without accents, case and typographic apostrophes, for comparing."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe"))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).casefold().split())


def find(session: Session, text: str) -> Target:
    """Return the site of this name, part of name or link reference.

    Raises ``UnknownSite`` or ``AmbiguousSite``.
    """
    link = session.scalar(sa.select(Link).where(Link.reference == text.strip().upper()))
    if link is not None:
        site = session.get_one(Site, link.site_id)
        return _target(session, site, Link.service_id == link.service_id)
    sites = session.execute(
        sa.select(Site, Company.name).join(Company, Company.id == Site.company_id).order_by(Site.id)
    ).all()
    wanted = plain(text)
    names = {site.id: plain(site.name) for site, _ in sites}
    found = [site for site, _ in sites if names[site.id] == wanted]
    found = found or [site for site, _ in sites if wanted and wanted in names[site.id]]
    if not found:
        known = {names[site.id]: site.name for site, _ in sites}
        close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
        raise UnknownSite(text, [known[name] for name in close])
    if len(found) > 1:
        owners = {site.id: company for site, company in sites}
        raise AmbiguousSite(text, [f"{s.name} ({s.commune}, {owners[s.id]})" for s in found])
    return _target(session, found[0], Link.site_id == found[0].id)


def _target(session: Session, site: Site, which: sa.ColumnElement[bool]) -> Target:
    links = session.execute(
        sa.select(Link.reference, Link.role, Device.name)
        .join(Device, Device.id == Link.device_id)
        .where(which)
        .order_by(Link.reference)
    ).all()
    return Target(
        f"{site.name} ({site.commune})",
        tuple(reference for reference, role, _ in links if role is LinkRole.MAIN),
        tuple(reference for reference, role, _ in links if role is LinkRole.BACKUP),
        tuple(sorted({device for _, _, device in links})),
    )
