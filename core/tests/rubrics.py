"""What tests of rubrics that fail share: rubrics made of functions, in a registry of their own."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from core.access import Permission
from core.answering import Answering
from core.answers import Card
from core.hookspecs import hookimpl
from core.registry import Found, Registry
from core.rubric import Context, Rubric

ALICE, STAFF = "alice@a.example", "staff@operator.example"


def found(id: str, rubric: Rubric | None = None, **hooks: Callable[..., Any]) -> Found:
    """Return a rubric of that id, that answers these hooks."""
    plugin = ModuleType(id)
    made = rubric or Rubric(id, f"Rubrique {id}", read=Permission(f"{id}:read", "Lire"))
    for name, function in {"rubric": lambda: made, **hooks}.items():
        setattr(plugin, name, hookimpl(function))
    return Found(id, "essai", lambda: plugin, id, "1.0")


def cards(ctx: Context) -> list[Card]:
    return [Card("Bonne", "/", "corps")]


def registry_of(*rubrics: Found, seconds: float = 0.2, trace: bool = False) -> Registry:
    return Registry(rubrics, answering=Answering(seconds, trace))
