"""The stopwatch itself: it tells slow from quick, leaves nothing between runs, and counts TeX's passes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.bench import course
from tests.bench.rows import bare_passes
from tests.bench.timing import CommandFailed, Job, Known, Result, Row, measure, table


def _python(code: str, folder: Path, writes: Path | None = None, seed: Path | None = None) -> Job:
    return Job([[sys.executable, "-S", "-c", code]], folder, writes, seed)


def test_a_slower_command_has_a_greater_ratio(tmp_path: Path) -> None:
    def jobs(folder: Path) -> tuple[Job, Job]:
        busy = "import time\nwhile time.process_time() < 0.3: pass"
        return _python(busy, folder), _python("pass", folder)

    result = measure(Row("busy", 1.0, jobs), tmp_path, repeats=2)
    assert result.measured >= 0.29
    assert result.ratio > 1
    assert not result.reached


def test_every_run_starts_from_the_seed(tmp_path: Path) -> None:
    seed, writes = tmp_path / "seed", tmp_path / "writes"
    seed.mkdir()
    (seed / "count").write_text("x")
    job = _python("f = open('count', 'a'); f.write('x'); f.close()", writes, writes, seed)
    for _ in range(2):
        job.seconds()
        assert (writes / "count").read_text() == "xx"
    assert (seed / "count").read_text() == "x"


def test_a_failing_command_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no such luck"):
        _python("raise SystemExit('no such luck')", tmp_path).seconds()


def test_the_table_names_what_was_missed(tmp_path: Path) -> None:
    def never(folder: Path) -> tuple[Job, Job]:
        raise AssertionError(folder)

    text = table([Result(Row("quick", 1.5, never), 0.3, 0.25), Result(Row("slow", 1.5, never), 2.0, 1.0)])
    quick, slow = text.splitlines()[1:]
    assert quick.split() == ["quick", "0.300", "0.250", "1.20", "1.50", "reached"]
    assert slow.split() == ["slow", "2.000", "1.000", "2.00", "1.50", "missed"]


@pytest.mark.parametrize(("body", "passes"), [("Plain.", 1), (r"\label{here}\ref{here}", 2)])
def test_bare_passes_are_as_many_as_references_need(tmp_path: Path, body: str, passes: int) -> None:
    written = tmp_path / "written"
    written.mkdir()
    source = rf"\documentclass{{article}}\usepackage{{lmodern}}\begin{{document}}{body}\end{{document}}"
    (written / "solution.tex").write_text(source)
    job = bare_passes(written, tmp_path / "bare")
    assert len(job.commands) == passes
    assert job.seconds() > 0
    assert (tmp_path / "bare" / "solution.pdf").exists()
    assert [path.name for path in written.iterdir()] == ["solution.tex"]
    assert re.search(r"solution\.tex$", job.commands[0][-1])


def test_the_time_of_one_of_many(tmp_path: Path) -> None:
    code = "import time\nwhile time.process_time() < 0.3: pass"
    one = Job([[sys.executable, "-S", "-c", code]], tmp_path, units=3).seconds()
    assert 0.09 < one < 0.3


def test_known_values_are_not_measured_again(tmp_path: Path) -> None:
    result = measure(Row("memory", 1.0, lambda _: (Known(300.0), Known(600.0))), tmp_path, repeats=3)
    assert (result.ratio, result.reached) == (0.5, True)
    assert table([result]).splitlines()[1].split() == ["memory", "300", "600", "0.50", "1.00", "reached"]


@pytest.mark.slow
def test_a_course_is_measured_against_the_tex_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINSHEET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(course, "FEW", 2)
    rows = course.course_rows(tmp_path / "course", 4)
    results = [measure(row, tmp_path, 1) for row in rows]
    assert len(results) == 6
    assert all(result.measured > 0 and result.baseline > 0 for result in results)
    # The bare runs are part of the build, and one run a file is far dearer than a run of many sheets.
    assert results[0].ratio > 1
    assert results[1].ratio < 1
