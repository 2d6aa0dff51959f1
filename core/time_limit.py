"""Work that may take so long and no longer, whatever it does: who waits for it goes on.

A thread cannot be killed. What is late is left to itself: its answer is thrown away, ``TimeLimit``
is raised in it, which ends a loop written in Python, and nobody waits for it any more. What hangs
outside Python (a socket without a limit, a long computation in C) lives on until it returns or
the process ends; ``late()`` is then called in it, to give back what it held.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

MOST_IDLE = 16
"""Threads that wait for work; more than that end when they are done."""


class TimeLimit(BaseException):
    """Raised in work that took longer than it may; no ``except Exception`` holds it up."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What stands for the answer of work that raised, or was late (``TimeLimit``)."""

    error: BaseException


def _nothing() -> None:
    """Be done."""


@dataclass(slots=True)
class Task:
    """One piece of work: ``seconds`` is how long it took, once it was done."""

    work: Callable[[], Any]
    late: Callable[[], None] = _nothing
    seconds: float = 0.0
    answer: Any = None


class _Run:
    """Tasks one after the other in one thread, watched by another."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = tasks
        self.done = threading.Event()
        self.left = False
        """Whether nobody waits any more: the task under way is late."""
        self.current = 0
        self.began = time.monotonic()
        self.lock = threading.Lock()

    def __call__(self) -> None:
        """Do the tasks, as long as somebody waits for them."""
        self.began = time.monotonic()
        for number, task in enumerate(self.tasks, start=1):
            try:
                answer = task.work()
            except BaseException as error:  # noqa: BLE001 - sys.exit() and TimeLimit too
                answer = Failed(error)
            with self.lock:
                if self.left:
                    return
                now = time.monotonic()
                task.answer, task.seconds = answer, now - self.began
                self.current, self.began = number, now
        self.done.set()


class _Thread(threading.Thread):
    """A thread that does runs, one at a time, as long as none of them was left."""

    def __init__(self) -> None:
        super().__init__(name="balise-limited", daemon=True)
        self.inbox: SimpleQueue[tuple[contextvars.Context, _Run]] = SimpleQueue()
        self.start()

    def run(self) -> None:
        while True:
            context, run = self.inbox.get()
            try:
                context.run(run)
                if run.left:  # TimeLimit was raised here; what was not met by now is taken back
                    _raise_in(self.ident, None)
            except TimeLimit:
                pass
            if run.left:
                run.tasks[run.current].late()
                return
            del context, run  # nothing of a request is kept while idle
            if len(_idle) >= MOST_IDLE:
                return
            _idle.append(self)


_idle: list[_Thread] = []
os.register_at_fork(after_in_child=_idle.clear)  # threads are not in the child


def run_each(tasks: Sequence[Task], seconds: float) -> None:
    """Do each task in turn and fill its ``answer``; none delays the rest by more than ``seconds``.

    They run in one other thread, with the caller's context variables. A task that raises has
    ``Failed`` for its answer, a late one ``Failed(TimeLimit())``: it is left in its thread, and a
    new thread does the others.
    """
    rest = list(tasks)
    while rest:
        run = _Run(rest)
        thread = _idle.pop() if _idle else _Thread()
        thread.inbox.put((contextvars.copy_context(), run))
        while not run.done.wait(max(0.001, run.began + seconds - time.monotonic())):
            with run.lock:
                # Looked at again under the lock: an answer that just came counts.
                if run.current < len(rest) and time.monotonic() - run.began >= seconds:
                    run.left = True
                    _raise_in(thread.ident, TimeLimit)
                    break
        if not run.left:
            return
        late = rest[run.current]
        late.answer, late.seconds = Failed(TimeLimit()), seconds
        rest = rest[run.current + 1 :]


def within(seconds: float, work: Callable[[], Any], late: Callable[[], None] = _nothing) -> Any:
    """Return what ``work()`` returns; raises what it raises, ``TimeLimit`` when it is late."""
    task = Task(work, late)
    run_each([task], seconds)
    if isinstance(task.answer, Failed):
        raise task.answer.error
    return task.answer


def _raise_in(thread: int | None, error: type[BaseException] | None) -> None:
    """Raise an exception in a thread as soon as it runs Python, CPython's own way; with None, take
    back one that it has not met yet.
    """
    raised = ctypes.py_object(error) if error else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread or 0), raised)
