"""Which head of a file is which column of a dataset: proposed, remembered per source, checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from core.datasets import Dataset
from core.i18n import _, ngettext
from core.network.views import fold

SKIPPED = ""
"""What a head is mapped to that is not brought in."""
OF_REPORT = ("Ligne", "Colonne", "Valeur", "Motif du rejet")
"""Heads that a file of rejected rows has in front: corrected, it can be brought in as it is."""
_PLAIN = re.compile(r"[^a-z0-9]+")


def plain(head: str) -> str:
    """Return a head without case, accents, punctuation: « N° de référence (CLS) » is one word."""
    return _PLAIN.sub("", fold(head))


def known_heads(dataset: Dataset) -> dict[str, str]:
    """Return the column that each known head, plain, stands for; a proper head wins."""
    found: dict[str, str] = {}
    for column in dataset.columns:
        found.update((plain(alias), column.name) for alias in column.aliases)
    for column in dataset.columns:
        found[plain(column.name)] = found[plain(column.header)] = column.name
    return found


def propose(
    dataset: Dataset, heads: Sequence[str], remembered: Mapping[str, str] | None = None
) -> dict[str, str | None]:
    """Return the column of each head, ``SKIPPED`` for one to leave out, None where nobody knows.

    What a source used before comes first; then a head, a name or an alias of a column.
    """
    known = known_heads(dataset)
    names = {column.name for column in dataset.columns}
    report = {plain(head) for head in OF_REPORT}
    mapping: dict[str, str | None] = {}
    taken: set[str] = set()
    for head in heads:
        column = (remembered or {}).get(head)
        if column not in names | {SKIPPED}:
            column = known.get(plain(head))
        if column is None and (not head or plain(head) in report):
            column = SKIPPED
        if column and column in taken:
            column = None
        mapping[head] = column
        taken |= {column} if column else set()
    return mapping


def problems(dataset: Dataset, mapping: Mapping[str, str | None]) -> list[str]:
    """Return why a mapping cannot be used, in words; nothing when it can."""
    used = [column for column in mapping.values() if column]
    labels = {column.name: column.header for column in dataset.columns}
    found = [
        _("Colonne « %(head)s » inconnue.", head=head) + _nearest(head, labels.values())
        for head, column in mapping.items()
        if column is None
    ]
    found += [
        _("Deux colonnes du fichier sont « %(column)s ».", column=labels[name])
        for name in dict.fromkeys(used)
        if used.count(name) > 1
    ]
    return [*found, *missing(dataset, mapping)]


def missing(dataset: Dataset, mapping: Mapping[str, str | None]) -> list[str]:
    """Return which columns a file must have and has not, in words."""
    used = set(mapping.values())
    heads = [c.header for c in dataset.columns if dataset.required(c) and c.name not in used]
    if not heads:
        return []
    what = ", ".join(f"« {head} »" for head in heads)
    return [
        ngettext("Il manque la colonne %(what)s.", "Il manque les colonnes %(what)s.", len(heads),
                 what=what)
    ]  # fmt: skip


def _nearest(head: str, headers: Iterable[str]) -> str:
    plainly = {plain(header): header for header in headers}
    close = difflib.get_close_matches(plain(head), plainly, n=1, cutoff=0.6)
    return _(" Vouliez-vous dire « %(name)s » ?", name=plainly[close[0]]) if close else ""
