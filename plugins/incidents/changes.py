"""What is done to tickets: opened, answered, moved along, changed. Each leaves an action.

A function returns what is wrong, in words, None when it is kept. Whoever changes a ticket says
which version of it they saw: one that moved since is refused, as is the later of two at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm.exc import StaleDataError

from core.api import Context, Link, _, formats
from plugins.incidents.letters import tell
from plugins.incidents.life import (
    Cause,
    Impact,
    Severity,
    Side,
    Status,
    Stop,
    Users,
    may_move,
)
from plugins.incidents.models import (
    Kind,
    Ticket,
    TicketAction,
    TicketFile,
    TicketPause,
    ticket_words,
)
from plugins.incidents.permissions import MANAGE, WRITE
from plugins.incidents.queries import open_on
from plugins.incidents.words import STATUSES

LONGEST = 4_000
FIRST_NUMBER = 100_000


@dataclass(frozen=True, slots=True)
class Opening:
    """What a form says of an incident, once it was read."""

    impact: Impact
    users: Users
    severity: Severity
    title: str
    description: str
    since: datetime | None
    customer_reference: str | None
    contact: str | None
    phone: str | None
    access: str | None
    again: bool
    """Whether it was said that one more ticket is wanted on a link that has one."""


def side_of(ctx: Context) -> Side:
    """Return on which side the user stands."""
    return Side.OPERATOR if ctx.may(MANAGE) else Side.CUSTOMER


def stale() -> str:
    return _(
        "Ce ticket a changé pendant que vous le lisiez : relisez-le, puis recommencez. "
        "Rien n’est enregistré."
    )


def _of(row: Link | Ticket) -> dict[str, Any]:
    return {"company_id": row.company_id, "site_id": row.site_id}


def act(
    ctx: Context, ticket: Ticket, kind: Kind, text: str = "", status: Status | None = None
) -> TicketAction:
    """Return an action of the user on a ticket, still to be added."""
    return TicketAction(
        **_of(ticket), ticket_id=ticket.id, at=ctx.now, kind=kind, side=side_of(ctx),
        author=ctx.user.email, name=ctx.user.name, text=text, status=status,
    )  # fmt: skip


def open_ticket(ctx: Context, link: Link, said: Opening) -> tuple[Ticket | None, str | None]:
    """Open a ticket on a link and tell both sides; return it, or what is wrong."""
    if not ctx.may(WRITE):
        return None, _("Vous n’avez pas le droit d’ouvrir un ticket.")
    others = open_on(ctx, [link.id])
    if others and not said.again:
        number = others[0].number
        return None, _("Le ticket %(n)s est déjà ouvert sur cette liaison.", n=number)
    ticket = Ticket(
        **_of(link), link_id=link.id, title=said.title, description=said.description,
        customer_reference=said.customer_reference, status=Status.OPEN, impact=said.impact,
        users=said.users, severity=int(said.severity), cause=Cause.OPERATOR, since=said.since,
        opened=ctx.now, opened_by=ctx.user.email, opened_name=ctx.user.name, solution="",
        contact=said.contact, phone=said.phone, access=said.access,
    )  # fmt: skip
    ctx.db.add(ticket)
    # Numbers that a back office gives are digits alone: one of ours meets none of them.
    ticket.number = f"E{FIRST_NUMBER + ticket.id}"
    ticket.words = words_of(ticket, link)
    ctx.db.add(ticket, act(ctx, ticket, Kind.MOVE, said.description, Status.OPEN))
    ctx.audit("ticket.opened", ticket.number, link=link.reference, severity=ticket.severity)
    ctx.db.commit()
    tell(ctx, ticket, _(STATUSES[Status.OPEN][0]), said.description, both=True)
    return ticket, None


def words_of(ticket: Ticket, link: Link | None) -> str:
    """Return what a search of this ticket looks in."""
    place = (link.reference, link.site.name, link.company.name) if link else ()
    return ticket_words(ticket.number, ticket.title, ticket.customer_reference, *place)


def comment(ctx: Context, ticket: Ticket, text: object, *, private: bool = False) -> str | None:
    """Keep a comment and tell the other side; a ``private`` one stays with the operator. What a
    customer says while it is waited for ends the wait.
    """
    said = text.strip()[:LONGEST] if isinstance(text, str) else ""
    if not said:
        return _("Écrivez un commentaire avant de l’envoyer.")
    if not ctx.may(MANAGE) and (private or not ctx.may(WRITE)):
        return _("Vous n’avez pas le droit d’écrire ici.")
    if ticket.status is Status.WAITING and side_of(ctx) is Side.CUSTOMER:
        return move(ctx, ticket, Status.TAKEN, said, ticket.version)
    ctx.db.add(act(ctx, ticket, Kind.NOTE if private else Kind.COMMENT, said))
    ctx.audit("ticket.note" if private else "ticket.comment", ticket.number or "")
    ctx.db.commit()
    if not private:
        tell(ctx, ticket, _("Nouveau commentaire"), said)
    return None


def move(ctx: Context, ticket: Ticket, after: Status, text: object, seen: object) -> str | None:
    """Move a ticket to another state; ``seen`` is the version of it that the user saw."""
    said = text.strip()[:LONGEST] if isinstance(text, str) else ""
    if not (ctx.may(MANAGE) or ctx.may(WRITE)):
        return _("Vous n’avez pas le droit de changer ce ticket.")
    if seen != ticket.version:
        return stale()
    before = ticket.status
    if not may_move(before, after, side_of(ctx), ticket.resolved, ctx.now):
        return _(
            "Ce ticket est « %(before)s » : il ne peut pas devenir « %(after)s » d’ici.",
            before=_(STATUSES[before][0]), after=_(STATUSES[after][0]),
        )  # fmt: skip
    if not said and (missing := _wanted(before, after)):
        return missing
    if after is Status.RESOLVED:
        ticket.solution = said
    rows = [*_paused(ctx, ticket, after), act(ctx, ticket, Kind.MOVE, said, after)]
    ticket.status = after
    _date(ctx, ticket, before)
    if wrong := kept(ctx, ticket, *rows):
        return wrong
    ctx.audit(f"ticket.{after.value}", ticket.number or "", before=before.value)
    ctx.db.commit()
    tell(ctx, ticket, _(STATUSES[after][0]), said)
    return None


def _wanted(before: Status, after: Status) -> str | None:
    """Return what a move must say, None when it may say nothing."""
    if after is Status.RESOLVED:
        return _("Dites comment l’incident a été résolu : le client le lira.")
    if after is Status.WAITING:
        return _("Dites ce que vous attendez du client : l’horloge s’arrête d’ici là.")
    if before in (Status.RESOLVED, Status.CLOSED) and after is Status.OPEN:
        return _("Dites pourquoi ce ticket est rouvert.")
    return None


def _paused(ctx: Context, ticket: Ticket, after: Status) -> list[TicketPause]:
    """Return the pauses that a move begins or ends: when the clock stands."""
    if after is Status.OPEN and ticket.resolved is not None:
        again = TicketPause(
            **_of(ticket), ticket_id=ticket.id, start=ticket.resolved, end=ctx.now,
            reason=Stop.RESTORED,
        )  # fmt: skip
        return [again]
    ended = [pause for pause in ticket.pauses if pause.end is None]
    for pause in ended:
        pause.end = ctx.now
    if after is Status.WAITING:
        waits = TicketPause(
            **_of(ticket), ticket_id=ticket.id, start=ctx.now, end=None, reason=Stop.CUSTOMER
        )
        return [*ended, waits]
    return ended


def _date(ctx: Context, ticket: Ticket, before: Status) -> None:
    """Write when a ticket took the state that it has."""
    match ticket.status:
        case Status.TAKEN if before is Status.OPEN:
            ticket.taken = ticket.taken or ctx.now
            ticket.assignee = ticket.assignee or ctx.user.name
        case Status.RESOLVED:
            ticket.resolved = ctx.now
        case Status.CLOSED:
            ticket.resolved = ticket.resolved or ctx.now
            ticket.closed = ctx.now
        case Status.OPEN:
            ticket.resolved = ticket.closed = None


def kept(ctx: Context, ticket: Ticket, *rows: Any) -> str | None:
    """Write a changed ticket with some rows; return what is wrong when another change was first."""
    try:
        ctx.db.add(ticket, *rows)
    except StaleDataError:
        return stale()
    return None


def change(ctx: Context, ticket: Ticket, values: Mapping[str, object], seen: object) -> str | None:
    """Change what the operator keeps of a ticket: who deals with it, how grave it is, whom it is
    due to, the customer's own reference.
    """
    if not ctx.may(MANAGE):
        return _("Vous n’avez pas le droit de changer ce ticket.")
    if seen != ticket.version:
        return stale()
    said: dict[str, Any] = {
        name: " ".join(str(values.get(name) or "").split())[:120] or None
        for name in ("assignee", "customer_reference")
    }
    causes = {cause.value: cause for cause in Cause}
    severity, cause = str(values.get("severity")), str(values.get("cause"))
    if severity not in ("1", "2", "3", "4") or cause not in causes:
        return _("Choisissez une gravité et une cause dans les listes.")
    said |= {"severity": int(severity), "cause": causes[cause]}
    told = []
    for name, value in said.items():
        before = getattr(ticket, name)
        if before != value:
            told.append(f"{name} : {_text(before)} → {_text(value)}")
            setattr(ticket, name, value)
    if not told:
        return _("Rien n’a changé.")
    ticket.words = words_of(ticket, ticket.link)
    if wrong := kept(ctx, ticket, act(ctx, ticket, Kind.CHANGE, ", ".join(told))):
        return wrong
    ctx.audit("ticket.changed", ticket.number or "", **{name: _text(said[name]) for name in said})
    ctx.db.commit()
    return None


def _text(value: Any) -> str:
    return "–" if value is None else str(getattr(value, "value", value))


def keep_file(ctx: Context, ticket: Ticket, name: str, kind: str, body: bytes) -> str | None:
    """Join a file to a ticket; ``kind`` is what was found in it."""
    row = TicketFile(
        **_of(ticket), ticket_id=ticket.id, at=ctx.now, name=name, author=ctx.user.name, kind=kind,
        size=len(body), digest=ctx.files.keep(body),
    )  # fmt: skip
    ctx.db.add(row, act(ctx, ticket, Kind.FILE, f"{name} ({formats.octets(len(body))})"))
    ctx.audit("ticket.file", ticket.number or "", name=name, size=len(body))
    ctx.db.commit()
    return None
