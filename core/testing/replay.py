"""Asking an application everything it can be asked, as whoever one likes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from core.testing.fixtures import SAME_SITE

A_LINK, A_OTHER_LINK = "CANARI-A-10-000", "CANARI-A-20-000"
"""References of customer A: of the site that « onesite » sees, and of another."""
UNKNOWN = "CANARI-Z-10-000"
"""A reference that nobody has."""
OF_OTHER_SITES = ("CANARI-B", "site 11", "site 20", "société 2", "CANARI-A-20", "CANARI-A-11")
"""What the user of one site never sees."""
ROUTE = "..host-page.children...host-menu.children...host-title.data.."
"""The host's callback that answers a page."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What addresses and callbacks may be sent; « @ » stands for a reference of customer A.

    ``parts`` fill addresses, by name; ``searches`` stand behind « ? »; ``values`` are those of
    inputs and states, by « id.property »: of one whose id is a pattern, each is the whole list.
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    searches: Sequence[str] = ()
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    paths: Sequence[str] = ()


def called(entry: Mapping[str, Any], output: str, values: Mapping[str, Sequence[Any]],
           reference: str = A_LINK) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield every body that ``values`` make for a callback, an entry of Dash's map.

    Raises ``AssertionError`` that names the inputs for which there is no value.
    """
    dependencies = (*entry["inputs"], *entry["state"])
    names = [f"{d['id']}.{d['property']}" for d in dependencies]
    missing = [name for name in names if name not in values]
    assert not missing, f"say in « values » what {missing} of {output} may hold"
    outputs = [_output(one) for one in output.removeprefix("..").removesuffix("..").split("...")]
    cut = len(entry["inputs"])
    for n in range(max((len(values[name]) for name in names), default=1)):
        filled: list[Any] = []
        for d, name in zip(dependencies, names, strict=True):
            value = values[name][n % len(values[name])]
            value = json.loads(json.dumps(value).replace("@", reference))
            pattern = d["id"].startswith("{")
            one = {"id": d["id"], "property": d["property"], "value": value}
            filled.append(value if pattern else one)
        yield {
            "output": output,
            "outputs": outputs if output.startswith("..") else outputs[0],
            "inputs": filled[:cut],
            "state": filled[cut:],
            "changedPropIds": names[:cut],
        }


def _output(name: str) -> dict[str, Any]:
    id, _dot, prop = name.rpartition(".")
    return {"id": json.loads(id) if id.startswith("{") else id, "property": prop}


def call(client: FlaskClient, body: Mapping[str, Any]) -> TestResponse:
    """Call a callback as the browser does."""
    return client.post("/_dash-update-component", json=body, headers=SAME_SITE)


def routed(client: FlaskClient, path: str, search: str = "") -> TestResponse:
    """Ask for what stands at an address, as the browser's router does."""
    ids = [("host-page", "children"), ("host-menu", "children"), ("host-title", "data")]
    return call(
        client,
        {
            "output": ROUTE,
            "outputs": [{"id": id, "property": prop} for id, prop in ids],
            "inputs": [{"id": "host-url", "property": "pathname", "value": path}],
            "state": [{"id": "host-url", "property": "search", "value": search}],
            "changedPropIds": ["host-url.pathname"],
        },
    )


def said_of(text: str, asked: str) -> str:
    """Return an answer without what it repeats of what was asked: its words, and their digest."""
    plain = re.sub(r"(\d\.\d+\.)[\w-]{4}(?=(\.[\w-]{4}){3})", r"\1@", text.replace(asked, "@"))
    return re.sub(r"(?<=\")[0-9a-f]{8}(?=\")", "reference", plain)


def concrete(rule: Rule | str, parts: Mapping[str, str], reference: str = A_LINK) -> str:
    """Return a path of a route or page, its parts filled.

    Raises ``AssertionError`` that names a part for which there is no value.
    """
    path = str(rule)
    for name in re.findall(r"<(?:[^<>]*:)?(\w+)>", path):
        assert name in parts, f"say in « parts » what <{name}> of {rule} may be"
        value = parts[name].replace("@", reference).replace(A_LINK, reference)
        path = re.sub(rf"<(?:[^<>]*:)?{name}>", value, path)
    return path


def entries(app: Flask) -> Mapping[str, Any]:
    """Return the server's callbacks, by output, as Dash keeps them."""
    rules, _pages, dash = app.extensions["balise"]
    return {output: dash.callback_map[output] for output in rules.callbacks}


def ids_in(part: Any) -> Iterable[str]:
    """Yield every id of what Dash sends: a component as JSON, with its children."""
    if isinstance(part, Mapping):
        props = part.get("props")
        if isinstance(props, Mapping) and props.get("id") is not None:
            id = props["id"]
            yield id if isinstance(id, str) else json.dumps(id, sort_keys=True)
        for value in part.values():
            yield from ids_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from ids_in(value)
