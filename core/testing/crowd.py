"""A large customer, to try walls and speed: every state, a day of traffic; nothing is polled."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core.db import Company, Customer
from core.host import Host
from core.network.inventory import Link, LinkRole, Service, Site, StateChange
from core.network.metrics import Sample
from core.network.status import Reason, State

STATES = {
    State.DOWN: (Reason.INTERFACE_DOWN, 2),
    State.DEGRADED: (Reason.UNPROTECTED, 5),
    State.UNKNOWN: (Reason.UNREACHABLE, 2),
}
"""How many services are in trouble, and why; all the others are up."""
COMMUNES = (
    ("Bourg-en-Bresse", "01000", 46.21, 5.23),
    ("Montluçon", "03100", 46.34, 2.6),
    ("Gap", "05000", 44.56, 6.08),
    ("Annonay", "07100", 45.24, 4.67),
    ("Pamiers", "09100", 43.12, 1.61),
    ("Narbonne", "11100", 43.18, 3.0),
    ("Marseille", "13001", 43.3, 5.38),
    ("Aurillac", "15000", 44.93, 2.44),
    ("La Rochelle", "17000", 46.16, -1.15),
    ("Brive-la-Gaillarde", "19100", 45.16, 1.53),
    ("Saint-Brieuc", "22000", 48.52, -2.77),
    ("Périgueux", "24000", 45.19, 0.71),
    ("Valence", "26000", 44.93, 4.91),
    ("Chartres", "28000", 48.45, 1.49),
    ("Ajaccio", "20000", 41.92, 8.74),
    ("Nîmes", "30000", 43.84, 4.36),
    ("Auch", "32000", 43.65, 0.59),
    ("Montpellier", "34000", 43.61, 3.88),
    ("Châteauroux", "36000", 46.81, 1.69),
    ("Grenoble", "38000", 45.18, 5.71),
    ("Mont-de-Marsan", "40000", 43.89, -0.5),
    ("Saint-Étienne", "42000", 45.43, 4.39),
    ("Nantes", "44000", 47.22, -1.55),
    ("Cahors", "46000", 44.45, 1.44),
    ("Mende", "48000", 44.52, 3.5),
    ("Cherbourg-en-Cotentin", "50100", 49.64, -1.62),
    ("Saint-Dizier", "52100", 48.64, 4.95),
    ("Nancy", "54000", 48.68, 6.18),
    ("Lorient", "56100", 47.75, -3.37),
    ("Nevers", "58000", 46.99, 3.16),
    ("Beauvais", "60000", 49.43, 2.08),
    ("Calais", "62100", 50.95, 1.86),
    ("Pau", "64000", 43.31, -0.36),
    ("Perpignan", "66000", 42.7, 2.9),
    ("Mulhouse", "68100", 47.75, 7.33),
    ("Vesoul", "70000", 47.63, 6.14),
    ("Le Mans", "72000", 48.0, 0.2),
    ("Annecy", "74000", 45.91, 6.13),
    ("Le Havre", "76600", 49.49, 0.11),
    ("Versailles", "78000", 48.8, 2.13),
    ("Amiens", "80000", 49.9, 2.3),
    ("Montauban", "82000", 44.02, 1.35),
    ("Avignon", "84000", 43.95, 4.81),
    ("Poitiers", "86000", 46.58, 0.34),
    ("Épinal", "88000", 48.18, 6.45),
    ("Belfort", "90000", 47.64, 6.85),
)
"""Name, postal code, degrees north, degrees east."""
KINDS = ("Magasin", "Entrepôt", "Dépôt", "Showroom", "Agence")


def fill(host: Host, services: int, now: datetime, name: str = "Mobilier Hexagone") -> int:
    """Write a customer with so many services, read at ``now``; return its id.

    The services in trouble are those of ``STATES``, if there are that many.
    """
    draw = random.Random(services)  # noqa: S311 - no secret, the same each time
    states = [(state, why) for state, (why, many) in STATES.items() for _ in range(many)]
    states += [(State.UP, Reason.NONE)] * services
    with Session(host.engine) as session:
        customer = Customer(number=f"CLI-{name}", name=name)
        session.add(customer)
        session.flush()
        company = Company(customer_id=customer.id, name=f"{name} Distribution")
        session.add(company)
        session.flush()
        samples: list[Sample] = []
        read: dict[int, int] = {}
        end = int(now.timestamp()) // 300 * 300
        for n in range(services):
            commune, code, north, east = COMMUNES[n % len(COMMUNES)]
            around = draw.uniform(-0.4, 0.4) if n >= len(COMMUNES) else 0.0
            state, reason = states[n]
            since = now - timedelta(seconds=draw.randrange(300, 200_000))
            site = Site(
                company_id=company.id,
                name=f"{draw.choice(KINDS)} {commune}" + (f" {n}" if around else ""),
                commune=f"{commune} {n}" if around else commune,
                postal_code=code,
                latitude=north + around,
                longitude=east + draw.uniform(-0.4, 0.4) * bool(around),
            )
            session.add(site)
            session.flush()
            of = {"company_id": company.id, "site_id": site.id}
            told = {"state": state, "reason": reason}
            service = Service(**of, **told, since=since)
            session.add(service)
            session.flush()
            link = Link(
                **of,
                **told,
                reference=f"{name[:1]}{customer.id:04d}-{n:05d}-001",
                designation="Fibre FTTO 100M",
                role=LinkRole.MAIN,
                service_id=service.id,
                contract_in_bps=100_000_000,
                contract_out_bps=100_000_000,
                since=since,
            )
            session.add(link)
            session.flush()
            session.add(StateChange(**of, **told, service_id=service.id, link_id=None, at=since))
            octets = draw.randrange(100_000_000, 3_200_000_000)
            samples += [
                Sample(link.id, t, 300.0, octets, octets // 4)
                for t in range(end - 86_400, end, 300)
            ]
            read[link.id] = int(now.timestamp())
        session.commit()
        host.metrics.record(samples)
        host.metrics.mark_read(read)
        return customer.id
