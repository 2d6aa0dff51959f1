"""What the page of an import shows of documents: they have no columns to choose."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from core.i18n import _
from core.web.components.jobs import press
from core.web.import_preview import ACT


def unread() -> Component:
    """Return what stands for documents that nobody has read yet: reading was cancelled, or too
    many jobs waited.
    """
    buttons = [
        press(_("Abandonner"), ACT, {"do": "abandon"}, className="btn btn-secondary"),
        press(_("Lire les documents"), ACT, {"do": "check"}, className="btn btn-primary"),
    ]
    said = _("Les documents sont arrivés, et ne sont pas encore lus. Rien n’a été changé.")
    return html.Section(
        [
            html.Div(html.H2(_("Documents reçus")), className="panel-head"),
            html.Div(html.P(said, className="mb-0"), className="pad"),
            html.Div(buttons, className="pad ruled import-submit"),
        ],
        className="card card-flush",
    )
