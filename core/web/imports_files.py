"""The files of imports: one that a browser sends, templates, data as they stand, rejected rows."""

from __future__ import annotations

import os
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, Response, abort, g, jsonify, request, send_file, stream_with_context
from werkzeug.exceptions import RequestEntityTooLarge

from core import clock, i18n
from core.access import IMPORTS, Scope
from core.db_bulk import BulkDb
from core.exports import KINDS, Sheet
from core.host import Host
from core.i18n import _
from core.imports.limits import MIB, FileError
from core.imports.loading import Loading
from core.imports.models import RunState
from core.imports.report import sheet_of, template_of
from core.imports.runs import Imports
from core.imports.template import workbook
from core.web.door import Rules
from core.web.downloads import disposition, spoken
from core.web.imports_page import ADDRESS, EVERYBODY, LARGEST_UPLOAD

log = structlog.get_logger("balise.web")


def install(server: Flask, host: Host, rules: Rules) -> None:
    """Give the files of imports their addresses, for the operator's administrators."""

    @server.post(f"{ADDRESS}/fichier")
    def import_file() -> tuple[Response, int]:
        most = (LARGEST_UPLOAD + 1) * MIB
        request.max_content_length = most
        try:
            if (request.content_length or 0) > most:  # before anything of it is kept
                raise RequestEntityTooLarge
            number = _receive(host)
        except RequestEntityTooLarge:
            text = _(
                "Ce fichier fait plus de %(n)s Mio : importez-le avec « balise import », ou par un "
                "dossier surveillé.",
                n=LARGEST_UPLOAD,
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
    given, sent = request.form, request.files.get("file")
    dataset = host.registry.datasets().get(given.get("dataset", ""))
    if dataset is None:
        raise FileError(_("Choisissez un jeu de données."))
    if sent is None or not sent.filename:
        raise FileError(_("Choisissez un fichier."))
    imports, whose = Imports(host), given.get("customer", EVERYBODY).removeprefix(EVERYBODY)
    customer = int(whose) if whose.isascii() and whose.isdigit() and len(whose) < 10 else None
    if whose and not any(row[0] == customer for row in _customers(host)):
        raise FileError(_("Choisissez un client."))
    number = imports.receive(
        dataset.name, sent.filename.replace("\\", "/").rpartition("/")[2], 0, g.ctx.user.email,
        source=given.get("source", "").strip()[:60], customer_id=customer,
        partial=given.get("partial") == "1", now=g.now,
    )  # fmt: skip
    path = imports.place(number) / "file"
    with open(path, "xb", opener=_private) as file:
        sent.save(file)
    imports.weigh(number, path.stat().st_size)
    g.ctx.audit("import received", dataset.name, run=number, file=sent.filename[:200])
    try:
        imports.examine(number, path)
    except FileError as error:
        imports.give_up(number, str(error), RunState.REFUSED)
        raise
    return number


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
