"""The demo: what is loaded holds together, and its commands do what they say."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session

from collectors.simulator import ber, demo_load, demo_sites, demo_up
from collectors.simulator.cli import demo
from collectors.simulator.control import Control
from collectors.simulator.demo_plan import customers
from collectors.simulator.fleet import load_fleet
from core import passwords, processes, walls
from core.accounts import Account, AccountPermission, find
from core.config import Config, Storage, Web
from core.db import Company, Customer
from core.host import Host
from core.network.inventory import Device, Link, LinkRole, Service, Site, StateChange
from core.network.metrics import Sample
from core.network.metrics.sqlite import SqliteMetricStore
from core.network.status import State, Status, service_status

NOW = datetime(2026, 11, 24, 10, 42, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Loaded:
    host: Host
    session: Session
    octets: int
    """Of its databases, just after the load."""

    def link(self, reference: str) -> Link:
        return self.session.scalars(sa.select(Link).where(Link.reference == reference)).one()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("demo")
    host = Host(Config(storage=Storage(data=folder), demo=True, path=folder / "config.yaml"))
    demo_up.prepare(host)
    demo_load.load(
        host.engine, host.vault, host.metrics, demo_up.folder(host), NOW, sites=20, port=16_164
    )
    octets = sum(kept_octets(folder / name) for name in ("measures.db", "balise.db"))
    with Session(host.engine) as session:
        yield Loaded(host, session, octets)
    host.metrics.close()
    host.engine.dispose()


def run(loaded: Loaded, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(demo, words, obj=loaded.host)
    return done.exit_code, done.output


def kept_octets(path: Path) -> int:
    """The size of a database once what waits in its log is in it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        pages, size = (
            connection.execute(f"pragma {word}").fetchone()[0]
            for word in ("page_count", "page_size")
        )
        return int(pages * size)


def test_the_whole_demo_stays_under_450_mb(loaded: Loaded, tmp_path: Path) -> None:
    """Its year as loaded, and as many readings as it keeps: by link, from a few of them."""
    links = [link for p in customers() for s in p.sites for v in s.services for link in v.links]
    few = loaded.session.scalar(sa.select(sa.func.count(Link.id)))
    assert few
    year = loaded.octets / few
    store, polled = SqliteMetricStore(tmp_path / "readings.db", demo_up.RAW_DAYS), 12
    begin, step = 1_750_000_000, demo_up.TRAFFIC_SECONDS
    for at in range(begin, begin + demo_up.RAW_DAYS * 86_400, 3_600):
        store.record(
            Sample(link, at + second, float(step), 37_500_000, 9_000_000)
            for second in range(step, 3_601, step)
            for link in range(polled)
        )
    store.close()
    readings = kept_octets(tmp_path / "readings.db") / polled
    assert len(links) * (year + readings) < 450e6


def test_every_link_has_its_router_on_its_site_and_in_its_company(loaded: Loaded) -> None:
    for link in loaded.session.scalars(sa.select(Link)):
        assert link.device is not None
        assert (link.device.company_id, link.device.site_id) == (link.company_id, link.site_id)
        assert (link.service.company_id, link.service.site_id) == (link.company_id, link.site_id)
        assert loaded.session.get_one(Site, link.site_id).company_id == link.company_id
        assert link.contract_in_bps
    names = loaded.session.scalars(sa.select(Device.name)).all()
    assert len(set(names)) == len(names)


def test_the_simulated_routers_are_those_of_the_inventory(loaded: Loaded) -> None:
    fleet = {spec.name: spec for spec in load_fleet(demo_up.folder(loaded.host) / "fleet.json")}
    for device in loaded.session.scalars(sa.select(Device)):
        spec = fleet.pop(device.name)
        assert (spec.host, spec.port) == (device.host, device.port)
        credentials = json.loads(loaded.host.vault.open(device.credentials))
        assert credentials == {"community": spec.community}
        assert {(i.reference, i.index, i.name) for i in spec.interfaces} == {
            (link.reference, link.if_index, link.if_name) for link in device.links
        }
    assert not fleet


def test_all_four_states_are_there_from_the_start(loaded: Loaded) -> None:
    for number, wanted in (("C7278", 4), ("C9014", 4)):
        states = loaded.session.scalars(
            sa.select(Service.state)
            .join(Company, Company.id == Service.company_id)
            .join(Customer, Customer.id == Company.customer_id)
            .where(Customer.number == number)
        ).all()
        assert len(set(states)) == wanted
        assert states.count(State.UP) > len(states) / 2


def test_states_follow_from_their_history_and_services_from_their_links(loaded: Loaded) -> None:
    last: dict[tuple[int, int | None], StateChange] = {}
    order = sa.select(StateChange).order_by(StateChange.at, StateChange.id)
    for change in loaded.session.scalars(order):
        before = last.get((change.service_id, change.link_id))
        assert before is None or (before.state, before.reason) != (change.state, change.reason)
        assert change.at <= NOW
        last[change.service_id, change.link_id] = change
    for service in loaded.session.scalars(sa.select(Service)):
        kept: list[tuple[Service | Link, int | None]] = [(service, None)]
        for row, link_id in kept + [(link, link.id) for link in service.links]:
            change = last[service.id, link_id]
            assert (row.state, row.reason, row.since) == (change.state, change.reason, change.at)
        main, backup = service.link(LinkRole.MAIN), service.link(LinkRole.BACKUP)
        assert main is not None
        status = service_status(
            Status(main.state, main.reason),
            Status(backup.state, backup.reason) if backup else None,
        )
        assert (service.state, service.reason) == (status.state, status.reason)


def test_an_outage_carried_nothing_and_a_silent_router_left_a_gap(loaded: Loaded) -> None:
    metrics = loaded.host.metrics
    down = metrics.series(loaded.link("C7278-00006-001"), NOW - timedelta(minutes=20), NOW, 4)
    backup = metrics.series(loaded.link("C7278-00007-001"), NOW - timedelta(minutes=20), NOW, 4)
    silent = metrics.series(loaded.link("C7278-00023-001"), NOW - timedelta(minutes=10), NOW, 2)
    assert np.nanmax(down.in_bps) == 0
    assert np.nanmin(backup.in_bps) > 1_000_000
    assert np.isnan(silent.in_bps).all()


def test_the_year_adds_up_alike_in_five_minutes_hours_and_days(loaded: Loaded) -> None:
    """The same fortnight read from each table; and the year has no hole but the silences."""
    link, metrics = loaded.link("C7278-00001-001"), loaded.host.metrics
    day = datetime(2026, 11, 20, tzinfo=UTC)
    means = [
        np.nansum(metrics.series(link, day - timedelta(days=14), day, points).in_bps * step)
        for points, step in ((14 * 288, 300), (14 * 24, 3_600), (14, 86_400))
    ]
    assert max(means) < min(means) * 1.001
    year = metrics.volume(link, day - timedelta(days=350), day)
    assert 0.98 < year.covered / year.asked <= 1
    edge = metrics.series(link, NOW - timedelta(days=1), NOW, 288)
    assert not np.isnan(edge.in_bps[:-1]).any()


def test_accounts_are_those_promised_and_their_passwords_work(loaded: Loaded) -> None:
    code, output = run(loaded, "accounts", "--json")
    listed = json.loads(output)
    assert code == 0
    domains = ("causses.example", "littoral.example", "hexagone.example")
    wanted = [f"{r}@{d}" for d in domains for r in ("admin", "technique", "compta", "site")]
    wanted += ["noc@operateur.example", "admin@operateur.example"]
    assert [account["email"] for account in listed] == wanted
    assert len({account["password"] for account in listed}) == len(listed)
    for account in listed[::5]:
        kept = find(loaded.session, account["email"])
        assert kept is not None
        assert len(account["password"]) >= 16
        assert passwords.verify(kept.password_hash, account["password"])
    path = demo_up.folder(loaded.host) / "accounts.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    alone = loaded.session.scalars(
        sa.select(Account).where(Account.email == "site@causses.example")
    ).one()
    assert [grant.reach.value for grant in alone.scope] == ["site"]


def test_all_that_can_be_granted_is_somebodys(loaded: Loaded) -> None:
    """Who tries the portal can open every page of it: what is for administrators comes with it."""
    held = set(loaded.session.scalars(sa.select(AccountPermission.key)))
    known = loaded.host.registry.permissions().values()
    assert {permission.key for permission in known if not permission.admin} == held


def test_a_wall_is_ready_and_its_address_stands_below_the_accounts(loaded: Loaded) -> None:
    code, output = run(loaded, "accounts")
    address = output.strip().splitlines()[-1]
    assert code == 0
    assert address.startswith(f"{loaded.host.config.web.public_url}/mur/")
    screen = walls.find(loaded.host.engine, address.rpartition("/")[2], NOW)
    assert screen is not None
    assert screen.granted == {"supervision:read", "consommations:read"}
    path = demo_up.folder(loaded.host) / "wall.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_simulator_answers_the_polls_of_the_inventory_and_stops_cleanly(
    loaded: Loaded,
) -> None:
    """With the sealed community, at the address of the database; SIGTERM ends it with status 0."""
    config = loaded.host.config
    config.path.write_text("demo: true\nstorage:\n  data: .\n")
    simulator = subprocess.Popen(
        processes.balise(config.path, "demo", "simulate"), stdout=subprocess.PIPE, text=True
    )
    assert simulator.stdout is not None
    assert "routeurs simulés répondent" in simulator.stdout.readline()
    with pytest.raises(demo_load.DemoError, match="Une autre démonstration"):
        demo_up.check_routers(loaded.host)
    link = loaded.link("C7278-00001-001")
    assert link.device is not None
    community = json.loads(loaded.host.vault.open(link.device.credentials))["community"]
    alias = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18, link.if_index or 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(5)
        asker.sendto(ber.request(community.encode(), [alias]), (link.device.host, 16_164))
        assert b"C7278-00001-001" in asker.recv(2_000)
    simulator.terminate()
    assert simulator.wait(10) == 0
    simulator.stdout.close()
    demo_up.check_routers(loaded.host)


def test_a_second_load_is_refused(loaded: Loaded) -> None:
    code, output = run(loaded, "load", "--sites", "20")
    assert (code, "pas vide" in output) == (1, True)


def test_commands_find_a_site_by_part_of_its_name_or_by_reference(loaded: Loaded) -> None:
    for text in ("usine des causses", "USINE DES", "C7278-00003-001", "c7278-00004-001"):
        found = demo_sites.find(loaded.session, text)
        assert found.main == ("C7278-00003-001",)
        assert found.backup == ("C7278-00004-001",)
    assert demo_sites.find(loaded.session, "laiterie de severac").main == ("C7278-00014-001",)


def test_an_ambiguous_name_lists_the_sites_and_an_unknown_one_the_nearest(loaded: Loaded) -> None:
    code, output = run(loaded, "outage", "laiterie")
    assert code == 2
    assert "Laiterie de Mende" in output
    assert "Laiterie de Sévérac" in output
    code, output = run(loaded, "outage", "Usinne des Cosses")
    assert code == 1
    assert "Usine des Causses" in output


def test_an_outage_is_caused_and_ended_from_the_command_line(loaded: Loaded) -> None:
    control = Control(demo_up.folder(loaded.host) / "control.json")
    assert run(loaded, "outage", "Usine des Causses")[0] == 0
    assert set(control.read().down) >= {"C7278-00003-001"}
    assert "C7278-00004-001" not in control.read().down
    assert run(loaded, "outage", "Usine des Causses", "--both", "--minutes", "5")[0] == 0
    assert control.read().down["C7278-00004-001"] is not None
    assert run(loaded, "silence", "Usine des Causses")[0] == 0
    assert run(loaded, "flap", "Usine des Causses")[0] == 0
    assert run(loaded, "restore", "usine des causses")[0] == 0
    conditions = control.read()
    assert not {"C7278-00003-001", "C7278-00004-001"} & {*conditions.down, *conditions.flapping}
    assert "C7278-00003-R1" not in conditions.silent
    code, output = run(loaded, "outage", "Laiterie de Mende", "--backup")
    assert (code, "pas de secours" in output) == (1, True)


def test_a_demo_that_was_stopped_for_days_has_no_hole(loaded: Loaded) -> None:
    """Last: it moves the end of the measures two days on."""
    later = NOW + timedelta(days=2)
    assert demo_up.fill_hole(loaded.host, later) > 1.9 * 86_400
    assert demo_up.fill_hole(loaded.host, later) == 0
    link = loaded.link("C7278-00001-001")
    for points, span in ((288, 1), (7 * 48, 7)):
        series = loaded.host.metrics.series(link, later - timedelta(days=span), later, points)
        assert not np.isnan(series.in_bps[:-1]).any()


def test_a_port_in_use_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        web = Web(port=taken.getsockname()[1])
        config = Config(
            storage=Storage(data=tmp_path / "var"), web=web, demo=True, path=tmp_path / "c.yaml"
        )
        done = CliRunner().invoke(demo, ["up"], obj=Host(config))
    assert done.exit_code == 1
    assert "déjà pris" in done.output
    assert not (tmp_path / "var").exists()


def test_commands_say_that_nothing_is_loaded(tmp_path: Path) -> None:
    host = Host(Config(storage=Storage(data=tmp_path), demo=True, path=tmp_path / "config.yaml"))
    for words in (["accounts"], ["simulate"], ["outage", "Usine"]):
        done = CliRunner().invoke(demo, words, obj=host)
        assert done.exit_code == 1
        assert "balise demo load" in done.output
    host.engine.dispose()


def test_the_demo_has_its_own_settings_beside_those_configured(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("operator:\n  name: Télécom du Sud\n")
    given = Config(path=tmp_path / "config.yaml", storage=Storage(data=tmp_path / "var"))
    host = demo_up.demo_host(Host(given))
    assert host.config.demo
    assert host.config.data == tmp_path / "var" / "demo"
    assert host.config.operator.name == "Télécom du Sud"
    assert host.config.collector.status_interval == demo_up.STATUS_SECONDS
