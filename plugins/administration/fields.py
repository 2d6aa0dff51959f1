"""The fields of the form: label above, hint and error below; parts with their explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component


def id_of(field: str) -> str:
    """Return the id of a field."""
    return f"users-{field.replace('_', '-')}"


def field(
    name: str, label: Any, control: Any, hint: str | None = None, *, full: bool = False
) -> Component:
    """Return a field with its label above, its hint and its error below."""
    below = [html.Div(hint, className="form-text")] if hint else []
    head = html.Label(label, htmlFor=id_of(name), className="form-label")
    return html.Div(
        [head, control, wrong(name), *below], className="field full" if full else "field"
    )


def wrong(name: str) -> Component:
    """Return the place of the error of a field."""
    return html.Div(id=f"{id_of(name)}-wrong", className="field-wrong", role="alert")


def part(legend: str, text: Sequence[str], body: Any) -> Component:
    """Return a part of the form with its explanation beside it."""
    words = html.Div([html.Legend(legend), *[html.P(line) for line in text]])
    return html.Fieldset([words, html.Div(body)], className="part")


def select(name: str, options: Mapping[str, str], value: str) -> Component:
    """Return a choice of one among {value: words}."""
    choices = [
        html.Option(text, value=key, selected="selected" if key == value else None)
        for key, text in options.items()
    ]
    return html.Select(choices, id=id_of(name), className="form-select")
