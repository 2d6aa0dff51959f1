"""``balise works``: works announced, listed, cancelled; what they change, and what they do not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner
from sqlalchemy.orm import Session

from core.cli import main
from core.network.inventory import Link, Service, StateChange
from core.network.recorder import Observation, Recorder
from core.network.status import UP, Reason, State, Status
from core.network.works import PlannedWork, during
from core.testing import world

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def balise(host):
    """``balise(*arguments)`` on an installation with the links L-1 and L-2 of one site in Paris."""
    with Session(host.engine) as session, session.begin():
        place = world.add_site(session, "Agence")
        for number in (1, 2):
            service = Service(**place)
            session.add(service)
            session.flush()
            session.add(
                Link(**place, reference=f"L-{number}", designation="", service_id=service.id)
            )

    def run(*arguments):
        command = ["--config", str(host.config.path), "works", *map(str, arguments)]
        with time_machine.travel(NOW, tick=False):
            return CliRunner().invoke(
                main, command, env={"BALISE_STORAGE_DATA": str(host.config.data)}
            )

    return run


def announce(balise, *links, start="2026-12-01 22:00", end="2026-12-02 02:00"):
    return balise("add", *links, "--start", start, "--end", end, "--title", "Fibre", "--json")


def test_works_are_announced_in_the_customers_time_and_listed(balise):
    (number,) = json.loads(announce(balise, "L-1").stdout)["works"]
    (told,) = json.loads(balise("list", "--json").stdout)["works"]
    assert told == {
        "id": number, "title": "Fibre", "link": "L-1", "site": "Agence",
        "start": "2026-12-01T21:00:00+00:00", "end": "2026-12-02T01:00:00+00:00",
    }  # fmt: skip
    assert "01/12/2026 22:00:00" in balise("list").stdout


def test_cancelled_works_are_told_no_more(balise):
    (number,) = json.loads(announce(balise, "L-1").stdout)["works"]
    assert balise("cancel", number).exit_code == 0
    assert json.loads(balise("list", "--json").stdout)["works"] == []
    assert balise("cancel", number).exit_code == 1


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"end": "2026-12-01 21:00"}, 2, "vient après le début"),
        ({"start": "demain"}, 2, "n'est pas une date"),
    ],
)
def test_works_that_cannot_be_are_refused_in_words(balise, changes, status, said):
    refused = announce(balise, "L-1", **changes)
    assert (refused.exit_code, said in refused.output) == (status, True)


def test_of_an_unknown_link_nothing_is_announced(balise):
    refused = announce(balise, "L-1", "L-9")
    assert refused.exit_code == 1
    assert "L-9" in refused.output
    assert json.loads(balise("list", "--json").stdout)["works"] == []


def test_works_mute_nothing_and_mark_what_they_touch(balise, host):
    """A link cut during works is down, with its line of history; the other link is not marked."""
    assert announce(balise, "L-1").exit_code == 0
    cut = datetime(2026, 12, 1, 23, 0, tzinfo=UTC)
    with Session(host.engine) as session:
        one, two = session.scalars(sa.select(Link).order_by(Link.reference)).all()
        recorder = Recorder(host.engine)
        recorder.record([Observation(one.id, UP, cut - timedelta(hours=4))])
        down = Status(State.DOWN, Reason.INTERFACE_DOWN)
        assert recorder.record([Observation(one.id, down, cut)]) == 1
        session.expire_all()
        assert one.state is State.DOWN
        last = session.scalars(
            sa.select(StateChange).where(StateChange.link_id == one.id).order_by(StateChange.id)
        ).all()[-1]
        works = session.scalars(sa.select(PlannedWork)).all()
        hour = timedelta(hours=1)
        assert during(works, last.at, last.at + hour, [one]) is works[0]
        assert during(works, last.at, last.at + hour, [two]) is None
        assert during(works, last.at + 2 * hour, last.at + 3 * hour, [one]) is None


def test_works_on_a_site_touch_all_its_links(balise, host):
    assert announce(balise, "L-1").exit_code == 0
    with Session(host.engine) as session, session.begin():
        work = session.scalars(sa.select(PlannedWork)).one()
        work.link_id = None
        session.flush()
        links = session.scalars(sa.select(Link)).all()
        for link in links:
            assert during([work], work.starts, work.ends, [link]) is work
