"""Words: source strings are French, ``locale/<language>`` translates them (gettext, Babel).

The language of the request in hand stands in a context variable, so that the same functions
serve pages, mails and commands.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import Locale
from babel.support import NullTranslations, Translations

SOURCE = "fr"
LANGUAGES = {"fr": "Français", "en": "English"}

_language: ContextVar[str] = ContextVar("language", default=SOURCE)
_folders: list[Path] = [Path(__file__).parent / "locale"]


def add_folder(folder: Path) -> None:
    """Read a rubric's own ``locale`` folder too."""
    if folder not in _folders:
        _folders.append(folder)
        _catalog.cache_clear()


@cache
def _catalog(language: str) -> NullTranslations:
    catalog: NullTranslations = NullTranslations()
    for folder in _folders if language != SOURCE else []:
        if found := _read(folder, language):
            catalog = found if not isinstance(catalog, Translations) else catalog.merge(found)
    return catalog


def _read(folder: Path, language: str) -> Translations | None:
    """Return the translations of a folder; those that nobody compiled are compiled in memory, so
    that a package of rubrics needs no step of its own.
    """
    found = Translations.load(str(folder), [language])
    if isinstance(found, Translations):
        return found
    source = folder / language / "LC_MESSAGES" / "messages.po"
    if not source.is_file():
        return None
    # A tenth of a second that compiled translations do without.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, language))
    compiled.seek(0)
    return Translations(compiled)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language inside the block; an unknown one falls back to French."""
    token = _language.set(language if language in LANGUAGES else SOURCE)
    try:
        yield
    finally:
        _language.reset(token)


def speak(language: str) -> None:
    """Speak this language from here on in the current context (a request)."""
    _language.set(language if language in LANGUAGES else SOURCE)


def language() -> str:
    """Return the language in use, « fr » unless told otherwise."""
    return _language.get()


def locale() -> Locale:
    """Return Babel's locale of the language in use, for numbers and dates."""
    return Locale.parse({"fr": "fr_FR", "en": "en_GB"}[language()])


def _(message: str, **values: object) -> str:
    """Return a source string in the language in use, ``%(name)s`` replaced by values."""
    text: str = _catalog(language()).ugettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """Return the string for ``n`` things; ``%(n)s`` stands for the number."""
    catalog = _catalog(language())
    text: str
    if isinstance(catalog, Translations):
        text = catalog.ungettext(one, many, n)
    else:
        text = one if n < 2 else many  # French: zero is singular
    return text % {"n": n, **values}


def N_(message: str) -> str:
    """Mark a string for translation where it stands; translate it with ``_`` when shown."""
    return message
