"""What is measured of a link besides its octets: its classes of service, and the probes over it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Owned
from core.network.inventory import Link, enum_column


class Direction(StrEnum):
    """Which way, as the router at the customer's premises sees it."""

    IN = "in"
    OUT = "out"


class TrafficClass(Owned):
    """A class of service (CoS) of a link in one direction, as the router's policy defines it.

    ``path`` names it for good, from the policy on the interface down to the class:
    ``WAN-OUT/class-default/COS/VOIX`` (policy, class, policy, class). ``parent_id`` is the class
    that its policy is nested in: the parent's octets contain its children's. The indexes of
    CISCO-CLASS-BASED-QOS-MIB change with each reboot, so they are not kept.
    """

    __tablename__ = "traffic_class"

    __table_args__ = (sa.UniqueConstraint("link_id", "direction", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("link.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("traffic_class.id"))
    direction: Mapped[Direction] = mapped_column(enum_column(Direction))
    path: Mapped[str]
    name: Mapped[str]
    seen: Mapped[datetime]
    """When a router last had it."""
    link: Mapped[Link] = relationship(viewonly=True)


class ProbeKind(StrEnum):
    """What an IP SLA operation sends (CISCO-RTTMON-MIB rttMonCtrlAdminRttType)."""

    ECHO = "echo"
    JITTER = "jitter"


class Probe(Owned):
    """An IP SLA operation that measures the way over a link: delay, jitter, loss.

    ``number`` is rttMonCtrlAdminIndex, ``tag`` rttMonCtrlAdminTag: the operator's own name of it.
    """

    __tablename__ = "probe"

    __table_args__ = (sa.UniqueConstraint("link_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("link.id"), index=True)
    number: Mapped[int]
    tag: Mapped[str] = mapped_column(default="")
    kind: Mapped[ProbeKind] = mapped_column(enum_column(ProbeKind))
    seen: Mapped[datetime]
    """When a router last had it."""
    link: Mapped[Link] = relationship(viewonly=True)
