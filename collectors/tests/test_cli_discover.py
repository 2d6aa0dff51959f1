"""``balise discover``, asked of recorded routers that answer on loopback, and of real agents."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from collectors import oids
from collectors.cli_discover import discover
from collectors.simulator import ber
from collectors.tests.agents import (
    COMMUNITY,
    USERS,
    Snmpd,
    answer,
    free_port,
    numbers,
    responder,
)
from collectors.tests.recorded import Agent, Line, add_router, served
from core import config
from core.cli import main
from core.host import Host
from core.network.inventory import Device, Link
from core.network.measured import TrafficClass

FIBRE = Line("C7278-00006-001", "Gi0/0", 2)


@pytest.fixture
def agent() -> Iterator[Agent]:
    with served() as it:
        yield it


def run(host: Host | None, *arguments: str, **environ: str) -> Result:
    """Run the command as a shell would; without an installation when ``host`` is None."""
    obj = host or Host(config.load(Path("absent.yaml"), {"BALISE_COLLECTOR_TIMEOUT": "0.3"}))
    return CliRunner().invoke(discover, arguments, obj=obj, env=environ)


def of(agent: Agent) -> str:
    return f"127.0.0.1:{agent.port}"


def shown(*arguments: str, **environ: str) -> dict[str, Any]:
    result = run(None, *arguments, "--json", **environ)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_an_agent_is_shown_without_any_installation(agent: Agent, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    arguments = ["--config", str(path), "discover", "--host", of(agent), "--community", COMMUNITY]
    result = CliRunner().invoke(main, arguments, env={"BALISE_STORAGE_DATA": str(tmp_path / "v")})
    assert result.exit_code == 0, result.output
    assert "rodez-ce1.exemple.net" in result.stdout
    assert "WAN-OUT/class-default/COS/VOIX" in result.stdout
    assert "VOIX C7278-00006-001 vers le siège" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_interfaces_are_written_by_the_names_of_the_mib(agent: Agent) -> None:
    found = shown("--host", of(agent), "--community", COMMUNITY)
    assert found["interfaces"][1] == {
        "ifIndex": 2,
        "ifName": "Gi0/0",
        "ifDescr": "GigabitEthernet0/0",
        "ifAlias": "WAN FTTO C7278-00006-001 RODEZ",
        "ifAdminStatus": "up",
        "ifOperStatus": "up",
        "ifSpeed": 100_000_000,
        "bits": 64,
        "ifHCInOctets": 8_123_457_789_012,
        "ifHCOutOctets": 912_346_678_901,
        "ifInErrors": 0,
        "ifOutErrors": 0,
        "ifInDiscards": 12,
        "ifOutDiscards": 456,
    }


def test_a_line_without_64_bit_counters_shows_those_of_32_bits(agent: Agent) -> None:
    found = shown("--host", of(agent), "--community", COMMUNITY)
    sdsl = found["interfaces"][4]
    assert (sdsl["bits"], sdsl["ifInOctets"], sdsl["ifOutOctets"]) == (
        32, 3_457_789_012, 1_235_567_890,
    )  # fmt: skip
    assert "ifHCInOctets" not in sdsl
    assert sdsl["ifInErrors"] == 3


def test_a_class_is_written_with_its_place_and_its_counters(agent: Agent) -> None:
    found = shown("--host", of(agent), "--community", COMMUNITY)
    assert len(found["classes"]) == 14
    data = next(c for c in found["classes"] if c["cbQosCMName"] == "DATA")
    assert data == {
        "cbQosPolicyIndex": 18,
        "ifIndex": 2,
        "ifName": "Gi0/0",
        "cbQosPolicyDirection": "output",
        "cbQosPolicyMapName": "WAN-OUT",
        "cbQosObjectsIndex": 65553,
        "cbQosCMName": "DATA",
        "path": "WAN-OUT/class-default/COS/DATA",
        "parent": "WAN-OUT/class-default",
        "cbQosCMPrePolicyByte64": 600_000_000_000,
        "cbQosCMPostPolicyByte64": 560_000_000_000,
        "cbQosCMDropByte64": 40_000_000_000,
        "cbQosCMDropPkt64": 40_000_000,
    }
    assert [(p["cbQosPolicyMapName"], p["ifIndex"]) for p in found["policies"]] == [
        ("WAN-OUT", 2), ("WAN-IN", 2), ("WAN-OUT", 5),
    ]  # fmt: skip


def test_a_probe_is_written_with_its_latest_run(agent: Agent) -> None:
    found = shown("--host", of(agent), "--community", COMMUNITY)
    assert found["probes"][1] == {
        "rttMonCtrlAdminIndex": 20,
        "rttMonCtrlAdminTag": "VOIX C7278-00006-001 vers le siège",
        "rttMonCtrlAdminRttType": "jitter",
        "latest": {
            "rttMonLatestRttOperTime": 312_339_000,
            "sent": 100,
            "lost": 3,
            "rtt_ms": 30.0,
            "jitter_ms": 4.0,
        },
    }


def test_a_real_agent_is_shown_in_every_version(snmpd: Snmpd) -> None:
    address = f"127.0.0.1:{snmpd.port}"
    anne = USERS["authpriv"]
    passwords = {
        "BALISE_AUTH_PASSWORD": anne["auth_password"],
        "BALISE_PRIV_PASSWORD": anne["priv_password"],
    }
    for found in (
        shown("--host", address, "--version", "1", BALISE_COMMUNITY=COMMUNITY),
        shown("--host", address, "--community", COMMUNITY),
        shown("--host", address, "--user", anne["user"], **passwords),
    ):
        (lo,) = [i for i in found["interfaces"] if i["ifName"] == "lo"]
        assert (lo["ifOperStatus"], lo["ifAdminStatus"]) == ("up", "up")
        assert lo.get("ifHCInOctets", lo.get("ifInOctets")) > 0
        assert found["problems"] == []


def test_a_password_may_stand_in_a_file(snmpd: Snmpd, tmp_path: Path) -> None:
    carole = USERS["auth"]
    (tmp_path / "secret").write_text(carole["auth_password"] + "\n")
    found = shown(
        "--host", f"127.0.0.1:{snmpd.port}", "--user", carole["user"],
        BALISE_AUTH_PASSWORD_FILE=str(tmp_path / "secret"),
    )  # fmt: skip
    assert found["interfaces"]


def test_the_secrets_of_this_command_are_no_settings(tmp_path: Path) -> None:
    environ = {"BALISE_COMMUNITY": "x", "BALISE_AUTH_PASSWORD_FILE": "y"}
    config.load(tmp_path / "absent.yaml", environ)


def test_a_silent_agent_is_said_to_be_silent() -> None:
    result = run(None, "--host", f"127.0.0.1:{free_port()}", "--community", "secret-7")
    assert result.exit_code == 1
    assert "rien n'écoute à cette adresse" in result.output
    assert "secret-7" not in result.output
    assert "Traceback" not in result.output


def test_a_wrong_community_gets_no_answer_and_a_hint(agent: Agent) -> None:
    result = run(None, "--host", of(agent), "--community", "fausse")
    assert result.exit_code == 1
    assert "pas de réponse" in result.output
    assert "communauté" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Donnez un ROUTEUR"),
        (["rodez", "--all"], "Donnez un ROUTEUR"),
        (["rodez", "--community", "x"], "vont avec --host"),
        (["--host", "10.0.0.1:0", "--community", "x"], "puis son port"),
        (["--host", "10.0.0.1:99999", "--community", "x"], "puis son port"),
        (["--host", ":161", "--community", "x"], "puis son port"),
        (["--host", "::1", "--community", "x"], "puis son port"),
        (["--host", "10.0.0.1"], "Donnez la communauté"),
        (["--host", "10.0.0.1", "--version", "3"], "demande --user"),
    ],
)
def test_wrong_use_is_told_and_ends_with_status_2(arguments: list[str], said: str) -> None:
    result = run(None, *arguments)
    assert result.exit_code == 2
    assert said in result.output


def indexes(host: Host) -> dict[str, tuple[str | None, int | None]]:
    with Session(host.engine) as session:
        rows = session.execute(sa.select(Link.reference, Link.if_name, Link.if_index))
        return {reference: (name, index) for reference, name, index in rows}


def count(host: Host, model: type[Any]) -> int:
    with Session(host.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_router_is_discovered_by_its_name_and_kept(host: Host, agent: Agent) -> None:
    add_router(host, "RODEZ-CE1", agent.port, FIBRE)
    result = run(host, "rodez-ce1")
    assert result.exit_code == 0, result.output
    assert "RODEZ-CE1 : interfaces 5, liaisons 1 sur 1, classes 9, sondes 4" in result.stdout
    assert "C7278-00006-001 : Gi0/0 (n° 2)" in result.stdout
    assert "classes sur des interfaces sans liaison : 5" in result.stdout
    assert count(host, TrafficClass) == 9


def test_a_router_that_was_renumbered_is_followed_and_it_is_told(host: Host, agent: Agent) -> None:
    key = add_router(host, "rodez", agent.port, FIBRE)
    run(host, "rodez")
    agent.become("c1921-rebooted")
    result = run(host, str(key))
    assert "C7278-00006-001 : Gi0/0 (n° 3, auparavant Gi0/0 (n° 2))" in result.stdout
    assert indexes(host) == {"C7278-00006-001": ("Gi0/0", 3)}
    assert count(host, TrafficClass) == 9


def test_an_unknown_router_gets_the_nearest_names(host: Host) -> None:
    add_router(host, "rodez-ce1", 9)
    add_router(host, "figeac-ce1", 9)
    result = run(host, "rodes-ce1")
    assert result.exit_code == 1
    assert "Aucun routeur « rodes-ce1 »" in result.output
    assert "rodez-ce1" in result.output


def test_a_name_that_two_routers_bear_asks_for_a_number(host: Host, agent: Agent) -> None:
    key = add_router(host, "ce1", agent.port, FIBRE)
    add_router(host, "ce1", 9)
    assert "donnez un numéro" in run(host, "ce1").output
    assert run(host, str(key)).exit_code == 0


def test_all_goes_on_past_those_that_fail_and_says_why(host: Host, agent: Agent) -> None:
    add_router(host, "a-muet", free_port(), Line("L1"))
    add_router(host, "b-rodez", agent.port, FIBRE)
    key = add_router(host, "c-illisible", agent.port, Line("L3"))
    with Session(host.engine) as session, session.begin():
        session.get_one(Device, key).credentials = host.vault.seal("[]")
    result = run(host, "--all")
    assert result.exit_code == 1
    assert "✗ a-muet" in result.stderr
    assert "✗ c-illisible" in result.stderr
    assert "b-rodez : interfaces 5" in result.stdout
    assert "Routeurs découverts : 1 sur 3" in result.stdout
    assert indexes(host)["C7278-00006-001"] == ("Gi0/0", 2)


def test_all_for_a_script(host: Host, agent: Agent) -> None:
    add_router(host, "muet", free_port(), Line("L1"))
    add_router(host, "rodez", agent.port, FIBRE)
    result = run(host, "--all", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["failed"] == 1
    silent, rodez = told["devices"]
    assert (silent["name"], silent["outcome"]) == ("muet", "refused")
    assert rodez["outcome"] == "ok"
    assert rodez["sysName"] == "rodez-ce1.exemple.net"
    (line,) = rodez["links"]
    assert (line["reference"], line["ifIndex"], line["ifName"]) == ("C7278-00006-001", 2, "Gi0/0")
    assert "WAN-IN/VOIX" in line["classes"]
    assert line["probes"] == [10, 20, 40, 50]


def test_a_router_that_is_not_polled_is_discovered_when_named_only(
    host: Host, agent: Agent
) -> None:
    key = add_router(host, "rodez", agent.port, FIBRE)
    with Session(host.engine) as session, session.begin():
        session.get_one(Device, key).polled = False
    assert "Routeurs découverts : 0 sur 0" in run(host, "--all").stdout
    assert run(host, "rodez").exit_code == 0


def test_an_agent_whose_tables_never_end_is_let_go_and_named() -> None:
    """Each answer is one row more of ifOperStatus; the walk of net-snmp would follow for ever."""
    rows = itertools.count(1)

    def reply(request: bytes) -> list[bytes]:
        asked = ber.read_names(ber.read_message(request).varbinds)
        if len(asked) > 1:
            return [answer(request, value=ber.tlv(0x04, b"sans fin"))]
        column = numbers(oids.IF_OPER_STATUS)
        return [answer(request, [((*column, next(rows)), ber.integer(1))])]

    with responder(reply) as port:
        result = run(None, "--host", f"127.0.0.1:{port}", "--community", COMMUNITY)
    assert result.exit_code == 1
    assert "répond autre chose que ce qui est demandé" in result.output
    assert next(rows) < 10_000
