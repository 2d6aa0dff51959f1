"""What a tick tells the page: states in their places, rows that came and went, counters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from dash import Patch, no_update

from core.api import Reason, place_count, touched_since
from plugins.supervision.listing import Listing, Version
from plugins.supervision.queries import PER_PAGE

FEW_ROWS = 16
"""Past so many new rows the page is told whole: it is about as short."""


def table(shown: Listing, old: Version, now: Version, held: object) -> tuple[Any, Any] | None:
    """Return what changes the table, and the ids of its rows; None where it is better told whole.

    ``held`` is the browser's word of the ids it shows, in order: checked against the version it
    came with.
    """
    if old.address != now.address:
        return None
    if (old.rows, old.states) == (now.rows, now.states):
        return no_update, no_update
    touched = touched_since(shown.ctx, old.number)
    if touched is None:
        return None
    if old.rows == now.rows:
        return _states(shown, touched), no_update
    before = _ids(held)
    if before is None or old.rows != shown.digest_of(before):
        return None
    return _rows(shown, before, touched)


def _states(shown: Listing, touched: Collection[int]) -> Patch:
    patch, table = Patch(), shown.rows()
    for index, service in enumerate(shown.services):
        if service.id in touched or service.reason is Reason.STALE:  # its age is told in minutes
            table.place_cell(patch[0], index, service, 0)
    return patch


def counters(shown: Listing) -> Any:
    """Return a ``Patch`` of the counters of the legend."""
    patch = Patch()
    for index, count in enumerate(shown.counts.values()):
        place_count(patch, index, count)
    return patch


def _rows(
    shown: Listing, before: Sequence[int], touched: Collection[int]
) -> tuple[Any, Any] | None:
    if any(service.reason is Reason.STALE for service in shown.services):
        return None  # the rows that stay tell an age, which grows
    moves = _moves(before, shown.row_ids(), touched)
    if moves is None:
        return None
    gone, come = moves
    patch, ids = Patch(), Patch()
    body = patch[0]["props"]["children"]["props"]["children"][2]["props"]["children"]
    for index in gone:
        del body[index]
        del ids[index]
    come_in = [shown.services[index] for index in come]
    drawn = shown.with_badges(come_in).rows()
    for index, service in zip(come, come_in, strict=True):
        body.insert(index, drawn.row(service, selected=shown.is_chosen(service)))
        ids.insert(index, service.id)
    return patch, ids


def _ids(held: object) -> list[int] | None:
    if not isinstance(held, list) or len(held) > PER_PAGE:
        return None
    return held if all(type(id_) is int for id_ in held) else None


def _moves(
    before: Sequence[int], after: Sequence[int], touched: Collection[int]
) -> tuple[list[int], list[int]] | None:
    """Return the places to empty, last first, then those to fill; what was touched is told anew."""
    wanted = set(after)
    stays = [id_ for id_ in before if id_ in wanted and id_ not in touched]
    staying = set(stays)
    come = [index for index, id_ in enumerate(after) if id_ not in staying]
    if len(come) > FEW_ROWS or [id_ for id_ in after if id_ in staying] != stays:
        return None
    gone = [index for index, id_ in enumerate(before) if id_ not in staying]
    return gone[::-1], come
