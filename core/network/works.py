"""« Travaux planifiés »: when the operator works on links. They mute nothing; they are marked.

A state is what was measured, works or not: the LED is red while a link is down. Whoever shows a
state or a period of the past says beside it that works were planned then, as known when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Db, Owned
from core.network.inventory import Link


class PlannedWork(Owned):
    """Works that the operator announced on a site, or on one link of it (``link_id``).

    From ``starts`` to ``ends`` (UTC, the end excluded); ``cancelled`` ones count no more.
    """

    __tablename__ = "planned_work"

    __table_args__ = (sa.CheckConstraint("starts < ends", name="lasts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"), index=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime] = mapped_column(index=True)
    cancelled: Mapped[datetime | None]

    def concerns(self, site_id: int | None, links: Iterable[int]) -> bool:
        """Tell whether they are on that site as a whole, or on one of these links of it."""
        return self.site_id == site_id and (self.link_id is None or self.link_id in links)


def works_between(db: Db, start: datetime, end: datetime) -> Sequence[PlannedWork]:
    """Return the works in the user's scope that last at some moment of ``[start, end)``."""
    query = (
        sa.select(PlannedWork)
        .where(PlannedWork.starts < end, PlannedWork.ends > start)
        .where(PlannedWork.cancelled.is_(None))
        .order_by(PlannedWork.starts, PlannedWork.id)
    )
    return db.all(query)


def during(
    works: Iterable[PlannedWork], start: datetime, end: datetime, links: Sequence[Link]
) -> PlannedWork | None:
    """Return the first of these works that touches ``[start, end)`` on one of the links."""
    ids = {link.id for link in links}
    sites = {link.site_id for link in links}
    for work in works:
        touches = work.starts < end and (work.ends > start)
        if touches and any(work.concerns(site, ids) for site in sites):
            return work
    return None
