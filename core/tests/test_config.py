"""``config.yaml``: what is not understood is told, with what was probably meant."""

from __future__ import annotations

import pytest

from core import config
from core.config import ConfigError


@pytest.fixture
def load(tmp_path):
    def load(text: str, **environ: str) -> config.Config:
        path = tmp_path / "config.yaml"
        path.write_text(text)
        return config.load(path, environ)

    return load


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wbe: {port: 1}", "« wbe » est inconnu. Vouliez-vous dire « web » ?"),
        ("web: {prot: 8050}", "« web.prot » est inconnu. Vouliez-vous dire « port » ?"),
        ("web: {port: abc}", "« web.port »"),
        ("web: {port: 99999}", "« web.port »"),
        ("collector: {status_interval: 1}", "« collector.status_interval »"),
        ("- a list", "des sections sont attendues"),
        ("web: [", "pas du YAML"),
        ("secret_key: abc", "BALISE_SECRET_KEY_FILE"),
        ("path: x", "« path »"),
        ("1: x", "« 1 » est inconnu"),
        ("web: [1]", "« web »"),
        ("display: {timezone: Europe/Pari}", "vouliez-vous dire « Europe/Paris »"),
        ("display: {language: fre}", "« display.language »"),
        ("map: {tiles: 'https://tuiles.exemple.fr'}", "« map.tiles »"),
        ("map: {tiles: 'javascript:alert(1)/{z}/{x}/{y}'}", "« map.tiles »"),
        ("map: {tiles: 'https://a.fr; script-src * /{z}/{x}/{y}'}", "« map.tiles »"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_was_meant(load, text, expected):
    with pytest.raises(ConfigError) as error:
        load(text)
    assert expected in str(error.value)


def test_an_empty_file_and_no_file_mean_the_defaults(load, tmp_path):
    assert load("").web.port == 8050
    assert config.load(tmp_path / "none.yaml", {}).web.port == 8050


def test_the_environment_overrides_the_file(load):
    found = load("web: {port: 1234}", BALISE_WEB_PORT="4321", BALISE_DISPLAY_LANGUAGE="en")
    assert (found.web.port, found.display.language) == (4321, "en")


def test_a_variable_that_means_nothing_is_refused(load):
    with pytest.raises(ConfigError, match="Vouliez-vous dire « web »"):
        load("", BALISE_WEBB_PORT="1")


@pytest.mark.parametrize("text", ["[Acme", "Acme: Telecom", "2600", "null", "é « x »"])
def test_a_text_of_the_environment_is_taken_as_it_is(load, text):
    assert load("operator:", BALISE_OPERATOR_NAME=text).operator.name == text


def test_a_variable_cannot_turn_a_wrong_section_into_a_traceback(load):
    with pytest.raises(ConfigError, match="doit être une section"):
        load("web: [1]", BALISE_WEB_PORT="1")
    with pytest.raises(ConfigError, match="inconnue"):
        load("", BALISE_PATH="x")


def test_secrets_come_by_the_environment_or_by_a_file_it_names(load, tmp_path):
    (tmp_path / "url").write_text("postgresql://u:p@localhost/b\n")
    found = load("", BALISE_DATABASE_URL_FILE=str(tmp_path / "url"), BALISE_SECRET_KEY="k" * 40)
    assert found.database_url == "postgresql://u:p@localhost/b"
    assert found.secret_key == "k" * 40
    with pytest.raises(ConfigError, match="ne se lit pas"):
        load("", BALISE_SECRET_KEY_FILE=str(tmp_path / "none"))


def test_secrets_are_not_in_the_text_of_the_settings(load):
    found = load("", BALISE_SECRET_KEY="very-secret-value" * 3, BALISE_MAIL_PASSWORD="hush-hush")
    shown = repr(found) + str(found.model_dump())
    assert "very-secret" not in shown
    assert "hush" not in shown
