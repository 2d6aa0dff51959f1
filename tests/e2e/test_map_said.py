"""What the operator does on a site stands in its popup on the map."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from core import clock
from core.network.inventory import Site
from core.network.works import PlannedWork

from .conftest import ALICE

MAP, HOUR = "/supervision/carte", timedelta(hours=1)


@pytest.fixture
def works(portal: Any) -> Iterator[int]:
    """Works under way on one site of customer A, over with the test; the id of the site."""
    with Session(portal.host.engine, expire_on_commit=False) as session:
        site = session.scalars(sa.select(Site).where(Site.name == "CANARI-A site 10")).one()
        now = clock.now()
        work = PlannedWork(
            company_id=site.company_id, site_id=site.id, title="Fibre neuve", starts=now - HOUR,
            ends=now + HOUR,
        )  # fmt: skip
        session.add(work)
        session.commit()
        yield site.id
        session.delete(work)
        session.commit()


def test_the_popup_of_a_site_says_that_the_operator_works_there(
    portal: Any, works: int, page: Page, sign_in: Any
) -> None:
    sign_in(portal, ALICE, f"{MAP}?site={works}")
    popup = page.locator("#map-popup")
    told = popup.locator(".tag", has_text="travaux")
    expect(told).to_be_visible()
    page.locator("#map-table").get_by_role("link", name="CANARI-A site 11").first.click()
    expect(popup).to_contain_text("CANARI-A site 11")
    expect(told).to_have_count(0)
