"""Lines and calls that a back office brings in; what the list exports is read again."""

from __future__ import annotations

import pytest

from balise_voix.downloads import export
from balise_voix.queries import Asked, find, lines, totals
from balise_voix.tests.world import number_of
from core.exports import to_csv
from core.imports.runs import Imports
from core.testing.context import context_of

ALICE = "alice@a.example"
HEAD = "Numéro;Nom;Site;Type;Canaux"
NEW = "0536492000;Standard;CANARI-A site 10;Trunk SIP;30"


@pytest.fixture
def bring(filled, tmp_path):
    def do(dataset, *text, close=False):
        path = tmp_path / "file.csv"
        path.write_bytes(b"".join(text) if isinstance(text[0], bytes) else "\n".join(text).encode())
        imports = Imports(filled)
        run = imports.receive(dataset, path.name, path.stat().st_size, "system", partial=not close)
        checked = imports.check(run, path, imports.examine(run, path).mapping)
        imports.apply(run, allow_closing=close)
        return {name: count for name, count in checked.counts.items() if count}

    return do


def test_a_line_comes_in_with_its_site_and_its_calls(bring, filled):
    assert bring("lignes-voix", HEAD, NEW)["new"] == 1
    with context_of(filled, ALICE) as ctx:
        yesterday = totals(ctx, [])  # nothing asked, nothing told
        assert yesterday == {}
        line = find(ctx, "0536492000")
        assert (line.name, line.channels, line.site.name) == ("Standard", 30, "CANARI-A site 10")


def test_calls_are_those_of_a_line_that_is_there(bring, filled):
    head = "Numéro;Jour;Appels entrants;Appels sortants;Appels manqués;Durée (s)"
    with context_of(filled, ALICE) as ctx:
        today = f"{ctx.now:%d/%m/%Y}"
    known = bring("appels-voix", head, f"{number_of('A', 0)};{today};3;2;1;600")
    assert known["new"] == 1
    assert bring("appels-voix", head, f"0999999999;{today};3;2;1;600") == {"rejected": 1}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("0536492000", "05 36 49"),
        ("CANARI-A site 10", "Nulle part"),
        ("Trunk SIP", "Satellite"),
        (";30", ";0"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(bring, before, after):
    assert bring("lignes-voix", HEAD, NEW.replace(before, after)) == {"rejected": 1}


def test_what_the_list_exports_changes_nothing_when_it_is_read_again(bring, filled):
    with context_of(filled, "staff@operator.example") as ctx:
        written = b"".join(to_csv(export(ctx)))
    counts = bring("lignes-voix", written, close=True)
    assert set(counts) <= {"rows", "same", "unchanged"}, counts


def test_a_line_that_left_the_file_leaves_the_list_and_keeps_its_page(bring, filled):
    bring("lignes-voix", HEAD, NEW, close=True)
    with context_of(filled, ALICE) as ctx:
        assert lines(ctx, Asked())[1] == 1
        assert find(ctx, number_of("A", 0)).closed is not None
