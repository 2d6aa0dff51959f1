"""Files joined to tickets: taken by what is in them, kept by their digest, given back to be saved.

Nothing that a browser would run is taken (SVG, HTML), and nothing is ever shown inline.
"""

from __future__ import annotations

import re
from typing import Any

from core.api import Context, Document, Downloads, FileGone, Uploads, _, formats
from plugins.incidents.address import TICKETS
from plugins.incidents.backend import tickets
from plugins.incidents.life import Status
from plugins.incidents.models import Ticket, TicketFile
from plugins.incidents.permissions import READ, WRITE

LARGEST = 10_000_000  # octets
MOST = 20
"""Files of one ticket."""
JOIN = f"{TICKETS}/<ticket>/joindre"
FILE = f"{TICKETS}/<ticket>/fichiers/<file>"

SIGNS: tuple[tuple[bytes, int, str], ...] = (
    (b"%PDF-", 0, "pdf"), (b"\x89PNG\r\n\x1a\n", 0, "png"), (b"\xff\xd8\xff", 0, "jpeg"),
    (b"GIF8", 0, "gif"), (b"WEBP", 8, "webp"), (b"ftyp", 4, "vidéo ou photo"),
    (b"PK\x03\x04", 0, "zip ou Office"),
)  # fmt: skip
"""How the files that are taken begin: octets, at which place, and what that is."""
_MARKUP = re.compile(rb"<(?:!doctype|html|svg|script|\?xml|body|iframe)", re.IGNORECASE)

uploads = Uploads()
downloads = Downloads()


def type_of(body: bytes) -> str | None:
    """Return what a file is, told by its content alone; None for what is not taken."""
    for sign, place, kind in SIGNS:
        if body[place : place + len(sign)] == sign:
            return kind
    if b"\0" in body or _MARKUP.search(body):
        return None
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return "texte"


def clean_name(name: str) -> str:
    """Return the last part of a file's own name, in one line, without what no disk takes."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(c if c.isprintable() and c not in ':*?"<>|' else "-" for c in last)
    return plain.strip(" .")[-120:] or "fichier"


@uploads.file(JOIN, permission=WRITE, largest=LARGEST)
def join(ctx: Context, name: str, body: bytes, ticket: str) -> str | None:
    """Join a file to a ticket."""
    found = tickets(ctx).find(ctx, ticket)
    if found is None:
        return _("Ce ticket est introuvable.")
    if found.status is Status.CLOSED:
        return _("Ce ticket est clos : rouvrez-le pour y joindre un fichier.")
    if not body:
        return _("Ce fichier est vide.")
    kind = type_of(body)
    if kind is None:
        return _(
            "Ce type de fichier n’est pas accepté : PDF, image (PNG, JPEG, GIF, WebP), texte, "
            "Office ou ZIP."
        )
    if len(found.files) >= MOST:
        return _("Ce ticket a déjà %(n)s fichiers : c’est le plus.", n=MOST)
    return tickets(ctx).join(ctx, found, clean_name(name), kind, body)


@downloads.file(FILE, "bin", permission=READ)
def joined(ctx: Context, ticket: str, file: str) -> Document | None:
    """Return a file of a ticket, always to be saved; None for no such one."""
    found = tickets(ctx).find(ctx, ticket)
    if found is None or not (file.isascii() and file.isdigit() and len(file) < 10):
        return None
    row = next((one for one in found.files if one.id == int(file)), None)
    if row is None:
        return None
    try:
        body = ctx.files.read(row.digest)
    except FileGone:
        return None
    return Document(row.name, "application/octet-stream", body)


def address_of(ticket: Ticket, file: TicketFile) -> str:
    return f"{FILE.replace('<ticket>', ticket.number or '').replace('<file>', str(file.id))}.bin"


HELD = "incidents-files"


def held_box() -> dict[str, Any]:
    """Return the attributes of a field whose files wait in the page for the ticket to be opened."""
    return {
        "data-join-held": HELD,
        "data-label": _("Joindre un fichier"),
        "data-largest": str(LARGEST),
        "data-too-large": _("plus de %(most)s.", most=formats.octets(LARGEST)),
    }


def then_join(number: str, page: str) -> dict[str, Any]:
    """Return the attributes of what sends those files to a ticket, then goes to its page."""
    return {
        "data-join-then": HELD,
        "data-join": JOIN.replace("<ticket>", number),
        "data-then": page,
        "data-label": _("Voir le ticket %(n)s", n=number),
    }


def upload_box(ticket: Ticket, done: str) -> dict[str, Any]:
    """Return the attributes that make a field for files of an element."""
    return {
        "data-join": JOIN.replace("<ticket>", ticket.number or ""),
        "data-join-done": done,
        "data-label": _("Joindre un fichier"),
    }
