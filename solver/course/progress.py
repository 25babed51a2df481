"""How far a build is, for people and for programs.

What happens in a build is told as events, dictionaries with an ``event``. `Lines` writes each as a line of JSON; `Bar`
draws a bar with the rate and the time left, on a terminal alone; `Quiet` says nothing. All say at the end what was done.
Commands with one kind of work after the other tell it by `shown_progress`, in bars of the same columns.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, Task, TaskID

Event = Mapping[str, Any]

Tell = Callable[[str, int, int], None]
"""Is told a kind of work, how much of it is done, and how much there is."""


class Reporter(Protocol):
    """Is told what happens."""

    def tell(self, event: Event) -> None:
        """Take note of an event."""

    def close(self) -> None:
        """Leave the terminal as it was."""


@dataclass
class Summary:
    """What a build did; documents are counted, not their figures and pictures.

    Attributes:
        built: Documents made.
        reused: Documents that were up to date.
        failed: Documents that could not be made.
        removed: Files removed, since the course no longer has them.
        seconds: How long it took.
    """

    built: int = 0
    reused: int = 0
    failed: int = 0
    removed: int = 0
    seconds: float = 0.0
    _started: float = field(default_factory=time.monotonic, repr=False)

    def stop(self) -> Summary:
        """Take the time."""
        self.seconds = time.monotonic() - self._started
        return self

    @property
    def rate(self) -> float:
        """Documents made per second."""
        return self.built / self.seconds if self.seconds > 0 else 0.0

    def event(self) -> Event:
        """Return the summary as an event."""
        return {
            "event": "summary",
            "built": self.built,
            "reused": self.reused,
            "failed": self.failed,
            "removed": self.removed,
            "seconds": round(self.seconds, 3),
            "sheets_per_second": round(self.rate, 3),
        }

    def __str__(self) -> str:
        """Return the summary as a line."""
        parts = [f"{self.built} built", f"{self.reused} reused"]
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.removed} removed"] if self.removed else []
        rate = f", {self.rate:.1f} sheets per second" if self.built else ""
        return f"{', '.join(parts)}; {self.seconds:.1f} seconds{rate}"


class Quiet:
    """Says nothing."""

    def tell(self, event: Event) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Lines:
    """Writes every event as a line of JSON, at once.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def tell(self, event: Event) -> None:
        """Write an event."""
        self._stream.write(json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Do nothing."""


class Bar:
    """A bar on a terminal: how many documents are done, how many a second, and when the rest will be."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._bar: TaskID | None = None

    def tell(self, event: Event) -> None:
        """Move the bar."""
        if event["event"] == "planned" and event["to_build"]:
            self._begin(event["to_build"])
        elif event["event"] == "built" and self._progress is not None and self._bar is not None:
            done = event["documents"] + event["failed"]
            self._progress.update(self._bar, advance=done, what=event["task"], refresh=True)

    def close(self) -> None:
        """Remove the bar."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _begin(self, total: int) -> None:
        self._progress = _bars()
        self._progress.start()
        self._bar = self._progress.add_task("", total=total, what="")


@contextmanager
def shown_progress() -> Iterator[Tell | None]:
    """Give what is to be told how far the work is; None where nobody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    with _bars() as bars:
        known: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in known:
                known[what] = bars.add_task("", total=total, what=what)
            bars.update(known[what], completed=done, total=total, refresh=True)

        yield tell


def _bars() -> Progress:
    """Return bars that are drawn when they are told something: a thread that draws them would forbid forking workers."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        BarColumn(), MofNCompleteColumn(), _rate_column(), TimeRemainingColumn(), TextColumn("{task.fields[what]}"),
        console=Console(stderr=True), transient=True, speed_estimate_period=120, auto_refresh=False,
    )  # fmt: skip


def _rate_column() -> ProgressColumn:
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """Documents per second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f}/s" if task.speed else "", style="progress.data.speed")

    return Rate()


def reporter(*, as_json: bool) -> Reporter:
    """Return who is told of this build: a program, a person at a terminal, or no one."""
    if as_json:
        return Lines(sys.stdout)
    return Bar() if sys.stderr.isatty() else Quiet()
