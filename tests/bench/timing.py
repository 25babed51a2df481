"""Measure two things against each other: in turn, in fresh processes, medians, one ratio.

Time is processor time, that of a command and of everything it starts: on a machine that others use as well, it is what
the command costs, where the clock on the wall also tells what the others cost. Where the system does not count it, the
clock has to do.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Protocol

Command = Sequence[str]


class CommandFailed(Exception):
    """A command of a row did not end with status 0."""


class Measure(Protocol):
    """One side of a row."""

    def seconds(self) -> float:
        """Measure, and return seconds; where a row compares something else, its unit."""


def processor_seconds() -> float:
    """Return the processor time, user and system, of all children that have ended."""
    if sys.platform == "win32":
        return perf_counter()
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True, slots=True)
class Job:
    """One or more commands that are timed as one.

    Attributes:
        commands: Run one after the other, in `folder`.
        folder: Where they run.
        writes: A folder that they write; emptied before each run, untimed, so that no run finds what another left.
        seed: A folder whose files are copied to `writes` then.
        units: How many things the commands make; the time is that of one.
        ends: Exit statuses that are no failure.
    """

    commands: Sequence[Command]
    folder: Path
    writes: Path | None = None
    seed: Path | None = None
    units: int = 1
    ends: Sequence[int] = (0,)

    def seconds(self) -> float:
        """Run the commands, and return the processor time that they took.

        Raises:
            CommandFailed: One of them failed; the message ends with what it said.
        """
        if self.writes is not None:
            shutil.rmtree(self.writes, ignore_errors=True)
            if self.seed is None:
                self.writes.mkdir(parents=True)
            else:
                shutil.copytree(self.seed, self.writes)
        start = processor_seconds()
        for command in self.commands:
            done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False)
            if done.returncode not in self.ends:
                said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
                raise CommandFailed(f"{' '.join(command)}\n{said[-1000:]}")
        return (processor_seconds() - start) / self.units


@dataclass(frozen=True, slots=True)
class Known:
    """A value that was measured with others, or a limit that something is held against.

    Attributes:
        value: In seconds, or whatever the row compares.
    """

    value: float

    def seconds(self) -> float:
        """Return the value."""
        return self.value


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        name: What is measured.
        target: Greatest ratio of the two medians.
        prepare: Makes the two sides, measured and baseline, given an empty folder for what they write.
    """

    name: str
    target: float
    prepare: Callable[[Path], tuple[Measure, Measure]]


@dataclass(frozen=True, slots=True)
class Result:
    """The medians of a row."""

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
    """Measure a row's sides in turn, so that a busy moment meets both; a first pair, not counted, warms the caches."""
    sides = row.prepare(folder)
    if all(isinstance(side, Known) for side in sides):
        return Result(row, sides[0].seconds(), sides[1].seconds())
    pairs = [[side.seconds() for side in sides] for _ in range(repeats + 1)][1:]
    measured, baseline = (median(times) for times in zip(*pairs, strict=True))
    return Result(row, measured, baseline)


def table(results: Sequence[Result]) -> str:
    """Return the results as lines of a table."""
    lines = [("", "measured", "baseline", "ratio", "target", "")]
    for result in results:
        values = (_shown(result.measured), _shown(result.baseline))
        ratios = (f"{result.ratio:.2f}", f"{result.row.target:.2f}")
        lines.append((result.row.name, *values, *ratios, "reached" if result.reached else "missed"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    names = [line[0].ljust(widths[0]) for line in lines]
    cells = [[cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)] for line in lines]
    return "\n".join("  ".join([name, *row]).rstrip() for name, row in zip(names, cells, strict=True))


def _shown(value: float) -> str:
    """Return a value with as many decimals as its size leaves room for."""
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f}" if value < 100 else f"{value:.0f}"
