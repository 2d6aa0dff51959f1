"""What the processes of the collector tell, as the operator reads it on « Collecte »."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.host import Host
from core.network.collection import CollectorState
from core.testing.fixtures import sign_in
from core.testing.replay import routed
from core.testing.world import NOW
from core.web.app import create_app

pytestmark = pytest.mark.usefixtures("at_now")

NUMBERS = {
    "devices": 480,
    "visits_per_second": 16.4,
    "lag": 3.5,
    "timeouts_per_minute": 77,
    "backed_off": 19,
    "gaps": {"reboot": 30, "reset": 13},
    "unwritten": 1_234,
}


def tell(host: Host, **more: Any) -> None:
    with Session(host.engine) as session, session.begin():
        session.merge(
            CollectorState(
                name="0/2", pid=4, engine="gufo", started=NOW - timedelta(hours=1), at=NOW,
                numbers=NUMBERS | more,
            )
        )  # fmt: skip


def cells(host: Host) -> list[str]:
    """Return the texts of the row of the only process."""
    client = sign_in(create_app(host), "staff@operator.example")
    reply = routed(client, "/collecte")
    assert reply.status_code == 200
    (row,) = [one for one in of_type(reply.get_json(), "Tr") if of_type(one, "Td")]
    return [" ".join(texts(cell)).replace("\u202f", " ") for cell in of_type(row, "Td")]


def of_type(tree: Any, kind: str) -> list[Any]:
    """Return the components of a type in what a callback answers, the outer ones."""
    if isinstance(tree, dict) and tree.get("type") == kind:
        return [tree]
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [found for part in parts for found in of_type(part, kind)]


def texts(tree: Any) -> list[str]:
    if isinstance(tree, dict) and "props" in tree:
        return texts(tree["props"].get("children"))
    if isinstance(tree, list):
        return [text for part in tree for text in texts(part)]
    return [tree] if isinstance(tree, str) else []


def test_the_page_tells_polls_lag_timeouts_breaker_gaps_and_queue_of_a_process(
    filled: Host,
) -> None:
    tell(filled)
    name, engine, *figures = cells(filled)
    assert "collecteur 1/2 en marche" in name
    assert (engine, figures) == (
        "gufo", ["480", "16,4", "3,5 s", "77 /min", "19", "43", "1 234"],
    )  # fmt: skip


def test_the_page_tells_that_a_store_refuses(filled: Host) -> None:
    tell(filled, refused_since=NOW.timestamp() - 60)
    assert "la base refuse les mesures : elles attendent" in cells(filled)[0]
