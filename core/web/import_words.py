"""The words of imports: their states, what becomes of rows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dash import html
from dash.development.base_component import Component

from core.datasets import RowAction
from core.i18n import N_, _
from core.imports.models import RunState
from core.imports.staging import SAME

STATES: Mapping[RunState, tuple[str, str]] = MappingProxyType(
    {
        RunState.RECEIVED: (N_("À vérifier"), "tag tag-accent"),
        RunState.CHECKING: (N_("En vérification"), "tag tag-accent"),
        RunState.READY: (N_("À confirmer"), "tag tag-accent"),
        RunState.APPLYING: (N_("En écriture"), "tag tag-accent"),
        RunState.DONE: (N_("Importé"), "tag tag-up"),
        RunState.REFUSED: (N_("Refusé"), "tag tag-down"),
        RunState.ABANDONED: (N_("Abandonné"), "tag"),
    }
)

ROWS: Mapping[str, str] = MappingProxyType(
    {
        RowAction.NEW: N_("Nouvelles"),
        RowAction.CHANGED: N_("Modifiées"),
        RowAction.REOPENED: N_("Rouvertes"),
        RowAction.GONE: N_("Fermées"),
        "rejected": N_("Rejetées"),
        SAME: N_("Inchangées"),
    }
)
"""What becomes of rows, in the order in which it is looked at."""


def state_tag(state: RunState) -> Component:
    """Return the state of an import on its tint."""
    word, css = STATES[state]
    return html.Span(_(word), className=css)
