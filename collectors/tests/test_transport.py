"""Every SNMP engine against a real agent: what is promised of one is promised of the other."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from collectors import oids
from collectors.lines import Lines
from collectors.snmp import MISSING, Answer, Job, Kind, Outcome, Target
from collectors.tests.agents import (
    USERS,
    Snmpd,
    ask,
    at,
    free_port,
    responder,
    until,
)

LO = Path("/sys/class/net/lo/statistics")


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_real_agent_gives_its_own_counters(snmpd: Snmpd, engine: Lines, version: str) -> None:
    """snmpd reads the kernel's counters; what we read lies between two readings of the kernel."""
    index = int((LO.parent / "ifindex").read_text())
    column = oids.IF_IN_OCTETS if version == "1" else oids.IF_HC_IN_OCTETS
    target = snmpd.target(version=version)
    before = int((LO / "rx_bytes").read_text())
    seen = -1

    def caught_up() -> bool:  # snmpd keeps its table for some seconds
        nonlocal seen
        seen = int(ask(engine, target, f"{column}.{index}").values[0].text)
        return (before - seen) % 2**32 > 2**31 or seen == before

    until(caught_up, 40)
    after = int((LO / "rx_bytes").read_text())
    assert (seen - before) % 2**32 <= after - before


@pytest.mark.parametrize("user", USERS, ids=str)
def test_snmpv3_users_are_served_at_their_level(snmpd: Snmpd, engine: Lines, user: str) -> None:
    given = ask(engine, snmpd.target(version="3", credentials=USERS[user]))
    assert given.outcome is Outcome.OK
    assert given.values[0].kind in {Kind.TICKS, Kind.NUMBER}


def test_a_column_is_read_by_index(snmpd: Snmpd, engine: Lines) -> None:
    for version in ("1", "2c"):
        names = ask(engine, snmpd.target(version=version), oids.IF_NAME, column=True).rows
        assert "lo" in {value.text for value in names.values()}


@pytest.mark.parametrize("version", ["1", "2c"])
def test_what_an_agent_does_not_have_is_missing_and_the_rest_is_read(
    snmpd: Snmpd, engine: Lines, version: str
) -> None:
    """SNMPv1 refuses the whole question for one name; it is asked again in pieces."""
    target = snmpd.target(version=version)
    values = ask(engine, target, f"{oids.IF_NAME}.9999", oids.SYS_UPTIME, ".1.3.6.1.4.1.9.9").values
    assert values[1].kind in {Kind.TICKS, Kind.NUMBER}
    assert values[0].kind in {MISSING.kind, Kind.NO_SUCH_OBJECT}
    assert values[2].kind in {MISSING.kind, Kind.NO_SUCH_OBJECT}


def test_a_wrong_community_is_silence(snmpd: Snmpd, engine: Lines) -> None:
    assert ask(engine, snmpd.target(credentials={"community": "faux"})).outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("wrong", "outcome"),
    [
        ({"auth_password": "pas le bon"}, Outcome.AUTH),
        ({"user": "personne"}, Outcome.AUTH),
        ({"priv_password": "pas le bon"}, Outcome.TIMEOUT),
        ({"auth_password": "court"}, Outcome.BAD_TARGET),
        ({"auth_protocol": "ROT13"}, Outcome.BAD_TARGET),
        ({"user": ""}, Outcome.BAD_TARGET),
    ],
)
def test_wrong_snmpv3_credentials_are_told_and_right_ones_then_work(
    snmpd: Snmpd, engine: Lines, wrong: dict[str, str], outcome: Outcome
) -> None:
    right = USERS["authpriv"]
    assert ask(engine, snmpd.target(version="3", credentials={**right, **wrong})).outcome is outcome
    assert ask(engine, snmpd.target(version="3", credentials=right)).outcome is Outcome.OK


def test_a_password_that_is_no_longer_right_is_noticed(snmpd: Snmpd, engine: Lines) -> None:
    """net-snmp keeps the keys of a user it has seen: the new, wrong ones must be taken."""
    assert ask(engine, snmpd.target(version="3", credentials=USERS["auth"])).outcome is Outcome.OK
    changed = {**USERS["auth"], "auth_password": "changé hier"}
    assert ask(engine, snmpd.target(version="3", credentials=changed)).outcome is Outcome.AUTH


@pytest.mark.parametrize("version", ["1", "2c", "3"])
def test_a_port_where_nothing_listens_is_refused(engine: Lines, version: str) -> None:
    target = replace(at(free_port(), version), credentials={"community": "x", "user": "denis"})
    assert ask(engine, target).outcome is Outcome.REFUSED


def test_a_name_that_does_not_resolve_is_a_bad_target(engine: Lines) -> None:
    for version in ("2c", "3"):
        target = replace(at(161, version), host="no.such.host.invalid", credentials={"user": "x"})
        assert ask(engine, target).outcome is Outcome.BAD_TARGET


def test_a_host_whose_name_looks_like_a_transport_is_a_host_all_the_same(
    engine: Lines,
) -> None:
    target = replace(at(free_port()), host="ssh-gw.invalid")
    assert ask(engine, target).outcome is Outcome.BAD_TARGET


def test_a_job_is_not_begun_after_the_deadline(snmpd: Snmpd, engine: Lines) -> None:
    engine.open([snmpd.target()])
    box: list[Answer] = []
    engine.poll([Job(1, (oids.SYS_UPTIME,))], box.append, time.monotonic() - 1)
    assert [given.outcome for given in box] == [Outcome.LATE]


def test_the_words_of_a_target_hold_no_secret(snmpd: Snmpd) -> None:
    words = repr(snmpd.target(version="3", credentials=USERS["authpriv"]))
    assert "motdepasse1" not in words
    assert "chiffrement1" not in words


def test_a_silent_agent_holds_up_no_other(snmpd: Snmpd, engine: Lines) -> None:
    """SNMPv3 too, whose sessions open one by one."""
    with responder(lambda _: []) as port:
        silent = [
            replace(at(port, "3"), key=key, credentials=USERS["auth"], timeout=2.0)
            for key in range(10, 13)
        ]
        with ThreadPoolExecutor(3) as pool:
            waiting = [pool.submit(ask, engine, target) for target in silent]
            begin = time.monotonic()
            good = ask(engine, snmpd.target(version="3", credentials=USERS["authpriv"]))
            assert good.outcome is Outcome.OK
            assert time.monotonic() - begin < 1.5
            assert {w.result().outcome for w in waiting} == {Outcome.TIMEOUT}


def test_an_agent_that_restarts_is_heard_again(tmp_path: Path, engine: Lines) -> None:
    """SNMPv3 counts its restarts: the session must follow (RFC 3414, 2.2.2)."""
    agent = Snmpd(tmp_path / "agent")
    target = agent.target(version="3", credentials=USERS["authpriv"])
    agent.start()
    try:
        assert ask(engine, target).outcome is Outcome.OK
        agent.stop()
        assert ask(engine, target).outcome in {Outcome.REFUSED, Outcome.TIMEOUT}
        agent.start()
        until(lambda: ask(engine, target).outcome is Outcome.OK, 10)
    finally:
        agent.stop()


def test_many_threads_and_versions_share_one_process(snmpd: Snmpd, engine: Lines) -> None:
    targets = [
        snmpd.target(1),
        snmpd.target(2, "1"),
        snmpd.target(3, "3", credentials=USERS["authpriv"]),
    ]
    targets += [
        snmpd.target(4, "3", credentials=USERS["md5des"]),
        snmpd.target(5, "3", credentials=USERS["auth"]),
    ]
    engine.open(targets)

    def work(target: Target) -> set[Outcome]:
        box: list[Answer] = []
        get, walk = Job(target.key, (oids.SYS_UPTIME,)), Job(target.key, (oids.IF_NAME,), True)
        engine.poll([get, walk] * 40, box.append, time.monotonic() + 30)
        return {given.outcome for given in box}

    with ThreadPoolExecutor(len(targets)) as pool:
        assert list(pool.map(work, targets)) == [{Outcome.OK}] * len(targets)


def test_sessions_close_and_the_interpreter_ends_in_good_order(snmpd: Snmpd, engine: Lines) -> None:
    """easysnmp's own destructor is a segmentation fault as soon as an SNMPv3 user exists."""
    code = f"""
import time
from {type(engine).__module__} import {type(engine).__name__}
from collectors.snmp import Job, Target
users = [("2c", {{"community": "lecture-7"}}), ("3", {USERS["authpriv"]!r})]
engine = {type(engine).__name__}(1)
engine.open(Target(i, "127.0.0.1", p, v, c, 0.2, 0) for i, (v, c, p) in enumerate(
    [(v, c, p) for v, c in users for p in ({snmpd.port}, {free_port()})]))
said = []
engine.poll([Job(i, (".1.3.6.1.2.1.1.3.0",)) for i in range(4)], said.append, time.monotonic() + 9)
engine.forget([0, 1])
print(*(answer.outcome.value for answer in said))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout.split()) == (0, ["ok", "refused"] * 2), done.stderr
