"""Attributes that Dash takes by their own names."""

from __future__ import annotations

from typing import Any


def attributes(**values: Any) -> dict[str, Any]:
    """Return ``{"aria-label": …, "data-href": …}`` from ``aria_label=…, data_href=…``.

    A value of None leaves its attribute out.
    """
    return {name.replace("_", "-"): value for name, value in values.items() if value is not None}
