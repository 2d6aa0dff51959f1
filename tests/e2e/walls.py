"""Walls of the running portal, for the tests that look at them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core import clock, walls
from core.access import Reach

from .conftest import Portal

SCENES = {
    "supervision.voyants": "board",
    "supervision.carte": "places",
    "consommations.charges": "bars",
    "supervision.changements": "lines",
}


def make(portal: Portal, letter: str = "A", **more) -> tuple[int, str]:
    """Make a wall of customer A (or B); return its number and its whole address."""
    customer = portal.tenants[letter].customer_id
    plan = {
        "name": f"Mur {letter}",
        "scope": [(Reach.CUSTOMER, customer)],
        "customer_id": customer,
        "permissions": ("supervision:read", "consommations:read"),
        "seconds": 600,
        **more,
    }
    with Session(portal.host.engine) as session:
        wall, token = walls.make(session, walls.Plan(**plan), by="tests", now=clock.now())
        session.commit()
        return wall.id, walls.address(portal.url, token)


def revoke(portal: Portal, wall_id: int) -> None:
    with Session(portal.host.engine) as session:
        walls.revoke(session, wall_id, clock.now())
        session.commit()
