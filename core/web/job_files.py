"""The files that jobs made: an address each, for the owner of the job alone."""

from __future__ import annotations

import mimetypes
from pathlib import PurePath

from flask import Flask, Response, abort, g, send_file

from core.web.door import Rules
from core.web.downloads import disposition


def install(server: Flask, rules: Rules) -> None:
    """Give the files of jobs their address. Which one is for whom is decided by the row."""

    @server.get("/travaux/<int:number>/fichier")
    def job_file(number: int) -> Response:
        desk = g.ctx.jobs
        try:
            path = desk.file(number)
        except PermissionError:
            g.ctx.audit("refused", f"job {number}", what="a right was withdrawn")
            abort(403)
        job = desk.find(number)
        if path is None or job is None:
            abort(404)
        g.ctx.audit("exported", job.name, job=job.id, kind=job.kind)
        kind = mimetypes.guess_type(PurePath(job.name).name)[0]
        reply = send_file(path, mimetype=kind or "application/octet-stream", conditional=True)
        reply.headers["Content-Disposition"] = disposition(job.name)
        return reply

    rules.rows.add("job_file")
