"""Asking rubrics: each for so long and no longer, what it answers checked, its failures counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any

import sqlalchemy as sa
import structlog
from werkzeug.exceptions import HTTPException

from core import clock, time_limit
from core.answers import Action, Badge, Card, Explanation, Tab
from core.breaker import Breaker, LeftOut
from core.db_reading import ReadingDb
from core.faults import Faults
from core.rubric import Context
from core.scenes import Scene
from core.time_limit import Task, TimeLimit

log = structlog.get_logger("balise.registry")

ANSWERS = {
    "home_cards": Card,
    "link_tabs": Tab,
    "link_badges": Badge,
    "link_actions": Action,
    "explanations": Explanation,
    "causes": Explanation,
    "wall_scenes": Scene,
}
"""What each hook answers a list of."""
MOST_ANSWERS = 2000
"""What one rubric may answer to one question."""
LATER = {Tab: "render", Scene: "data"}
"""What the host calls of an answer, when it is shown."""
STORE = (sa.exc.OperationalError, sa.exc.TimeoutError, sqlite3.OperationalError)
"""Failures of the database: nobody's rubric is left out for them."""


@dataclass
class Answering:
    """The hooks of the rubrics in service, in one process, and how they fare.

    ``seconds`` is the time that a rubric has for one answer; ``trace`` logs each of them.
    """

    seconds: float = 5.0
    trace: bool = False
    hooks: dict[str, Mapping[str, Callable[..., Any]]] = field(default_factory=dict)
    """By rubric: each hook that it answers, as a function of the hook's named arguments."""
    breakers: dict[str, Breaker] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)

    def ask(
        self, rubrics: Iterable[str], hook: str, ctx: Context, arguments: Mapping[str, Any],
        failed: list[str],
    ) -> Iterator[tuple[str, Any]]:  # fmt: skip
        """Yield (rubric id, item) of what these rubrics answer.

        One that raises, is late, or answers something else loses its answer, and is added to
        ``failed``; so is one that is left out for now.
        """
        questions: list[_Question] = []
        for id in rubrics:
            function = self.hooks.get(id, {}).get(hook)
            if function is None:
                continue
            breaker = self._breaker(id)
            if breaker.closed_for(ctx.user.id, hook):
                failed.append(id)
                continue
            questions.append(_Question(id, hook, ctx, function, arguments, breaker))
        time_limit.run_each([one.task for one in questions], self.seconds)
        for one in questions:
            answer = one.task.answer
            if isinstance(answer, time_limit.Failed):
                one.lost(answer.error)
                self.failed(one.id, hook, ctx, answer.error)
                answer = []
                failed.append(one.id)
            else:
                one.breaker.worked(ctx.user.id, hook)
            if self.trace:
                self._tell(one, answer)
            for item in answer:
                yield one.id, self._later(one, item)

    @contextmanager
    def guarding(self, id: str, place: str, ctx: Context) -> Iterator[None]:
        """Count how a piece of a rubric fares: a page, a callback, a file. Raises ``LeftOut``."""
        breaker = self._breaker(id)
        if wait := breaker.closed_for(ctx.user.id, place):
            raise LeftOut(id, wait)
        try:
            yield
        except (HTTPException, LeftOut):  # an answer, not a failure
            raise
        except (Exception, SystemExit) as error:
            if type(error).__name__ != "PreventUpdate":  # Dash's word for « no news »
                self.failed(id, place, ctx, error, log_it=False)
            raise
        breaker.worked(ctx.user.id, place)

    def failed(
        self, id: str, place: str, ctx: Context, error: BaseException, *, log_it: bool = True
    ) -> None:
        """Count a failure of a rubric, and leave it out when it fails again and again."""
        late = isinstance(error, TimeLimit | TimeoutError)
        if log_it:
            why = f"no answer within {self.seconds:g} s" if late else None
            log.error(
                "hook failed", rubric=id, hook=place, reference=ctx.reference,
                error=why or type(error).__name__, exc_info=None if late else error,
            )  # fmt: skip
        if isinstance(error, STORE):
            return
        paused = self._breaker(id).failed(ctx.user.id, place, late=late)
        if paused:
            log.error("rubric left out", rubric=id, place=place, seconds=paused)
        if isinstance(error, TimeLimit):
            error = TimeoutError(f"no answer within {self.seconds:g} s")
        self.faults.count(id, clock.now(), place, error, ctx.reference, paused)

    def _breaker(self, id: str) -> Breaker:
        return self.breakers.setdefault(id, Breaker())

    def _later(self, asked: _Question, item: Any) -> Any:
        """Return an answer whose second half is asked like the first, when it is shown."""
        name = LATER.get(type(item))
        if name is None:
            return item
        place = f"{asked.hook}: {item.id}"
        return replace(item, **{name: partial(self._second, asked, place, getattr(item, name))})

    def _second(self, asked: _Question, place: str, work: Callable[[], Any]) -> Any:
        with self.guarding(asked.id, place, asked.ctx):
            try:
                return time_limit.within(
                    self.seconds, partial(asked.reading, work), asked.found_again
                )
            except TimeLimit as error:
                asked.lost(error)
                raise TimeoutError(f"no answer within {self.seconds:g} s") from error

    def _tell(self, asked: _Question, answer: Sequence[Any]) -> None:
        task = asked.task
        error = task.answer.error if isinstance(task.answer, time_limit.Failed) else None
        log.info(
            "hook answered", rubric=asked.id, hook=asked.hook, answers=len(answer),
            ms=round(task.seconds * 1000, 2), reference=asked.ctx.reference, unlimited=True,
            **({"error": type(error).__name__} if error else {}),
        )  # fmt: skip


class _Question:
    """A hook asked of one rubric: with rows of its own, which it only reads."""

    __slots__ = ("_arguments", "_function", "breaker", "ctx", "db", "hook", "id", "task")

    def __init__(
        self, id: str, hook: str, ctx: Context, function: Callable[..., Any],
        arguments: Mapping[str, Any], breaker: Breaker,
    ) -> None:  # fmt: skip
        self.id, self.hook, self.breaker = id, hook, breaker
        self.db = ReadingDb(ctx.db)
        self.ctx = ctx.apart(self.db)
        self._function, self._arguments = function, arguments
        self.task = Task(self._answer, self.found_again)

    def _answer(self) -> list[Any]:
        given = {name: self.db.copy(value) for name, value in self._arguments.items()}
        found: list[Any] = self.reading(
            lambda: items(self.hook, self._function(ctx=self.ctx, **given))
        )
        return found

    def reading(self, work: Callable[[], Any]) -> Any:
        """Return what the rubric's work gives; it holds no connection then."""
        found = work()
        self.db.check_untouched()
        self.db.rest()
        return found

    def lost(self, error: BaseException) -> None:
        """Leave the thread that hangs alone, with its rows."""
        if isinstance(error, TimeLimit):
            self.breaker.left_behind(1)
            self.db.leave()

    def found_again(self) -> None:
        """End what was left: called in its own thread."""
        self.db.close()
        self.breaker.left_behind(-1)


def items(hook: str, answer: Any) -> list[Any]:
    """Return the items of an answer, a generator's too; raises for what is no such list."""
    if answer is None:
        return []
    kind = ANSWERS[hook]
    if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
        raise TypeError(f"{hook} answers {type(answer).__name__}, not a list of {kind.__name__}")
    found = list(islice(answer, MOST_ANSWERS + 1))
    if len(found) > MOST_ANSWERS:
        raise ValueError(f"{hook} answers more than {MOST_ANSWERS} things")
    for item in found:
        if not isinstance(item, kind):
            raise TypeError(f"{hook} answers {type(item).__name__}, not {kind.__name__}")
    return found
