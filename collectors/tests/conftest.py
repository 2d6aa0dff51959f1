from __future__ import annotations

from collections.abc import Iterator

import pytest

from collectors.easy import EasyTransport
from collectors.tests.agents import Snmpd


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    """A real agent on a free loopback port; v1, v2c, and four SNMPv3 users."""
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"))
    agent.start()
    yield agent
    agent.stop()


@pytest.fixture
def transport() -> Iterator[EasyTransport]:
    engine = EasyTransport(lanes=4)
    yield engine
    engine.close()
