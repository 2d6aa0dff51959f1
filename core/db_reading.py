"""The rows of a request for one rubric's answers: in a session of its own, which only reads.

Rubrics are asked in threads that may be left behind: what hangs there must hold nothing of the
request, and what one rubric does to the rows it is given must not reach the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.access import OutOfScope
from core.db import Base, Db, Owned, Shared


class ReadingDb(Db):
    """The same rows as another ``Db``, until that one is closed; nothing can be written."""

    __slots__ = ("_parent",)

    def __init__(self, parent: Db) -> None:
        session = parent._session  # noqa: SLF001 - a part of isolation
        bind = session.get_bind()
        super().__init__(bind, session.info["scope"], autoflush=False, expire_on_commit=False)
        self._parent = parent
        parent.others.append(self)

    def copy(self, value: Any) -> Any:
        """Return a row, or a sequence of rows, as rows of this session; anything else as it is.

        Nothing is read: what was loaded is taken over.
        """
        if isinstance(value, Base):
            return self._session.merge(value, load=False)
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return tuple(self.copy(one) for one in value)
        return value

    def check_untouched(self) -> None:
        """Raise ``OutOfScope`` when a row was altered, and forget what was altered."""
        session = self._session
        altered = [*session.new, *session.dirty, *session.deleted]
        if altered:
            session.expunge_all()
            raise OutOfScope(f"a hook only reads: it altered a {type(altered[0]).__name__}")

    def rest(self) -> None:
        """End the reading under way, so that no connection is kept; rows stay as they are."""
        if self._session.in_transaction():  # most read nothing
            self._session.commit()

    def leave(self) -> None:
        """Be closed with nothing else: a thread that hangs still reads here."""
        if self in self._parent.others:
            self._parent.others.remove(self)

    def add(self, *rows: Owned | Shared) -> None:
        raise OutOfScope("a hook only reads: write in a callback")

    def commit(self) -> None:
        raise OutOfScope("a hook only reads: write in a callback")
