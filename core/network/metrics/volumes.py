"""Octets that links carried over a period: one statement, however many links."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from core.network.metrics import Volume
from core.network.metrics.levels import RAW, SOUND, TABLES, WHOLE_DAY, Level, Piece, cover

_PIECE = """
select link_id, sum(seconds) as covered, sum(in_octets) as octets_in, sum(out_octets) as octets_out
from {table} where link_id in (select value from json_each(:links)) and {bounds}
group by link_id"""
_SUM = """
select link_id, sum(covered), sum(octets_in), sum(octets_out) from ({pieces}) group by link_id"""


def volumes(
    connection: sqlite3.Connection,
    levels: Sequence[Level],
    links: Iterable[int],
    start: int,
    end: int,
) -> Mapping[int, Volume]:
    """Return the octets of each link (by id) that has rows between ``start`` and ``end``.

    Reads the fewest rows: days and hours where they are whole, five minutes and samples at the
    ends. The ids go as one JSON array, so that their number has no limit.
    """
    pieces = " union all ".join(_piece(piece) for piece in cover(levels, WHOLE_DAY, start, end))
    if not pieces:
        return {}
    rows = connection.execute(_SUM.format(pieces=pieces), {"links": json.dumps(list(links))})
    asked = float(end - start)
    return {
        link: Volume(octets_in, octets_out, covered, asked)
        for link, covered, octets_in, octets_out in rows
    }


def _piece(piece: Piece) -> str:
    """Return the part of one level; the bounds are whole numbers of ours, not somebody's text."""
    if piece.level == RAW:
        bounds = f"at > {piece.start} and at <= {piece.end} and {SOUND}"
    else:
        bounds = f"at >= {piece.start} and at < {piece.end}"
    return _PIECE.format(table=TABLES[piece.level], bounds=bounds)
