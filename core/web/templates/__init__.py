"""The pages that need no Dash: signing in, passwords, errors. Plain HTML, no script needed."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).parent.parent / "assets"


def asset(name: str) -> str:
    """Return the address of a file of ``assets`` as Dash writes it: its time is in it, so that
    a browser may keep it for good, and fetches it once for the plain pages and for Dash's.
    """
    return f"/assets/{name}?m={(ASSETS / name).stat().st_mtime}"
