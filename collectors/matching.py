"""Which interface, classes and probes of a router belong to which link. Pure.

A link is where its reference is written in ifAlias, else where the inventory declares it, by name,
else by index: so it follows its interface when a reboot renumbers the router.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from collectors.discovery import Found, FoundInterface
from collectors.probes import FoundProbe
from collectors.qos import FoundClass


@dataclass(frozen=True, slots=True)
class Declared:
    """A link as the inventory declares it, on the router that is looked at."""

    link_id: int
    reference: str
    if_name: str | None
    if_index: int | None
    main: bool


@dataclass(slots=True)
class Matched:
    """What was found of each link; ``problems`` says, in French, what could not be settled."""

    places: dict[int, FoundInterface] = field(default_factory=dict)
    """The interface of each link that has one, by link id."""
    classes: list[tuple[int, FoundClass]] = field(default_factory=list)
    """Link ids and their classes of service, parents before what is nested in them."""
    probes: list[tuple[int, FoundProbe]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def match(found: Found, links: Sequence[Declared]) -> Matched:
    """Attach what was found on a router to its links."""
    matched = Matched()
    _places(found, links, matched)
    link_at = {place.index: link for link, place in matched.places.items()}
    matched.classes = sorted(
        ((link_at[c.if_index], c) for c in found.classes if c.if_index in link_at),
        key=lambda pair: pair[1].path.count("/"),
    )
    mains = [link.link_id for link in links if link.main]
    for probe in found.probes:
        named = _named(probe.tag, links)
        if len(named) == 1:
            matched.probes.append((named[0].link_id, probe))
        elif len(mains) == 1 and not named:
            matched.probes.append((mains[0], probe))
        else:
            matched.problems.append(
                f"sonde {probe.number} « {probe.tag} » : on ne sait de quelle liaison"
            )
    return matched


def _places(found: Found, links: Sequence[Declared], matched: Matched) -> None:
    aliases: dict[int, list[FoundInterface]] = {}
    for interface in found.interfaces:
        named = _named(interface.alias, links)
        if len(named) == 1:
            aliases.setdefault(named[0].link_id, []).append(interface)
        elif named:
            matched.problems.append(
                f"{_called(interface)} : sa description nomme plusieurs liaisons "
                f"({_listed(link.reference for link in named)})"
            )
    owners: dict[int, Declared] = {}
    # Those whose reference is written on the router first: a number may have changed hands.
    for link in sorted(links, key=lambda link: len(aliases.get(link.link_id, ())) != 1):
        written = aliases.get(link.link_id, [])
        place = written[0] if len(written) == 1 else _declared(found, link)
        if len(written) > 1:
            matched.problems.append(
                f"{link.reference} : écrite sur plusieurs interfaces "
                f"({_listed(_called(interface) for interface in written)})"
            )
        if place is None:
            if link.if_name or link.if_index:
                where = link.if_name or f"numéro {link.if_index}"
                matched.problems.append(f"{link.reference} : l'interface {where} n'existe pas")
            elif not written:
                matched.problems.append(f"{link.reference} : écrite sur aucune interface")
            continue
        owner = owners.setdefault(place.index, link)
        if owner is link:
            matched.places[link.link_id] = place
        else:
            matched.problems.append(
                f"{link.reference} : {_called(place)} est celle de {owner.reference}"
            )


def _declared(found: Found, link: Declared) -> FoundInterface | None:
    """Return the interface that the inventory declares, None when the router does not have it."""
    if link.if_name:
        by_name = [i for i in found.interfaces if i.name == link.if_name]
        by_descr = [i for i in found.interfaces if i.descr == link.if_name]
        return next(iter(by_name or by_descr), None)
    return next((i for i in found.interfaces if i.index == link.if_index), None)


def _named(words: str, links: Iterable[Declared]) -> list[Declared]:
    """Return the links whose reference stands in a text as a whole word, whatever its case.

    A reference that is only part of another found there (C7278 in C7278-001) is not named.
    """
    text = words.casefold()
    spans = [
        (start, start + len(word), link)
        for link, word in ((link, link.reference.casefold()) for link in links)
        if word
        for start in _occurrences(text, word)
    ]
    inner = [
        any((s, e) != (start, end) and s <= start and end <= e for s, e, _ in spans)
        for start, end, _ in spans
    ]
    named = {
        link.link_id: link for (_, _, link), part in zip(spans, inner, strict=True) if not part
    }
    return list(named.values())


def _occurrences(text: str, word: str) -> list[int]:
    found = []
    start = text.find(word)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(word) : start + len(word) + 1]
        if not before.isalnum() and not after.isalnum():
            found.append(start)
        start = text.find(word, start + 1)
    return found


def _called(interface: FoundInterface) -> str:
    return interface.name or interface.descr or f"interface {interface.index}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
