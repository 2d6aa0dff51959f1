"""What one may do is asked anew at each request, and costs next to nothing."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from core import sessions
from core.accounts import find
from core.people.model import UserQuery
from core.testing.world import NOW


def statements(engine: sa.Engine, call) -> int:
    """Return how many statements a call runs."""
    run: list[str] = []

    def count(_connection, _cursor, statement, *_more) -> None:
        if not statement.lower().startswith("pragma"):
            run.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        call()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(run)


def test_the_rights_of_a_request_are_two_statements(world):
    host = world.host
    with Session(host.engine) as session:
        account = find(session, "alice@a.example")
        token = sessions.open_session(session, account, "::1", "test", NOW)
    assert sessions.who(host.engine, token, host.limits, NOW) is not None
    assert statements(host.engine, lambda: sessions.who(host.engine, token, host.limits, NOW)) <= 2


def test_a_page_of_the_list_is_as_many_statements_whatever_it_holds(world, draft):
    desk = world.desk("admin@a.example")
    few = statements(world.host.engine, lambda: desk.page(UserQuery()))
    for n in range(20):
        desk.create(draft(email=f"n{n}@a.example"))
    assert statements(world.host.engine, lambda: desk.page(UserQuery())) == few <= 6
