"""Errors, as people and as scripts see them: a sentence, what to do, a reference number."""

from __future__ import annotations

import math
import sqlite3
from typing import Any

import sqlalchemy as sa
import structlog
from dash.exceptions import DependencyException
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from core.breaker import LeftOut
from core.files import FileGone
from core.web import preview
from core.web.places import place

log = structlog.get_logger("balise.web")


def install(server: Flask) -> None:
    """Answer every error in our own way: a page to a browser, JSON to the rest."""

    @server.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return answer(error.code or 500)

    @server.errorhandler(DependencyException)
    def unknown_file(error: DependencyException) -> Response:
        return answer(404)  # a component's file that Dash does not have

    @server.errorhandler(sa.exc.OperationalError)
    @server.errorhandler(sqlite3.OperationalError)
    @server.errorhandler(sa.exc.TimeoutError)
    def store_down(error: Exception) -> Response:
        if preview.asked() and "readonly" in str(
            error
        ):  # it cannot write: nothing happened, and its page says so
            return Response(status=204, headers={"X-Balise-Preview": "read-only"})
        log.error("store silent", reference=_reference(), path=place(), exc_info=error)
        return answer(503)

    @server.errorhandler(FileGone)
    def gone(error: FileGone) -> Response:
        log.error("kept file gone", reference=_reference(), path=place(), why=str(error))
        return answer(410)

    @server.errorhandler(LeftOut)
    def left_out(error: LeftOut) -> Response:
        reply = answer(503)
        reply.headers["Retry-After"] = str(math.ceil(error.seconds))
        return reply

    @server.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        log.error("request failed", reference=_reference(), path=place(), exc_info=error)
        return answer(500)

    @server.after_request
    def sign(response: Response) -> Response:
        response.headers["X-Request-Id"] = _reference()
        if response.status_code == 400:
            log.warning("bad request", path=place(), reference=_reference())
        return response


def _reference() -> str:
    reference: str = g.get("reference", "-")
    return reference


def answer(code: int, **values: Any) -> Response:
    """Return the error page, or its JSON for whoever did not ask for a page."""
    known = (
        code
        if code in (400, 401, 403, 404, 410, 413, 429, 500, 503)
        else (500 if code >= 500 else 400)
    )
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        page = render_template("erreur.html", code=known, reference=_reference(), **values)
        return make_response(page, code)
    return make_response(jsonify(error=code, reference=_reference()), code)
