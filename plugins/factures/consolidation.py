"""The file of a month: every invoice of it in one PDF or one ZIP, at once or as a job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from core.api import Context, Document, FileGone, JobError, Jobs, Run, _
from plugins.factures.address import Asked
from plugins.factures.binding import archive, bound
from plugins.factures.permissions import READ
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
    """Return the file of a month, None where there is none, or where it takes a job."""
    files = files_of(ctx, asked, month)
    if not files or not at_once(len(files), sum(one[3] for one in files)):
        return None
    try:
        bodies = {one[0]: ctx.files.read(one[2]) for one in files}
    except FileGone:
        return None
    pieces = made(ctx, files, month, form, lambda one: bodies[one[0]])
    return Document(name_of(month, form), FORMATS[form], pieces)


def made(
    ctx: Context, files: Iterable[File], month: int, form: str, read: Callable[[File], bytes]
) -> Iterator[bytes]:
    """Return the file of a month in pieces, one for each invoice at least."""
    if form == "zip":
        day = (month // 100, month % 100, 1)
        return archive(((one[0], read(one)) for one in files), day)
    title = _("Factures %(month)s", month=month_words(month))
    return bound(((f"{one[0]} · {one[1]}", read(one)) for one in files), title)


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
    run.facts["invoices"] = len(files)

    def read(one: File) -> bytes:
        try:
            return ctx.files.read(one[2])
        except FileGone as error:
            raise JobError(
                _("Le fichier de la facture %(number)s manque : dites-le à l’opérateur, puis "
                  "recommencez.", number=one[0])
            ) from error  # fmt: skip

    for done, piece in enumerate(made(ctx, files, found, form, read), start=1):
        run.file.write(piece)
        run.progress(min(1.0, done / len(files)))
