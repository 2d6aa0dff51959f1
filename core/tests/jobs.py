"""What tests of jobs share: a rubric that makes what a test says, rights taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, job_runner
from core.access import Permission
from core.accounts import find
from core.db import ScopeGrant
from core.host import Host
from core.job_runner import Runner
from core.jobs import Desk, JobState
from core.network.inventory import Site
from core.rubric import Jobs, Rubric
from core.testing.world import NOW

READ = Permission("trial:read", "Essai")
ALICE, BOB = "alice@a.example", "bob@b.example"


@pytest.fixture
def trial(filled: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An installation with a rubric that makes what a test says, in ``trial.make``."""
    monkeypatch.setattr(job_runner, "_STEP", 0.0)
    jobs = Jobs()

    def make(ctx, run, **arguments) -> None:
        names = sorted(site.name for site in ctx.db.all(sa.select(Site)))
        run.file.write("\n".join(names).encode())
        run.facts["sites"] = len(names)

    @jobs.kind("list", permission=READ)
    def listing(ctx, run, **arguments) -> None:
        found.make(ctx, run, **arguments)

    filled.registry.rubrics["trial"] = Rubric(id="trial", label="Essai", read=READ, jobs=jobs)
    folder = filled.config.jobs_path
    found: Any = SimpleNamespace(
        host=filled, make=make, runner=Runner(filled), now=NOW, folder=folder
    )
    with Session(filled.engine) as session:
        for email in (ALICE, BOB):
            account = find(session, email)
            assert account
            account.permissions.append(type(account.permissions[0])(key=READ.key))
        session.commit()
    monkeypatch.setattr(clock, "now", lambda: found.now)
    with found.runner.alone() as mine:
        assert mine
        yield found


def account_id(host: Host, email: str) -> int:
    with Session(host.engine) as session:
        account = find(session, email)
        assert account
        return account.id


def desk(trial: Any, email: str = ALICE) -> Desk:
    host: Host = trial.host
    return host.desk(account_id(host, email), frozenset({READ.key}), trial.now)


def order(trial: Any, **arguments: object) -> int:
    return desk(trial).order("trial.list", "liste.txt", **arguments).id


def left(trial: Any) -> set[str]:
    """Return the names of the files of the folder, without the lock."""
    folder: Path = trial.folder
    return {path.name for path in folder.iterdir()} - {"lock"}


def state_of(trial: Any, id: int) -> tuple[JobState, str]:
    job = desk(trial).find(id)
    assert job
    return job.state, job.error or ""


def withdraw(trial: Any, statement: sa.Delete) -> None:
    with trial.host.engine.begin() as connection:
        connection.execute(statement)


WITHDRAWN: dict[str, Callable[[Host], object]] = {
    "the permission": lambda host: sa.text("delete from account_permission where key='trial:read'"),
    "the scope": lambda host: sa.delete(ScopeGrant).where(
        ScopeGrant.user_id == account_id(host, ALICE)
    ),
    "the account": lambda host: sa.text(
        "update account set disabled='2026-01-01 00:00:00.000000' where email='alice@a.example'"
    ),
}
