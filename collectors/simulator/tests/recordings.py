"""Recording and replaying, by the commands, for the tests of both."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner

from collectors.simulator.cli_snmp import snmp
from collectors.tests.agents import COMMUNITY

_VALUE = re.compile(r"^(\.[\d.]+) = (?:(\w[\w-]*): )?(.*)$")
Walked = dict[str, tuple[str, str]]


def record(port: int, path: Path, *options: str, community: str = COMMUNITY) -> str:
    """Record an agent; return what the command says."""
    done = CliRunner().invoke(
        snmp, ["record", f"127.0.0.1:{port}", "--community", community, "-o", str(path), *options]
    )
    assert done.exit_code == 0, done.output
    return done.output


@contextmanager
def replayed(path: Path, *options: str) -> Iterator[int]:
    """Replay a recording in a process of its own; gives its port."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from collectors.simulator.cli_snmp import snmp; snmp()",
         "replay", str(path), "--seconds", "60", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        while said and "répond sur" not in said:
            said += process.stdout.readline()
        found = re.search(r"répond sur 127\.0\.0\.1:(\d+)", said)
        assert found, said
        yield int(found[1])
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def walk(port: int, root: str, community: str = "public") -> Walked:
    """Return what snmpbulkwalk reads: {OID: (type, value)}."""
    done = subprocess.run(
        ["snmpbulkwalk", "-v2c", "-c", community, "-On", "-Oe", "-r1", "-t2",
         f"127.0.0.1:{port}", root],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    found = filter(None, map(_VALUE.match, done.stdout.splitlines()))
    return {line[1]: (line[2] or "", line[3]) for line in found}


FOREIGN = r"""# written by another hand
1.3.6.1.2.1.1.1.0|4|Cisco IOS | with | bars
1.3.6.1.2.1.1.3.0|67|8640000
.1.3.6.1.2.1.1.5.0|4x|726f757465c3a9
1.3.6.1.2.1.2.2.1.1.7|2|7
1.3.6.1.2.1.2.2.1.2.7|4|Gi7
1.3.6.1.2.1.2.2.1.5.7|66|100000000
1.3.6.1.2.1.2.2.1.6.7|4x|008d120f4fa4
1.3.6.1.2.1.2.2.1.8.7|2|1
1.3.6.1.2.1.2.2.1.9.7|67|0
1.3.6.1.2.1.2.2.1.10.7|65:numeric|rate=3374,initial=641734,increasing=1
1.3.6.1.2.1.2.2.1.14.7|65|0
1.3.6.1.2.1.31.1.1.1.1.7|4|Gi0/7
1.3.6.1.2.1.31.1.1.1.6.7|70|86400000000
1.3.6.1.2.1.4.20.1.1.10.0.0.1|64|10.0.0.1
1.3.6.1.2.1.4.20.1.1.10.0.0.2|64x|0a000002
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1047
1.3.6.1.2.1.99.1.0|2|-5
1.3.6.1.2.1.99.2.0|5|
1.3.6.1.2.1.99.3.0|68x|9f780442f60000
not a line
1.3.6.1.2.1.99.4.0|99|what
"""
