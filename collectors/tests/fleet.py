"""Rows for the tests: a link with its device, service and site."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.db import Company, Customer
from core.host import Host
from core.network.inventory import Device, Link, Service, Site, SnmpVersion


def add_link(
    host: Host,
    address: str,
    port: int,
    credentials: Mapping[str, object],
    version: str = "2c",
    if_name: str = "lo",
) -> int:
    """Add one link with a device, service and site of its own; return its id."""
    with Session(host.engine) as session, session.begin():
        company = session.scalars(sa.select(Company)).first()
        if company is None:
            company = Company(name="Co", customer=Customer(number="1", name="C"))
            session.add(company)
            session.flush()
        site = Site(company_id=company.id, name="Site")
        session.add(site)
        session.flush()
        place = {"company_id": company.id, "site_id": site.id}
        sealed = host.vault.seal(json.dumps(credentials))
        device = Device(name=f"r{site.id}", host=address, port=port, credentials=sealed,
                        snmp_version=SnmpVersion(version), **place)  # fmt: skip
        service = Service(**place)
        session.add_all([device, service])
        session.flush()
        link = Link(reference=f"L{site.id}", designation="", if_name=if_name,
                    device_id=device.id, service_id=service.id, **place)  # fmt: skip
        session.add(link)
        session.flush()
        return link.id
