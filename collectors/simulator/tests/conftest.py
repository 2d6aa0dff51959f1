from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.simulator import snmprec
from collectors.simulator.tests.recordings import FOREIGN, record, walk
from collectors.tests.agents import COMMUNITY, Snmpd


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"))
    agent.start()
    yield agent
    agent.stop()


@pytest.fixture(scope="session")
def recording(snmpd: Snmpd, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that snmpd says, asked some more before so that the loopback has counted."""
    path = tmp_path_factory.mktemp("recorded") / "debian.snmprec"
    walk(snmpd.port, "1.3.6.1.2.1.1", community=COMMUNITY)
    record(snmpd.port, path)
    return path


@pytest.fixture
def foreign(tmp_path: Path) -> snmprec.Recording:
    path = tmp_path / "foreign.snmprec"
    path.write_text(FOREIGN)
    return snmprec.read(path)
