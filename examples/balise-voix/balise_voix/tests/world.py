"""Phone lines of the two tenants that must not meet: a canary in every name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from balise_voix.models import CallDay, LineKind, VoiceLine
from core.api import Site
from core.testing.world import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from core.host import Host
    from core.testing.world import Tenant

STEMS = {"A": "0536490", "B": "0536491"}
DAYS = 30


def number_of(letter: str, place: int) -> str:
    return f"{STEMS[letter]}{place:03}"


def fill(_host: Host, session: Session, tenants: Sequence[Tenant]) -> None:
    """Give each site of the tenants a line: ten calls in, four out, one missed, every day."""
    for tenant in tenants:
        query = sa.select(Site).where(Site.id.in_(tenant.site_ids)).order_by(Site.id)
        for place, site in enumerate(session.scalars(query).all()):
            of = {"company_id": site.company_id, "site_id": site.id}
            number = number_of(tenant.letter, place)
            kind = LineKind.TRUNK if place == 0 else LineKind.LINE
            name = f"{tenant.canary} accueil"
            line = VoiceLine(**of, number=number, name=name, kind=kind, channels=8)
            session.add(line)
            session.flush()
            for ago in range(1, DAYS + 1):
                session.add(
                    CallDay(
                        **of, line_id=line.id, day=NOW.date() - timedelta(days=ago),
                        incoming=10, outgoing=4, missed=1, seconds=1200,
                    )
                )  # fmt: skip
    session.flush()
