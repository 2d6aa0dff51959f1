"""What the tests of supervision do to the world, and where its first service is."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.api import Context, Link, Reason, Service, State, service_views
from core.host import Host
from core.testing.world import NOW

ALICE = "alice@a.example"
MAIN = "CANARI-A-10-000"


def own_link(ctx: Context, id_: int) -> Link:
    link = ctx.db.get(Link, id_)
    assert link is not None
    return link


def break_service(host: Host) -> None:
    """Take both links of the service of ``MAIN`` down."""
    with Session(host.engine) as session:
        down = {"state": State.DOWN, "reason": Reason.INTERFACE_DOWN, "since": NOW}
        session.execute(update(Link).where(Link.reference.startswith("CANARI-A-10")).values(**down))
        id_ = session.query(Link.service_id).filter(Link.reference == MAIN).scalar()
        session.execute(update(Service).where(Service.id == id_).values(**down))
        session.commit()


def link_id(ctx: Context) -> int:
    service = service_views(ctx).find(MAIN)
    assert service is not None
    assert service.main is not None
    return service.main.id
