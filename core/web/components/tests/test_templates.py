"""The pages outside Dash: complete without scripts, with nothing inline to run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template

from core import i18n
from core.config import Operator
from core.web.templates import asset

TEMPLATES = Path(__file__).parents[2] / "templates"
HOSTILE = '"><script>alert(1)</script>'
PAGES: dict[str, dict[str, Any]] = {
    "connexion.html": {"error": None, "notice": None, "email": HOSTILE, "next": HOSTILE},
    "mot_de_passe.html": {"mail": True, "sent": False, "email": HOSTILE},
    "nouveau_mot_de_passe.html": {
        "expired": False, "email": HOSTILE, "error": HOSTILE, "minimum": 12,
    },
    "erreur.html": {"code": 404, "reference": HOSTILE},
}  # fmt: skip


def page(name: str, **values: Any) -> str:
    app = Flask("pages", template_folder=str(TEMPLATES))
    operator = Operator(name="Opérateur", support="Support : 09 00 00 00 00")

    @app.context_processor
    def known() -> dict[str, object]:
        return {
            "operator": operator,
            "demo": True,
            "language": i18n.language(),
            "languages": i18n.LANGUAGES,
            "_": i18n._,
            "asset": asset,
        }

    with app.test_request_context("/connexion?next=/x"):
        return render_template(name, **{**PAGES.get(name, {}), **values})


@pytest.mark.parametrize("name", PAGES)
def test_what_people_type_is_never_markup(name: str) -> None:
    assert HOSTILE not in page(name)


@pytest.mark.parametrize("name", PAGES)
def test_no_script_stands_in_a_page(name: str) -> None:
    """The policy refuses inline scripts and handlers: all of them are files of assets."""
    text = page(name)
    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL)
    assert [inner for _, inner in scripts] == [""]
    assert "src=" in scripts[0][0]
    assert not re.search(r"\son\w+=", text)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_speaks_one_language_and_offers_the_other(name: str) -> None:
    text = page(name)
    assert '<html lang="fr"' in text
    assert "Démonstration" in text
    if name != "erreur.html":
        assert 'href="/langue/en?next=/connexion' in text


def test_signing_in_asks_for_what_the_server_reads() -> None:
    text = page(
        "connexion.html", error="Adresse ou mot de passe incorrect.", next="/x", email="a@b"
    )
    assert re.findall(r'name="(\w+)"', text)[-3:] == ["email", "password", "next"]
    assert 'role="alert">Adresse ou mot de passe incorrect.' in text
    assert 'name="next" value="/x"' in text
    assert "Support : 09 00 00 00 00" in text


def test_a_forgotten_password_without_mail_leads_to_the_support() -> None:
    text = page("mot_de_passe.html", mail=False)
    assert "support" in text
    assert 'name="email"' not in text
    assert "vient de lui être envoyé" in page("mot_de_passe.html", sent=True)


def test_a_used_link_leads_to_another_one() -> None:
    text = page("nouveau_mot_de_passe.html", expired=True)
    assert "Ce lien ne sert plus" in text
    assert 'type="password"' not in text


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 429, 500, 503])
def test_an_error_says_what_to_do_and_its_reference(code: int) -> None:
    text = page("erreur.html", code=code, reference="7f3a0142")
    assert "7f3a0142" in text
    assert "btn-primary" in text


def test_every_icon_and_file_named_exists() -> None:
    icons = (TEMPLATES.parent / "assets" / "30-icons.css").read_text()
    for template in TEMPLATES.glob("*.html"):
        for name in re.findall(r'class="i i-([a-z]+)"', template.read_text()):
            assert f".i-{name} " in icons, f"{template.name}: {name}"
