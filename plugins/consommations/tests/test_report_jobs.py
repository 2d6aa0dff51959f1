"""Reports ordered on the page and made by the worker, killed or not."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Reach
from core.accounts import create_account
from core.api import JobState, JobView
from core.host import Host
from core.job_runner import Runner
from core.jobs import MOST_WAITING, Job
from core.testing import crowd
from core.testing.context import context_of, find, words
from core.testing.world import NOW, PASSWORD
from plugins.consommations.report_callbacks import act, order, refresh
from plugins.consommations.report_pages import reporting
from plugins.consommations.reporting import KIND, Month

ALICE, BOB, CROWD = "alice@a.example", "bob@b.example", "crowd@c.example"


def month_of(host: Host) -> str:
    """Return the month in which the world was measured."""
    with context_of(host, ALICE) as ctx:
        return Month.at(NOW - timedelta(hours=1), ctx.zone).key


def ordered(host: Host, month: str, form: str = "csv", who: str = ALICE) -> tuple[Any, ...]:
    with context_of(host, who) as ctx:
        return order(ctx, {"month": month, "form": form, "press": 1})


def mine(host: Host, who: str = ALICE) -> list[JobView]:
    with context_of(host, who) as ctx:
        return list(ctx.jobs.mine(KIND))


def test_a_report_is_ordered_made_and_listed(filled: Host) -> None:
    wrong, told, number = ordered(filled, month_of(filled), "zip")
    assert wrong is None
    assert "en préparation" in words(told)
    with context_of(filled, ALICE) as ctx:
        page = reporting(ctx)
        assert "En attente" in words(page)
        (tick,) = find(page, id="consommations-jobs-tick")
        assert tick.max_intervals == -1
    runner = Runner(filled)
    with runner.alone():
        assert runner.step()
    (job,) = mine(filled)
    assert (job.id, job.state, job.facts["links"]) == (number, JobState.DONE, 4)
    with context_of(filled, ALICE) as ctx:
        page = reporting(ctx)
        assert "Prêt" in words(page)
        assert find(page, href=f"/travaux/{number}/fichier")
        (tick,) = find(page, id="consommations-jobs-tick")
        assert tick.max_intervals == 0, "the timer rests"
    assert mine(filled, BOB) == []


def test_the_list_is_drawn_anew_when_something_changed_and_the_timer_then_rests(filled) -> None:
    ordered(filled, month_of(filled))
    with context_of(filled, ALICE) as ctx:
        drawn, version, rest = refresh(ctx, 1, 1, None, "")
        assert "En attente" in words(drawn)
        assert rest == -1
        assert refresh(ctx, 2, 1, None, version)[2] == -1
        act(ctx, {"job": ctx.jobs.mine(KIND)[0].id, "do": "cancel"})
        drawn, _version, rest = refresh(ctx, 3, 1, None, version)
        assert "Annulé" in words(drawn)
        assert rest == 0


@pytest.mark.parametrize(
    "asked",
    [
        None, [], "x", {}, {"month": "2026-10"}, {"month": "2026-10", "form": "pdf"},
        {"month": None, "form": "csv"}, {"month": "2026-99", "form": "csv"},
        {"month": {}, "form": []}, {"month": "9000-01", "form": "zip"},
    ],
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_told_and_nothing_waits(filled, asked):
    with context_of(filled, ALICE) as ctx:
        wrong, told, _number = order(ctx, asked)
    assert words(wrong)
    assert told is None
    assert mine(filled) == []


@pytest.mark.parametrize(
    "asked", [None, {}, {"job": "1", "do": "cancel"}, {"job": True}, {"job": 2**70}, {"job": -1}]
)
def test_an_act_that_makes_no_sense_changes_nothing(filled, asked):
    ordered(filled, month_of(filled))
    from dash.exceptions import PreventUpdate

    with context_of(filled, ALICE) as ctx, pytest.raises(PreventUpdate):
        act(ctx, asked)
    assert [job.state for job in mine(filled)] == [JobState.QUEUED]


def test_another_can_neither_cancel_nor_delete_a_report(filled: Host) -> None:
    _wrong, _told, number = ordered(filled, month_of(filled))
    for do in ("cancel", "delete"):
        with context_of(filled, BOB) as ctx:
            assert act(ctx, {"job": number, "do": do}) == [number, do, False]
    assert [job.state for job in mine(filled)] == [JobState.QUEUED]


def test_too_many_reports_are_refused_in_words(filled: Host) -> None:
    for n in range(MOST_WAITING):
        ordered(filled, f"2025-0{n + 1}")
    wrong, _told, _number = ordered(filled, "2025-12")
    assert f"déjà {MOST_WAITING} travaux" in words(wrong)


def until(true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        os.sched_yield()


def test_a_worker_killed_in_the_middle_of_a_report_is_followed_by_one_that_makes_it(
    filled: Host,
) -> None:
    """The real process, kill -9 while it draws 300 links; the file is whole in the end."""
    customer = crowd.fill(filled, 300, NOW, "Foule")
    with Session(filled.engine) as session:
        keys = list(filled.registry.permissions())
        scope = [(Reach.CUSTOMER, customer)]
        create_account(session, email=CROWD, name="Foule", password=PASSWORD, permissions=keys,
                       scope=scope, now=NOW, customer_id=customer)  # fmt: skip
        session.commit()
    ordered(filled, month_of(filled), "zip", CROWD)
    environ = {**os.environ, "BALISE_STORAGE_DATA": str(filled.config.data)}
    command = [sys.executable, "-m", "core.cli", "--config", str(filled.config.path), "work"]

    def under_way() -> bool:
        (job,) = mine(filled, CROWD)
        return job.progress > 10

    folder = filled.config.jobs_path
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as first:
        until(under_way)
        first.kill()
    (job,) = mine(filled, CROWD)
    assert job.state is JobState.RUNNING
    assert (folder / f"{job.id}.part").exists()
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as second:
        until(lambda: mine(filled, CROWD)[0].state is JobState.DONE)
        second.send_signal(signal.SIGTERM)
    assert second.returncode == 0
    assert {path.name for path in folder.iterdir()} == {"lock", str(job.id)}
    with zipfile.ZipFile(io.BytesIO((folder / str(job.id)).read_bytes())) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 302
    with Session(filled.engine) as session:
        assert session.scalars(sa.select(Job.attempts)).one() == 2
