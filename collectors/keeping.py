"""Keeping what a look at a router found: in the inventory, its classes and its probes.

Nothing is deleted: a class that a router no longer has keeps its measures, and the date it was
last ``seen``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from collectors.discovery import Found
from collectors.matching import Declared, Matched, match
from collectors.probes import FoundProbe
from collectors.qos import FoundClass
from core.network.inventory import Device, Link, LinkRole
from core.network.measured import Direction, Probe, TrafficClass

ClassKey = tuple[int, Direction, str]
"""Link id, direction, path."""
ProbeKey = tuple[int, int]
"""Link id, number of the operation."""


@dataclass(slots=True)
class Kept:
    """What was kept of a look: ids of classes and probes, links that moved, what is unsettled."""

    matched: Matched
    references: dict[int, str]
    """Of the links of the router, by link id."""
    classes: dict[ClassKey, int] = field(default_factory=dict)
    probes: dict[ProbeKey, int] = field(default_factory=dict)
    moved: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Links whose place in the inventory changed: by link id, where it was and where it is."""


def keep(engine: sa.Engine, device_id: int, found: Found, at: datetime) -> Kept | None:
    """Write what was found of a router at ``at``, in one transaction; None if it is gone.

    A look that did not ask who the router is (no ``description``) leaves that as it was. Another
    process that looked at the same moment may have written the same: it is done again.
    """
    try:
        return _keep(engine, device_id, found, at)
    except sa.exc.IntegrityError:
        return _keep(engine, device_id, found, at)


def _keep(engine: sa.Engine, device_id: int, found: Found, at: datetime) -> Kept | None:
    with orm.Session(engine, expire_on_commit=False) as session, session.begin():
        device = session.get(Device, device_id)
        if device is None:
            return None
        if found.description:
            device.description, device.discovered = found.description, at
            session.flush()
        query = sa.select(Link).where(Link.device_id == device_id).order_by(Link.id)
        links = {link.id: link for link in session.scalars(query)}
        kept = Kept(
            match(found, [_declared(link) for link in links.values()]),
            {link.id: link.reference for link in links.values()},
        )
        _keep_places(links, kept)
        _keep_classes(session, links, kept, at)
        _keep_probes(session, links, kept, at)
        return kept


def _declared(link: Link) -> Declared:
    main = link.role is LinkRole.MAIN
    return Declared(link.id, link.reference, link.if_name or None, link.if_index, main)


def _keep_places(links: Mapping[int, Link], kept: Kept) -> None:
    for link_id, place in kept.matched.places.items():
        link = links[link_id]
        before = _place(link.if_name, link.if_index)
        # Without ifXTable there is no ifName: the name of the inventory, an ifDescr, stays.
        link.if_name = place.name or link.if_name
        link.if_index = place.index
        after = _place(link.if_name, link.if_index)
        if before != after:
            kept.moved[link_id] = before, after


def _place(name: str | None, index: int | None) -> str:
    number = "" if index is None else f"n° {index}"
    return f"{name} ({number})" if name and number else name or number


def _keep_classes(
    session: orm.Session, links: Mapping[int, Link], kept: Kept, at: datetime
) -> None:
    known = {
        (row.link_id, row.direction, row.path): row
        for row in session.scalars(
            sa.select(TrafficClass).where(TrafficClass.link_id.in_(list(links)))
        )
    }
    for link_id, found in kept.matched.classes:
        key = (link_id, found.direction, found.path)
        parent = known.get((link_id, found.direction, found.parent or ""))
        row = known.get(key)
        if row is None:
            row = known[key] = _new_class(links[link_id], found, at)
            session.add(row)
        row.name, row.seen = found.name, at
        row.parent_id = parent.id if parent is not None else None
        session.flush()  # its id is the parent of others
        kept.classes[key] = row.id


def _new_class(link: Link, found: FoundClass, at: datetime) -> TrafficClass:
    return TrafficClass(
        company_id=link.company_id,
        site_id=link.site_id,
        link_id=link.id,
        direction=found.direction,
        path=found.path,
        name=found.name,
        seen=at,
    )


def _keep_probes(session: orm.Session, links: Mapping[int, Link], kept: Kept, at: datetime) -> None:
    known = {
        (row.link_id, row.number): row
        for row in session.scalars(sa.select(Probe).where(Probe.link_id.in_(list(links))))
    }
    rows: list[tuple[ProbeKey, Probe]] = []
    for link_id, found in kept.matched.probes:
        key = (link_id, found.number)
        row = known.get(key) or _new_probe(links[link_id], found, at)
        row.tag, row.kind, row.seen = found.tag, found.kind, at
        session.add(row)
        rows.append((key, row))
    session.flush()
    kept.probes = {key: row.id for key, row in rows}


def _new_probe(link: Link, found: FoundProbe, at: datetime) -> Probe:
    return Probe(
        company_id=link.company_id,
        site_id=link.site_id,
        link_id=link.id,
        number=found.number,
        tag=found.tag,
        kind=found.kind,
        seen=at,
    )
