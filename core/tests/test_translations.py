"""Every French source string has its English translation, and nothing else is translated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from core import i18n
from core.host import Host
from core.network.status import State
from core.web import words

ROOT = Path(__file__).parents[2]
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "ngettext": (1, 2)}
RUBRICS = sorted(path.parent.relative_to(ROOT) for path in ROOT.glob("plugins/*/plugin.py"))
EXAMPLES = sorted(path.parent.relative_to(ROOT) for path in ROOT.glob("examples/*/*/plugin.py"))
# Where the translations stand, and the folders whose strings they translate.
CATALOGS = {Path("core"): (Path("core"), Path("collectors"))} | {
    path: (path,) for path in (*RUBRICS, *EXAMPLES)
}
LANGUAGES = sorted(set(i18n.LANGUAGES) - {i18n.SOURCE})

every_catalog = [
    pytest.param(owner, language, id=f"{owner}-{language}")
    for owner in CATALOGS
    for language in LANGUAGES
]
Id = str | tuple[str, ...]


def in_the_code(owner: Path) -> dict[Id, str]:
    """Return the source strings, with the place of one of their uses."""
    with (ROOT / "scripts" / "messages.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[Id, str] = {}
    for folder in CATALOGS[owner]:
        for name, line, message, *_ in extract_from_dir(ROOT / folder, methods, options, KEYWORDS):
            id = message if isinstance(message, str) else tuple(message)
            found[id] = f"{folder / name}:{line}"
    return found


@cache
def catalog(owner: Path, language: str) -> Catalog:
    file = ROOT / owner / "locale" / language / "LC_MESSAGES" / "messages.po"
    assert file.is_file(), f"{file.relative_to(ROOT)} is missing: run « make messages »"
    with file.open("rb") as source:
        return read_po(source, language)


def messages(owner: Path, language: str) -> Iterator[Message]:
    return (message for message in catalog(owner, language) if message.id)


def texts(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def id_of(message: Message) -> Id:
    return message.id if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize(("owner", "language"), every_catalog)
def test_every_string_of_the_code_is_translated(owner: Path, language: str) -> None:
    translated = {
        id_of(message)
        for message in messages(owner, language)
        if texts(message.string) and all(text.strip() for text in texts(message.string))
    }
    untranslated = {where: id for id, where in in_the_code(owner).items() if id not in translated}
    assert untranslated == {}, "run « make messages », then translate these"


@pytest.mark.parametrize(("owner", "language"), every_catalog)
def test_nothing_obsolete_or_guessed_is_kept(owner: Path, language: str) -> None:
    code = in_the_code(owner)
    assert [id_of(m) for m in messages(owner, language) if id_of(m) not in code] == []
    assert list(catalog(owner, language).obsolete) == []
    assert [m.id for m in messages(owner, language) if m.fuzzy] == []


def placeholders(text: str) -> list[str]:
    """Return what ``%`` replaces: ``%(name)s`` and the like, and a bare ``%`` as itself."""
    return sorted(re.findall(r"%\(\w+\)[a-z]|%%|%", text))


@pytest.mark.parametrize(("owner", "language"), every_catalog)
def test_a_translation_has_the_placeholders_of_its_source(owner: Path, language: str) -> None:
    for message in messages(owner, language):
        sources, translations = texts(message.id), texts(message.string)
        if not all(translations):
            continue  # another test tells what is not translated
        if len(sources) == 1:
            assert placeholders(translations[0]) == placeholders(sources[0]), message.id
            continue
        # A plural form may leave the number out (« in one minute »), never add another.
        assert len(translations) == catalog(owner, language).num_plurals, message.id
        assert placeholders(translations[-1]) == placeholders(sources[-1]), message.id
        assert set(placeholders(translations[0])) <= set(placeholders(sources[-1])), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_source_has_one_translation_in_every_catalog(language: str) -> None:
    """The catalogs are merged into one: two translations of a word would depend on the order."""
    seen: dict[Id, tuple[str, ...]] = {}
    for owner in CATALOGS:
        for message in messages(owner, language):
            assert seen.setdefault(id_of(message), texts(message.string)) == texts(message.string)


def test_the_words_of_host_and_rubrics_are_said_in_the_language_in_use(shared_world: Host) -> None:
    assert shared_world.registry.rubrics
    with i18n.speaking("en"):
        assert i18n._("Accueil") == "Home"
        assert {i18n._(rubric.label) for rubric in shared_world.registry.rubrics.values()} >= {
            "Monitoring",
            "Usage",
        }
        assert i18n.ngettext("%(n)s service", "%(n)s services", 0) == "0 services"
        assert i18n.ngettext("%(n)s service", "%(n)s services", 1) == "1 service"
        assert [words.state_word(State.DOWN, n) for n in (0, 1, 2)] == ["Down"] * 3
    with i18n.speaking("fr"):
        assert i18n.ngettext("%(n)s service", "%(n)s services", 0) == "0 service"
        assert words.state_word(State.DOWN, 2) == "Interrompus"


def test_every_rubric_with_translations_declares_their_folder(shared_world: Host) -> None:
    declared = {Path(r.locale) for r in shared_world.registry.rubrics.values() if r.locale}
    assert {ROOT / path / "locale" for path in RUBRICS} <= declared


def test_translations_that_nobody_compiled_are_read_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "en" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Téléphonie"\nmsgstr "Telephony"\n'
    )
    monkeypatch.setattr(i18n, "_folders", [*i18n._folders])
    i18n.add_folder(tmp_path)
    with i18n.speaking("en"):
        assert i18n._("Téléphonie") == "Telephony"
        assert i18n._("Accueil") == "Home"
    monkeypatch.undo()
    i18n._catalog.cache_clear()
