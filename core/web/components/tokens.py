"""The design tokens for what cannot read CSS variables: one Plotly template per theme.

The values are read from ``assets/20-tokens.css``; they stand nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

CSS = Path(__file__).parent.parent / "assets" / "20-tokens.css"
THEMES = ("light", "dark")

_RULE = re.compile(r"(?P<selector>[^{}]+)\{(?P<body>[^{}]*)\}")
_TOKEN = re.compile(r"(--[\w-]+)\s*:\s*([^;]+);")


@cache
def tokens(theme: str) -> Mapping[str, str]:
    """Return every ``--ui-*`` and ``--ink-*`` of a theme, references to others followed."""
    css = re.sub(r"/\*.*?\*/", "", CSS.read_text(encoding="utf-8"), flags=re.DOTALL)
    css = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", css)
    found: dict[str, str] = {}
    for rule in _RULE.finditer(css):
        selectors = {part.strip() for part in rule["selector"].split(",")}
        if {":root", f'[data-bs-theme="{theme}"]'} & selectors:
            found.update(
                (name, value.strip())
                for name, value in _TOKEN.findall(rule["body"])
                if name.startswith(("--ui-", "--ink-"))
            )
    return {name: _resolved(value, found) for name, value in found.items()}


def _resolved(value: str, found: Mapping[str, str]) -> str:
    while match := re.search(r"var\((--[\w-]+)\)", value):
        value = value.replace(match[0], found[match[1]])
    return value


@cache
def chart_template(theme: str) -> Mapping[str, Any]:
    """Return the Plotly template of a theme.

    The traces of a traffic chart take their looks by order: entrant, sortant, 95th
    percentile, contracted rate. Shapes are gaps; annotations are labels on the surface; those
    named « outage » are the moment a link went down.
    """
    t = tokens(theme)
    font = {"family": t["--ui-font"], "size": 12, "color": t["--ui-text-3"]}
    axis = {
        "gridcolor": t["--ui-grid-line"],
        "linecolor": t["--ui-axis"],
        "tickcolor": t["--ui-axis"],
        "tickfont": font,
        "zeroline": False,
    }
    return {
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": font,
            "xaxis": {**axis, "showgrid": False, "showline": True},
            "yaxis": {**axis, "showline": False},
            "hoverlabel": {
                "bgcolor": t["--ui-raised"],
                "bordercolor": t["--ui-border-strong"],
                "font": {**font, "color": t["--ui-text-1"]},
            },
            "shapes": [
                {
                    "name": "outage",
                    "visible": False,
                    "type": "line",
                    "xref": "x",
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "layer": "above",
                    "line": {"color": t["--ui-down"], "width": 1.25},
                }
            ],
            "annotations": [
                {
                    "name": "outage",
                    "visible": False,
                    "xref": "x",
                    "yref": "paper",
                    "y": 1,
                    "yanchor": "top",
                    "showarrow": False,
                    "bgcolor": t["--ui-down-subtle"],
                    "font": {**font, "color": t["--ui-down-text"]},
                }
            ],
            "shapedefaults": {"fillcolor": t["--ui-gap"], "line": {"width": 0}, "layer": "below"},
            "annotationdefaults": {
                "bgcolor": t["--ui-surface"],
                "font": {**font, "color": t["--ui-text-1"]},
                "showarrow": False,
            },
        },
        "data": {
            "scatter": [
                {
                    "line": {"color": t["--ui-in"], "width": 1.5},
                    "fillcolor": t["--ui-in-area"],
                },
                {"line": {"color": t["--ui-out"], "width": 1.5}},
                {"line": {"color": t["--ui-p95"], "width": 1.25, "dash": "6px,4px"}},
                {"line": {"color": t["--ui-contract"], "width": 1.25, "dash": "2px,3px"}},
            ]
        },
    }


@cache
def curves_template(theme: str, looks: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the Plotly template of a theme for traces of these looks, in their order.

    Shapes named « part », « work » and « down » are shades of a part of the period.
    """
    t = tokens(theme)
    base = chart_template(theme)
    thin, plain = {"width": 1.25}, {"width": 1.5}
    known: dict[str, Any] = {
        "in": {"line": {"color": t["--ui-in"], **plain}, "fillcolor": t["--ui-in-area"]},
        "out": {"line": {"color": t["--ui-out"], **plain}},
        "before-in": {"line": {"color": t["--ui-in"], **thin, "dash": "2px,2px"}},
        "before-out": {"line": {"color": t["--ui-out"], **thin, "dash": "2px,2px"}},
        "p95": {"line": {"color": t["--ui-p95"], **thin, "dash": "6px,4px"}},
        "contract": {"line": {"color": t["--ui-contract"], **thin, "dash": "2px,3px"}},
    }
    for n in range(1, 7):
        colour = t[f"--ui-cos-{n}"]
        known[f"cos-{n}"] = {"line": {"color": colour, "width": 1}, "fillcolor": colour}
    shade = {"visible": False, "type": "rect", "xref": "x", "yref": "paper", "layer": "below"}
    shapes = [
        {**shade, "name": name, "fillcolor": t[colour], "line": {"width": 0}}
        for name, colour in (
            ("part", "--ui-gap"),
            ("work", "--ui-accent-subtle"),
            ("down", "--ui-down-subtle"),
        )
    ]
    layout = {**base["layout"], "shapes": shapes, "annotations": []}
    return {"layout": layout, "data": {"scatter": [known[look] for look in looks]}}
