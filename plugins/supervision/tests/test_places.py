"""A town is found as people write it, offline, and homonyms are told apart."""

from __future__ import annotations

import pytest

from plugins.supervision.places import search_towns


@pytest.mark.parametrize(
    ("written", "name", "area"),
    [
        ("Limoges", "Limoges", "87"),
        ("LIMOGES", "Limoges", "87"),
        ("l'haÿ les roses", "L'Haÿ-les-Roses", "94"),
        ("L’HAY LES ROSES", "L'Haÿ-les-Roses", "94"),
        ("ST ETIENNE 42", "Saint-Étienne", "42"),
        ("St-Étienne CEDEX 2", "Saint-Étienne", "42"),
        ("saint denis 974", "Saint-Denis", "974"),
        ("st denis 93", "Saint-Denis", "93"),
        ("97410", "Saint-Pierre", "974"),
        ("saint pierre 975", "Saint-Pierre", "975"),
        ("valence 82", "Valence", "82"),
        ("valence", "Valence", "26"),
        ("ajaccio 2a", "Ajaccio", "2A"),
        ("Fort de France", "Fort-de-France", "972"),
        ("noumea", "Nouméa", "988"),
        ("papeete", "Papeete", "987"),
        ("oeuf en ternois", "Œuf-en-Ternois", "62"),
        ("Bruxelles", "Brussels", "BE"),
        ("genève", "Geneva", "CH"),
        ("paris 15", "Paris 15e Arrondissement", "75"),
    ],
)
def test_a_town_is_found_as_people_write_it(written: str, name: str, area: str) -> None:
    first = search_towns(written)[0]
    assert (first.name, first.area) == (name, area)


@pytest.mark.parametrize("written", ["", "  ", "x", "9", "zzzzz", "???", "\x00", "99999"])
def test_what_means_nothing_finds_nothing(written: str) -> None:
    assert list(search_towns(written)) == []


def test_homonyms_are_all_there_the_largest_first() -> None:
    areas = [town.area for town in search_towns("saint-pierre") if town.name == "Saint-Pierre"]
    assert areas[:3] == ["974", "975", "972"]
    assert len(areas) == len(set(areas)) > 6


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("45.8336 1.2611", (45.8336, 1.2611)),
        ("45,8336 1,2611", (45.8336, 1.2611)),
        ("-20.88, 55.45", (-20.88, 55.45)),
        ("45,83 ; 1,26", (45.83, 1.26)),
    ],
)
def test_coordinates_are_a_place(written: str, place: tuple[float, float]) -> None:
    (town,) = search_towns(written)
    assert (town.latitude, town.longitude) == place


@pytest.mark.parametrize("written", ["95.5 1.2", "45.8 181.5"])
def test_coordinates_off_the_earth_are_no_place(written: str) -> None:
    assert [town for town in search_towns(written) if not town.name] == []


def test_a_commune_too_small_for_the_source_stands_near_and_says_so() -> None:
    town = search_towns("Rougnac 16")[0]
    assert town.area == "16"
    assert 45.1 < town.latitude < 46.2
    assert -0.6 < town.longitude < 1.0
