"""What the tests of the whole product share."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

# A browser that asks nothing of the network but our pages, and that root may start.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium where there is one, else Playwright's own (see scripts/setup.sh)."""
    chromium = shutil.which("chromium")
    system = {"executable_path": chromium} if chromium else {}
    return {**browser_type_launch_args, **system, "args": QUIET}
