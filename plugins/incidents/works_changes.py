"""What the operator does to planned works: announced, moved, cancelled, each told and kept.

The same works on several links are a row for each: they are moved and cancelled together. Each
function returns what is wrong, in words, None when it is kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core.api import (
    N_,
    Company,
    Context,
    Link,
    PlannedWork,
    _,
    formats,
    ngettext,
    works_between,
)
from plugins.incidents.address import WORKS
from plugins.incidents.models import WorksAction, WorksStep
from plugins.incidents.permissions import MANAGE, READ

MOST = 500
"""Links of one announcement."""
LONGEST = timedelta(days=31)
OLDEST = timedelta(days=31)
"""How long ago works may have begun that are told late."""
STEPS = {
    WorksStep.ANNOUNCED: N_("Travaux annoncés"),
    WorksStep.MOVED: N_("Travaux déplacés"),
    WorksStep.CANCELLED: N_("Travaux annulés"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a form says of works, once it was read."""

    title: str
    starts: datetime
    ends: datetime
    text: str


def civil(text: object, zone: ZoneInfo) -> datetime | None:
    """Return « 2026-12-01T22:00 » of a zone as UTC: the first of two such hours; None for what does
    not read, or for an hour that the clocks jump over.
    """
    try:
        local = datetime.strptime(str(text)[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
        at = local.astimezone(UTC)
    except (ValueError, OverflowError):  # the first day of year 1 has no time in UTC
        return None
    return at if at.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def read_plan(ctx: Context, data: Mapping[str, Any]) -> tuple[Plan | None, str | None]:
    """Return what a form says, or what is wrong with it."""
    title = " ".join(str(data.get("title") or "").split())[:120]
    if not title:
        return None, _("Dites en quelques mots ce qui sera fait : le client le lira.")
    starts, ends = civil(data.get("starts"), ctx.zone), civil(data.get("ends"), ctx.zone)
    if starts is None or ends is None:
        return None, _(
            "Le début ou la fin ne se lit pas, ou tombe dans l’heure sautée au passage à l’heure "
            "d’été : corrigez-les."
        )
    if starts >= ends:
        return None, _("La fin vient après le début : corrigez-la.")
    if ends - starts > LONGEST:
        return None, _("Ces travaux durent plus d’un mois : corrigez leur fin.")
    if starts < ctx.now - OLDEST:
        return None, _("Ces travaux ont plus d’un mois : corrigez leur début.")
    return Plan(title, starts, ends, str(data.get("text") or "").strip()[:2000]), None


def read_links(ctx: Context, text: object) -> tuple[Sequence[Link], str | None]:
    """Return the links whose references a text names, or what is wrong with it."""
    names = list(dict.fromkeys(re.split(r"[\s,;]+", str(text or "").strip())))
    names = [name for name in names if name][: MOST + 1]
    if not names:
        return [], _("Donnez les références des liaisons, une par ligne.")
    if len(names) > MOST:
        return [], _("%(n)s liaisons au plus à la fois : faites-en deux annonces.", n=MOST)
    query = sa.select(Link).where(Link.reference.in_(names), Link.closed.is_(None))
    found: Sequence[Link] = ctx.db.all(query.order_by(Link.reference))
    unknown = sorted(set(names) - {link.reference for link in found})
    if unknown:
        said = ", ".join(unknown[:5]) + ("…" if len(unknown) > 5 else "")
        return [], _("Liaisons introuvables : %(names)s.", names=said)
    return found, None


def others_then(
    ctx: Context, plan: Plan, places: Sequence[tuple[int | None, int | None]], own: set[int]
) -> str | None:
    """Return which works overlap a plan on some (site, link), in words, None when none does."""
    for work in works_between(ctx.db, plan.starts, plan.ends):
        for site_id, link_id in places:
            on_link = link_id is None or work.concerns(site_id, [link_id])
            if work.id not in own and work.site_id == site_id and on_link:
                return _(
                    "« %(title)s » est déjà annoncé là, %(when)s. Confirmez si ces travaux "
                    "s’ajoutent : le temps commun n’est déduit qu’une fois.",
                    title=work.title, when=span(ctx, work.starts, work.ends),
                )  # fmt: skip
    return None


def span(ctx: Context, starts: datetime, ends: datetime) -> str:
    """Return « du 01/12/2026 22:00 au 02/12/2026 02:00 »."""
    return _(
        "du %(start)s au %(end)s",
        start=formats.moment(starts, ctx.zone)[:-3],
        end=formats.moment(ends, ctx.zone)[:-3],
    )


def announce(ctx: Context, links: Sequence[Link], plan: Plan) -> None:
    """Announce works on some links."""
    works = [
        PlannedWork(
            company_id=link.company_id, site_id=link.site_id, link_id=link.id, title=plan.title,
            starts=plan.starts, ends=plan.ends,
        )
        for link in links
    ]  # fmt: skip
    ctx.db.add(*works)
    _keep(ctx, works, WorksStep.ANNOUNCED, plan.text)


def move(ctx: Context, works: Sequence[PlannedWork], plan: Plan) -> None:
    """Give works another time, or other words."""
    for work in works:
        work.title, work.starts, work.ends = plan.title, plan.starts, plan.ends
    ctx.db.add(*works)
    _keep(ctx, works, WorksStep.MOVED, plan.text)


def cancel(ctx: Context, works: Sequence[PlannedWork], text: str) -> None:
    """Cancel works: they count no more, and stay in the calendar, struck out."""
    for work in works:
        work.cancelled = ctx.now
    ctx.db.add(*works)
    _keep(ctx, works, WorksStep.CANCELLED, text)


def together(ctx: Context, number: object, seen: object) -> Sequence[PlannedWork]:
    """Return the works of a number and those that are one with it, as long as they stand as they
    were ``seen``: « start/end » of that moment. None otherwise.
    """
    text = str(number)
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        return []
    first = ctx.db.get(PlannedWork, int(text))
    if first is None or first.cancelled is not None or (seen and seen != mark_of(first)):
        return []
    query = sa.select(PlannedWork).where(
        PlannedWork.title == first.title, PlannedWork.starts == first.starts,
        PlannedWork.ends == first.ends, PlannedWork.cancelled.is_(None),
    )  # fmt: skip
    found: Sequence[PlannedWork] = ctx.db.all(query.order_by(PlannedWork.id))
    return found


def mark_of(work: PlannedWork) -> str:
    """Return what tells one state of works from another."""
    return f"{work.title}/{work.starts.isoformat()}/{work.ends.isoformat()}"


def _keep(ctx: Context, works: Sequence[PlannedWork], step: WorksStep, text: str) -> None:
    ctx.db.add(
        *(
            WorksAction(
                company_id=work.company_id, site_id=work.site_id, work_id=work.id, at=ctx.now,
                step=step, author=ctx.user.email, name=ctx.user.name, starts=work.starts,
                ends=work.ends, text=text,
            )
            for work in works
        )
    )  # fmt: skip
    words = {"annonce": "announced", "deplacement": "moved", "annulation": "cancelled"}[step.value]
    for work in works:
        ctx.audit(f"works {words}", str(work.id), title=work.title)
    customers = _customers(ctx, works)
    ctx.db.commit()
    for some in customers:
        _tell(ctx, some, step, text)


def _customers(ctx: Context, works: Sequence[PlannedWork]) -> list[list[PlannedWork]]:
    """Return works by the customer that they concern."""
    ids = {work.company_id for work in works}
    query: Any = sa.select(Company.id, Company.customer_id).where(Company.id.in_(ids))
    rows: Sequence[Any] = ctx.db.rows(query)
    owner = {row[0]: row[1] for row in rows}
    found: dict[int, list[PlannedWork]] = defaultdict(list)
    for work in works:
        found[owner[work.company_id]].append(work)
    return list(found.values())


def _tell(ctx: Context, works: Sequence[PlannedWork], step: WorksStep, text: str) -> None:
    """Write to the administrators of one customer. The links are told by their number alone: who
    reads may see some of them and not all.
    """
    first, count = works[0], len(works)
    title, starts, ends = first.title, first.starts, first.ends

    def letter() -> tuple[str, str]:
        subject = _("%(step)s · %(title)s", step=_(STEPS[step]), title=title)
        body = _(
            "%(step)s : %(title)s\n\n%(when)s (heure de %(zone)s)\n%(links)s\n\n%(text)s\n\n"
            "Voir les travaux planifiés : %(address)s\n",
            step=_(STEPS[step]),
            title=title,
            when=span(ctx, starts, ends),
            zone=ctx.zone.key.rpartition("/")[2],
            links=ngettext("%(n)s liaison concernée", "%(n)s liaisons concernées", count),
            text=text or "–",
            address=ctx.post.address(WORKS),
        )
        return " ".join(subject.split()), body

    ctx.post.to_customer(first, READ, letter)


def refused(ctx: Context) -> str | None:
    return None if ctx.may(MANAGE) else _("Vous n’avez pas le droit d’annoncer des travaux.")
