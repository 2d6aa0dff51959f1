"""What a callback's body must look like: checked before Dash, which answers 500 to others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """The inputs, states and outputs that a callback was declared with, in their order.

    Each is (id, property); an id of None stands for a pattern of ids, which is checked by type.
    """

    inputs: tuple[tuple[str | None, str], ...]
    state: tuple[tuple[str | None, str], ...]
    outputs: tuple[tuple[str | None, str], ...]
    many: bool
    """Whether the callback was declared with a list of outputs."""

    @classmethod
    def of(cls, entry: Mapping[str, Any], output: str) -> Shape:
        """Return the shape of an entry of Dash's callback map, known by its output."""
        inputs, state = _parts(entry["inputs"]), _parts(entry["state"])
        return cls(inputs, state, _outputs(output), output.startswith(".."))

    def fits(self, body: Mapping[str, Any]) -> bool:
        """Tell whether Dash can take this body for that callback."""
        outputs = body.get("outputs")
        listed = outputs if isinstance(outputs, list) else [outputs]
        changed = body.get("changedPropIds", [])
        return (
            isinstance(outputs, list) is self.many
            and _match(self.inputs, body.get("inputs", []))
            and _match(self.state, body.get("state", []))
            and _match(self.outputs, listed)
            and isinstance(changed, list)
            and all(isinstance(name, str) for name in changed)
        )


def _parts(dependencies: Any) -> tuple[tuple[str | None, str], ...]:
    return tuple(
        (None if d["id"].startswith("{") else d["id"], d["property"]) for d in dependencies
    )


def _outputs(output: str) -> tuple[tuple[str | None, str], ...]:
    inner = output.removeprefix("..").removesuffix("..")
    parts = inner.split("...") if output.startswith("..") else [inner]
    found = []
    for part in parts:
        id, _, prop = part.rpartition(".")
        found.append((None if id.startswith("{") else id, prop.split("@")[0]))
    return tuple(found)


def _match(declared: tuple[tuple[str | None, str], ...], given: Any) -> bool:
    if not isinstance(given, list) or len(given) != len(declared):
        return False
    for (id, prop), part in zip(declared, given, strict=True):
        if id is None:
            if not isinstance(part, dict | list):
                return False
        elif (
            not isinstance(part, dict)
            or part.get("id") != id
            or str(part.get("property")).split("@")[0] != prop
        ):
            return False
    return True


_SUSPECT = re.compile(rb"\\u(?:0000|d[89a-f])|\x00", re.IGNORECASE)


def has_broken_text(data: bytes) -> bool:
    """Tell whether a JSON body holds NUL, or half of a character: no store takes them."""
    if not _SUSPECT.search(data):
        return False
    text = json.dumps(json.loads(data), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return "\\u0000" in text
