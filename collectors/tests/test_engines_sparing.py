"""What engines spare: exchanges, sessions, lines of log; and what a process may take at most."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from collectors import oids, transports
from collectors.cli import children
from collectors.lines import KEEP, Lines
from collectors.simulator import ber
from collectors.snmp import Outcome, Varbind
from collectors.tests.agents import USERS, Snmpd, answer, ask, at, numbers, responder
from collectors.transports import PORTS
from core.config import Collector

COLUMN = numbers(oids.IF_NAME)
ROWS = 168


def test_there_is_a_process_for_each_core_and_each_has_its_part_of_the_fleet() -> None:
    for asked, of in ((0, os.cpu_count() or 1), (3, 3)):
        commands = [child.argv for child in children(Path("config.yaml"), asked)]
        shards = [command[command.index("--shard") + 1] for command in commands]
        assert shards == [f"{number}/{of}" for number in range(of)]


@pytest.mark.parametrize("name", transports.ENGINES)
def test_the_caps_of_the_configuration_reach_the_engine(name: str) -> None:
    pytest.importorskip(transports.ENGINES[name][0], exc_type=ImportError)
    made = transports.make(Collector(engine=name, threads=3, rate=40, processes=8))
    alone = transports.make(Collector(engine=name, processes=1))
    assert (made.lanes, made._gate._gap, alone._gate._gap) == (3, 1 / 40, 0)
    if name == "gufo":  # easysnmp needs no more sessions than it has lanes
        assert (made.keep, alone.keep) == (PORTS // 8, KEEP)


def table(heard: list[bytes], longest: int = 100) -> Any:
    """An agent with ``ROWS`` names, that has room for ``longest`` in an answer."""
    following = [(*COLUMN, row) for row in range(1, ROWS + 1)] + [(*COLUMN[:-1], 2, 1)]

    def reply(request: bytes) -> Iterable[bytes]:
        heard.append(request)
        message = ber.read_message(request)
        (name,) = ber.read_names(message.varbinds)
        most = min(message.second, longest) if message.pdu == ber.GETBULK else 1
        found = [one for one in following if one > name][:most]
        pairs = [(one, ber.tlv(ber.OCTETS, b"Gi0/%d" % one[-1])) for one in found]
        yield answer(request, pairs or [(name, b"\x82\0")])

    return reply


@pytest.mark.parametrize("longest", [100, 5])
def test_a_walk_of_168_values_costs_9_exchanges_or_what_the_agent_has_room_for(
    engine: Lines, longest: int
) -> None:
    heard: list[bytes] = []
    with responder(table(heard, longest)) as port:
        found = ask(engine, at(port), oids.IF_NAME, column=True).rows
    assert [value.text for value in found.values()] == [f"Gi0/{n}" for n in range(1, ROWS + 1)]
    assert len(heard) <= (9 if longest > 24 else ROWS // longest + 2)
    assert {ber.read_message(request).pdu for request in heard} == {ber.GETBULK}


def test_sessions_of_snmpv3_are_kept_however_few_others_are(snmpd: Snmpd, engine: Lines) -> None:
    """To open one takes 9 ms of a process and two exchanges more."""
    few = type(engine)(2, 0, keep=0)
    opened: list[int] = []
    connect = few.connect

    def noted(target: Any) -> Any:
        opened.append(target.key)
        return connect(target)

    few.connect = noted  # type: ignore[method-assign]  # to count its calls
    for _ in range(3):
        target = snmpd.target(1, "3", USERS["authpriv"])
        assert ask(few, target).outcome is Outcome.OK
        assert ask(few, snmpd.target(2)).outcome is Outcome.OK
    assert opened == [1, 2, 2, 2]
    few.close()


def test_a_session_of_easysnmp_serves_one_agent_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To open one costs more than a question, and each takes 16 kB."""
    easy = pytest.importorskip("collectors.easy", exc_type=ImportError)
    open_session, opened = easy.netsnmp.open_session, []

    def noted(*place: Any) -> Any:
        opened.append(place)
        return open_session(*place)

    monkeypatch.setattr(easy.netsnmp, "open_session", noted)
    engine = easy.EasyTransport(1)
    with (
        responder(lambda r: [answer(r, value=ber.unsigned(1, ber.TIMETICKS))]) as one,
        responder(lambda r: [answer(r, value=ber.unsigned(2, ber.TIMETICKS))]) as other,
    ):
        for _ in range(3):
            assert ask(engine, at(one, key=1)).values[0].text == "1"
            assert ask(engine, at(other, key=2)).values[0].text == "2"
    assert len(opened) == 1
    engine.close()


def test_easysnmp_opens_sessions_of_snmpv3_one_by_one_and_while_no_other_is_asked(
    snmpd: Snmpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened while others are asked, they time out and fail without a fault of anyone."""
    easy = pytest.importorskip("collectors.easy", exc_type=ImportError)
    lock, together = threading.Lock(), threading.Event()
    busy = {"opening": 0, "asking": 0}
    forget_user, get = easy.netsnmp.forget_user, easy._get
    seen: list[dict[str, int]] = []

    def note(what: str, by: int) -> None:
        with lock:
            busy[what] += by
            if busy["opening"] and sum(busy.values()) > 1:
                seen.append(dict(busy))
                together.set()

    def opening(engine_id: bytes, name: str) -> None:  # what opening begins with
        note("opening", 1)
        together.wait(0.1)  # the others have their chance to come in
        forget_user(engine_id, name)
        note("opening", -1)

    def asking(session: Any, names: Sequence[str]) -> list[Varbind]:
        note("asking", 1)
        try:
            found: list[Varbind] = get(session, names)
            return found
        finally:
            note("asking", -1)

    monkeypatch.setattr(easy.netsnmp, "forget_user", opening)
    monkeypatch.setattr(easy, "_get", asking)
    transport = easy.EasyTransport(4)
    users = [USERS[name] for name in ("authpriv", "md5des", "auth", "noauth")]
    targets = [snmpd.target(key, "3", user) for key, user in enumerate(users)]
    with ThreadPoolExecutor(len(targets)) as pool:
        answers = list(pool.map(lambda target: ask(transport, target), targets * 2))
    assert {given.outcome for given in answers} == {Outcome.OK}
    assert seen == []
    transport.close()


def test_a_value_costs_no_line_of_log_and_no_object_of_easysnmp(
    snmpd: Snmpd, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A quarter of the CPU of a poll, in easysnmp's own objects."""
    easy = pytest.importorskip("collectors.easy", exc_type=ImportError)
    import easysnmp.session

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("easysnmp's own varbinds are in use")

    for name in ("SNMPVariable", "SNMPVariableList", "build_varlist", "normalize_oid"):
        monkeypatch.setattr(easysnmp.session, name, forbidden, raising=False)
    logger = logging.getLogger("easysnmp.interface")
    monkeypatch.setattr(logger, "propagate", True)
    for level in ("debug", "error"):
        monkeypatch.delitem(vars(logger), level, raising=False)
    transport = easy.EasyTransport(1)
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.DEBUG, "easysnmp.interface"):
        assert ask(transport, snmpd.target()).outcome is Outcome.OK
        assert ask(transport, snmpd.target(), oids.IF_NAME, column=True).outcome is Outcome.OK
    assert [record for record in caplog.records if record.name.startswith("easysnmp")] == []
    transport.close()


def test_the_oid_format_of_net_snmp_is_pinned_for_the_whole_process() -> None:
    """Two threads that save and restore it leave it wrong: OIDs then come as names."""
    netsnmp = pytest.importorskip("collectors.netsnmp", exc_type=ImportError)
    library, oid_output_format, numeric = 0, 4, 4
    assert netsnmp._library.netsnmp_ds_get_int(library, oid_output_format) == numeric
