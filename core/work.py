"""The worker process: mails, roll-ups, retention, forgetting what is over."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from core import clock, mail, sessions
from core.host import Host

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

    return {
        "mails": (timedelta(seconds=10), mails),
        "roll-up": (timedelta(minutes=1), host.metrics.roll_up),
        "retention": (timedelta(hours=6), host.metrics.apply_retention),
        "forget": (timedelta(hours=1), forget),
    }


def run(host: Host) -> None:
    """Do the chores, each when it is due, until told to stop (SIGTERM, SIGINT)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work = chores(host)
    due = dict.fromkeys(work, clock.now())
    while not stop.is_set():
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
        stop.wait(TICK_SECONDS)
