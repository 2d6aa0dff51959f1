"""/metrics: what Prometheus reads of the collection."""

from __future__ import annotations

import socket
import urllib.request
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from collectors.exporter import Accounts, export
from core.network.collection import CollectorState, DeviceHealth
from core.network.inventory import Device

NOW = datetime.now(UTC)
NUMBERS = {
    "devices": 7,
    "lag": 1.5,
    "requests": 1234,
    "visits": {"ok": 1200, "timeout": 34},
    "gaps": {"reboot": 2},
}


@pytest.fixture
def engine(filled):
    with Session(filled.engine) as session, session.begin():
        session.add(
            CollectorState(
                name="0/1", pid=9, engine="easysnmp", started=NOW, at=NOW, numbers=NUMBERS
            )
        )
        device = session.query(Device).first()
        session.add(
            DeviceHealth(device_id=device.id, outcome="timeout", since=NOW, backed_off=True)
        )
    return filled.engine


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_counts_of_each_process_and_failing_routers_are_there(engine) -> None:
    registry = CollectorRegistry()
    registry.register(Accounts(engine))
    told = samples(generate_latest(registry).decode())
    assert told["balise_collector_visits_total", "0/1", "timeout"] == 34
    assert told["balise_collector_requests_total", "0/1"] == 1234
    assert told["balise_collector_gaps_total", "0/1", "reboot"] == 2
    assert told["balise_collector_lag_seconds", "0/1"] == 1.5
    assert [v for k, v in told.items() if k[0] == "balise_device_failing"] == [2]


def test_it_answers_on_loopback_at_a_port_of_its_own(engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    export(engine, port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
        assert b"balise_collector_devices" in reply.read()


def test_a_port_that_is_taken_does_not_stop_the_collector(engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        export(engine, taken.getsockname()[1])
