"""What a rubric answers: how old, under which ids, at what price. Three checks of the contract."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from core import clock
from core.testing.replay import ids_in
from core.testing.subject import OWNER, Said, Subject
from core.testing.world import NOW

LATER = NOW + timedelta(hours=2)
"""When nothing that the world measured tells a state any more."""
BUDGET = 60
"""Statements that one page, callback or hook may cost, whatever the number of rows."""
UP = ('className": "led led-up', 'className":"led led-up', '"state": "up"')


def stale(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, history: Collection[str] = ()
) -> list[str]:
    """With measures older than three intervals nothing answers with an error, nor with the LEDs of
    links that work. Tabs and scenes of ``history`` tell the past, which stays true.
    """
    fresh = {said.what: said for said in subject.pages(OWNER)}
    cards = {said.what: said for said in subject.answered(OWNER)}
    monkeypatch.setattr(clock, "now", lambda: LATER)
    found = []
    old = [*_shown(subject), *subject.answers(OWNER, LATER)]
    for said in old:
        if said.failed:
            found.append(f"{said.what}: fails ({said.status}) when measures are old")
            continue
        if said.what.partition(": ")[2] in history:
            continue
        before = fresh.get(said.what) or cards.get(said.what)
        if before is not None and _ups(before) > 1 and _ups(said) >= _ups(before):
            found.append(
                f"{said.what}: shows as many LEDs « up » when nothing is known; read states with "
                "service_views(), which knows how old they are"
            )
    return found


def _shown(subject: Subject) -> Iterator[Said]:
    for page in subject.rubric.pages:
        if not page.permission.staff:
            yield from subject.shown(OWNER, page)


def _ups(said: Said) -> int:
    return sum(said.text.count(mark) for mark in UP)


def unique_ids(subject: Subject) -> list[str]:
    """No page holds an id twice, nor one of the host's; no other rubric's callbacks have one."""
    found = []
    frame = set(_of_the_frame(subject.app))
    for said in subject.pages(OWNER):
        ids = list(ids_in(_page(said)))
        twice = sorted(id for id, many in Counter(ids).items() if many > 1)
        if twice:
            found.append(f"{said.what}: ids stand twice: {', '.join(twice)}")
        if taken := sorted(set(ids) & frame):
            found.append(f"{said.what}: ids of the host: {', '.join(taken)}")
    cards = [id for said in subject.answered(OWNER) for id in ids_in(json.loads(said.text or "[]"))]
    if taken := sorted(set(cards) & frame):
        found.append(f"hooks: ids of the host: {', '.join(taken)}")
    rules, _pages, _dash = subject.app.extensions["balise"]
    others = {
        part.rpartition(".")[0]
        for output, owner in rules.owners.items()
        if owner != subject.id
        for part in output.strip(".").split("...")
    }
    own = {id for said in subject.pages(OWNER) for id in ids_in(_page(said))} | set(cards)
    # What others add to the panel of a link is theirs.
    if taken := sorted(own & others - set(subject.ids_of_others(OWNER))):
        found.append(f"ids that another rubric writes to: {', '.join(taken)}")
    return found


def _of_the_frame(app: Flask) -> Iterator[str]:
    """Yield the ids that the host's frame and its own callbacks have."""
    rules, _pages, _dash = app.extensions["balise"]
    for output in rules.callbacks:
        if output not in rules.owners:
            yield from (one.rpartition(".")[0] for one in output.strip(".").split("..."))
    yield from ("host-url", "host-title", "host-page", "host-menu", "host-announce")


def _page(said: Said) -> object:
    return json.loads(said.text)["response"]["host-page"]["children"]


def budget(subject: Subject) -> list[str]:
    """No page, callback or hook costs more statements than a list of any length needs."""
    dear = [
        f"{said.what}: {said.cost} statements, {BUDGET} at most; read rows in one query, not one "
        "for each"
        for said in (*subject.everything(OWNER), *subject.answered(OWNER))
        if said.cost > BUDGET
    ]
    return list(dict.fromkeys(dear))
