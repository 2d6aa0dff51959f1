"""Subscriptions of the demonstration, of every link and site; the orders are ``demo_orders``'s.

Drawn from the references, always the same for a day. People are fictitious, as all of the demo.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from core.api import Demo, Link, LinkRole
from plugins.commandes.demo_orders import Draw, article_of, orders_of, owner_of, technology
from plugins.commandes.demo_words import CODES, MANAGERS, SALES
from plugins.commandes.models import ProductionCode, Subscription
from plugins.commandes.offers import subscription_words


def rows(demo: Demo) -> Iterator[Any]:
    """Yield the rows of the demonstration."""
    for code, label, stage, actor in CODES:
        yield ProductionCode(code=code, label=label, stage=stage, actor=actor)
    firsts: set[int] = set()
    for link in demo.links:
        draw = Draw(link.reference)
        made = _subscriptions(demo, link, draw, first=link.company_id not in firsts)
        firsts.add(link.company_id)
        yield from made
        yield from orders_of(demo, link, made[0], draw)


def _subscriptions(demo: Demo, link: Link, draw: Draw, *, first: bool) -> list[Subscription]:
    """Return what is subscribed with a link, the link itself first."""
    return list(_made(demo, link, draw, first=first))


def _made(demo: Demo, link: Link, draw: Draw, *, first: bool) -> Iterator[Subscription]:
    number = draw.below("lan", 60_000)
    lan, wan = f"10.{number // 256}.{number % 256}.1", f"172.20.{number // 256}.{number % 256}"
    backup = link.role is LinkRole.BACKUP
    mobile = "4G" in link.designation
    rate = f"{(link.contract_in_bps or 0) // 1_000_000} Mbit/s"
    up = f"{(link.contract_out_bps or 0) // 1_000_000} Mbit/s"
    router = link.device.model if link.device else None
    facts: dict[str, Any] = {"debit": rate, "routeur": router}
    if mobile:
        iccid = 10**9 + draw.below("sim", 10**9)
        facts |= {"reseau": "4G", "iccid": f"8933 0100 {iccid:010}"}
    else:
        facts |= {
            "debit_montant": up, "gtr": "4 h, 24 h / 24 et 7 j / 7",
            "support": technology(link),
            "cos": "Voix, vidéo, données prioritaires" if "FTTO" in link.designation else "Aucune",
        }  # fmt: skip
    yield _subscription(
        demo, link, draw, link.reference, article_of(link),
        "secours-4g" if mobile else "ip-vpn", technology(link),
        "Article d’abonnement de liaison de données (AEIL)", facts,
        lan_address=lan, lan_mask="255.255.255.0", wan_address=wan, wan_mask="255.255.255.252",
        radius_login=f"{link.reference.lower()}@vpn.operateur.example",
        radius_secret=demo.seal(f"{zlib.crc32(link.reference.encode()):08x}-demo"), quantity=1,
    )  # fmt: skip
    if backup:
        return
    stem = link.reference.rpartition("-")[0]
    if draw.below("voice", 5) == 0:
        channels = 4 + 4 * draw.below("channels", 8)
        yield _subscription(
            demo, link, draw, f"{stem}-201", "Trunk SIP", "voix", "Voix",
            "Article d’abonnement de téléphonie",
            {"canaux": channels, "numeros": f"01 99 00 {draw.below('n', 90):02} 00 à 49",
             "gtr": "4 h en heures ouvrées"}, quantity=channels,
        )  # fmt: skip
    if first:
        yield _subscription(
            demo, link, draw, f"{stem}-901", "Cœur de réseau IP VPN", "coeur",
            "Cœur de réseau", "Article d’abonnement de réseau privé",
            {"vrf": f"VPN-{stem}", "parefeu": "Cluster managé", "gtr": "4 h, 24 h / 24 et 7 j / 7"},
            quantity=1,
        )  # fmt: skip
        yield _subscription(
            demo, link, draw, f"{stem}-301", "Accès Internet centralisé", "internet",
            "Internet", "Article d’abonnement d’accès Internet",
            {"debit": "500 Mbit/s", "debit_montant": "500 Mbit/s", "parefeu": "Cluster managé",
             "gtr": "4 h, 24 h / 24 et 7 j / 7"}, quantity=1,
        )  # fmt: skip


def _subscription(
    demo: Demo, link: Link, draw: Draw, reference: str, name: str, offer: str,
    group: str, category: str, facts: dict[str, Any], **more: Any,
) -> Subscription:  # fmt: skip
    sales, manager = draw.one("sales", SALES), draw.one("manager", MANAGERS)
    own = f"SITE-{1000 + draw.below('own', 9000)}" if draw.below("has", 3) else None
    one = Subscription(
        **owner_of(link), reference=reference, designation=name, offer=offer, technology=group,
        customer_reference=own, category=category, facts=facts,
        started=draw.started(demo.now.date()),
        sales_name=sales[0], sales_email=sales[1], manager_name=manager[0],
        manager_email=manager[1], **more,
    )  # fmt: skip
    one.words = subscription_words(one)
    return one
