"""docs/security.md tells of each requirement of ASVS 5.0.0, levels 1 and 2, and of real tests."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.repository import is_test, python_files, read

REQUIREMENTS = (
    "1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 "
    "4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 "
    "7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 "
    "10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 "
    "13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 "
    "16.4:3 16.5:3 17.1:1 17.2:4 17.3:2"
)
"""How many requirements of levels 1 and 2 each section has: in 5.0.0 they are its first ones.

Source: OWASP_Application_Security_Verification_Standard_5.0.0_en.csv of github.com/OWASP/ASVS.
"""
DOC = read("docs/security.md")
NAMED = sorted(set(re.findall(r"`(test_\w+)`", DOC)))
TESTS = {
    name
    for path in python_files()
    if is_test(path) or path == Path("core/testing/contract.py")
    for name in re.findall(r"^\s*(?:async )?def (test_\w+)", read(path), flags=re.MULTILINE)
}


def expected() -> list[str]:
    pairs = [part.split(":") for part in REQUIREMENTS.split()]
    return [f"{section}.{n}" for section, most in pairs for n in range(1, int(most) + 1)]


def told() -> list[str]:
    rows = re.findall(r"^\| (\d[\d., ]*) \|", DOC, flags=re.MULTILINE)
    return [number for row in rows for number in re.findall(r"\d+\.\d+\.\d+", row)]


def test_each_requirement_is_told_of_once() -> None:
    assert len(expected()) == 253
    assert [n for n, times in Counter(told()).items() if times > 1] == []
    assert sorted(set(expected()) - set(told())) == []
    assert sorted(set(told()) - set(expected())) == []


@pytest.mark.parametrize("name", NAMED)
def test_each_test_that_is_named_exists(name: str) -> None:
    assert name in TESTS, f"docs/security.md names {name}: there is no such test"


def test_a_row_without_a_test_says_why() -> None:
    rows = re.findall(r"^\| \d[\d., ]*\d \| (.*?) \|(.*)\|$", DOC, flags=re.MULTILINE)
    excused = (
        "gap",
        "not tested",
        "by the operator",
        "by the proxy",
        "above",
        "tell",
        "]",
        "no ",
        "Python",
    )
    silent = [
        how for how, tests in rows if "`test_" not in tests and not any(w in how for w in excused)
    ]
    assert silent == []
