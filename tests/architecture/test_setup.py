"""The set-up takes the SNMP engine that the machine can have, and says so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path("scripts").resolve()
BUILDS = "pip_easysnmp() { echo pip; }; mkdir -p collectors; touch collectors/netsnmp.py"
FAILS = """pip_easysnmp() {
    echo "      error: Command '['/bin/false', '-O3', 'easysnmp/interface.c']' returned"; false
}"""


def set_up(folder: Path, *, engine: str, gufo: str = "", pins: str = "true") -> str:
    """Return what the choice of engines says, with pip replaced by these words of bash."""
    place = folder / ".venv" / "bin"
    place.mkdir(parents=True, exist_ok=True)
    python = place / "python"
    if not python.exists():
        python.write_text("#!/bin/sh\nexit 0\n")
        python.chmod(0o755)
    script = f"""
set -euo pipefail
source {SCRIPTS}/system.sh; source {SCRIPTS}/engines.sh
fingerprint() {{ echo pins of "$1"; }}
install_pins() {{ echo "pins: $1"; {pins}; }}
{engine}
gufo={gufo}
install_engines
"""
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=20
    )
    return done.stdout + done.stderr


def test_where_easysnmp_builds_nothing_else_is_installed(tmp_path: Path) -> None:
    assert set_up(tmp_path, engine=BUILDS) == ""


@pytest.mark.parametrize("engine", [BUILDS, FAILS])
def test_who_asks_for_gufo_snmp_gets_it(tmp_path: Path, engine: str) -> None:
    assert "pins: gufo" in set_up(tmp_path, engine=engine, gufo="yes")


def test_where_easysnmp_does_not_build_one_line_says_why_and_gufo_snmp_is_taken(
    tmp_path: Path,
) -> None:
    why, then = set_up(tmp_path, engine=FAILS).splitlines()
    assert why.startswith("setup: easysnmp does not build here (/bin/false fails): gufo-snmp is")
    assert then == "pins: gufo"


def test_what_did_not_build_is_not_tried_at_each_set_up(tmp_path: Path) -> None:
    set_up(tmp_path, engine=FAILS)
    assert set_up(tmp_path, engine=BUILDS) == "pins: gufo\n"


def test_without_any_engine_the_set_up_ends(tmp_path: Path) -> None:
    assert "Balise has no SNMP engine" in set_up(tmp_path, engine=FAILS, pins="false")
