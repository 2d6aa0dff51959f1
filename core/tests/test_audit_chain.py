"""The audit log is a chain: whatever is done to its lines in the database is found."""

from __future__ import annotations

import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from core import audit, audit_chain, audit_verify, migrate
from core.audit import AuditEntry
from core.audit_chain import ChainError
from core.audit_verify import FaultKind
from core.cli import main
from core.engine import create_engine

AT = datetime(2026, 11, 26, 9, 30, 15, 123456, tzinfo=UTC)


def write(host, count, **more):
    for n in range(count):
        facts = {"before": {"b": n, "a": 0.1}, "after": [n, None, "é"], **more}
        audit.write(host.engine, now=AT, actor="a@a.example", action="try", target=f"t{n}", **facts)


def by_hand(host, *statements):
    """Do what somebody with the file of the database alone would: the triggers go first."""
    with closing(sqlite3.connect(host.config.data / "balise.db")) as own:
        names = own.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in names:
            if name.startswith("audit"):
                own.execute(f"drop trigger {name}")
        for statement in statements:
            own.execute(statement)
        own.commit()


def faults(host, *checkpoints):
    found = audit_verify.verify(host.engine, checkpoints).faults
    return [(fault.kind, fault.first, fault.last) for fault in found]


def test_what_was_written_is_whole(host):
    assert audit_verify.verify(host.engine).ok
    write(host, 5)
    verdict = audit_verify.verify(host.engine)
    assert (verdict.ok, verdict.lines, verdict.old) == (True, 5, 0)


COPY = (
    "insert into audit_entry select {}, at, actor, action, {}, facts, address, reference,"
    "customer_id, acting, mac from audit_entry where id = {}"
)
MOVE = "update audit_entry set id = {} where id = {}"
CUT = "delete from audit_entry where id > 3"
DONE = [
    (["update audit_entry set target = 'other' where id = 3"], FaultKind.ALTERED, 3, 3),
    (["update audit_entry set facts = '{}' where id = 3"], FaultKind.ALTERED, 3, 3),
    (["update audit_entry set acting = 1 where id = 5"], FaultKind.ALTERED, 5, 5),
    (["update audit_entry set customer_id = 1 where id = 1"], FaultKind.ALTERED, 1, 1),
    (["update audit_entry set at = '2026-11-26 09:30:15.1' where id = 2"], FaultKind.ALTERED, 2, 2),
    (["delete from audit_entry where id = 3"], FaultKind.MISSING, 3, 3),
    (["delete from audit_entry where id in (1, 2)"], FaultKind.MISSING, 1, 2),
    ([CUT], FaultKind.TRUNCATED, 4, 5),
    ([CUT, "update audit_head set last = 3"], FaultKind.HEAD, 3, 3),
    (
        [CUT, "update audit_head set last = 3, mac = (select max(mac) from audit_entry)"],
        FaultKind.HEAD, 3, 3,
    ),
    (["delete from audit_head"], FaultKind.HEAD, 0, 0),
    ([COPY.format(9, "target", 2)], FaultKind.ADDED, 9, 9),
    ([COPY.format(-1, "target", 2)], FaultKind.ADDED, -1, -1),
    ([MOVE.format(100, 2), MOVE.format(2, 4), MOVE.format(4, 100)], FaultKind.ALTERED, 2, 2),
    # A line put between two others, those after it moved by one.
    (
        [
            MOVE.format(6, 5),
            MOVE.format(5, 4),
            COPY.format(4, "'new'", 3),
            "update audit_head set last = 6",
        ],
        FaultKind.ALTERED, 4, 4,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("done", "kind", "first", "last"), DONE)
def test_what_is_done_to_lines_is_found_and_the_first_is_named(host, done, kind, first, last):
    write(host, 5)
    by_hand(host, *done)
    assert faults(host)[0] == (kind, first, last)


def test_lines_older_than_the_chain_are_tied_to_it(host):
    old = [
        "insert into audit_entry (id, at, actor, action, target, facts) values "
        f"({n}, '2026-01-0{n} 00:00:00.000000', 'old', 'x', '', '{{}}')"
        for n in (1, 2)
    ]
    by_hand(host, *old, "update audit_head set begins = 2, last = 2")
    write(host, 2)
    verdict = audit_verify.verify(host.engine)
    assert (verdict.ok, verdict.lines, verdict.old) == (True, 2, 2)
    by_hand(host, "update audit_entry set actor = 'someone else' where id = 1")
    assert faults(host) == [(FaultKind.OLD, 3, 3)]


def test_an_older_copy_of_the_log_is_told_by_a_checkpoint_kept_elsewhere(host):
    write(host, 3)
    older = audit_verify.checkpoint(host.engine, AT)
    write(host, 2)
    newer = audit_verify.checkpoint(host.engine, AT)
    assert faults(host, older, newer) == []
    by_hand(
        host, "delete from audit_entry where id > 3",
        f"update audit_head set last = 3, mac = '{older.mac}', seal = '{older.seal}'",
    )  # fmt: skip
    assert faults(host) == []  # the database alone fits: this is what checkpoints are for
    assert faults(host, older, newer) == [(FaultKind.CHECKPOINT, 5, 5)]


def test_a_forged_checkpoint_is_none(host):
    write(host, 3)
    made = audit_verify.checkpoint(host.engine, AT)
    forged = audit_verify.Checkpoint(made.at, 0, 2, made.mac, made.seal)
    assert faults(host, forged) == [(FaultKind.CHECKPOINT, 2, 2)]


def test_the_worker_keeps_a_checkpoint_when_something_was_written(host):
    folder = host.config.data
    assert audit_verify.keep_checkpoint(host.engine, folder, AT) is None
    write(host, 2)
    assert audit_verify.keep_checkpoint(host.engine, folder, AT)
    assert audit_verify.keep_checkpoint(host.engine, folder, AT) is None
    write(host, 1)
    assert audit_verify.keep_checkpoint(host.engine, folder, AT)
    with (folder / audit_verify.CHECKPOINTS).open() as file:
        assert [one.last for one in audit_verify.read_checkpoints(file)] == [2, 3]


def test_the_database_itself_refuses_to_change_the_log(host):
    write(host, 2)
    statements = (
        "update audit_entry set actor = 'x'",
        "delete from audit_entry",
        "insert into audit_entry (at, actor, action, target, facts) values ('', '', '', '', '')",
        "delete from audit_head",
        "update audit_head set last = 1",
        "insert into audit_head (id, begins, last) values (2, 0, 0)",
    )
    with closing(sqlite3.connect(host.config.data / "balise.db")) as own:
        for statement in statements:
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                own.execute(statement)


def test_without_its_head_or_its_key_nothing_is_written_as_if_it_were_well(host):
    by_hand(host, "delete from audit_head")
    with pytest.raises(ChainError):
        write(host, 1)
    with pytest.raises(ChainError):
        audit.write(
            create_engine(host.config.database_url), now=AT, actor="a", action="try", target=""
        )


def test_another_key_makes_another_chain(host):
    write(host, 2)
    audit_chain.arm(host.engine, lambda: b"another key, of thirty-two octets")
    assert faults(host)[0][0] is FaultKind.ALTERED


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from core import audit, config
from core.host import Host
folder = sys.argv[1]
host = Host(config.load(Path(folder) / "config.yaml", {"BALISE_STORAGE_DATA": folder}))
print("ready", flush=True)
sys.stdin.readline()
for n in range(int(sys.argv[2])):
    audit.write(host.engine, now=datetime.now(UTC), actor=sys.argv[3], action="try", n=n)
    print(n, flush=True)
"""


def writer(host, count, name):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(host.config.data), str(count), name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ},
    )  # fmt: skip


def test_two_processes_that_write_a_thousand_lines_each_make_one_chain(host):
    both = [writer(host, 1000, name) for name in ("one", "two")]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:  # both wait at this line: they write at the same time
        process.stdin.write("\n")
        process.stdin.flush()
    for process in both:
        process.communicate(timeout=120)
        assert process.returncode == 0
    verdict = audit_verify.verify(host.engine)
    assert (verdict.ok, verdict.lines) == (True, 2000)
    with host.engine.connect() as connection:
        actors = connection.scalars(sa.select(AuditEntry.actor).order_by(AuditEntry.id)).all()
    assert sum(a != b for a, b in itertools.pairwise(actors)) > 10  # they did mingle


def test_a_process_killed_while_it_writes_leaves_the_chain_right(host):
    for _ in range(3):
        process = writer(host, 100_000, "killed")
        process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
        told = 0
        while told < 40:
            told = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    write(host, 1)
    verdict = audit_verify.verify(host.engine)
    assert verdict.ok
    assert verdict.lines >= 3 * 41 + 1  # what was acknowledged is there


def test_a_line_whose_work_is_undone_leaves_no_hole(host):
    write(host, 1)
    with host.engine.connect() as connection:
        audit.note(connection, now=AT, actor="a", action="undone")
        connection.rollback()
    write(host, 1)
    assert audit_verify.verify(host.engine).lines == 2


def test_the_migration_ties_what_stood_before_it(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'b.db'}")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        head = connection.exec_driver_sql("select begins, last, mac from audit_head").one()
    assert tuple(head) == (0, 0, None)
    engine.dispose()


def test_verify_says_it_to_people_and_to_scripts(host):
    def balise(*arguments):
        command = ["--config", str(host.config.path), "audit", *arguments]
        environ = {"BALISE_STORAGE_DATA": str(host.config.data)}
        return CliRunner().invoke(main, command, env=environ)

    assert balise("checkpoint").exit_code == 1
    write(host, 4)
    kept = host.config.data / "kept.jsonl"
    kept.write_text(balise("checkpoint").output)
    reply = balise("verify", "--checkpoint", str(kept))
    assert (reply.exit_code, "Le journal est entier : 4 lignes" in reply.output) == (0, True)
    rows = [json.loads(line) for line in balise("export").output.splitlines()]
    assert [row["target"] for row in rows] == ["t0", "t1", "t2", "t3"]
    assert balise("export", "--since", "2026-11-27").output == ""
    by_hand(host, "delete from audit_entry where id = 2")
    reply = balise("verify")
    assert (reply.exit_code, "ligne 2 : manque." in reply.output) == (1, True)
    told = json.loads(balise("verify", "--json").output)
    assert told["ok"] is False
    assert told["faults"] == [{"kind": "missing", "first": 2, "last": 2}]


def test_what_has_the_name_of_a_secret_is_masked_and_what_is_long_is_cut(host):
    facts = {"password": "p", "inner": [{"api_token": "t", "name": "n"}], "long": "x" * 9999}
    audit.write(host.engine, now=AT, actor="a", action="try", **facts)
    with host.engine.connect() as connection:
        kept = connection.scalar(sa.select(AuditEntry.facts))
    assert kept["password"] == "***"
    assert kept["inner"] == [{"api_token": "***", "name": "n"}]
    assert len(kept["long"]) == audit.LONGEST
    assert audit_verify.verify(host.engine).ok


def test_refusals_cannot_flood_the_log(host):
    def refuse(times, actor, address):
        for _ in range(times):
            audit.write(host.engine, now=AT, actor=actor, action="refused", address=address)

    refuse(25, "a@a.example", "192.0.2.1")
    with host.engine.connect() as connection:
        facts = connection.scalars(sa.select(AuditEntry.facts).order_by(AuditEntry.id)).all()
    assert len(facts) == audit.MOST["actor"]
    assert [fact.get("more") for fact in facts[-2:]] == [None, "not kept"]
    for n in range(40):
        refuse(1, f"{n}@a.example", "192.0.2.1")
    write(host, 1)  # what is no refusal is always kept
    with host.engine.connect() as connection:
        total = connection.scalar(sa.select(sa.func.count(AuditEntry.id)))
    assert total == audit.MOST["address"] + 1
