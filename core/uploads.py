"""Files that people send to a rubric, as it declares them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from core.access import Permission

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that people send: ``function(ctx, name, body, **parts of the path)`` keeps it, and
    returns why not, in words for them, or None. ``largest`` is in octets.
    """

    path: str
    permission: Permission
    function: Callable[..., str | None]
    largest: int


class Uploads(list[Upload]):
    """The files that a rubric takes; none can be declared without its permission."""

    def file(self, path: str, *, permission: Permission, largest: int) -> Callable[[F], F]:
        """Declare what takes the files that are sent to ``path``, one at a time."""

        def declare(function: F) -> F:
            self.append(Upload(path, permission, function, largest))
            return function

        return declare
