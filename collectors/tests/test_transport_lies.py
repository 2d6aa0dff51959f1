"""Every SNMP engine against agents that lie, stay silent or talk too much: each harms itself."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from collectors import engines, oids
from collectors.lines import Lines
from collectors.simulator import ber
from collectors.snmp import ABSENT, Answer, Job, Kind, Outcome, Target
from collectors.tests.agents import (
    USERS,
    Reply,
    Snmpd,
    answer,
    ask,
    at,
    free_port,
    numbers,
    responder,
)

TICKS = ber.unsigned(4242, ber.TIMETICKS)
OTHER = (1, 3, 6, 1, 2, 1, 1, 1, 0)
COLUMN = numbers(oids.IF_NAME)
NONSENSE = {Outcome.TIMEOUT, Outcome.BAD_ANSWER}
"""What does not decode: easysnmp passes over it in silence, gufo-snmp says so in the end."""
LIES: dict[str, tuple[Reply, set[Outcome]]] = {
    "silence": (lambda _: [], {Outcome.TIMEOUT}),
    "garbage": (lambda _: [b"\x30\x82\xff\xffbonjour", b"", b"\x00" * 1400], NONSENSE),
    "half a message": (lambda r: [answer(r, value=TICKS)[:-3]], NONSENSE),
    "a length that lies": (lambda r: [answer(r, value=b"\x43\x09\x01")], NONSENSE),
    "a name that is none": (
        lambda r: [answer(r, value=TICKS).replace(b"\x06\x08", b"\x00\x08")],
        NONSENSE,
    ),
    "another request": (
        lambda r: [answer(r, value=TICKS, request_id=ber.integer(7))],
        {Outcome.TIMEOUT},
    ),
    "another community": (
        lambda r: [answer(r.replace(b"public", b"secret"), value=TICKS)],
        {Outcome.TIMEOUT, Outcome.OK},  # easysnmp does not look at it: source and number are right
    ),
    "another OID": (lambda r: [answer(r, [(OTHER, TICKS)])], {Outcome.BAD_ANSWER}),
    "no value": (lambda r: [answer(r, [])], {Outcome.BAD_ANSWER}),
    "an error": (lambda r: [answer(r, error=(5, 1))], {Outcome.BAD_ANSWER}),
    "tooBig for one value": (lambda r: [answer(r, error=(1, 0))], {Outcome.BAD_ANSWER}),
    "an error no RFC knows": (lambda r: [answer(r, error=(77, 9_999))], {Outcome.BAD_ANSWER}),
    "60,000 octets": (
        lambda r: [answer(r, value=ber.tlv(4, b"\xff" * 60_000))],
        {Outcome.OK, Outcome.BAD_ANSWER},
    ),
    "each answer three times": (lambda r: [answer(r, value=TICKS)] * 3, {Outcome.OK}),
    "garbage, then the answer": (lambda r: [b"\x30\x00", answer(r, value=TICKS)], {Outcome.OK}),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_agent_harms_no_other(snmpd: Snmpd, engine: Lines, lie: str) -> None:
    """Each lie has its outcome, twice the same; the honest agent beside it answers meanwhile and
    after. (What is of a wrong type comes through, for the decoder: see ``test_interfaces``.)"""
    reply, outcomes = LIES[lie]
    timeout = 0.2 if outcomes & {Outcome.TIMEOUT} else 2.0
    with responder(reply) as port, ThreadPoolExecutor(1) as pool:
        for _ in range(2):
            lying = pool.submit(ask, engine, at(port, key=7, timeout=timeout))
            assert ask(engine, snmpd.target()).outcome is Outcome.OK
            assert lying.result().outcome in outcomes
    assert ask(engine, snmpd.target()).outcome is Outcome.OK


@pytest.mark.parametrize("version", ["1", "2c"])
def test_names_of_any_octets_come_as_they_are(engine: Lines, version: str) -> None:
    """Octet by octet: which alphabet a router writes in is for the decoder to find."""
    text = bytes(range(1, 256))
    with responder(lambda r: [answer(r, value=ber.tlv(ber.OCTETS, text))]) as port:
        (value,) = ask(engine, at(port, version)).values
    assert value == (Kind.STRING, text.decode("latin-1"))


@pytest.mark.parametrize(
    ("tag", "body", "text"),
    [
        (ber.COUNTER64, b"\0" + b"\xff" * 8, str(2**64 - 1)),
        (ber.COUNTER32, b"\0\xff\xff\xff\xff", str(2**32 - 1)),
        (ber.TIMETICKS, b"\x10\x92", "4242"),
        (ber.INTEGER, b"\xff", "-1"),
    ],
)
def test_numbers_come_whole_with_their_type_if_the_engine_keeps_it(
    engine: Lines, tag: int, body: bytes, text: str
) -> None:
    with responder(lambda r: [answer(r, value=ber.tlv(tag, body))]) as port:
        (value,) = ask(engine, at(port)).values
    assert value.text == text
    assert value.kind != Kind.STRING


def test_an_answer_from_another_port_is_not_heard(snmpd: Snmpd, engine: Lines) -> None:
    """Tried: easysnmp alone takes the answer of whoever knows the number of the request."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent,
    ):
        agent.bind(("127.0.0.1", 0))
        agent.settimeout(5)

        def misdirect() -> None:
            request, source = agent.recvfrom(65_535)
            stranger.sendto(answer(request, value=TICKS), source)

        thread = threading.Thread(target=misdirect)
        thread.start()
        given = ask(engine, at(agent.getsockname()[1], key=7, timeout=0.3))
        thread.join()
    assert given.outcome is Outcome.TIMEOUT
    assert ask(engine, snmpd.target()).outcome is Outcome.OK


def test_the_late_answer_to_a_former_try_is_not_taken_for_the_next(engine: Lines) -> None:
    """An agent that is silent at first, then answers both tries, the former one first."""
    heard: list[bytes] = []

    def late(request: bytes) -> Iterable[bytes]:
        heard.append(request)
        said = [answer(r, value=ber.unsigned(n, ber.TIMETICKS)) for n, r in enumerate(heard, 1)]
        return said if len(heard) > 1 else []

    with responder(late) as port:
        target = replace(at(port, timeout=0.8), retries=1)
        assert [value.text for value in ask(engine, target).values] == ["2"]
        assert [value.text for value in ask(engine, target).values] == ["3"]


def counting(heard: list[bytes]) -> Reply:
    def silent(request: bytes) -> Iterable[bytes]:
        heard.append(request)
        return []

    return silent


@pytest.mark.parametrize(("retries", "tries", "expected"), [(0, 0, 1), (2, 0, 3), (2, 1, 1)])
def test_a_silent_agent_is_asked_as_often_as_was_said(
    engine: Lines, retries: int, tries: int, expected: int
) -> None:
    heard: list[bytes] = []
    box: list[Answer] = []
    with responder(counting(heard)) as port:
        engine.open([replace(at(port), timeout=0.1, retries=retries)])
        engine.poll([Job(1, (oids.SYS_UPTIME,), tries=tries)], box.append, time.monotonic() + 5)
    assert (len(heard), box[0].outcome) == (expected, Outcome.TIMEOUT)
    assert engine.requests == expected


def test_a_try_is_not_begun_after_the_deadline(engine: Lines) -> None:
    heard: list[bytes] = []
    box: list[Answer] = []
    with responder(counting(heard)) as port:
        engine.open([replace(at(port), timeout=0.3, retries=5)])
        engine.poll([Job(1, (oids.SYS_UPTIME,))], box.append, time.monotonic() + 0.1)
    assert (len(heard), box[0].outcome) == (1, Outcome.TIMEOUT)


def test_an_agent_that_talks_without_end_is_left_in_time(snmpd: Snmpd, engine: Lines) -> None:
    """Its answers, to other questions, would keep awake who counts the silence after each."""
    stop = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
        agent.bind(("127.0.0.1", 0))
        agent.settimeout(5)

        def drip() -> None:
            request, source = agent.recvfrom(65_535)
            wrong = answer(request, value=TICKS, request_id=ber.integer(7))
            while not stop.wait(0.05):
                agent.sendto(wrong, source)

        thread = threading.Thread(target=drip)
        thread.start()
        with ThreadPoolExecutor(1) as pool:
            talking = pool.submit(ask, engine, at(agent.getsockname()[1], key=7, timeout=0.3))
            assert ask(engine, snmpd.target()).outcome is Outcome.OK
            assert talking.result(10).outcome is Outcome.TIMEOUT
        stop.set()
        thread.join()


def test_an_answer_too_big_for_the_agent_is_asked_in_halves(engine: Lines) -> None:
    """It has room for three values; one of the twelve it does not have."""
    absent = ber.tlv(0x81, b"")

    def narrow(request: bytes) -> Iterable[bytes]:
        names = ber.read_names(ber.read_message(request).varbinds)
        if len(names) > 3:
            return [answer(request, [], error=(1, 0))]
        pairs = [(n, absent if n[-1] == 5 else ber.unsigned(n[-1], ber.GAUGE32)) for n in names]
        return [answer(request, pairs)]

    asked = [f"{oids.IF_SPEED}.{n}" for n in range(1, 13)]
    with responder(narrow) as port:
        values = ask(engine, at(port), *asked).values
    read = [None if value.kind in ABSENT else int(value.text) for value in values]
    assert read == [1, 2, 3, 4, None, *range(6, 13)]


def _rows(first: int) -> list[tuple[tuple[int, ...], bytes]]:
    return [((*COLUMN, n), ber.tlv(ber.OCTETS, b"eth")) for n in range(first, first + 24)]


def _asked(request: bytes) -> tuple[int, ...]:
    return ber.read_names(ber.read_message(request).varbinds)[0]


ENDLESS: dict[str, Reply] = {
    "the same rows again": lambda r: [answer(r, _rows(1))],
    "rows that go back": lambda r: [
        answer(r, [((*COLUMN, n), ber.tlv(ber.OCTETS, b"e")) for n in (5, 4, 3)])
    ],
    "rows without end": lambda r: [
        answer(r, _rows(1 if _asked(r) == COLUMN else _asked(r)[-1] + 1))
    ],
    "the question as its answer": lambda r: [answer(r, value=ber.tlv(ber.OCTETS, b"e"))],
}


@pytest.mark.parametrize("lie", ENDLESS)
def test_a_column_without_end_is_left(snmpd: Snmpd, engine: Lines, lie: str) -> None:
    """Tried: easysnmp's bulkwalk took 335 MB in 5 s on such an agent, and went on."""
    with responder(ENDLESS[lie]) as port, ThreadPoolExecutor(1) as pool:
        lying = pool.submit(ask, engine, at(port, key=7), oids.IF_NAME, column=True)
        assert ask(engine, snmpd.target(), oids.IF_NAME, column=True).outcome is Outcome.OK
        assert lying.result().outcome in {Outcome.BAD_ANSWER, Outcome.LATE}


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("value", [b"\x80\0", b"\x82\0", ber.EMPTY, b"\x81\x09"])
def test_a_column_of_no_values_ends(engine: Lines, version: str, value: bytes) -> None:
    with responder(lambda r: [answer(r, [((*COLUMN, 1), value)])]) as port:
        given = ask(engine, at(port, version, timeout=0.3), oids.IF_NAME, column=True)
    assert given.outcome in {Outcome.NO_SUCH, *NONSENSE, Outcome.OK}
    assert set(given.rows) <= {"1"}


def test_a_dead_agent_costs_its_own_line_alone(snmpd: Snmpd, engine: Lines) -> None:
    with responder(lambda _: []) as port, ThreadPoolExecutor(1) as pool:
        dead = pool.submit(ask, engine, replace(at(port, key=7), timeout=1.0, retries=1))
        for _ in range(5):
            assert ask(engine, snmpd.target()).outcome is Outcome.OK
        assert not dead.done()
        assert dead.result().outcome is Outcome.TIMEOUT
    assert ask(engine, at(free_port(), key=8)).outcome is Outcome.REFUSED


def test_what_an_agent_sends_too_much_is_no_answer_of_another(engine: Lines) -> None:
    """Request ids follow one another, and sessions go from agent to agent: easy to answer early."""
    sent = threading.Event()

    def early(request: bytes) -> Iterable[bytes]:
        yield answer(request, value=ber.unsigned(1, ber.TIMETICKS))
        now, _end = ber.read_integer(ber.read_message(request).request_id, 0)
        for ahead in range(1, 100):
            yield answer(
                request, value=ber.unsigned(666, ber.TIMETICKS), request_id=ber.integer(now + ahead)
            )
        sent.set()

    def late(request: bytes) -> Iterable[bytes]:
        threading.Event().wait(0.1)
        yield answer(request, value=ber.unsigned(2, ber.TIMETICKS))

    with responder(early) as liar, responder(late) as honest:
        engine.open([at(liar, key=1), at(honest, key=2)])
        assert ask(engine, at(liar, key=1)).values[0].text == "1"
        assert sent.wait(5)
        assert ask(engine, at(honest, key=2)).values[0].text == "2"


def proxied(agent: Snmpd, change: Callable[[bytes], bytes]) -> Reply:
    """Pass requests on to an agent, and its answers back, changed."""

    def reply(request: bytes) -> Iterable[bytes]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.5)
            sock.connect(("127.0.0.1", agent.port))
            sock.send(request)
            try:
                return [change(sock.recv(65_535))]
            except TimeoutError:
                return []

    return reply


def forged(message: bytes) -> bytes:
    """Return an SNMPv3 message with another digest, if it has one."""
    start, end = engines.header(message).digest
    return message[:start] + bytes(end - start) + message[end:]


@pytest.mark.parametrize("user", ["auth", "authpriv", "md5des"])
def test_an_answer_that_is_not_signed_by_the_user_is_not_believed(
    snmpd: Snmpd, engine: Lines, user: str
) -> None:
    """Tried: gufo-snmp alone believes any digest; a guard stands before it."""
    if user == "auth" and type(engine).__name__ == "EasyTransport":
        pytest.skip("net-snmp 5.9.3 says « Authentication failed » and takes such an answer")
    trusted = True

    def change(message: bytes) -> bytes:
        return message if trusted else forged(message)

    with responder(proxied(snmpd, change)) as port:
        target = Target(7, "127.0.0.1", port, "3", USERS[user], 0.8, 0)
        assert ask(engine, target).outcome is Outcome.OK
        trusted = False
        assert ask(engine, target).outcome in {Outcome.TIMEOUT, Outcome.AUTH, Outcome.BAD_ANSWER}
        trusted = True
        assert ask(engine, target).outcome is Outcome.OK
