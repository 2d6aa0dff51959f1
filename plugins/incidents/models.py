"""Tickets as they are kept: what was declared, what was said and done, when the clock stood."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.api import Company, Link, Owned, Shared, Site, fold
from plugins.incidents.life import Cause, Impact, Side, Status, Stop, Users
from plugins.incidents.profiles import ALWAYS_SINCE


def values_of(kind: type[StrEnum]) -> sa.Enum:
    """Keep the value of an enumeration, not the name of its member."""
    return sa.Enum(
        kind, native_enum=False, length=24, values_callable=lambda k: [member.value for member in k]
    )


class Kind(StrEnum):
    """What an action of a ticket is."""

    COMMENT = "commentaire"
    MOVE = "etat"
    CHANGE = "modification"
    FILE = "fichier"
    NOTE = "note"
    """Between people of the operator; no customer ever reads it."""


class Ticket(Owned):
    """A « ticket d'incident »: one incident on a link, or on a site as a whole.

    ``opened`` starts the clock and ``resolved`` ends it; ``since`` is when the customer says that
    it began. ``words`` is what a search looks in, folded; ``version`` counts the changes, so that
    two people do not overwrite each other.
    """

    __tablename__ = "incidents_ticket"

    __table_args__ = (
        sa.Index("ix_incidents_ticket_state", "status", "company_id", "site_id"),
        sa.Index("ix_incidents_ticket_recent", "opened", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Without the index that others have: a list of a large customer follows the order of opening
    # (0 ms in place of 80 at 200,000 tickets), and its counts the index of states.
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"))
    number: Mapped[str | None] = mapped_column(unique=True)
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"), index=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    solution: Mapped[str] = mapped_column(default="")
    customer_reference: Mapped[str | None]
    status: Mapped[Status] = mapped_column(values_of(Status), default=Status.OPEN)
    impact: Mapped[Impact] = mapped_column(values_of(Impact))
    users: Mapped[Users] = mapped_column(values_of(Users), default=Users.EVERYONE)
    severity: Mapped[int]
    cause: Mapped[Cause] = mapped_column(values_of(Cause), default=Cause.OPERATOR)
    since: Mapped[datetime | None]
    opened: Mapped[datetime]
    opened_by: Mapped[str]
    opened_name: Mapped[str]
    taken: Mapped[datetime | None]
    resolved: Mapped[datetime | None]
    closed: Mapped[datetime | None]
    assignee: Mapped[str | None]
    contact: Mapped[str | None]
    phone: Mapped[str | None]
    access: Mapped[str | None]
    words: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    actions: Mapped[list[TicketAction]] = relationship(order_by="TicketAction.id")
    pauses: Mapped[list[TicketPause]] = relationship(order_by="TicketPause.start")
    files: Mapped[list[TicketFile]] = relationship(order_by="TicketFile.id")
    company: Mapped[Company] = relationship(viewonly=True)
    site: Mapped[Site | None] = relationship(
        viewonly=True, foreign_keys="Ticket.site_id", primaryjoin="Ticket.site_id == Site.id"
    )
    link: Mapped[Link | None] = relationship(
        viewonly=True, foreign_keys="Ticket.link_id", primaryjoin="Ticket.link_id == Link.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own attribute


class TicketAction(Owned):
    """Something said or done about a ticket; appended, never rewritten."""

    __tablename__ = "incidents_action"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("incidents_ticket.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[Kind] = mapped_column(values_of(Kind))
    side: Mapped[Side] = mapped_column(values_of(Side))
    author: Mapped[str]
    """The address of the account that did it."""
    name: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    status: Mapped[Status | None] = mapped_column(values_of(Status))
    """The state that it gave the ticket, for a move."""


class TicketPause(Owned):
    """A period over which the clock of a ticket stood still; ``end`` is None while it does."""

    __tablename__ = "incidents_pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("incidents_ticket.id"), index=True)
    start: Mapped[datetime]
    end: Mapped[datetime | None]
    reason: Mapped[Stop] = mapped_column(values_of(Stop))


class TicketFile(Owned):
    """A file joined to a ticket; what is in it is kept under ``digest``."""

    __tablename__ = "incidents_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("incidents_ticket.id"), index=True)
    at: Mapped[datetime]
    name: Mapped[str]
    author: Mapped[str]
    kind: Mapped[str]
    """The type found in it: « pdf », « png », « jpeg »…"""
    size: Mapped[int]
    digest: Mapped[str]


class WorksStep(StrEnum):
    """What was done about planned works."""

    ANNOUNCED = "annonce"
    MOVED = "deplacement"
    CANCELLED = "annulation"


class WorksAction(Owned):
    """Who announced, moved or cancelled planned works, and when; appended, never rewritten.

    ``starts`` and ``ends`` are what the works became, ``text`` what customers were told.
    """

    __tablename__ = "incidents_works_action"

    id: Mapped[int] = mapped_column(primary_key=True)
    work_id: Mapped[int] = mapped_column(sa.ForeignKey("planned_work.id"), index=True)
    at: Mapped[datetime]
    step: Mapped[WorksStep] = mapped_column(values_of(WorksStep))
    author: Mapped[str]
    name: Mapped[str]
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    text: Mapped[str] = mapped_column(default="")


class LinkContract(Owned):
    """The contract profile of a link from a civil day on, until its next one; appended, so that
    what a past month was promised stays.
    """

    __tablename__ = "incidents_contract"

    __table_args__ = (sa.UniqueConstraint("link_id", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("link.id"))
    profile: Mapped[str]
    """The code of a ``SlaProfile``."""
    since: Mapped[date] = mapped_column(default=ALWAYS_SINCE)


class SlaProfile(Shared):
    """The terms of a contract profile from a civil day on, until its next ones; ``by`` wrote them
    at ``at``. Terms that applied are never rewritten.

    ``days`` are digits, 0 is Monday; ``opens`` and ``closes`` are minutes of a civil day, None
    around the clock; ``restore`` is in minutes; ``bands`` and ``late`` are those of ``Profile``,
    delays in minutes.
    """

    __tablename__ = "incidents_profile"
    __table_args__ = (sa.UniqueConstraint("code", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    label: Mapped[str]
    days: Mapped[str]
    opens: Mapped[int | None]
    closes: Mapped[int | None]
    restore: Mapped[int]
    target: Mapped[float]
    bands: Mapped[list[Any]] = mapped_column(sa.JSON)
    late: Mapped[list[Any]] = mapped_column(sa.JSON)
    since: Mapped[date] = mapped_column(default=ALWAYS_SINCE)
    by: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime | None]


def ticket_words(*parts: str | None) -> str:
    """Return what a search of tickets looks in: number, title, references, names of the place."""
    return fold(" ".join(part for part in parts if part))
