"""What a status map is told: every site at first, then what changed and no more.

A refresh of a thousand sites has to fit in a few hundred octets. The browser says what it shows
(its *version*), the server answers with the difference; it keeps nothing between two refreshes.
``assets/61-map.js`` is the other side: both must change together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dash import no_update

from core.i18n import _
from core.network.places import CODES, LiveSites
from core.network.status import Reason, State
from core.rubric import Context
from core.web.words import STATES, UNPLACED, WORST_FIRST, capital, reason_words, state_word

MARGIN = 300
"""Seconds before a version from which a change is told again: it may have been written late."""


def map_start(ctx: Context, seen: LiveSites) -> dict[str, Any]:
    """Return all sites, as the browser keeps them.

    Each is [id, name, company, commune, postal code, latitude, longitude, why it has no place,
    [[reference, backup's reference] of each service], status, since, its worst service]: status
    is ``status_code()``, since epoch seconds or 0.
    """
    sites = []
    for site in seen.sites:
        services = sorted(site.services, key=lambda service: service.id)
        links = [[s.reference or str(s.id), *_backup(s)] for s in services]
        why = site.unplaced.value if site.unplaced else ""
        sites.append([
            site.id, site.name, site.company, site.commune or "", site.postal_code or "",
            site.latitude, site.longitude, why, links, *site.live,
        ])  # fmt: skip
    return {"key": seen.key, "t": int(ctx.now.timestamp()), "at": _at(seen), "sites": sites}


def map_news(ctx: Context, seen: LiveSites, version: object) -> Any:
    """Return what a map that shows ``version`` (the browser's word) must change.

    The time of the newest reading alone, {"at", "t", "d": [[position, status, since, worst
    service], …]}, {"full": ``map_start()``} when sites came or went, or ``no_update``.
    """
    shown = version if isinstance(version, dict) else {}
    live = [site.live for site in seen.sites]
    codes = _codes(shown.get("runs"), len(live))
    since = shown.get("t")
    if shown.get("key") != seen.key or codes is None or not isinstance(since, int):
        return {"full": map_start(ctx, seen)}
    if shown.get("sum") == seen.sum():
        return no_update if shown.get("at") == _at(seen) else _at(seen)
    changed = [
        [i, *now]
        for i, (now, code) in enumerate(zip(live, codes, strict=True))
        if now[0] != code or now[1] > since - MARGIN
    ]
    if not changed:  # the sums differ for something older: once, everything
        return {"full": map_start(ctx, seen)}
    return {"at": _at(seen), "t": int(ctx.now.timestamp()), "d": changed}


def map_words(zone: str, stale_after: int, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the table of states and reasons that the browser reads, and its sentences."""
    return {
        "states": [
            {"css": STATES[s].css, "key": s.value, "word": state_word(s)} for s in WORST_FIRST
        ],
        "reasons": [capital(reason_words(reason)) for reason in Reason],
        "unplaced": {why.value: _(text) for why, text in UNPLACED.items()},
        "base": CODES,
        "zone": zone,
        "stale": stale_after,
        "texts": dict(texts),
    }


def _backup(service: Any) -> list[str]:
    return [service.backup.reference] if service.backup else []


def _at(seen: LiveSites) -> int:
    return int(seen.read_at.timestamp()) if seen.read_at else 0


def _codes(runs: object, length: int) -> list[int] | None:
    """Return the statuses that the browser tells as [status, times, status, times, …]."""
    if not isinstance(runs, list) or len(runs) % 2 or len(runs) > 2 * length:
        return None
    if not all(type(part) is int and 0 <= part <= length + CODES * len(State) for part in runs):
        return None
    if sum(runs[1::2]) != length:
        return None
    return list(_expanded(runs))


def _expanded(runs: list[int]) -> Iterator[int]:
    for status, times in zip(runs[::2], runs[1::2], strict=True):
        yield from [status] * times
