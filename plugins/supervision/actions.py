"""What supervision offers to do about a service, wherever its panel is shown."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from core.api import Action, Link, _
from plugins.supervision.queries import HISTORY

MAP = "/supervision/carte"


def actions(link: Link, paths: Sequence[str]) -> list[Action]:
    """Return the way to the map, when there is one, and the history of the service as a file."""
    history = f"{HISTORY}.xlsx?{urlencode({'service': link.reference})}"
    found = [Action(_("Exporter l’historique"), history, icon="download", order=60)]
    if MAP in paths:
        place = f"{MAP}?{urlencode({'site': link.site_id})}"
        found.append(Action(_("Voir sur la carte"), place, icon="map", order=40))
    return found
