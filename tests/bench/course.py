"""A course with one exam, measured as a whole: against the TeX it writes, against a run for each file, and by its size.

One build of so many students feeds several rows. What is held against what:

- the processor time of the whole command, against that of the bare pdflatex runs over the very TeX that it writes, with
  the preamble precompiled;
- the same for one student, against one full pdflatex run for each file of the student;
- what is left without TeX for one student, against 5 ms;
- a page of a large exam, against a page of a small one;
- memory, all processes together, against 600 MB; a second build, and one with a student added.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bench.recording import ARGUMENTS
from tests.bench.rows import CHECKOUT, bare_passes
from tests.bench.timing import CommandFailed, Job, Known, Measure, Row, processor_seconds

EXAM = Path(__file__).parent / "three-networks.toml"
PROBLEMS = ("padhai-multiple-paths", "four-three-two", "iitm-three-layer")
FEW = 50
RECORDED = 200
"""Students, at most, whose TeX is run again by itself."""

ALONE = 2
"""Students whose files are compiled one by one."""

PYTHON_SECONDS = 0.005
MEMORY_MB = 600.0


@dataclass(frozen=True)
class Build:
    """What one build took.

    Attributes:
        cpu: Processor seconds of all its processes.
        wall: Seconds on the clock.
        memory: The most that all its processes held at a time, shared pages counted once; MB.
        summary: What it says at its end.
    """

    cpu: float
    wall: float
    memory: float
    summary: dict[str, float]


class ExamCourse:
    """A course whose exam has so many students.

    Args:
        folder: Empty; for all that is written.
        students: How many.
    """

    def __init__(self, folder: Path, students: int) -> None:
        self.folder, self.students = folder, students
        self.source, self.out = folder / "source", folder / "out"
        self.source.mkdir(parents=True)
        shutil.copy(EXAM, self.source)
        for name in PROBLEMS:
            shutil.copy(CHECKOUT / "problems" / f"{name}.toml", self.source)
        self.enrol(students)
        self.file = self.source / "course.toml"
        self.file.write_text(
            f'title = "Measured"\n[[exam]]\nfile = "{EXAM.name}"\nfolder = "exam"\n', "utf-8"
        )

    @property
    def exam(self) -> Path:
        """The exam's folder."""
        return self.out / "course" / "exam"

    def enrol(self, students: int) -> None:
        """Write a roster."""
        rows = [f"s{k:06d},Student {k:06d}" for k in range(1, students + 1)]
        (self.source / "students.csv").write_text("\n".join(["id,name", *rows]) + "\n", "utf-8")

    def build(self) -> Build:
        """Build as a teacher does, with a process for each core, and watch it."""
        command = [sys.executable, "-m", "solver", "build", str(self.file), "--out", str(self.out), "--json"]
        before, started = processor_seconds(), time.perf_counter()
        with subprocess.Popen(
            command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            peak = Peak(process.pid)
            out, err = process.communicate()
            memory = peak.stop()
        if process.returncode:
            raise CommandFailed(f"{' '.join(command)}\n{err.decode('utf-8', 'replace')[-1000:]}")
        summary = json.loads(out.splitlines()[-1])
        return Build(processor_seconds() - before, time.perf_counter() - started, memory, summary)

    def recorded(self, runs: Path) -> tuple[float, float]:
        """Build elsewhere, in one process, and keep the runs of TeX.

        Returns:
            Processor seconds of everything but TeX, and of TeX.
        """
        command = [
            sys.executable,
            "-m",
            "tests.bench.recording",
            str(self.file),
            str(self.folder / "again"),
            str(runs),
        ]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=False)
        if done.returncode:
            raise CommandFailed(f"{' '.join(command)}\n{done.stderr.decode('utf-8', 'replace')[-1000:]}")
        told = json.loads(done.stdout.splitlines()[-1])
        shutil.rmtree(self.folder / "again")
        return told["rest"], told["tex"]

    def pages(self) -> int:
        """Return how many pages all sheets and keys have."""
        import pikepdf

        names = [name for book in ("all-sheets", "all-keys") for name in self.exam.glob(f"{book}*.pdf")]
        total = 0
        for name in names:
            with pikepdf.open(name) as book:
                total += len(book.pages)
        return total

    def megabytes(self) -> float:
        """Return the size of what was written."""
        return sum(path.stat().st_size for path in self.out.rglob("*") if path.is_file()) / 1e6

    def full_runs(self) -> float:
        """Return the processor seconds that full pdflatex runs take for the files of one student."""
        out = self.folder / "tex"
        roster = self.source / "few.csv"
        roster.write_text("id,name\n" + "".join(f"s{k},Student {k}\n" for k in range(1, ALONE + 1)), "utf-8")
        command = [sys.executable, "-m", "solver", "exam", str(self.source / EXAM.name), "--roster", str(roster),
                   "--to", "tex", "--out", str(out)]  # fmt: skip
        Job([command], CHECKOUT, writes=out).seconds()
        seconds = 0.0
        for source in sorted((out / EXAM.stem).glob("*/*.tex")):
            alone = self.folder / "alone" / source.parent.name / source.stem
            alone.mkdir(parents=True)
            shutil.copy(source, alone)
            seconds += bare_passes(alone, self.folder / "bare").seconds()
        return seconds / ALONE


@dataclass(frozen=True)
class Replayed:
    """The runs of TeX that a build needs, with nothing around them, two at a time."""

    runs: Path

    def seconds(self) -> float:
        """Run them, and return the processor time."""
        folders = sorted(path for path in self.runs.iterdir() if path.is_dir())
        before = processor_seconds()
        with ThreadPoolExecutor(2) as beside:
            list(beside.map(_run_again, folders))
        return processor_seconds() - before


def _run_again(folder: Path) -> None:
    started = json.loads((folder / ARGUMENTS).read_text("utf-8"))
    done = subprocess.run(
        started["command"], cwd=folder, env=started["environment"], capture_output=True, check=False
    )
    if done.returncode:
        raise CommandFailed(f"{folder}\n{done.stdout.decode('utf-8', 'replace')[-1000:]}")


class Peak:
    """Watches how much memory a process and its children hold; on Linux, elsewhere it sees nothing.

    Args:
        process: Its number.
    """

    def __init__(self, process: int) -> None:
        self._process = process
        self._most = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return the most that was seen, in MB."""
        self._ended.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._ended.wait(0.25):
            held = sum(_held(process) for process in _family(self._process))
            self._most = max(self._most, held / 1000)


def _held(process: int) -> float:
    """Return the memory of a process in kB, shared pages divided among those who share them."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("Pss:")), 0.0)


def _family(process: int) -> list[int]:
    children: dict[int, list[int]] = {}
    if not Path("/proc").is_dir():
        return []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                status = (folder / "stat").read_text("ascii", "replace")
            except OSError:
                continue
            children.setdefault(int(status.rsplit(")", 1)[1].split()[1]), []).append(int(folder.name))
    found = [process]
    for one in found:
        found += children.get(one, [])
    return found


def course_rows(folder: Path, students: int) -> list[Row]:
    """Measure a course of so many students, and return rows whose sides are known.

    Args:
        folder: Empty; for all that is written.
        students: How many.

    Raises:
        CommandFailed: A command failed, or a sheet could not be made.
    """
    measured = ExamCourse(folder / "measured", min(students, RECORDED))
    rest, _ = measured.recorded(folder / "runs")  # warms the caches as well
    whole = measured.build()
    bare = Replayed(folder / "runs").seconds()
    few = ExamCourse(folder / "few", FEW)
    small = few.build()
    small_page = small.cpu / few.pages()
    many, large = measured, whole
    if students > RECORDED:
        many = ExamCourse(folder / "many", students)
        large = many.build()
    large_page = large.cpu / many.pages()
    again = many.build()
    many.enrol(students + 1)
    added = many.build()
    if added.summary["built"] != 2 or again.summary["built"]:
        raise CommandFailed(f"built again: {again.summary}, {added.summary}")
    full = few.full_runs()
    print(
        f"{students} students: {large.cpu:.0f} s of processor time, {large.wall:.0f} s on the clock, "
        f"{large.memory:.0f} MB of memory, {many.pages()} pages, {many.megabytes():.0f} MB written; "
        f"second build {again.wall:.2f} s on the clock, one student added {added.wall:.2f} s"
    )
    return [
        _row(f"build, {measured.students} students / bare pdflatex of its TeX", 1.3, whole.cpu, bare),
        _row("build, one student / full pdflatex runs", 1 / 20, large.cpu / students, full),
        _row("without TeX, one student / 5 ms", 1.0, rest / measured.students, PYTHON_SECONDS),
        _row(f"a page, {students} students / {FEW} students", 1.05, large_page, small_page),
        _row("memory of all processes / 600 MB", 1.0, large.memory, MEMORY_MB),
        _row(f"second build, {students} students / 1 s", 1.0, again.cpu, 1.0),
    ]


def _row(name: str, target: float, measured: float, baseline: float) -> Row:
    sides: tuple[Measure, Measure] = (Known(measured), Known(baseline))
    return Row(name, target, lambda _: sides)
