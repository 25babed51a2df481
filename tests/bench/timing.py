"""Time two commands against each other: in turn, in fresh processes, medians, one ratio."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

Command = Sequence[str]


class CommandFailed(Exception):
    """A command of a row did not end with status 0."""


@dataclass(frozen=True, slots=True)
class Job:
    """One or more commands that are timed as one.

    Attributes:
        commands: Run one after the other, in `folder`.
        folder: Where they run.
        writes: A folder that they write; emptied before each run, untimed, so that no run finds what another left.
        seed: A folder whose files are copied to `writes` then.
    """

    commands: Sequence[Command]
    folder: Path
    writes: Path | None = None
    seed: Path | None = None

    def seconds(self) -> float:
        """Run the commands, and return the seconds that passed.

        Raises:
            CommandFailed: One of them failed; the message ends with what it said.
        """
        if self.writes is not None:
            shutil.rmtree(self.writes, ignore_errors=True)
            if self.seed is None:
                self.writes.mkdir(parents=True)
            else:
                shutil.copytree(self.seed, self.writes)
        start = perf_counter()
        for command in self.commands:
            done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False)
            if done.returncode:
                said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
                raise CommandFailed(f"{' '.join(command)}\n{said[-1000:]}")
        return perf_counter() - start


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        name: What is measured.
        target: Greatest ratio of the two medians.
        prepare: Makes the two jobs, measured and baseline, given an empty folder for what they write.
    """

    name: str
    target: float
    prepare: Callable[[Path], tuple[Job, Job]]


@dataclass(frozen=True, slots=True)
class Result:
    """The medians of a row, in seconds."""

    row: Row
    measured: float
    baseline: float

    @property
    def ratio(self) -> float:
        """How many times longer than the baseline it takes."""
        return self.measured / self.baseline

    @property
    def reached(self) -> bool:
        """Whether the ratio is within its target."""
        return self.ratio <= self.row.target


def measure(row: Row, folder: Path, repeats: int) -> Result:
    """Time a row's commands in turn, so that a busy moment meets both; a first pair, not counted, warms the caches."""
    jobs = row.prepare(folder)
    pairs = [[job.seconds() for job in jobs] for _ in range(repeats + 1)][1:]
    measured, baseline = (median(times) for times in zip(*pairs, strict=True))
    return Result(row, measured, baseline)


def table(results: Sequence[Result]) -> str:
    """Return the results as lines of a table."""
    lines = [("", "seconds", "baseline", "ratio", "target", "")]
    for result in results:
        seconds = (f"{result.measured:.3f}", f"{result.baseline:.3f}")
        ratios = (f"{result.ratio:.2f}", f"{result.row.target:.2f}")
        lines.append((result.row.name, *seconds, *ratios, "reached" if result.reached else "missed"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    names = [line[0].ljust(widths[0]) for line in lines]
    cells = [[cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)] for line in lines]
    return "\n".join("  ".join([name, *row]).rstrip() for name, row in zip(names, cells, strict=True))
