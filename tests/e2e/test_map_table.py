"""The table beside the map, where there is little room."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from core import clock
from core.network.inventory import Link, Service, Site
from core.network.status import State

from .conftest import ALICE, MAIN, STATUS_SECONDS, Portal, until

LONG = "CANARI-A site 10, " + "un nom qui n’en finit pas " * 4
CUT = "cell => cell.scrollWidth > cell.clientWidth"


@pytest.fixture
def old(portal: Portal) -> Iterator[Portal]:
    """A site of a long name, in the same state for three years."""

    def service(session: Session) -> tuple[Service, list[Service | Link]]:
        link = session.scalars(sa.select(Link).where(Link.reference == MAIN)).one()
        one = session.get_one(Service, link.service_id)
        return one, [one, *one.links]

    def is_up() -> bool:
        with Session(portal.host.engine) as session:
            return all(each.state is State.UP for each in service(session)[1])

    begin = time.time()

    def is_polled() -> bool:  # the first polls tell what changed without a collector
        with Session(portal.host.engine) as session:
            ids = [each.id for each in service(session)[1] if isinstance(each, Link)]
        read = portal.host.metrics.freshness()
        return all(read.get(id_, 0) > begin + STATUS_SECONDS for id_ in ids)

    until(is_polled, 60, "two polls of the links")
    until(is_up, 30, "the poll of the links")
    with Session(portal.host.engine) as session:
        one, all_of_it = service(session)
        site = session.get_one(Site, one.site_id)
        name, site.name = site.name, LONG
        for each in all_of_it:
            each.since = clock.now() - timedelta(days=1102, hours=13)
        session.commit()
    yield portal
    with Session(portal.host.engine) as session:
        one, all_of_it = service(session)
        session.get_one(Site, one.site_id).name = name
        for each in all_of_it:
            each.since = clock.now()
        session.commit()


def test_a_duration_is_whole_and_a_name_that_is_cut_is_told(old: Portal, page: Page, sign_in):
    sign_in(old, ALICE, "/supervision/carte")
    row = page.locator("#map-table tbody tr", has_text="un nom qui")
    name, since = row.locator("td").nth(1), row.locator("td").nth(3)
    expect(since).to_have_text(re.compile(r"^1102 j 1[23]:\d\d$"))
    expect(since).to_have_attribute("title", re.compile("^depuis le "))
    expect(name).to_have_attribute("title", LONG)
    assert name.evaluate(CUT)
    assert not since.evaluate(CUT)
