"""The job that makes a monthly report."""

from __future__ import annotations

from core.api import Context, JobError, Jobs, Run, _
from plugins.consommations.permissions import READ
from plugins.consommations.report_zip import write_zip
from plugins.consommations.reporting import FORMATS, Asked, table

jobs = Jobs()


@jobs.kind("report", permission=READ)
def report(ctx: Context, run: Run, *, month: str = "", form: str = "") -> None:
    """Write the report of a month, « 2026-10 », as « csv », « xlsx » or « zip »."""
    if form not in FORMATS:
        raise JobError(_("Ce format n’est pas connu : csv, xlsx ou zip."))
    asked = Asked.of(month, ctx.now, ctx.zone)
    run.facts.update(read=asked.at.isoformat(), over=asked.over)
    if form == "zip":
        write_zip(ctx, run, asked)
    else:
        run.write_table(table(ctx, run, asked), form)
