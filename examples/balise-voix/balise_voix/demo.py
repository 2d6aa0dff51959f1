"""Phone lines of the demonstration: some at each site, ninety days of calls, always the same."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from balise_voix.models import CallDay, LineKind, VoiceLine
from core.api import Demo

DAYS = 90
NAMES = ("Accueil", "Service clients", "Atelier", "Direction")
SUNDAY = 6


def rows(demo: Demo) -> Iterator[Any]:
    """Yield lines for four sites of five, then their days. Numbers are those kept for fiction."""
    sites = sorted({(link.company_id, link.site_id) for link in demo.links if link.site_id})
    today = demo.now.date()
    for place, (company_id, site_id) in enumerate(sites[:500]):
        of = {"company_id": company_id, "site_id": site_id}
        for nth in range(_draw(site_id) % 3 if place % 5 else 0):
            kind = LineKind.TRUNK if nth == 0 else LineKind.FAX if nth == 2 else LineKind.LINE
            id_ = 4 * place + nth + 1
            # 05 36 49 00 00 to 05 36 49 99 99 never rings: the regulator keeps it for fiction.
            number = f"053649{id_:04}"
            channels = 8 if kind is LineKind.TRUNK else 1
            yield VoiceLine(
                **of, id=id_, number=number, name=NAMES[nth], kind=kind, channels=channels
            )
            for ago in range(1, DAYS + 1):
                day = today - timedelta(days=ago)
                busy = channels * (0.1 if day.weekday() == SUNDAY else 1 + 0.2 * math.sin(ago))
                came, left = (round(busy * (5 + _draw(id_, ago, way) % 6)) for way in "io")
                missed = came * (_draw(id_, ago) % 12) // 100
                yield CallDay(
                    **of, line_id=id_, day=day, incoming=came, outgoing=left, missed=missed,
                    seconds=(came + left) * (90 + _draw(id_, ago) % 120),
                )  # fmt: skip


def _draw(*words: Any) -> int:
    return zlib.crc32(" ".join(map(str, words)).encode())
