"""Signals that end a wait, without a lock: a handler may run while the main thread holds one."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator

ENDS = (signal.SIGTERM, signal.SIGINT)


class Wake:
    """A pause that a signal cuts short, and whether it is time to stop.

    ``threading.Event`` is not for that: a handler that sets it, called in the very thread that
    waits on it, waits for ever for the lock of the event. Here the kernel's note of a signal is
    a byte in a pipe (``signal.set_wakeup_fd``), and the handler assigns one attribute.
    """

    def __init__(self) -> None:
        self.stopping = False
        self._out, self._in = os.pipe()
        for end in (self._out, self._in):
            os.set_blocking(end, False)

    def stop(self) -> None:
        """Ask to stop; any thread, and any signal handler, may."""
        self.stopping = True
        with contextlib.suppress(BlockingIOError):  # full: who waits is woken already
            os.write(self._in, b"\0")

    def pause(self, seconds: float) -> None:
        """Wait so long at most: a signal listened to, or ``stop``, ends it."""
        if select.select([self._out], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                while len(os.read(self._out, 4096)) == 4096:
                    pass

    @contextlib.contextmanager
    def listening(self, *others: signal.Signals) -> Iterator[None]:
        """Stop at SIGTERM and SIGINT, wake at ``others``. Call it in the main thread."""
        before = {number: signal.signal(number, self._end) for number in ENDS}
        before |= {number: signal.signal(number, _nothing) for number in others}
        former = signal.set_wakeup_fd(self._in, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(former)
            for number, handler in before.items():
                signal.signal(number, handler)

    def close(self) -> None:
        """Give the pipe back; nobody waits nor stops any more."""
        os.close(self._out)
        os.close(self._in)

    def _end(self, *_: object) -> None:
        self.stopping = True


def _nothing(*_: object) -> None:
    """Be there: without a handler the signal would leave no byte."""
