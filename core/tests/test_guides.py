"""« Aide » opens the guide of the rubric that one looks at, and nothing in it is markup."""

from __future__ import annotations

import dataclasses
import re

import pytest

from core import i18n
from core.host import Host
from core.testing.context import context_of, find, words
from core.web import guides
from core.web.guides import help_of, layout, rendered

STAFF, ALICE = "staff@operator.example", "alice@a.example"


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("/factures/FA1", "/aide/factures"),
        ("/supervision/carte", "/aide/supervision"),
        ("/imports/3", "/aide/exploitation"),
        ("/", "/aide"),
        ("/nulle-part", "/aide"),
    ],
)
def test_help_leads_to_the_guide_of_the_page(shared_world: Host, path: str, leads: str) -> None:
    assert help_of(shared_world.registry, path) == leads


def test_every_rubric_has_a_guide_in_both_languages_with_the_same_parts(
    shared_world: Host,
) -> None:
    known = guides.guides(shared_world.registry)
    assert set(shared_world.registry.rubrics) <= set(known)
    for guide in known.values():
        french, english = (guide.folder / f"{language}.md" for language in ("fr", "en"))
        heads = [re.findall(r"^#+", path.read_text(), re.MULTILINE) for path in (french, english)]
        assert heads[0][0] == "#", f"{french}: the first line is the title"
        assert heads[0] == heads[1], f"{guide.id}: the two languages do not have the same parts"


def test_a_guide_speaks_the_language_in_use(shared_world: Host) -> None:
    with context_of(shared_world, ALICE) as ctx:
        assert "Trouver une facture" in words(layout(ctx, shared_world.registry, "factures"))
        with i18n.speaking("en"):
            said = words(layout(ctx, shared_world.registry, "factures"))
    assert "Finding an invoice" in said


def test_a_guide_of_a_rubric_one_does_not_have_is_as_one_that_does_not_exist(
    shared_world: Host,
) -> None:
    with context_of(shared_world, ALICE) as ctx:
        poor = dataclasses.replace(ctx, granted=frozenset({"factures:read", "balise:home"}))
        one = words(layout(poor, shared_world.registry, "commandes"))
        assert one == words(layout(poor, shared_world.registry, "aucun"))
        assert "Guide introuvable" in one
        entries = words(guides.menu(poor, shared_world.registry))
    assert "Factures" in entries
    assert "Commandes" not in entries


def test_what_a_guide_holds_is_text(shared_world: Host) -> None:
    text = (
        "# Titre\n\n<script>alert(1)</script> **gras** ![x](https://ailleurs.example/x.png)\n\n"
        "[a](javascript:alert(1)) [b](//ailleurs.example) [c](/factures) [d](https://exemple.fr)\n"
    )
    with context_of(shared_world, ALICE) as ctx:
        reader = dataclasses.replace(ctx, leads=lambda path: path == "/factures")
        title, body = rendered(text, reader)
        _title, closed = rendered(text, ctx)
    assert title == "Titre"
    assert "<script>alert(1)</script>" in words(body)
    links = [one.href for one in find(body) if getattr(one, "href", None)]
    assert links == ["/factures", "https://exemple.fr"]
    assert [one.href for one in find(closed) if getattr(one, "href", None)] == links[1:]
    assert not [one for one in find(body) if getattr(one, "src", None)]


def test_every_link_of_a_guide_leads_somewhere(shared_world: Host, shared_app) -> None:
    _rules, pages, _dash = shared_app.extensions["balise"]
    granted = {page.permission.key for page in pages}
    for guide in guides.guides(shared_world.registry).values():
        for language in i18n.LANGUAGES:
            for href in re.findall(r"\]\((/[^)]*)\)", guide.text(language) or ""):
                assert pages.leads(href, granted), f"{guide.id} {language}: {href}"
