"""Where towns are: an offline list of communes, searched by name, postal code or department."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from core.api import fold

SOURCE = Path(__file__).parent / "data" / "places.csv.gz"
_WORDS = re.compile(r"[^\w\n]+")
_CEDEX = re.compile(r"\bcedex\b.*")
_PAIR = re.compile(r"\s*(-?\d{1,2}(?:[.,]\d+)?)\s*[;,\s]\s*(-?\d{1,3}(?:[.,]\d+)?)\s*")
_COUNTRY = re.compile(r"[A-Z]{2}")


class Town(NamedTuple):
    """A commune of France or a town abroad; coordinates are degrees (WGS 84).

    ``area`` is the department (« 87 », « 974 ») or the country (« BE »). ``approximate``: that of
    the towns that share its postal code.
    """

    name: str
    area: str
    postal_codes: tuple[str, ...]
    latitude: float
    longitude: float
    approximate: bool

    @property
    def abroad(self) -> bool:
        return _COUNTRY.fullmatch(self.area) is not None


class _Known(NamedTuple):
    town: Town
    name: str
    population: int


@cache
def _towns() -> tuple[_Known, ...]:
    with gzip.open(SOURCE, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(io.StringIO(file.read())))
    names, owners = [], []
    for row in rows:
        town = Town(
            row["name"],
            row["area"],
            tuple(row["postal_codes"].split()),
            float(row["latitude"]),
            float(row["longitude"]),
            bool(row["approximate"]),
        )
        for name in (town.name, *filter(None, row["aliases"].split("|"))):
            names.append(name)
            owners.append((town, int(row["population"] or 0)))
    folded = plain("\n".join(names)).split("\n")  # all at once: one by one takes seconds
    return tuple(
        _Known(town, name, population)
        for name, (town, population) in zip(folded, owners, strict=True)
    )


def plain(text: str) -> str:
    """Return words to compare: without accents, hyphens and case, saints in full.

    « ST-ÉTIENNE CEDEX 2 » is « saint etienne ».
    """
    return _WORDS.sub(" ", _CEDEX.sub("", fold(text).replace("œ", "oe")))


def search_towns(text: str, limit: int = 12) -> Sequence[Town]:
    """Return the towns that a text may mean, the likeliest first.

    Words are parts of a name; a number is the beginning of a postal code or a department: « saint
    denis 974 », « 87000 », « st-etienne 42 ». Homonyms come largest first. Two numbers
    « 45,83 1,26 » are coordinates: a town of that place, without a name.
    """
    pair = coordinates(text)
    if pair:
        return [Town("", "", (), *pair, approximate=False)]
    words = plain(text[:80]).split()
    numbers = [word for word in words if word[0].isdigit()]
    name = " ".join(word for word in words if not word[0].isdigit())
    if not words or (len(name) < 2 and not any(len(number) >= 2 for number in numbers)):
        return []
    ranked = []
    for known in _towns():
        rank = _rank(known.name, name)
        if rank is not None and all(_is_of(known, number) for number in numbers):
            ranked.append((rank, known.town.abroad, -known.population, known.town))
    ranked.sort(key=lambda one: (*one[:3], one[3].area, one[3].name))
    return list(dict.fromkeys(one[3] for one in ranked))[:limit]


def coordinates(text: str) -> tuple[float, float] | None:
    """Return the (latitude, longitude) that a text gives in degrees, None when it gives none."""
    pair = _PAIR.fullmatch(text)
    if not pair or not any(mark in text for mark in ".,"):
        return None
    latitude, longitude = (float(part.replace(",", ".")) for part in pair.groups())
    fits = math.isfinite(latitude) and abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if fits else None


def _rank(known: str, wanted: str) -> int | None:
    """Return how well a name fits: 0 the same, 1 its beginning, 2 its words; None not at all."""
    if not wanted or known == wanted:
        return 0
    if known.startswith(wanted):
        return 1
    parts = known.split()
    fits = all(any(part.startswith(word) for part in parts) for word in wanted.split())
    return 2 if fits else None


def _is_of(known: _Known, number: str) -> bool:
    """Tell whether a town has this department, postal code, or number in its name (« 15e »)."""
    town = known.town
    if town.area == number.upper() or any(code.startswith(number) for code in town.postal_codes):
        return True
    return any(part.startswith(number) for part in known.name.split())
