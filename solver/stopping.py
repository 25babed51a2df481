"""SIGTERM as an exception, so that a job that is told to end cleans up as it does after Ctrl-C.

By default SIGTERM ends Python at once: TeX would run on in its own session, and temporary folders would stay behind.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


class Terminated(KeyboardInterrupt):
    """SIGTERM has come; whoever cleans up after Ctrl-C cleans up after this."""


@contextmanager
def sigterm_raises() -> Iterator[None]:
    """Let SIGTERM raise `Terminated` inside a `with`; threads other than the main one cannot, and leave it as it is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A job in the background ignores Ctrl-C, and so would every process it starts; but TeX tells the line of an
        # endless loop only when it is interrupted. A handler that does nothing is not handed down.
        signal.signal(signal.SIGINT, _ignore)
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def exit_status(stop: KeyboardInterrupt) -> int:
    """Return the status that a shell expects of a command that was stopped: 128 and the number of the signal."""
    return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)


def _stop(number: int, frame: object) -> NoReturn:
    raise Terminated


def _ignore(number: int, frame: object) -> None:
    """Do nothing."""
