"""The demo's classes of service and probes, and its command that gives any behaviour."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from collectors.simulator import demo_plan as plan
from collectors.simulator import demo_up
from collectors.simulator.cli import demo
from collectors.simulator.control import Control
from collectors.simulator.demo_rows import Network, network_of
from core.config import Config, Storage
from core.host import Host
from core.network.inventory import Device, Link, LinkRole, Service
from core.secrets import Vault
from core.testing import world

NOW = datetime(2026, 11, 24, 10, 42, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def network() -> Network:
    return network_of(plan.customers(40), Vault("k" * 32), 16_000, NOW)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """An installation with one site, « Usine »: a link and its router."""
    made = Host(Config(storage=Storage(data=tmp_path), demo=True, path=tmp_path / "config.yaml"))
    demo_up.prepare(made)
    with Session(made.engine) as session, session.begin():
        place = world.add_site(session, "Usine")
        sealed = made.vault.seal(json.dumps({"community": "c"}))
        device = Device(name="U-R1", host="127.0.0.1", port=1, credentials=sealed, **place)
        service = Service(**place)
        session.add_all([device, service])
        session.flush()
        session.add(Link(reference="U-001", designation="", role=LinkRole.MAIN,
                         device_id=device.id, service_id=service.id, **place))  # fmt: skip
    yield made
    made.engine.dispose()


def behave(host: Host, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(demo, ["behave", *words], obj=host)
    return done.exit_code, done.output


def test_a_good_share_of_main_links_has_classes_both_ways_and_backups_none(
    network: Network,
) -> None:
    interfaces = [i for device in network.devices.values() for i in device.interfaces]
    mains = [i for i in interfaces if i.profile != "backup"]
    with_classes = [i for i in interfaces if i.policies]
    assert 0.3 < len(with_classes) / len(mains) < 0.8
    assert all(i.profile != "backup" for i in with_classes)
    assert all({p.direction for p in i.policies} == {"in", "out"} for i in with_classes)
    nested = with_classes[0].policies[0].classes[0].policy
    assert nested is not None
    assert "VOIX" in {one.name for one in nested.classes}


def test_probes_run_on_the_router_of_their_link_and_bear_its_reference(network: Network) -> None:
    probes = [(device, probe) for device in network.devices.values() for probe in device.probes]
    assert {probe.kind for _, probe in probes} == {"echo", "jitter"}
    assert len(probes) > 40
    for device, probe in probes:
        assert probe.reference in {i.reference for i in device.interfaces}
        assert probe.reference in (probe.tag or probe.reference)[:16]
    for device in network.devices.values():
        assert len({probe.number for probe in device.probes}) == len(device.probes)


def test_a_description_names_the_link_and_its_offer(network: Network) -> None:
    for device in network.devices.values():
        for interface in device.interfaces:
            assert interface.alias.startswith(f"{interface.reference} - ")


def test_a_site_is_given_a_behaviour_from_the_command_line(host: Host) -> None:
    control = Control(demo_up.folder(host) / "control.json")
    code, output = behave(host, "errors", "Usine", "--amount", "12")
    assert (code, "U-001 – Usine" in output) == (0, True)
    assert behave(host, "slow", "Usine", "--minutes", "5")[0] == 0
    acting = control.read().acting
    assert tuple(acting["U-001"]["errors"]) == (12.0, None)
    assert acting["U-R1"]["slow"][0] == 3.0
    assert acting["U-R1"]["slow"][1]
    assert CliRunner().invoke(demo, ["restore", "Usine"], obj=host).exit_code == 0
    assert control.read().acting == {}


def test_an_unknown_behaviour_names_the_nearest(host: Host) -> None:
    code, output = behave(host, "eror", "Usine")
    assert (code, "errors" in output) == (1, True)
    code, output = behave(host, "errors", "Usine", "--backup")
    assert (code, "pas de secours" in output) == (1, True)
