"""Build a course in this process, and keep every run of TeX: `python -m tests.bench.recording COURSE OUT RUNS`.

Each run becomes a folder with the files that TeX found there and the arguments it was given, so that the very same TeX
can be run again with nothing around it. What is printed says how much processor time TeX took, and how much all the rest.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import solver.cli  # noqa: F401 - sets the collector of cycles up as the command does
from solver.course.build import Options, build_course
from solver.engines import compile as compiling
from solver.engines.find import Engine
from solver.engines.process import Finished, environment, run_tex
from tests.bench.timing import processor_seconds

ARGUMENTS = "arguments.json"
"""Beside the files of a run: the command and the environment it had."""


class Recorder:
    """Stands where the engine starts TeX.

    Args:
        folder: Where the runs are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self.seconds = 0.0

    def __call__(self, engine: Engine, arguments: list[str], folder: Path, seconds: float) -> Finished:
        """Run TeX as the engine would; keep what it was given."""
        self._count += 1
        kept = self._folder / f"{self._count:04d}"
        shutil.copytree(folder, kept, symlinks=True)
        started = {"command": [str(engine.executable), *CLOSED, *arguments]}
        (kept / ARGUMENTS).write_text(json.dumps(started | {"environment": environment(engine, kept)}))
        before = processor_seconds()
        finished = run_tex(engine, arguments, folder, seconds)
        self.seconds += processor_seconds() - before
        return finished


CLOSED = ("-no-shell-escape", "-interaction=nonstopmode", "-file-line-error", "-no-parse-first-line")
"""What the engine says to every TeX."""


def main() -> None:
    """Build, and print both times."""
    course, out, runs = map(Path, sys.argv[1:])
    recorder = Recorder(runs)
    vars(compiling)["run_tex"] = recorder
    outcome = build_course(course, Options(str(out), jobs=1, force=True))
    told: dict[str, Any] = {
        "rest": time.process_time(),
        "tex": recorder.seconds,
        "failed": len(outcome.failures),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
