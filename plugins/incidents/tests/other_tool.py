"""An operator's own ticketing, in memory: it stands for a tool that keeps tickets elsewhere, which
no test can run. It numbers them its own way and writes nothing into our tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, ClassVar

from core.api import Context, Link
from plugins.incidents.address import EVERY, Asked
from plugins.incidents.changes import Opening, side_of
from plugins.incidents.life import UNDER_WAY, Cause, Status
from plugins.incidents.models import Kind, Ticket, TicketAction, TicketFile
from plugins.incidents.queries import GROUPS, PER_PAGE, Listed, link_of


class OtherTool:
    """Tickets of links, by their reference; a user sees those of the links that they see."""

    kept: ClassVar[dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]]] = {}
    numbers: ClassVar[Iterator[int]] = count(1)

    def counts(self, ctx: Context, asked: Asked) -> dict[Status, int]:
        seen = [ticket.status for ticket in self._seen(ctx)]
        return {status: seen.count(status) for status in Status}

    def listed(self, ctx: Context, asked: Asked) -> Listed:
        every, start = list(self.every(ctx, asked)), (asked.page - 1) * PER_PAGE
        shown = every[start : start + PER_PAGE]
        return Listed(self.counts(ctx, asked), len(every), asked.page, shown)

    def every(self, ctx: Context, asked: Asked) -> Iterator[Ticket]:
        wanted = GROUPS.get(asked.state, GROUPS[EVERY])
        yield from (ticket for ticket in self._seen(ctx) if ticket.status in wanted)

    def worst(self, ctx: Context, most: int) -> Sequence[Ticket]:
        return list(self.every(ctx, Asked()))[:most]

    def open_on(self, ctx: Context, link_ids: Sequence[int]) -> Sequence[Ticket]:
        return [t for t in self._seen(ctx) if t.link_id in link_ids and t.status in UNDER_WAY]

    def lasting(
        self, ctx: Context, start: datetime, end: datetime, link_ids: Sequence[int] | None
    ) -> Sequence[Ticket]:
        return [t for t in self._seen(ctx) if t.opened < end and t.link_id in (link_ids or ())]

    def find(self, ctx: Context, number: object) -> Ticket | None:
        return next((ticket for ticket in self._seen(ctx) if ticket.number == number), None)

    def open(self, ctx: Context, link: Link, said: Opening) -> tuple[Ticket | None, str | None]:
        n = next(self.numbers)
        facts = {
            "id": n, "number": f"OUTIL-{n}", "title": said.title, "description": said.description,
            "solution": "", "status": Status.OPEN, "impact": said.impact, "users": said.users,
            "severity": int(said.severity), "cause": Cause.OPERATOR, "since": said.since,
            "opened": ctx.now, "opened_by": ctx.user.email, "opened_name": ctx.user.name,
            "version": 1,
        }  # fmt: skip
        self.kept[f"OUTIL-{n}"] = (link.reference, facts, [])
        return self.find(ctx, f"OUTIL-{n}"), None

    def comment(self, ctx: Context, ticket: Ticket, text: object, *, private: bool) -> str | None:
        kind = Kind.NOTE if private else Kind.COMMENT
        self._log(ticket).append({"at": ctx.now, "kind": kind, "text": text, "name": ctx.user.name,
                                  "author": ctx.user.email, "side": side_of(ctx)})  # fmt: skip
        return None

    def move(
        self, ctx: Context, ticket: Ticket, after: Status, text: object, seen: object
    ) -> str | None:
        if after is Status.CLOSED:
            return "L’outil de l’opérateur clôt lui-même ses tickets."
        self.kept[str(ticket.number)][1]["status"] = after
        return None

    def change(
        self, ctx: Context, ticket: Ticket, values: Mapping[str, object], seen: object
    ) -> str | None:
        return "Changez-le dans l’outil de l’opérateur."

    def join(self, ctx: Context, ticket: Ticket, name: str, kind: str, body: bytes) -> str | None:
        return "L’outil de l’opérateur ne prend pas de fichier."

    def _log(self, ticket: Ticket) -> list[dict[str, Any]]:
        return self.kept[str(ticket.number)][2]

    def _seen(self, ctx: Context) -> list[Ticket]:
        found = []
        for reference, facts, log in self.kept.values():
            link = link_of(ctx, reference)
            if link is not None:
                of = {"company_id": link.company_id, "site_id": link.site_id}
                ticket = Ticket(**of, **facts, link_id=link.id)
                ticket.link, ticket.site, ticket.company = link, link.site, link.company
                ticket.actions = [TicketAction(**of, **one, status=None) for one in log]
                ticket.pauses, files = [], list[TicketFile]()
                ticket.files = files
                found.append(ticket)
        return found
