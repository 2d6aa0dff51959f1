"""Filters of a list, side by side: each is a field whose value goes to the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.web.components.attributes import attributes
from core.web.components.frames import icon


def filters(fields: Sequence[Component], label: str) -> Component:
    """Return a form of ``text_filter``, ``choice_filter`` and ``date_filter``s: what is typed or
    chosen goes to the parameter of the address that each is named by, and « page » leaves it.
    """
    more = attributes(data_filter="", aria_label=label)
    return html.Form(list(fields), className="filters", role="search", **more)


def text_filter(name: str, value: str, label: str, *, id: str) -> Component:
    """Return a field for words."""
    field = dbc.Input(
        id=id, name=name, type="search", value=value, placeholder=label, autocomplete="off",
        maxlength=80,
    )  # fmt: skip
    head = html.Label(label, htmlFor=id, className="sr-only")
    return html.Div([icon("search"), head, field], className="find")


def choice_filter(
    name: str, options: Mapping[str, str], value: str, label: str, *, id: str
) -> Component:
    """Return a choice of one among {value: words}; that of the empty value stands for all."""
    choices = [
        html.Option(text, value=key, selected="selected" if key == value else None)
        for key, text in options.items()
    ]
    css = "form-select is-set" if value else "form-select"
    field: Any = html.Select(choices, id=id, name=name, className=css)
    return html.Div([html.Label(label, htmlFor=id, className="form-label small"), field])


def date_filter(name: str, value: str, label: str, *, id: str) -> Component:
    """Return a field for a day, which the address holds as « 2026-11-24 »."""
    field = dbc.Input(id=id, name=name, type="date", value=value)
    return html.Div([html.Label(label, htmlFor=id, className="form-label small"), field])
