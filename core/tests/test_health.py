"""``/readyz`` is public: it asks the database now and then; ``balise check`` always does."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core import health
from core.host import Host
from core.testing.world import NOW
from core.web.app import create_app


def break_schema(host: Host) -> None:
    with host.engine.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = 'of tomorrow'"))


def test_readiness_asked_again_and_again_reads_the_schema_once(host: Host) -> None:
    reads: list[str] = []

    @sa.event.listens_for(host.engine, "before_cursor_execute")
    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        reads.extend([statement] if "alembic_version.version_num" in statement else [])

    client = create_app(host).test_client()
    replies = [client.get("/readyz") for _ in range(10)]
    assert {reply.status_code for reply in replies} == {200}
    assert replies[0].json == {"ready": True, "checks": {"database": "ok", "collector": "ok"}}
    assert len(reads) == 1


def test_readiness_sees_a_change_once_its_answer_is_old(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(host).test_client()
    assert client.get("/readyz").status_code == 200
    break_schema(host)
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(health, "REMEMBERED", 0.0)
    assert client.get("/readyz").status_code == 503


def test_the_check_never_answers_from_memory(host: Host) -> None:
    assert health.check_database(host.engine).level == "ok"
    break_schema(host)
    assert health.check_database(host.engine).level == "ok"
    assert health.findings(host, NOW)[0].level == "error"


def test_a_table_that_a_changed_migration_never_made_is_told(host: Host) -> None:
    assert not health.check_schemas(host)
    with host.engine.begin() as connection:
        connection.execute(sa.text("drop table factures_consumption"))
    (found,) = health.check_schemas(host)
    assert (found.subject, found.level) == ("rubric:factures", "error")
    assert "factures_consumption" in found.text
