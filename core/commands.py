"""The sub-commands that other packages bring by entry point: one name, one command."""

from __future__ import annotations

import importlib.metadata
from collections import defaultdict
from collections.abc import Collection

from core.i18n import _

GROUP = "balise.commands"


def points() -> dict[str, list[importlib.metadata.EntryPoint]]:
    """Return who brings each command, by its name."""
    found: dict[str, list[importlib.metadata.EntryPoint]] = defaultdict(list)
    for point in importlib.metadata.entry_points(group=GROUP):
        if all(other.value != point.value for other in found[point.name]):
            found[point.name].append(point)
    return found


def refused(own: Collection[str]) -> dict[str, str]:
    """Return why commands cannot be used, by name; ``own`` are those of the host."""
    said = {}
    for name, several in points().items():
        owners = ", ".join(sorted(point.dist.name if point.dist else "?" for point in several))
        if name in own:
            said[name] = _(
                "« %(name)s » est une commande de Balise : celle de %(owners)s n’est pas prise.",
                name=name,
                owners=owners,
            )
        elif len(several) > 1:
            said[name] = _(
                "« %(name)s » vient de plusieurs paquets (%(owners)s) : désinstallez l’un d’eux.",
                name=name,
                owners=owners,
            )
    return said
