"""Pages of a report as markup: every text is escaped, because nothing else can be put in."""

from __future__ import annotations

from html import escape
from typing import Any

VOID = frozenset({"br", "img", "link", "meta"})


class Markup(str):
    """A text that is markup already: only ``el`` makes it."""

    __slots__ = ()


def el(tag: str, *children: Any, **attributes: Any) -> Markup:
    """Return an element. Children are elements, texts, or lists of them; None is left out.

    Attributes: ``class_`` is « class », other « _ » are « - »; None leaves one out.
    """
    named = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Markup(f"<{tag}{named}>")
    return Markup(f"<{tag}{named}>{inside(children)}</{tag}>")


def inside(children: Any) -> Markup:
    """Return children one after the other."""
    if isinstance(children, Markup):
        return children
    if isinstance(children, list | tuple):
        return Markup("".join(inside(child) for child in children if child is not None))
    return Markup(escape(str(children)))
