"""Pages and callbacks of rubrics, counted: what fails again and again is left out for a while."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from core.host import Host
from core.rubric import Context, Page


def page(host: Host, shown: Page, ctx: Context) -> AbstractContextManager[None]:
    """Count how a page fares; those of the host are nobody's. Raises ``LeftOut``."""
    rubric = host.registry.owner_of(shown.path)
    if rubric is None:
        return nullcontext()
    return host.registry.answering.guarding(rubric, shown.path, ctx)


def callback(host: Host, rubric: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a callback's function whose failures count for its rubric."""
    place = f"callback {getattr(function, '__qualname__', function)}"

    def call(ctx: Context, *values: Any) -> Any:
        with host.registry.answering.guarding(rubric, place, ctx):
            return function(ctx, *values)

    return call
