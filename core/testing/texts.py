"""Source strings and their translations: what is missing, guessed or no longer used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from core import i18n

KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "ngettext": (1, 2)}
METHODS = [("**/tests/**", "ignore"), ("**/testing/**", "ignore"), ("**.py", "python")]
LANGUAGES = sorted(set(i18n.LANGUAGES) - {i18n.SOURCE})
Id = str | tuple[str, ...]


@cache
def sources(folder: Path) -> dict[Id, str]:
    """Return the source strings of a folder's Python, with the place of one of their uses."""
    found: dict[Id, str] = {}
    for name, line, message, *_ in extract_from_dir(folder, METHODS, {}, KEYWORDS):
        id = message if isinstance(message, str) else tuple(message)
        found[id] = f"{name}:{line}"
    return found


@cache
def of_the_host(text: str) -> bool:
    """Tell whether the host translates a text by itself."""
    with i18n.speaking(LANGUAGES[0]):
        return i18n._(text) != text


def catalog(locale: str | Path, language: str) -> Catalog | None:
    """Return the translations of a folder ``locale``; None when there are none."""
    file = Path(locale) / language / "LC_MESSAGES" / "messages.po"
    if not file.is_file():
        return None
    with file.open("rb") as source:
        return read_po(source, language)


def strings(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def id_of(message: Message) -> Id:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def placeholders(text: str) -> list[str]:
    """Return what ``%`` replaces: ``%(name)s`` and the like, and a bare ``%`` as itself."""
    return sorted(re.findall(r"%\(\w+\)[a-z]|%%|%", text))


def faults(folder: Path, locale: str | Path) -> list[str]:
    """Return what is wrong with the translations of a folder of code."""
    return [one for language in LANGUAGES for one in _faults(folder, locale, language)]


def _faults(folder: Path, locale: str | Path, language: str) -> Iterator[str]:
    code, found = sources(folder), catalog(locale, language)
    if found is None:
        yield f"{language}: no {language}/LC_MESSAGES/messages.po in {Path(locale).name}"
        return
    messages = {id_of(message): message for message in found if message.id}
    for id, where in code.items():
        message = messages.get(id)
        if message is None or not all(text.strip() for text in strings(message.string)) or (
            not strings(message.string)
        ):  # fmt: skip
            yield f"{language}: {where}: « {strings(id)[0]} » is not translated"
        elif message.fuzzy:
            yield f"{language}: « {strings(id)[0]} » is a guess (fuzzy)"
        elif placeholders(strings(message.string)[-1]) != placeholders(strings(id)[-1]):
            yield f"{language}: « {strings(id)[0]} » loses or adds a %(name)s"
    for id in messages:
        if id not in code:
            yield f"{language}: « {strings(id)[0]} » is no longer in the code"
