"""The three processes of an installation on one machine, as ``balise up`` starts them."""

from __future__ import annotations

import sys
from pathlib import Path

from core.supervisor import Child


def balise(config: Path, *arguments: str) -> list[str]:
    """Return the command line of a ``balise`` sub-command with this configuration."""
    return [sys.executable, "-m", "core.cli", "--config", str(config), *arguments]


def children(config: Path) -> list[Child]:
    """Return web, collector and worker: name and command line of each."""
    return [
        Child("web", balise(config, "serve")),
        Child("collector", balise(config, "collect")),
        Child("worker", balise(config, "work")),
    ]
