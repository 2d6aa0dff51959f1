"""What the list of somebody's jobs does in a callback: follow them, cancel one, delete one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import no_update
from dash.exceptions import PreventUpdate

from core.jobs import JobView
from core.rubric import Context


def jobs_version(mine: Sequence[JobView]) -> str:
    """Return what changes when a list of jobs must be drawn again."""
    return ",".join(f"{job.id}:{job.state}:{job.progress}:{job.stopping}" for job in mine)


def act_on_job(ctx: Context, asked: object) -> list[Any]:
    """Cancel or delete a job of the user: ``{"job": 3, "do": "cancel"}``, the browser's word.

    Another's is as absent. Returns what was asked, and whether it was done.
    """
    values = asked if isinstance(asked, dict) else {}
    job, do = values.get("job"), values.get("do")
    if not isinstance(job, int) or isinstance(job, bool) or not 0 < job < 2**63:
        raise PreventUpdate
    done = {"cancel": ctx.jobs.cancel, "delete": ctx.jobs.delete}.get(str(do), lambda _job: False)
    return [job, do, done(job)]


def follow_jobs(
    ctx: Context, kind: str, seen: object, drawn: Callable[[Context, Sequence[JobView]], Any]
) -> tuple[Any, ...]:
    """Return the user's jobs of a kind as ``drawn``, their version, ``max_intervals`` of the timer.

    Nothing new when ``seen`` is that version; the timer rests when none is under way.
    """
    mine = ctx.jobs.mine(kind)
    rest = -1 if any(job.under_way for job in mine) else 0
    now = jobs_version(mine)
    if now == seen:
        return no_update, no_update, rest
    return drawn(ctx, mine), now, rest
