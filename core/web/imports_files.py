"""The files of imports: one that a browser sends, templates, data as they stand, rejected rows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, Response, abort, g, jsonify, request, send_file, stream_with_context
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from core import clock, formats, i18n
from core.access import IMPORTS, Scope
from core.datasets import Dataset
from core.db_bulk import BulkDb
from core.exports import KINDS, Sheet
from core.host import Host
from core.i18n import _
from core.imports import jobs
from core.imports.ledger import DOCUMENTS
from core.imports.limits import MIB, FileError
from core.imports.loading import Loading
from core.imports.models import RunState
from core.imports.report import sheet_of, template_of
from core.imports.runs import Imports
from core.imports.template import workbook
from core.jobs import JobError
from core.web.door import Rules
from core.web.downloads import disposition, spoken
from core.web.imports_page import ADDRESS, EVERYBODY, LARGEST_UPLOAD, MOST_FILES

log = structlog.get_logger("balise.web")


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Give the files of imports their addresses, for the operator's administrators."""

    @server.post(f"{ADDRESS}/fichier")
    def import_file() -> tuple[Response, int]:
        most = (LARGEST_UPLOAD + 1) * MIB
        request.max_content_length, request.max_form_parts = most, MOST_FILES + 10
        try:
            if (request.content_length or 0) > most:  # before anything of it is kept
                raise RequestEntityTooLarge
            number = _receive(host)
        except RequestEntityTooLarge:
            text = _(
                "Cet envoi fait plus de %(n)s Mio, ou %(files)s fichiers : importez-le avec "
                "« balise import », ou par un dossier surveillé.",
                n=LARGEST_UPLOAD,
                files=formats.number(MOST_FILES),
            )
            return jsonify(said=text), 413
        except FileError as error:
            return jsonify(said=str(error)), 422
        return jsonify(href=f"{ADDRESS}/{number}"), 200

    @server.get(f"{ADDRESS}/<int:number>/rejets.csv")
    def import_rejects(number: int) -> Response:
        run, path = Imports(host).find(number), Imports(host).place(number) / "rejets.csv"
        if run is None or not path.is_file():
            abort(404)
        name = f"rejets {run.dataset} {run.id}.csv"
        g.ctx.audit("exported", name, run=run.id)
        reply = send_file(path, mimetype="text/csv")
        reply.headers["Content-Disposition"] = disposition(name)
        return reply

    @server.get(f"{ADDRESS}/<any(modele, export):what>/<name>.<any(csv, xlsx):kind>")
    def import_table(what: str, name: str, kind: str) -> Response:
        dataset = host.registry.datasets().get(name)
        if dataset is None:
            abort(404)
        if what == "modele" and kind == "xlsx":
            with i18n.speaking(i18n.SOURCE):
                reply = Response(workbook(dataset), mimetype=KINDS["xlsx"][0])
            reply.headers["Content-Disposition"] = disposition(f"modèle {dataset.name}.xlsx")
            return reply
        if what == "modele":
            return _reply(template_of(dataset), kind)
        g.ctx.audit("exported", f"{name}.{kind}", what="dataset")
        return _export(host, name, kind)

    for endpoint in ("import_file", "import_rejects", "import_table"):
        rules.downloads[endpoint] = IMPORTS


def _receive(host: Host) -> int:
    """Keep the file that was sent, look at it, and return the number of its import."""
    given, sent = request.form, request.files.getlist("file")
    names = [named(one.filename or "") for one in sent]
    dataset = host.registry.datasets().get(given.get("dataset", ""))
    if dataset is None:
        raise FileError(_("Choisissez un jeu de données."))
    if not sent or not sent[0].filename:
        raise FileError(_("Choisissez un fichier."))
    if len(sent) > 1 and dataset.gather is None:
        raise FileError(_("Ce jeu de données est un tableau : choisissez un seul fichier."))
    imports, whose = Imports(host), given.get("customer", EVERYBODY).removeprefix(EVERYBODY)
    customer = int(whose) if whose.isascii() and whose.isdigit() and len(whose) < 10 else None
    if whose and not any(row[0] == customer for row in _customers(host)):
        raise FileError(_("Choisissez un client."))
    number = imports.receive(
        dataset.name, _title(names), 0, g.ctx.user.email,
        source=given.get("source", "").strip()[:60], customer_id=customer,
        partial=given.get("partial") == "1", now=g.now,
    )  # fmt: skip
    try:
        octets = _keep(imports.place(number), sent, names, dataset)
    except OSError as error:
        said = _("Le serveur ne peut pas garder cet envoi (%(why)s).", why=error.strerror or error)
        imports.give_up(number, said, RunState.REFUSED)
        raise FileError(said) from error
    imports.weigh(number, octets)
    g.ctx.audit("import received", dataset.name, run=number, file=_title(names))
    try:
        if dataset.gather is None:
            imports.examine(number, imports.table(number))
        elif octets < jobs.BIG:
            imports.look_over(number)
        else:
            jobs.order(g.ctx, imports, number, write=False)
    except FileError as error:
        imports.give_up(number, str(error), RunState.REFUSED)
        raise
    except JobError as error:  # too many wait: its page has a button to begin later
        log.info("an import waits to be read", run=number, why=str(error))
    return number


def named(name: str) -> str:
    """Return the last part of a name that a browser gave, as a file may be called here: of printed
    signs, no path, not hidden, 160 octets at most with its end.
    """
    last = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    stem, dot, end = last.lstrip(". ").rpartition(".")
    if not dot or len(end) > 8:
        stem, dot, end = last.lstrip(". "), "", ""
    return stem.encode()[:150].decode(errors="ignore").strip() + dot + end


def _title(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} (+ {len(names) - 1})"


def _keep(place: Path, sent: Sequence[FileStorage], names: Sequence[str], dataset: Dataset) -> int:
    """Keep what was sent in the folder of its import; return how many octets it is."""
    octets = 0
    for count, (one, name) in enumerate(zip(sent, names, strict=True)):
        path = place / "file"
        if dataset.gather is not None:  # each in a folder of its own: two may have one name
            path = place / DOCUMENTS / f"{count:05}" / (name or "document")
            path.parent.mkdir(mode=0o700, parents=True)
        with open(path, "xb", opener=_private) as file:
            one.save(file)
        octets += path.stat().st_size
    return octets


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _customers(host: Host) -> list[Any]:
    with host.engine.connect() as connection:
        db = BulkDb(connection, Scope(0, every=True))
        found = list(db.customers())
        db.close()
    return found


def _export(host: Host, name: str, kind: str) -> Response:
    """Return the rows of a dataset as they stand, as its import reads them, streamed."""
    connection = host.engine.connect()
    db = BulkDb(connection, Scope(0, every=True))
    zone: ZoneInfo = clock.zone(None, host.config.display.timezone)
    sheet = sheet_of(host.registry.datasets()[name], Loading(db, g.now, zone, vault=host.vault))
    reply = _reply(sheet, kind)

    @reply.call_on_close
    def close() -> None:
        db.close()
        connection.close()

    return reply


def _reply(sheet: Sheet[Any], kind: str) -> Response:
    mimetype, write = KINDS[kind]
    with i18n.speaking(i18n.SOURCE):
        body = stream_with_context(spoken(write(sheet)))
    reply = Response(body, mimetype=mimetype)
    reply.headers["Content-Disposition"] = disposition(f"{sheet.name}.{kind}")
    return reply
