"""The worker process: mails, roll-ups, retention, forgetting; jobs and watched folders beside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from core import (
    audit_verify,
    clock,
    devices,
    mail,
    notices,
    password_links,
    pending,
    sessions,
    throttle,
)
from core.host import Host
from core.imports.runs import Imports
from core.imports.watch import Watcher
from core.job_runner import Runner
from core.people import preview
from core.sweeping import sweep
from core.wake import Wake

log = structlog.get_logger("balise.work")

TICK_SECONDS = 5


def chores(host: Host) -> dict[str, tuple[timedelta, Callable[[datetime], object]]]:
    """Return what there is to do, by name: how often, and the function that does it."""

    def mails(now: datetime) -> None:
        with Session(host.engine) as session:
            mail.send_due(session, host.vault, host.config, now)

    def forget(now: datetime) -> None:
        with Session(host.engine) as session:
            sessions.forget_old(session, host.limits, now)
            throttle.forget_old(session, now)
            password_links.forget_old(session, now)
            preview.forget(session, now=now)
            pending.forget_old(session, now)
            devices.forget_old(session, now)
            session.commit()
        Imports(host).forget_old(now)

    def checkpoint(now: datetime) -> None:
        """Keep the end of the audit log in a file, and in the logs of the system."""
        made = audit_verify.keep_checkpoint(host.engine, host.config.data, now)
        if made is not None:
            log.info("audit checkpoint", last=made.last, mac=made.mac, seal=made.seal)

    return {
        "mails": (timedelta(seconds=10), mails),
        "notices": (timedelta(minutes=1), partial(notices.run, host)),
        "roll-up": (timedelta(minutes=1), host.metrics.roll_up),
        "retention": (timedelta(hours=6), host.metrics.apply_retention),
        "forget": (timedelta(hours=1), forget),
        "checkpoint": (timedelta(hours=1), checkpoint),
        "files": (timedelta(hours=6), partial(sweep, host)),
    }


def run(host: Host) -> None:
    """Do the chores, each when it is due, and jobs and watched folders in threads of their own,
    until told to stop (SIGTERM, SIGINT).
    """
    wake, jobs, folders = Wake(), Runner(host), Watcher(host)
    with wake.listening():
        jobs.start()
        folders.start()
        _run(host, wake)
        folders.stop()
        jobs.stop()
    wake.close()


def _run(host: Host, wake: Wake) -> None:
    work = chores(host)
    due = dict.fromkeys(work, clock.now())
    while not wake.stopping:
        now = clock.now()
        for name, (every, do) in work.items():
            if due[name] > now + every:  # the clock was set back
                due[name] = now
            if due[name] <= now:
                due[name] = now + every
                try:
                    do(now)
                except Exception:  # the other chores go on; this one comes again
                    log.exception("chore failed", chore=name)
        wake.pause(TICK_SECONDS)
