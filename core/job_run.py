"""What the function of a job is given besides its context: where it writes, how far it is."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from core import audit, clock, i18n
from core.access import Scope
from core.config import Config
from core.db import Db
from core.exports import KINDS, Sheet
from core.host import Host
from core.rubric import Context, Person

ASSETS = Path(__file__).parent / "web" / "assets"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose portal it is: the operator's name, the portal's title, the logo, « .svg » or another.

    ``logo`` is empty when the operator has none, or one that stands on another server.
    """

    name: str
    title: str
    logo: bytes = field(default=b"", repr=False)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A job while it is done: it writes ``file``, tells how far it is, and what it made.

    ``facts`` are plain JSON that lists of jobs may show.
    """

    file: BinaryIO = field(repr=False)
    brand: Brand
    tell: Callable[[float], None] = field(repr=False)
    facts: dict[str, Any] = field(default_factory=dict)

    def progress(self, share: float) -> None:
        """Tell how far the job is, 0 to 1; to be called often, it costs nothing.

        It raises what ends the job: its owner gave up, lost a right, the worker ends, the disk is
        full. Nothing needs to be tidied up: the file is the host's.
        """
        self.tell(share)

    def write_table(self, sheet: Sheet[Any], kind: str) -> None:
        """Write a table as « csv » or « xlsx », as downloads do: in French, piece by piece."""
        with i18n.speaking(i18n.SOURCE):
            for piece in KINDS[kind][1](sheet):
                self.file.write(piece)


def brand_of(config: Config) -> Brand:
    """Return whose portal it is; a logo of the assets, or a file beside the settings, is read."""
    operator, logo = config.operator, config.operator.logo or ""
    path = config.path.parent / logo
    if logo.startswith("/assets/"):
        path = ASSETS / logo.removeprefix("/assets/")
    suffix = path.suffix.lower()
    if logo and suffix in PICTURES and path.is_file():
        return Brand(operator.name, operator.title, path.read_bytes(), suffix)
    return Brand(operator.name, operator.title)


@contextmanager
def context_for(
    host: Host, user: Person, granted: frozenset[str], scope: Scope, timezone: str | None
) -> Iterator[Context]:
    """Give what a job or a command would have of a request: the rows of that scope, at this time.

    ``reference`` names it in the logs.
    """
    now, reference = clock.now(), secrets.token_hex(4)
    db = Db(host.engine, scope)

    # What is done for one customer is told to that customer too.
    one = scope.customer_id
    whose = {} if one is None else {"customer_id": one, "acting": user.id != 0}

    def note(action: str, target: str = "", **facts: Any) -> None:
        audit.write(
            host.engine, now=now, actor=user.email, action=action, target=target,
            reference=reference, **{**whose, **facts},
        )  # fmt: skip

    try:
        yield Context(
            user=user, granted=granted, scope=scope, db=db, metrics=host.metrics, now=now,
            zone=clock.zone(timezone, host.config.display.timezone), reference=reference, query={},
            stale_after=host.stale_after, refresh_seconds=host.config.display.refresh_seconds,
            audit=note, inquire=host.registry.ask, journal=host.journal(None),
            jobs=host.desk(user.id, granted, now),
            post=host.post(now, db), vault=lambda: host.vault, files=host.files,
            settings=host.config.rubrics.settings, operator=host.config.operator.name,
        )  # fmt: skip
    finally:
        db.close()


def is_full(error: BaseException | None) -> bool:
    """Tell whether an error is that of a disk with no room left, or was raised for one."""
    seen = 0
    while error is not None and seen < 8:
        inner = [error, *(arg for arg in error.args if isinstance(arg, BaseException))]
        if any(isinstance(one, OSError) and one.errno in _FULL for one in inner):
            return True
        if "disk is full" in str(error):  # SQLite's own words
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False
