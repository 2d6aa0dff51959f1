"""A wall left alone for hours, its clock run fast: its memory and its nodes stay what they were."""

from __future__ import annotations

import json
import statistics
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy.orm import Session

from core import clock
from core.access import Reach
from core.network.inventory import Link, Service
from core.network.status import Reason, State
from core.testing import crowd

from .conftest import Portal, installed, until
from .walls import make

POLLS, ROUNDS = 80, 9
"""Answers of each round; rounds."""
SPEED = 60
"""How fast the page's clock runs: with a poll every two seconds, an hour a minute."""
FAST = """
const [date, steady] = [Date.now.bind(Date), performance.now.bind(performance)];
const begun = [date(), steady()];
Date.now = () => begun[0] + (date() - begun[0]) * SPEED;
performance.now = () => begun[1] + (steady() - begun[1]) * SPEED;
const every = setInterval;
window.setInterval = (action, ms) => every(action, ms / SPEED);
""".replace("SPEED", str(SPEED))
"""Not Playwright's own clock, which remembers all that it did: here memory is measured."""
SHARE = """
const ask = window.fetch.bind(window);
let turn = 0;
window.answered = 0;
window.fetch = async (url, options) => {
  const query = String(url).split("/etat?")[1];
  if (query === undefined) return ask(url, options);
  const answer = await ask(`${ADDRESSES[turn++ % ADDRESSES.length]}/etat?${query}`, options);
  window.answered += 1;
  return answer;
};
"""
"""Ask in the name of one wall after the other: one alone may not ask so often."""
GROWTH = 60_000
"""Bytes that the heap may have more in the second half than in the first: noise."""


def measure(protocol: CDPSession) -> dict[str, float]:
    """Return what the page uses once its rubbish is gone: heap in bytes, nodes, listeners."""
    protocol.send("HeapProfiler.collectGarbage")
    found = protocol.send("Performance.getMetrics")["metrics"]
    return {entry["name"]: entry["value"] for entry in found}


def nodes_of(page: Page) -> int:
    """Return how many nodes the page has, texts included."""
    count = "let n = 0; const w = document.createTreeWalker(document); while (w.nextNode()) n++; n"
    return int(page.evaluate(count))


def poll(page: Page, times: int) -> None:
    """Wait until the page was answered so many times."""
    wanted = page.evaluate("window.answered") + times
    page.wait_for_function("n => window.answered >= n", arg=wanted, timeout=60_000)


def change(portal, number: int) -> None:
    """Break or mend services, so that every scene is drawn anew."""
    now = clock.now()
    state, reason = (State.DOWN, Reason.INTERFACE_DOWN) if number % 2 else (State.UP, Reason.NONE)
    with Session(portal.host.engine) as session:
        chosen = sa.select(Service.id).where(Service.company_id > 4).order_by(Service.id).limit(60)
        ids = session.scalars(chosen).all()
        for model, column in ((Service, Service.id), (Link, Link.service_id)):
            session.execute(
                sa.update(model)
                .where(column.in_(ids))
                .values(state=state, reason=reason, since=now - timedelta(seconds=number))
            )
        session.commit()
    # Read an hour from now: the page's clock runs ahead of that of the measures.
    newest = int(now.timestamp()) + 3600
    portal.host.metrics.mark_read(dict.fromkeys(portal.host.metrics.freshness(), newest))


@pytest.mark.timeout(300)
def test_a_wall_left_alone_does_not_grow(empty_installation, tmp_path: Path, page, wrong):
    """In an installation of its own, whose measures are of an hour to come."""
    with installed(empty_installation, tmp_path) as own, own.running("serve"):
        until(own.answers, 30, "the web process")
        endure(own, page, wrong)


def endure(web: Portal, page: Page, wrong: list[str]) -> None:
    customer = crowd.fill(web.host, 400, clock.now(), "Endurance")
    scope = [(Reach.CUSTOMER, customer)]
    more: dict[str, Any] = {"scope": scope, "customer_id": customer, "seconds": 25, "flash": True}
    alike = [make(web, **more)[1] for _wall in range(12)]
    page.add_init_script(f"const ADDRESSES = {json.dumps(alike)};{SHARE}{FAST}")
    change(web, 0)
    page.goto(alike[0])
    poll(page, 60)  # every scene was drawn, full and calm
    change(web, 1)
    poll(page, 60)
    expect(page.locator("#wall")).to_be_visible()
    protocol = page.context.new_cdp_session(page)
    protocol.send("Performance.enable")
    course, nodes = [measure(protocol)], [nodes_of(page)]
    for number in range(2, ROUNDS + 2):
        change(web, number)
        poll(page, POLLS)
        course.append(measure(protocol))
        nodes.append(nodes_of(page))
    heaps = [at["JSHeapUsedSize"] for at in course]
    alive = [at["Nodes"] for at in course]
    listeners = [at["JSEventListeners"] for at in course]
    assert len(set(nodes)) == 1, nodes
    assert max(alive) - min(alive) <= 5, f"nodes kept though they are on no page: {alive}"
    assert len(set(listeners)) == 1, listeners
    half = len(heaps) // 2
    grown = statistics.median(heaps[half:]) - statistics.median(heaps[:half])
    assert grown < GROWTH, f"{grown:+.0f} bytes: {heaps}"
    assert page.locator("#wall").is_visible()
    assert wrong == []
