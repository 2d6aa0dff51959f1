"""Imports of big files as jobs: done by ``balise work``, followed on the page of the import."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.access import IMPORTS
from core.imports.limits import MIB, FileError
from core.imports.models import RunState
from core.imports.report import told
from core.imports.runs import Imports
from core.jobs import JobError
from core.rubric import JobKind

if TYPE_CHECKING:
    from core.host import Host
    from core.job_run import Run
    from core.rubric import Context

KIND = "balise.import"
BIG = MIB
"""Octets from which a file is checked and written by the worker and not while one waits."""


def order(
    ctx: Context, imports: Imports, number: int, *, write: bool, closing: bool = False
) -> None:
    """Have an import checked, or written, by the worker. Raises ``JobError``."""
    ctx.jobs.order(KIND, f"import-{number}.json", number=number, write=write, closing=closing)
    if not write:
        imports.waits(number)


def kinds(host: Host) -> dict[str, JobKind]:
    """Return the host's own kinds of jobs, by « balise.name »."""

    def bring_in(ctx: Context, run: Run, *, number: int, write: bool, closing: bool) -> None:
        imports = Imports(host)
        try:
            if write:
                done = imports.apply(number, allow_closing=closing)
            else:
                done = imports.look_over(number, run.progress)
        except FileError as error:
            if not write:
                imports.give_up(number, str(error), RunState.REFUSED)
            raise JobError(str(error)) from error
        run.file.write(json.dumps(told(done)).encode())
        run.facts["run"] = number

    return {KIND: JobKind("import", IMPORTS, bring_in)}
