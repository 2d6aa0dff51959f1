"""Recording a router: what is written, what is taken out, and that it always ends."""

from __future__ import annotations

import re
import shutil
import stat
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from collectors.simulator import ber, snmprec
from collectors.simulator.cli_snmp import snmp
from collectors.simulator.fleet import Fleet
from collectors.simulator.model import DeviceSpec, Interface
from collectors.simulator.tests.recordings import record
from collectors.tests.agents import SNMPD, Snmpd, free_port, until

pytestmark = pytest.mark.skipif(
    not (shutil.which("snmpbulkwalk") and Path(SNMPD).exists()), reason="needs snmp and snmpd"
)

T = "1.3.6.1.2.1.2.2.1"


def test_a_recording_is_its_owners_alone_and_is_not_written_over(
    snmpd: Snmpd, tmp_path: Path
) -> None:
    path = tmp_path / "r.snmprec"
    said = record(snmpd.port, path, "--root", "1.3.6.1.2.1.1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "tels quels" in said
    before = path.read_bytes()
    again = CliRunner().invoke(snmp, ["record", "127.0.0.1:9", "--community", "x", "-o", str(path)])
    assert again.exit_code == 1
    assert "existe déjà" in again.output
    assert path.read_bytes() == before


def test_snmpv1_records_the_same_interfaces(snmpd: Snmpd, tmp_path: Path) -> None:
    options = ("--root", f"{T}.2", "--root", "1.3.6.1.2.1.1.1")
    record(snmpd.port, tmp_path / "1", "--v1", *options)
    record(snmpd.port, tmp_path / "2", *options)
    assert (tmp_path / "1").read_text() == (tmp_path / "2").read_text()


SECRET = DeviceSpec(
    "rtr-secret", "127.0.0.1", free_port(), "lire",
    (Interface("C7278-00006-001", 1, "Gi0/0", "Gi0/0", 10_000_000, alias="Usine rue Secrète"),),
    "12 rue Secrète", "IOS XE on RTR-SECRET, 15.7",
)  # fmt: skip


def test_anonymised_recordings_name_nobody_and_say_what_they_lost(tmp_path: Path) -> None:
    path = tmp_path / "r.snmprec"
    with Fleet([SECRET]):
        said = record(SECRET.port, path, "--anonymise", community="lire")
    text = path.read_text()
    replaced = re.search(r"(\d+) valeurs remplacées", said)
    assert replaced
    assert int(replaced[1]) >= 5
    values = " ".join(str(v) for v in snmprec.read(path).values.values())
    for secret in ("secret", "Secr", "C7278", "rue", "Usine"):
        assert secret.lower() not in text.lower()
        assert secret not in values
    assert "|4|liaison 1" in text
    assert "IOS XE on routeur, 15.7" in text
    assert "Gi0/0" in text


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("endless", "plus de 3000 valeurs"),
        ("backwards", "les OID reculent"),
        ("stranger", "n'a rien sous ces OID"),
        ("garbage", "ne s'enregistre pas"),
        ("stale", "ne s'enregistre pas"),
        ("toobig", "tooBig"),
    ],
)
def test_recording_a_hostile_router_ends(tmp_path: Path, name: str, told: str) -> None:
    options = ["--seconds", "5", "--rows", "3000", "--timeout", "0.2", "-o", str(tmp_path / "r")]
    asked = ["record", f"127.0.0.1:{SECRET.port}", "--community", "lire", *options]

    def said() -> str:
        (tmp_path / "r").unlink(missing_ok=True)
        return CliRunner().invoke(snmp, asked).output

    with Fleet([SECRET]) as fleet:
        fleet.control.behave(name, [SECRET.name], time.time())
        until(lambda: told in said())
    if (tmp_path / "r").exists():
        assert len((tmp_path / "r").read_text().splitlines()) <= 3000


def test_a_router_that_does_not_answer_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "r"
    done = CliRunner().invoke(
        snmp, ["record", f"127.0.0.1:{free_port()}", "--community", "c", "-o", str(path)]
    )
    assert done.exit_code == 1
    assert "ne s'enregistre pas" in done.output
    assert not path.exists()


def test_recordings_by_others_are_read_and_bad_lines_told(foreign: snmprec.Recording) -> None:
    values = {".".join(map(str, name)): value for name, value in foreign.values.items()}
    assert values["1.3.6.1.2.1.1.1.0"] == ber.tlv(ber.OCTETS, b"Cisco IOS | with | bars")
    assert values["1.3.6.1.2.1.1.5.0"] == ber.tlv(ber.OCTETS, "routeé".encode())
    assert values["1.3.6.1.2.1.4.20.1.1.10.0.0.2"] == ber.tlv(0x40, bytes((10, 0, 0, 2)))
    assert values["1.3.6.1.2.1.99.1.0"] == ber.integer(-5)
    assert list(foreign.skipped) == [21, 22]


def test_a_recording_written_and_read_is_the_same(
    foreign: snmprec.Recording, tmp_path: Path
) -> None:
    path = tmp_path / "again.snmprec"
    snmprec.write(path, foreign.values.items())
    assert snmprec.read(path).values == foreign.values
    lines = [line.split("|")[0] for line in path.read_text().splitlines()]
    assert lines == sorted(lines, key=lambda oid: tuple(map(int, oid.split("."))))
