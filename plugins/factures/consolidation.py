"""The file of a month: every invoice of it in one PDF or one ZIP, at once or as a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from core.api import Context, Document, FileGone, JobError, Jobs, Run, _, ngettext
from plugins.factures.address import Asked
from plugins.factures.binding import archive, bound, member_name
from plugins.factures.permissions import READ
from plugins.factures.plain_page import plain_page
from plugins.factures.queries import files_of
from plugins.factures.words import month_key, month_of, month_words

KIND = "factures.consolidation"
FORMATS = {"pdf": "application/pdf", "zip": "application/zip"}
AT_ONCE = 40
"""Invoices, and ``AT_ONCE_OCTETS``, up to which the file is made while it is fetched."""
AT_ONCE_OCTETS = 20 * 1024 * 1024

jobs = Jobs()

File = tuple[str, str, str, int]


def at_once(count: int, octets: int) -> bool:
    """Tell whether the file of a month needs no job."""
    return count <= AT_ONCE and octets <= AT_ONCE_OCTETS


def name_of(month: int, form: str) -> str:
    return f"Factures {month_key(month)}.{form}"


def document(ctx: Context, asked: Asked, month: int, form: str) -> Document | None:
    """Return the file of a month, None where there is none, or where it takes a job.

    Raises ``FileGone`` when not one of its invoices has its file.
    """
    files = files_of(ctx, asked, month)
    if not files or not at_once(len(files), sum(one[3] for one in files)):
        return None
    there, missing = parted(ctx, files)
    if not there:
        raise FileGone(f"no file of the month {month}")
    pieces = made(ctx, there, missing, month, form)
    return Document(name_of(month, form), FORMATS[form], pieces)


def parted(ctx: Context, files: Sequence[File]) -> tuple[list[File], list[File]]:
    """Return which files are there as they were kept, and which are not."""
    there: list[File] = []
    missing: list[File] = []
    for one in files:
        try:
            ctx.files.read(one[2])
        except FileGone:
            missing.append(one)
        else:
            there.append(one)
    return there, missing


def made(
    ctx: Context, there: Sequence[File], missing: Sequence[File], month: int, form: str
) -> Iterator[bytes]:
    """Return the file of a month in pieces, one for each invoice at least. What is missing in it
    is named in it, before all others.
    """
    title = _("Factures %(month)s", month=month_words(month))
    absent = _missing(title, missing) if missing else None
    bodies = ((one, ctx.files.read(one[2])) for one in there)
    if form == "zip":
        day = (month // 100, month % 100, 1)
        text = [("factures-manquantes.txt", "\r\n".join(absent[1]).encode())] if absent else []
        members = ((f"{member_name(one[0])}.pdf", body) for one, body in bodies)
        return archive(chain(text, members), day)
    page = [(absent[0], plain_page(*absent))] if absent else []
    marked = ((f"{one[0]} · {one[1]}", body) for one, body in bodies)
    return bound(chain(page, marked), title)


def _missing(title: str, missing: Sequence[File]) -> tuple[str, list[str]]:
    """Return what is said of the files that are not there: a title, and lines."""
    said = ngettext(
        "%(n)s facture manque dans ce fichier", "%(n)s factures manquent dans ce fichier",
        len(missing),
    )  # fmt: skip
    names = [f"{number} · {company}" for number, company, _key, _octets in missing]
    ask = _("Demandez leur PDF à l’opérateur, en donnant leur numéro. Les autres sont ici.")
    return said, [title, "", ask, "", *names]


@jobs.kind("consolidation", permission=READ)
def consolidation(
    ctx: Context, run: Run, *, month: str = "", form: str = "", company: int | None = None
) -> None:
    """Write the file of a month, « 2010-06 », as « pdf » or « zip », of one company or of all."""
    found = month_of(month)
    if found is None or form not in FORMATS:
        raise JobError(_("Ce fichier n’est pas connu : un mois, et PDF ou ZIP."))
    asked = Asked(company=company if isinstance(company, int) else None)
    files = files_of(ctx, asked, found)
    if not files:
        raise JobError(_("Aucune facture ce mois-là dans votre périmètre."))
    there, missing = parted(ctx, files)
    if not there:
        raise JobError(_("Aucun PDF de ce mois n’est là : dites-le à l’opérateur."))
    run.facts["invoices"] = len(there)
    if missing:
        run.facts["missing"] = len(missing)
    try:
        for done, piece in enumerate(made(ctx, there, missing, found, form), start=1):
            run.file.write(piece)
            run.progress(min(1.0, done / len(files)))
    except FileGone as error:  # since a moment
        raise JobError(_("Le fichier d’une facture vient de disparaître : recommencez.")) from error
