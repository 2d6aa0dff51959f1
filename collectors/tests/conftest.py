from __future__ import annotations

from collections.abc import Iterator

import pytest

from collectors import transports
from collectors.lines import Lines
from collectors.poller import Poller
from collectors.tests.agents import Mib, Snmpd
from collectors.tests.polled import SETTINGS, Make
from collectors.visits import Visit
from core.config import Collector


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    """A real agent on a free loopback port; v1, v2c, and four SNMPv3 users."""
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"))
    agent.start()
    yield agent
    agent.stop()


@pytest.fixture
def transport() -> Iterator[Lines]:
    """The engine that comes with Balise."""
    made = transports.make(Collector(threads=4))
    yield made
    made.close()


@pytest.fixture(params=["easysnmp", "gufo"])
def engine(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """Each SNMP engine in turn, as ``collector.engine`` names it; skipped where it is not."""
    module, _ = transports.ENGINES[request.param]
    pytest.importorskip(module, exc_type=ImportError)
    made = transports.make(Collector(engine=request.param, threads=4))
    yield made
    made.close()


@pytest.fixture
def visits() -> list[Visit]:
    return []


@pytest.fixture
def make(visits: list[Visit]) -> Iterator[Make]:
    made: list[Poller] = []

    def build(transport: Mib) -> Poller:
        made.append(Poller(transport, visits.append, SETTINGS))
        return made[-1]

    yield build
    assert all(one.stop(5) for one in made)
