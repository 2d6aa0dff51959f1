"""Sites, the links that serve them, the routers at their ends.

Companies and customers stand in ``core.db``: they are what isolation is made of. What an import
no longer finds is ``closed`` since a time, and stays: its history is the customer's.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from core.db import Company, Internal, Owned
from core.network.status import Reason, State


def enum_column(kind: type[StrEnum]) -> sa.Enum:
    """Keep the value of an enumeration, not the name of its member."""
    return sa.Enum(
        kind, native_enum=False, length=24, values_callable=lambda k: [member.value for member in k]
    )


class LinkRole(StrEnum):
    """What a link is to its service."""

    MAIN = "main"
    BACKUP = "backup"


class SnmpVersion(StrEnum):
    V1 = "1"
    V2C = "2c"
    V3 = "3"


class Site(Owned):
    """A place of the customer that the operator serves."""

    __tablename__ = "site"
    __table_args__ = (sa.UniqueConstraint("company_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = synonym("id")  # a site is its own site
    name: Mapped[str]
    address: Mapped[str | None]
    postal_code: Mapped[str | None]
    commune: Mapped[str | None]
    country: Mapped[str] = mapped_column(default="FR")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    closed: Mapped[datetime | None]
    company: Mapped[Company] = relationship(viewonly=True)
    services: Mapped[list[Service]] = relationship(
        viewonly=True, primaryjoin="Service.site_id == Site.id"
    )


class Service(Owned):
    """What the customer buys on a site: a main link and, sometimes, its backup."""

    __tablename__ = "service"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(enum_column(State), default=State.UNKNOWN, index=True)
    reason: Mapped[Reason] = mapped_column(enum_column(Reason), default=Reason.NEVER)
    since: Mapped[datetime | None]
    closed: Mapped[datetime | None]
    site: Mapped[Site] = relationship(
        viewonly=True, foreign_keys="Service.site_id", primaryjoin="Service.site_id == Site.id"
    )
    company: Mapped[Company] = relationship(viewonly=True)
    links: Mapped[list[Link]] = relationship(back_populates="service", order_by="Link.role.desc()")

    def link(self, role: LinkRole) -> Link | None:
        """Return the link that plays this role, or None."""
        return next((link for link in self.links if link.role is role), None)


class Link(Owned):
    """A « liaison »: one access line, main or backup, known by its CLS reference.

    ``if_name`` is the router's own name of the interface (IF-MIB ifName); ``if_index`` is the
    number it has now, or the declared one where the router has no ifXTable. Rates in bit/s.
    """

    __tablename__ = "link"

    __table_args__ = (sa.UniqueConstraint("service_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    designation: Mapped[str]
    role: Mapped[LinkRole] = mapped_column(enum_column(LinkRole), default=LinkRole.MAIN)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("device.id"), index=True)
    if_name: Mapped[str | None]
    if_index: Mapped[int | None]
    contract_in_bps: Mapped[int | None] = mapped_column(sa.BigInteger)
    contract_out_bps: Mapped[int | None] = mapped_column(sa.BigInteger)
    state: Mapped[State] = mapped_column(enum_column(State), default=State.UNKNOWN)
    reason: Mapped[Reason] = mapped_column(enum_column(Reason), default=Reason.NEVER)
    since: Mapped[datetime | None]
    closed: Mapped[datetime | None]
    service: Mapped[Service] = relationship(back_populates="links")
    site: Mapped[Site] = relationship(
        viewonly=True, foreign_keys="Link.site_id", primaryjoin="Link.site_id == Site.id"
    )
    company: Mapped[Company] = relationship(viewonly=True)
    device: Mapped[Device | None] = relationship(back_populates="links")


class Device(Owned):
    """A « routeur » at the customer's premises, and how SNMP reaches it.

    ``credentials`` is encrypted (``core.secrets``): a JSON object with ``community``, or for
    version 3 ``user``, ``auth_protocol``, ``auth_password``, ``priv_protocol``,
    ``priv_password``. ``description`` is SNMPv2-MIB sysDescr, as found when it was ``discovered``.
    """

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    model: Mapped[str | None]
    host: Mapped[str]
    port: Mapped[int] = mapped_column(default=161)
    snmp_version: Mapped[SnmpVersion] = mapped_column(
        enum_column(SnmpVersion), default=SnmpVersion.V2C
    )
    credentials: Mapped[str]
    polled: Mapped[bool] = mapped_column(default=True)
    description: Mapped[str | None]
    discovered: Mapped[datetime | None]
    closed: Mapped[datetime | None]
    links: Mapped[list[Link]] = relationship(back_populates="device")


class Contact(Owned):
    """Someone to call about a site."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    closed: Mapped[datetime | None]


class StateChange(Owned):
    """The state that a service, or one link of it, took at a moment; appended, never rewritten.

    ``link_id`` is None for the changes of the service itself.
    """

    __tablename__ = "state_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id"), index=True)
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"), index=True)
    state: Mapped[State] = mapped_column(enum_column(State))
    reason: Mapped[Reason] = mapped_column(enum_column(Reason))
    at: Mapped[datetime]


class Touched(Internal):
    """A line of the journal of what lists of services show (``changes.py``).

    ``service_id`` is the service that was touched, None for something that may show in any.
    """

    __tablename__ = "touched"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int | None]


class ProcessState(Internal):
    """A process that ``balise up`` looks after, as its supervisor last saw it."""

    __tablename__ = "process_state"

    name: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int | None]
    started: Mapped[datetime | None]
    restarts: Mapped[int] = mapped_column(default=0)
    last_exit: Mapped[str | None]
    seen: Mapped[datetime]


__all__: list[Any] = [
    "Company",
    "Contact",
    "Device",
    "Link",
    "LinkRole",
    "ProcessState",
    "Service",
    "Site",
    "SnmpVersion",
    "StateChange",
    "Touched",
]
