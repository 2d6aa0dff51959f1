"""Long work with an owner: ordered, made, fetched by its owner alone, gone after a week."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.jobs import KEPT, MOST_KEPT, MOST_WAITING, Job, JobError, JobState
from core.testing.fixtures import sign_in
from core.tests.jobs import (
    ALICE,
    BOB,
    WITHDRAWN,
    account_id,
    desk,
    left,
    order,
    state_of,
    trial,
    withdraw,
)  # fmt: skip
from core.web.app import create_app

__all__ = ["trial"]


def test_a_job_is_made_with_the_rows_of_its_owner_and_kept_for_a_week(trial):
    id = order(trial, month="2026-10")
    (waiting,) = desk(trial).mine("trial.list")
    assert (waiting.state, waiting.href) == (JobState.QUEUED, None)
    assert trial.runner.step()
    assert not trial.runner.step()
    (job,) = desk(trial).mine()
    assert (job.state, job.progress, job.facts) == (JobState.DONE, 100, {"sites": 3})
    assert job.expires == trial.now + KEPT
    path = desk(trial).file(id)
    assert path
    assert path.stat().st_size == job.size
    assert path.stat().st_mode & 0o777 == 0o600
    assert "CANARI-A site 10" in path.read_text()
    assert "CANARI-B" not in path.read_text()
    assert left(trial) == {str(id)}


def test_a_job_of_another_is_as_absent(trial):
    id = order(trial)
    trial.runner.step()
    theirs = desk(trial, BOB)
    assert theirs.mine() == []
    assert theirs.find(id) is theirs.file(id) is None
    assert not theirs.cancel(id)
    assert not theirs.delete(id)
    assert desk(trial).file(id)


def test_only_who_has_the_permission_may_order(trial):
    bare = trial.host.desk(account_id(trial.host, ALICE), frozenset(), trial.now)
    with pytest.raises(JobError, match="pas le droit"):
        bare.order("trial.list", "liste.txt")


def test_the_same_job_is_not_ordered_twice_and_few_may_wait(trial):
    assert order(trial, n=0) == order(trial, n=0)
    for n in range(1, MOST_WAITING):
        order(trial, n=n)
    with pytest.raises(JobError, match=f"déjà {MOST_WAITING} travaux"):
        order(trial, n=MOST_WAITING)
    assert len(desk(trial).mine()) == MOST_WAITING
    desk(trial, BOB).order("trial.list", "liste.txt")
    trial.runner.step()
    order(trial, n=MOST_WAITING)


def test_a_job_that_waits_is_cancelled_at_once(trial):
    id = order(trial)
    assert desk(trial).cancel(id)
    assert not trial.runner.step()
    assert state_of(trial, id) == (JobState.CANCELLED, "")
    assert not desk(trial).cancel(id)


def test_a_job_that_runs_is_cancelled_at_its_next_step_and_leaves_nothing(trial):
    def make(ctx, run):
        run.file.write(b"half")
        assert ctx.jobs.cancel(id)
        assert ctx.jobs.find(id).stopping
        run.progress(0.5)
        raise AssertionError("it goes on")

    trial.make, id = make, order(trial)
    trial.runner.step()
    assert state_of(trial, id) == (JobState.CANCELLED, "")
    assert left(trial) == set()


def test_a_job_cancelled_while_its_last_octet_is_written_leaves_nothing(trial):
    def make(ctx, run):
        run.file.write(b"whole")
        ctx.jobs.cancel(id)

    trial.make, id = make, order(trial)
    trial.runner.step()
    assert state_of(trial, id)[0] is JobState.CANCELLED
    assert left(trial) == set()


def test_progress_is_told_while_it_runs(trial):
    told = []

    def make(ctx, run):
        for share in (0.25, 0.5, 1.0):
            run.progress(share)
            told.append((ctx.jobs.find(id).state, ctx.jobs.find(id).progress))

    trial.make, id = make, order(trial)
    trial.runner.step()
    assert told == [(JobState.RUNNING, 25), (JobState.RUNNING, 50), (JobState.RUNNING, 99)]


def test_a_job_and_its_file_go_when_their_time_is_over(trial):
    id = order(trial)
    trial.runner.step()
    trial.runner.sweep(trial.now + KEPT - timedelta(seconds=1))
    assert left(trial) == {str(id)}
    trial.now += KEPT
    assert desk(trial).mine() == []
    assert desk(trial).file(id) is None
    trial.runner.sweep(trial.now)
    assert left(trial) == set()
    with Session(trial.host.engine) as session:
        assert session.get(Job, id) is None


def test_the_oldest_make_room(trial):
    ids = []
    for n in range(MOST_KEPT + 2):
        ids.append(order(trial, n=n))
        trial.runner.step()
    kept = [job.id for job in desk(trial).mine()]
    assert kept == sorted(ids, reverse=True)[:MOST_KEPT]
    assert left(trial) == {str(id) for id in kept}


def test_orders_that_are_given_up_do_not_pile_up(trial):
    for n in range(MOST_KEPT + 5):
        desk(trial).cancel(order(trial, n=n))
    assert len(desk(trial).mine()) <= MOST_KEPT + 1


def test_a_job_that_is_over_is_deleted_with_its_file_and_one_under_way_is_not(trial):
    id = order(trial)
    assert not desk(trial).delete(id)
    trial.runner.step()
    assert desk(trial).delete(id)
    assert left(trial) == set()
    assert desk(trial).find(id) is None
    assert order(trial) > id, "a number is never used twice"


def test_making_and_fetching_are_in_the_audit_log(trial):
    app = create_app(trial.host)
    id = order(trial)
    trial.runner.step()
    alice, bob = sign_in(app, ALICE), sign_in(app, BOB)
    with alice.get(f"/travaux/{id}/fichier") as reply:
        assert reply.status_code == 200
        assert "CANARI-A site 10" in reply.text
        assert 'filename="liste.txt"' in reply.headers["Content-Disposition"]
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Content-Type"].startswith("text/plain")
    for client, number in ((bob, id), (bob, id + 99), (alice, id + 99)):
        assert client.get(f"/travaux/{number}/fichier").status_code == 404
    assert app.test_client().get(f"/travaux/{id}/fichier").status_code == 401
    withdraw(trial, WITHDRAWN["the permission"](trial.host))
    assert alice.get(f"/travaux/{id}/fichier").status_code == 403
    with Session(trial.host.engine) as session:
        entries = session.scalars(sa.select(AuditEntry))
        lines = [(line.actor, line.action, line.target) for line in entries]
    assert (ALICE, "job done", "liste.txt") in lines
    assert (ALICE, "exported", "liste.txt") in lines
    assert (ALICE, "refused", f"job {id}") in lines
