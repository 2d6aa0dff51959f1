"""Routers on paper: the tables of an agent in the .snmprec form (``OID|tag|value``)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from collectors.simulator import snmprec
from collectors.simulator.answering import Answering
from collectors.snmp import Kind, Varbind
from collectors.tests.agents import COMMUNITY, responder
from core.db import Company, Customer
from core.host import Host
from core.network.inventory import Device, Link, LinkRole, Service, Site

DATA = Path(__file__).parent / "data"
KINDS = {
    "2": Kind.INTEGER, "4": Kind.STRING, "4x": Kind.STRING, "65": Kind.COUNTER32,
    "66": Kind.GAUGE, "67": Kind.TICKS, "70": Kind.COUNTER64,
}  # fmt: skip


def router(name: str) -> dict[str, Varbind]:
    """Return what a recorded router answers: {OID: value}."""
    found = {}
    for line in (DATA / f"{name}.snmprec").read_text().splitlines():
        oid, tag, value = line.split("|", 2)
        text = bytes.fromhex(value).decode() if tag == "4x" else value
        found[f".{oid}"] = Varbind(KINDS[tag], text)
    return found


def tables(values: Mapping[str, Varbind], columns: Iterable[str]) -> dict[str, dict[str, Varbind]]:
    """Return columns as walks of them give: {column: {index: value}}."""
    return {
        column: {
            oid.removeprefix(f"{column}."): value
            for oid, value in values.items()
            if oid.startswith(f"{column}.")
        }
        for column in columns
    }


class Agent:
    """A recorded router that answers on a port, and may become another."""

    def __init__(self, port: int, answering: Answering) -> None:
        self.port = port
        self._answering = answering

    def become(self, name: str) -> None:
        """Answer from now on as another recording: the same router after a reboot."""
        self._answering.offer({**snmprec.read(DATA / f"{name}.snmprec").values})


@contextlib.contextmanager
def served(name: str = "c1921") -> Iterator[Agent]:
    """Run an agent that answers as a recorded router, its counters standing still."""
    answering = Answering(COMMUNITY)

    def reply(request: bytes) -> list[bytes]:
        said = answering.reply(request, 0.0)
        return [said] if isinstance(said, bytes) else []

    with responder(reply) as port:
        agent = Agent(port, answering)
        agent.become(name)
        yield agent


@dataclass(frozen=True)
class Line:
    """A link to put in the inventory."""

    reference: str
    if_name: str | None = None
    if_index: int | None = None
    role: LinkRole = LinkRole.MAIN


def add_router(host: Host, name: str, port: int, *lines: Line) -> int:
    """Add a router of the inventory and its links, each with its service; return its id."""
    with Session(host.engine) as session, session.begin():
        company = session.scalars(sa.select(Company)).first()
        if company is None:
            company = Company(name="Co", customer=Customer(number="1", name="C"))
            session.add(company)
            session.flush()
        site = Site(company_id=company.id, name=f"Site de {name}")
        session.add(site)
        session.flush()
        pair = {"company_id": company.id, "site_id": site.id}
        sealed = host.vault.seal(json.dumps({"community": COMMUNITY}))
        device = Device(**pair, name=name, host="127.0.0.1", port=port, credentials=sealed)
        session.add(device)
        for line in lines:
            service = Service(**pair)
            session.add(service)
            session.flush()
            session.add(
                Link(
                    **pair,
                    reference=line.reference,
                    designation="",
                    role=line.role,
                    if_name=line.if_name,
                    if_index=line.if_index,
                    device_id=device.id,
                    service_id=service.id,
                )
            )
        session.flush()
        return device.id
