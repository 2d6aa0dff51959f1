"""The demonstration's orders and subscriptions belong together, and are the same for a day."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from core.api import Demo, Link
from core.host import Host
from core.testing.crowd import fill
from core.testing.world import NOW
from plugins.commandes.demo import rows
from plugins.commandes.models import (
    CancellationRequest,
    Kind,
    OrderLine,
    ProductionCode,
    Subscription,
)
from plugins.commandes.timeline import timeline

SITES = 300


@pytest.fixture
def made(host: Host) -> list[Any]:
    fill(host, SITES, NOW)
    with Session(host.engine) as session:
        query = sa.select(Link).options(
            joinedload(Link.site), joinedload(Link.service), joinedload(Link.device)
        )
        links = session.scalars(query.order_by(Link.id)).unique().all()
        found = list(rows(Demo(links, NOW, host.vault.seal, host.files.keep)))
        session.add_all(found)
        session.commit()
        for one in found:
            session.refresh(one)
            if isinstance(one, OrderLine):
                assert one.changes is not None
        session.expunge_all()
    return found


def of(made: list[Any], kind: type[Any]) -> list[Any]:
    return [one for one in made if isinstance(one, kind)]


def test_every_link_is_subscribed_and_was_ordered(made: list[Any]) -> None:
    had = {one.reference for one in of(made, Subscription)}
    ordered = {one.reference for one in of(made, OrderLine) if one.installed}
    links = {reference for reference in had if reference.endswith("-001")}
    assert len(links) == SITES
    assert links <= ordered
    assert {one.offer for one in of(made, Subscription)} >= {"ip-vpn", "voix", "coeur", "internet"}


def test_orders_of_every_type_are_under_way(made: list[Any]) -> None:
    under_way = Counter(one.kind for one in of(made, OrderLine) if not one.installed)
    assert set(under_way) == set(Kind)
    asked = of(made, CancellationRequest)
    assert len(asked) == under_way[Kind.CANCELLATION]


def test_what_is_done_is_past_and_what_is_planned_is_to_come(made: list[Any]) -> None:
    codes = {one.code: one for one in of(made, ProductionCode)}
    today = NOW.date()
    for line in of(made, OrderLine):
        found = timeline(line, line.changes, codes, today)
        days = [step.done for step in found.steps if step.done]
        assert days == sorted(days), (line.reference, line.kind, days)
        assert all(day <= today for day in days), line.reference
        current = next((step for step in found.steps if step.current), None)
        assert (current is None) is line.installed
        if current is not None and current.planned is not None:
            assert current.planned >= today, (line.reference, current)
