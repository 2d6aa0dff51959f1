"""How jobs end otherwise than well: rights withdrawn, a full disk, a worker that died."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import job_runner
from core.access import Reach
from core.db import Customer, ScopeGrant
from core.job_runner import Runner
from core.jobs import Job, JobError, JobState
from core.tests.jobs import (
    ALICE,
    WITHDRAWN,
    account_id,
    desk,
    left,
    order,
    state_of,
    trial,
    withdraw,
)  # fmt: skip

__all__ = ["trial"]


@pytest.mark.parametrize("what", WITHDRAWN)
def test_a_right_withdrawn_while_a_job_runs_ends_it_and_leaves_nothing(trial, what):
    def make(ctx, run):
        run.file.write(b"secret")
        withdraw(trial, WITHDRAWN[what](trial.host))
        run.progress(0.5)
        raise AssertionError("it goes on")

    trial.make, id = make, order(trial)
    trial.runner.step()
    state, error = state_of(trial, id)
    assert state is JobState.FAILED
    assert "Vos droits ont changé" in error
    assert left(trial) == set()


@pytest.mark.parametrize("what", ["the scope", "the account"])
def test_a_right_withdrawn_since_refuses_the_file(trial, what):
    id = order(trial)
    trial.runner.step()
    assert desk(trial).file(id)
    withdraw(trial, WITHDRAWN[what](trial.host))
    with pytest.raises(PermissionError):
        desk(trial).file(id)


def test_a_wider_scope_still_gives_the_file(trial):
    id = order(trial)
    trial.runner.step()
    with Session(trial.host.engine) as session:
        other = session.scalars(sa.select(Customer.id)).all()[-1]
        grant = ScopeGrant(
            user_id=account_id(trial.host, ALICE), reach=Reach.CUSTOMER, target_id=other
        )
        session.add(grant)
        session.commit()
    assert desk(trial).file(id)


def test_a_full_disk_ends_the_job_in_clear_words_and_leaves_nothing(trial):
    """``/dev/full`` in the place of the file: the kernel answers as it does on a full disk."""
    id = order(trial)
    (trial.folder / f"{id}.part").symlink_to("/dev/full")
    trial.make = lambda ctx, run: run.file.write(b"x" * 1_000_000)
    trial.runner.step()
    state, error = state_of(trial, id)
    assert state is JobState.FAILED
    assert "plus de place sur le disque" in error
    assert left(trial) == set()


def test_jobs_leave_room_for_the_database(trial, monkeypatch):
    """The boundary is replaced: a test has no disk of its own to fill."""
    full = SimpleNamespace(free=job_runner.RESERVE - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    id = order(trial)
    trial.runner.step()
    assert "plus de place sur le disque" in state_of(trial, id)[1]
    assert left(trial) == set()


@pytest.mark.parametrize("error", [RuntimeError("secret of the code"), SystemExit(3)])
def test_what_a_rubric_raises_ends_its_job_alone(trial, error):
    def make(ctx, run):
        run.file.write(b"half")
        raise error

    trial.make, id = make, order(trial)
    trial.runner.step()
    state, words = state_of(trial, id)
    assert state is JobState.FAILED
    assert "Référence à donner au support" in words
    assert "secret" not in words
    assert left(trial) == set()


def test_the_words_of_a_job_error_reach_the_owner(trial):
    def make(ctx, run):
        raise JobError("Aucune mesure ce mois-là.")

    trial.make, id = make, order(trial)
    trial.runner.step()
    assert state_of(trial, id) == (JobState.FAILED, "Aucune mesure ce mois-là.")


def test_a_job_whose_rubric_is_gone_says_so(trial):
    id = order(trial)
    del trial.host.registry.rubrics["trial"]
    trial.runner.step()
    assert "n’est plus en service" in state_of(trial, id)[1]


@contextmanager
def killed_while_running(trial: Any) -> Iterator[int]:
    """A job that a process began and did not end, with half of its file."""
    id = order(trial)
    with trial.host.engine.begin() as connection:
        row = {"state": JobState.RUNNING, "progress": 40, "attempts": Job.attempts + 1}
        connection.execute(sa.update(Job).where(Job.id == id).values(**row))
    (trial.folder / f"{id}.part").write_bytes(b"half")
    yield id


def test_a_job_of_a_worker_that_was_killed_is_done_again(trial):
    with killed_while_running(trial) as id:
        trial.runner.recover()
        trial.runner.sweep(trial.now)
        assert left(trial) == set()
        assert trial.runner.step()
        assert state_of(trial, id)[0] is JobState.DONE


def test_a_job_that_kills_its_worker_is_given_up(trial):
    with killed_while_running(trial) as id:
        for _attempt in range(job_runner.MOST_ATTEMPTS - 1):
            trial.runner.recover()
            with trial.host.engine.begin() as connection:
                row = {"state": JobState.RUNNING, "attempts": Job.attempts + 1}
                connection.execute(sa.update(Job).where(Job.id == id).values(**row))
        trial.runner.recover()
        assert not trial.runner.step()
        assert state_of(trial, id)[0] is JobState.FAILED


def test_a_worker_that_ends_puts_its_job_back(trial):
    def make(ctx, run):
        run.file.write(b"half")
        trial.runner._ending.set()
        run.progress(0.5)
        raise AssertionError("it goes on")

    trial.make, id = make, order(trial)
    trial.runner.step()
    assert state_of(trial, id) == (JobState.QUEUED, "")
    assert left(trial) == set()


def test_one_process_at_a_time_does_the_jobs(trial):
    with Runner(trial.host).alone() as mine:
        assert not mine
    held = f"""
import fcntl
lock = open({str(trial.folder / "lock")!r}, "a")
fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""
    done = subprocess.run([sys.executable, "-c", held], capture_output=True, check=False)
    assert b"BlockingIOError" in done.stderr
