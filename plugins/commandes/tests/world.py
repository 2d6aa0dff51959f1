"""Orders and subscriptions of the two tenants that must not meet: a canary in every text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.api import Contact, Link
from plugins.commandes.models import (
    Actor,
    CancellationRequest,
    ContactChange,
    Kind,
    OrderChange,
    OrderLine,
    OrderMessage,
    ProductionCode,
    Stage,
    Subscription,
    is_installed,
    line_words,
)
from plugins.commandes.offers import subscription_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from core.host import Host
    from core.testing.world import Tenant

DAY = date(2026, 11, 10)
AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
STATES = ("INSTALL PROGRAMMEE", "PRODUCTION EN COURS", "INSTALLEE")


def fill(host: Host, session: Session, tenants: Sequence[Tenant]) -> None:
    """Give each link of the tenants an order and a subscription, with all that belongs to them."""
    session.add(
        ProductionCode(
            code="ERAT_260", label="Travaux opérateur à réaliser", stage=Stage.WORKS,
            actor=Actor.THIRD,
        )
    )  # fmt: skip
    for tenant in tenants:
        query = sa.select(Link).where(Link.company_id.in_(tenant.company_ids)).order_by(Link.id)
        for n, link in enumerate(session.scalars(query).all()):
            _order(session, tenant.canary, link, n)
            _subscription(host, session, tenant.canary, link, n)
    session.flush()


def _order(session: Session, canary: str, link: Link, n: int) -> None:
    of = {"company_id": link.company_id, "site_id": link.site_id}
    state, article = STATES[n % len(STATES)], f"{canary} IP VPN SDSL"
    label = f"{canary} travaux à réaliser"
    line = OrderLine(
        **of, reference=link.reference, kind=Kind.CREATION, article=article, state=state,
        contract=DAY + timedelta(days=n), wanted=None, router=DAY, link=DAY - timedelta(days=3),
        code="ERAT_260", production_label=label, installed=is_installed(state),
        words=line_words(link.reference, article, state, "ERAT_260", label),
    )  # fmt: skip
    session.add(line)
    session.flush()
    session.add_all(
        [
            OrderChange(**of, line_id=line.id, at=AT, field="state", before=canary, after=state),
            OrderMessage(
                **of, line_id=line.id, at=AT, author=f"{canary}@operateur", name=canary,
                from_operator=True, text=f"{canary} bonjour",
            ),
        ]
    )  # fmt: skip


def _subscription(host: Host, session: Session, canary: str, link: Link, n: int) -> None:
    of = {"company_id": link.company_id, "site_id": link.site_id}
    one = Subscription(
        **of, reference=link.reference, designation=f"{canary} Liaison {n}", offer="ip-vpn",
        technology="SDSL", customer_reference=f"{canary} ref", category=f"{canary} catégorie",
        lan_address="10.0.0.1", lan_mask="255.255.255.0", radius_login=f"{canary}@radius",
        radius_secret=host.vault.seal(f"{canary} secret"), sales_name=f"{canary} commercial",
        sales_email=f"{canary}@ventes", started=DAY, facts={"debit": f"{canary} 2M"},
    )  # fmt: skip
    one.words = subscription_words(one)
    session.add(one)
    session.flush()
    contact = session.scalar(sa.select(Contact).where(Contact.site_id == link.site_id))
    session.add_all(
        [
            CancellationRequest(
                **of, subscription_id=one.id, wanted=DAY + timedelta(days=60),
                reason=f"{canary} fermeture", asked_at=AT, asked_by=f"{canary}@client",
            ),
            ContactChange(
                **of, contact_id=contact.id if contact else None, at=AT, by=f"{canary}@client",
                before={"name": f"{canary} avant"}, after={"name": f"{canary} contact"},
            ),
        ]
    )  # fmt: skip
