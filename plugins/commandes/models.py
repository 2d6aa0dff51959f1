"""Orders and subscriptions as they are kept: what the back office says, and what was said since."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.api import Company, Link, Owned, Shared, Site, fold


def values_of(kind: type[StrEnum]) -> sa.Enum:
    """Keep the value of an enumeration, not the name of its member."""
    return sa.Enum(
        kind, native_enum=False, length=24, values_callable=lambda k: [member.value for member in k]
    )


class Kind(StrEnum):
    """The type of an order (« Type BC »)."""

    CREATION = "creation"
    CHANGE = "modification"
    CANCELLATION = "resiliation"
    MOVE = "demenagement"


class Actor(StrEnum):
    """Whose turn it is."""

    CUSTOMER = "client"
    OPERATOR = "operateur"
    THIRD = "tiers"


class Stage(StrEnum):
    """The steps of a production, in their order."""

    ORDERED = "commande"
    STUDY = "etude"
    WORKS = "travaux"
    LINK = "lien"
    ROUTER = "routeur"
    SERVICE = "service"


class Decision(StrEnum):
    """What became of a request to cancel a subscription."""

    ASKED = "demandee"
    CONFIRMED = "confirmee"
    REFUSED = "refusee"
    WITHDRAWN = "retiree"


class ProductionCode(Shared):
    """A line of the dictionary of production codes: « ERAT_010 », its step and whose turn it is."""

    __tablename__ = "commandes_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    stage: Mapped[Stage] = mapped_column(values_of(Stage))
    actor: Mapped[Actor] = mapped_column(values_of(Actor))


class OrderLine(Owned):
    """A line of an order: one link or service to be made, changed, moved or cancelled.

    ``state`` and ``production_label`` are the back office's own words; ``installed`` says whether
    the work is over (« Installé »); ``cancelled_for`` is the day for which the customer gave the
    order up; ``closed`` is when the line left the back office's file. ``words`` is what a search
    looks in, folded.
    """

    __tablename__ = "commandes_line"

    __table_args__ = (sa.UniqueConstraint("reference", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str]
    kind: Mapped[Kind] = mapped_column(values_of(Kind))
    article: Mapped[str]
    contract: Mapped[date | None]
    wanted: Mapped[date | None]
    router: Mapped[date | None]
    link: Mapped[date | None]
    state: Mapped[str]
    code: Mapped[str | None]
    production_label: Mapped[str | None]
    ordered: Mapped[date | None]
    delivered: Mapped[date | None]
    installed: Mapped[bool] = mapped_column(default=False)
    cancelled_for: Mapped[date | None]
    closed: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(default="")
    changes: Mapped[list[OrderChange]] = relationship(order_by="OrderChange.id")
    messages: Mapped[list[OrderMessage]] = relationship(order_by="OrderMessage.id")
    company: Mapped[Company] = relationship(viewonly=True)
    site: Mapped[Site] = relationship(
        viewonly=True,
        foreign_keys="OrderLine.site_id",
        primaryjoin="OrderLine.site_id == Site.id",
    )


class OrderChange(Owned):
    """A field of an order line that took another value; appended, never rewritten."""

    __tablename__ = "commandes_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("commandes_line.id"), index=True)
    at: Mapped[datetime]
    field: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]


class OrderMessage(Owned):
    """A message between the customer and the sales administration, about an order line."""

    __tablename__ = "commandes_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("commandes_line.id"), index=True)
    at: Mapped[datetime]
    author: Mapped[str]
    """The address of the account that wrote it."""
    name: Mapped[str]
    from_operator: Mapped[bool]
    text: Mapped[str]


class OrderRead(Owned):
    """That an account has read the messages of an order line as far as one; the furthest counts."""

    __tablename__ = "commandes_read"

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("commandes_line.id"), index=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    message_id: Mapped[int]


class Subscription(Owned):
    """What the customer has: an item of the catalogue on one of its sites.

    ``offer`` names an offer type of ``offers.py``; ``facts`` holds the values of its own fields.
    ``radius_secret`` is encrypted (``core.secrets``). ``technology`` groups the tree.
    """

    __tablename__ = "commandes_subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    designation: Mapped[str]
    offer: Mapped[str]
    technology: Mapped[str]
    customer_reference: Mapped[str | None]
    category: Mapped[str | None]
    quantity: Mapped[int] = mapped_column(default=1)
    lan_address: Mapped[str | None]
    lan_mask: Mapped[str | None]
    wan_address: Mapped[str | None]
    wan_mask: Mapped[str | None]
    radius_login: Mapped[str | None]
    radius_secret: Mapped[str | None]
    sales_name: Mapped[str | None]
    sales_email: Mapped[str | None]
    manager_name: Mapped[str | None]
    manager_email: Mapped[str | None]
    started: Mapped[date | None]
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    closed: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(default="")
    company: Mapped[Company] = relationship(viewonly=True)
    site: Mapped[Site] = relationship(
        viewonly=True,
        foreign_keys="Subscription.site_id",
        primaryjoin="Subscription.site_id == Site.id",
    )
    link: Mapped[Link | None] = relationship(
        viewonly=True, primaryjoin="foreign(Subscription.reference) == Link.reference"
    )
    """The link of the same reference, for those that are one."""


class CancellationRequest(Owned):
    """A customer's request that a subscription end on a day, and what the operator answered."""

    __tablename__ = "commandes_cancellation"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(
        sa.ForeignKey("commandes_subscription.id"), index=True
    )
    wanted: Mapped[date]
    reason: Mapped[str]
    decision: Mapped[Decision] = mapped_column(values_of(Decision), default=Decision.ASKED)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    answer: Mapped[str | None]
    subscription: Mapped[Subscription] = relationship()


class ContactChange(Owned):
    """What a contact of a site was and became, who changed it and when."""

    __tablename__ = "commandes_contact_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    after: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


INSTALLED = frozenset({"installee", "installe", "terminee", "cloturee", "resiliee", "en service"})
"""States of the back office, folded, after which nothing is under way any more."""


def is_installed(state: str) -> bool:
    """Tell whether a state of the back office says that the work is over."""
    return fold(state) in INSTALLED


def line_words(reference: str, article: str, state: str, *others: str | None) -> str:
    """Return what a search of an order line looks in, besides its site and company."""
    return fold(" ".join(part for part in (reference, article, state, *others) if part))
