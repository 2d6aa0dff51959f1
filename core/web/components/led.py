"""LEDs: shape, colour and word, always together."""

from __future__ import annotations

from functools import cache

from dash import html
from dash.development.base_component import Component

from core.i18n import _
from core.network.status import State
from core.web.components.attributes import attributes
from core.web.words import STATES, state_word


@cache
def mark(state: State, *, large: bool = False) -> Component:
    """Return the shape alone: the word must stand beside it. Shared, so never altered."""
    css = f"led led-{STATES[state].css}" + (" led-lg" if large else "")
    return html.Span(className=css, **attributes(aria_hidden="true"))


def led(state: State, word: bool = True) -> Component:
    """Return a LED with its word; without, the word is for the pointer and the screen reader."""
    if word:
        return html.Span([mark(state), state_word(state)], className="led-word")
    said = html.Span(state_word(state), className="sr-only")
    return html.Span([mark(state), said], title=state_word(state))


def state_text(state: State, text: str) -> Component:
    """Return words in the colour of a state."""
    return html.Span(text, className=f"t-{STATES[state].css} strong")


def state_tag(state: State, text: str) -> Component:
    """Return words on the tint of a state, its LED before them."""
    css = STATES[state].css
    tint = {"up": " tag-up", "degraded": " tag-degraded", "down": " tag-down"}.get(css, "")
    return html.Span([mark(state), text], className=f"tag{tint}")


def missing(text: str | None = None) -> Component:
    """Return « N/A », or another word for what is not there, in the colour of hints."""
    return html.Span(_("N/A") if text is None else text, className="na")
