"""Why a service is orange, said wherever its LED is: for every reason, none has code of its own."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.api import Link, Reason, Service, State, StateChange, capital, reason_words
from core.host import Host
from core.testing.context import context_of, words
from core.testing.world import NOW
from plugins.supervision.home import home_body
from plugins.supervision.pages import services
from plugins.supervision.tabs import history

MAIN = "CANARI-A-10-000"


def degrade(host: Host, reason: Reason) -> None:
    """Make the main link ``MAIN`` and its service degraded for a reason."""
    degraded = {"state": State.DEGRADED, "reason": reason, "since": NOW}
    with Session(host.engine) as session:
        link = session.query(Link).filter(Link.reference == MAIN).one()
        session.execute(update(Link).where(Link.id == link.id).values(**degraded))
        session.execute(update(Service).where(Service.id == link.service_id).values(**degraded))
        for of_link in (None, link.id):
            session.add(
                StateChange(
                    company_id=link.company_id,
                    site_id=link.site_id,
                    service_id=link.service_id,
                    link_id=of_link,
                    state=State.DEGRADED,
                    reason=reason,
                    at=NOW,
                )
            )
        session.commit()


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (Reason.UNSTABLE, "Le service est dégradé, une liaison est instable"),
        (Reason.LOSS, "Le service est dégradé, une liaison perd des paquets"),
        (Reason.ERRORS, "Le service est dégradé, une liaison transmet avec des erreurs"),
        (Reason.DELAY, "Le service est dégradé, une liaison répond lentement"),
        (Reason.JITTER, "Le service est dégradé, le délai d’une liaison varie trop"),
    ],
)
def test_every_page_says_why_a_service_is_degraded(
    filled: Host, reason: Reason, sentence: str
) -> None:
    degrade(filled, reason)
    why = reason_words(reason)
    with context_of(filled, "alice@a.example", query={"service": MAIN}) as ctx:
        (link,) = ctx.db.all(select(Link).where(Link.reference == MAIN))
        page, card, past = words(services(ctx)), words(home_body(ctx)), words(history(ctx, link))
    assert f"Dégradé {why}" in " ".join(page.split()), "the table"
    assert sentence in page, "the panel"
    assert f"Dégradée · {why}" in " ".join(page.split()), "its main link"
    assert capital(why) in card, "the home page"
    assert capital(why) in past, "the history"
