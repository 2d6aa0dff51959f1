"""The job behind ``balise sla``: the sheet of a month, as a file and as plain JSON."""

from __future__ import annotations

from typing import Any

from core.api import Context, JobError, Jobs, Run, _
from plugins.incidents.address import month_of
from plugins.incidents.downloads import sheet_file
from plugins.incidents.months import LinkFigures, month_span, sheet_of
from plugins.incidents.permissions import READ
from plugins.incidents.sla_paper import paper
from plugins.incidents.words import month_name

jobs = Jobs()


@jobs.kind("sla", permission=READ)
def commitments(ctx: Context, run: Run, *, month: str = "", form: str = "") -> None:
    """Write the sheet of a month, « 2026-10 », as « csv », « xlsx » or « pdf »; as « json »,
    its figures are facts of the run.
    """
    year, number = month_of(month, ctx.now, ctx.civil)
    if f"{year:04}-{number:02}" != month:
        raise JobError(_("Ce mois n’est pas connu, ou n’est pas commencé : 2026-10, par exemple."))
    period = month_span(ctx, year, number)
    run.facts.update(read=ctx.now.isoformat(), over=period.end <= ctx.now)
    if form in ("csv", "xlsx"):
        run.write_table(sheet_file(ctx, month, period), form)
        return
    if form == "pdf":
        run.file.write(paper(ctx, month_name(year, number), period))
        return
    run.facts["links"] = [_facts(row) for row in sheet_of(ctx, period)]


def _facts(row: LinkFigures) -> dict[str, Any]:
    told = row.figures
    return {
        "reference": row.reference,
        "site": row.site,
        "company": row.company,
        "profile": row.profile.code,
        "service_seconds": int(told.service.total_seconds()),
        "down_seconds": int(told.down.total_seconds()),
        "availability": round(told.availability, 6),
        "target": row.profile.target,
        "incidents": told.incidents,
        "restored": told.restored,
        "late": told.late,
        "longest_seconds": int(told.longest.total_seconds()),
        "penalty": told.penalty,
        "met": row.met,
        "intervals": [
            {"ticket": part.number, "start": part.start.isoformat(), "end": part.end.isoformat(),
             "what": part.what.value}
            for part in told.evidence
        ],
    }  # fmt: skip
