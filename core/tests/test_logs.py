"""What the logs do not tell."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa

from core.host import Host

PROGRAM = """
import structlog
from core import logs
logs.setup()
log = structlog.get_logger("balise.trial")
log.info("router", community="hush-1", snmp_password="hush-2", site="Usine")
log.info("browser", cookie="hush-3", reset_token="hush-4", Authorization="hush-5")
"""


def test_a_field_whose_name_tells_a_secret_is_masked() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.count("***") == 5
    assert "hush" not in done.stderr
    assert "site=Usine" in done.stderr


def test_the_error_of_a_statement_does_not_hold_its_parameters(host: Host) -> None:
    with host.engine.connect() as connection, pytest.raises(sa.exc.OperationalError) as raised:
        connection.execute(sa.text("select * from nowhere where name = :name"), {"name": "hush"})
    assert "nowhere" in str(raised.value)
    assert "hush" not in str(raised.value)
