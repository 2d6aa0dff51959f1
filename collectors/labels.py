"""Texts that routers give, made fit to be kept and shown."""

from __future__ import annotations

from collectors.interfaces import text, utf8
from collectors.snmp import Kind, Varbind

LONGEST = 255
"""Characters kept (SnmpAdminString, RFC 3411)."""


def label(value: Varbind) -> str:
    """Return a text on one line, printable and not endless; empty without any.

    Raises ``NonsenseError`` when it is no text.
    """
    return _clean(text(value) or "")


def labelled(value: Varbind) -> str:
    """Return the same, empty for what is no text."""
    return _clean(utf8(value.text)) if value.kind == Kind.STRING else ""


def _clean(words: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in words[: 4 * LONGEST])
    return " ".join(printable.split())[:LONGEST]
