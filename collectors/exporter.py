"""How the collection goes, for Prometheus: ``/metrics`` on a port of its own, on loopback.

Read from the database at each scrape, so that one address tells of every process.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
import structlog
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from core.network.collection import OK, CollectorState, DeviceHealth
from core.network.inventory import Device

log = structlog.get_logger("balise.collector")

ADDRESS = "127.0.0.1"
_GAUGES = {
    "devices": "Routers of the process.",
    "links": "Links of the process.",
    "waiting": "Routers whose visit is due and has not begun.",
    "lag": "Seconds by which the oldest of them is late.",
    "backed_off": "Routers that failed so often that they are only probed.",
    "unwritten": "Visits and samples that wait to be written.",
}
_COUNTERS = {
    "requests": "SNMP requests sent.",
    "samples": "Samples stored.",
    "changes": "Changes of the state of a link.",
}
_BY_LABEL = {
    "visits": ("outcome", "Visits to routers, by how they ended."),
    "gaps": ("cause", "Stretches of traffic that are not known, by cause."),
}


class Accounts(Collector):
    """The rows of ``collector_state`` and ``device_health`` as metrics."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Any]:
        with Session(self._engine) as session:
            states = session.scalars(sa.select(CollectorState)).all()
            failing = session.execute(
                sa.select(Device.name, DeviceHealth.outcome, DeviceHealth.backed_off)
                .join(DeviceHealth, DeviceHealth.device_id == Device.id)
                .where(DeviceHealth.outcome != OK, Device.polled)
            ).all()
        yield from _families(states)
        breaker = GaugeMetricFamily(
            "balise_device_failing",
            "1 for a router whose visits fail, 2 once it is only probed.",
            labels=["device", "outcome"],
        )
        for device, outcome, backed_off in failing:
            breaker.add_metric([device, outcome], 2 if backed_off else 1)
        yield breaker


def _families(states: Any) -> Iterator[Any]:
    name = "balise_collector_{}".format
    told = GaugeMetricFamily(
        name("told_timestamp_seconds"),
        "When the process last told of itself.",
        labels=["process", "engine"],
    )
    for state in states:
        told.add_metric([state.name, state.engine], state.at.timestamp())
    yield told
    for key, words in _GAUGES.items():
        unit = "lag_seconds" if key == "lag" else key
        gauge = GaugeMetricFamily(name(unit), words, labels=["process"])
        for state in states:
            gauge.add_metric([state.name], state.numbers.get(key, 0))
        yield gauge
    for key, words in _COUNTERS.items():
        counter = CounterMetricFamily(name(key), words, labels=["process"])
        for state in states:
            counter.add_metric([state.name], state.numbers.get(key, 0))
        yield counter
    for key, (label, words) in _BY_LABEL.items():
        counter = CounterMetricFamily(name(key), words, labels=["process", label])
        for state in states:
            for value, number in sorted(state.numbers.get(key, {}).items()):
                counter.add_metric([state.name, value], number)
        yield counter


def export(engine: sa.Engine, port: int) -> None:
    """Answer on ``port`` of loopback from a thread of this process; a taken port is only told."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Accounts(engine))
    try:
        start_http_server(port, ADDRESS, registry)
    except OSError as error:
        log.error("no /metrics", port=port, error=error.strerror)
    else:
        log.info("/metrics", address=f"{ADDRESS}:{port}")
