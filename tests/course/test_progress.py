"""Progress: bars for who watches a terminal, lines of JSON for programs, nothing for anyone else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from solver.course.progress import reporter, shown_progress
from tests.course.conftest import NEURON
from tests.course.test_interrupted import CHECKOUT, finish, start


def rendered(tmp_path: Path, stderr: int) -> tuple[int, list[str]]:
    """Render two problems, and return the status and what came on stdout, in lines."""
    files = [tmp_path / f"{name}.toml" for name in ("one", "two")]
    for file in files:
        file.write_text(NEURON, "utf-8")
    command = [
        sys.executable,
        "-m",
        "solver",
        "render",
        *map(str, files),
        "--to",
        "md",
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=stderr, check=False, timeout=60,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )  # fmt: skip
    return done.returncode, done.stdout.decode().splitlines()


@pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
def test_who_watches_sees_a_bar_and_a_program_the_names_alone(tmp_path: Path) -> None:
    import pty

    terminal, end = pty.openpty()
    status, watched = rendered(tmp_path, end)
    os.close(end)
    seen = os.read(terminal, 1 << 20).decode("utf-8", "replace")
    os.close(terminal)
    assert status == 0
    assert "2" in seen
    assert "documents" in seen
    with (tmp_path / "stderr").open("w+b") as quiet:
        status, named = rendered(tmp_path, quiet.fileno())
        quiet.seek(0)
        assert (status, quiet.read()) == (0, b"")
    assert watched == named
    assert f"{tmp_path}/out/two/solution.md" in named


def test_bars_leave_workers_to_be_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    before = threading.active_count()
    bar = reporter(as_json=False)
    bar.tell({"event": "planned", "to_build": 2})
    assert threading.active_count() == before
    bar.close()
    with shown_progress() as tell:
        assert tell is not None
        tell("sheets", 1, 2)
        assert threading.active_count() == before


def test_a_build_tells_programs_all_they_need_for_a_bar_of_their_own(course: Path, tmp_path: Path) -> None:
    status, out, err = finish(start(course, tmp_path / "out", "--jobs", "1", "--json"))
    assert (status, err) == (0, "")
    first, *built, last = map(json.loads, out.splitlines())
    assert (first["event"], first["to_build"], first["reused"]) == ("planned", 4, 0)
    assert [event["event"] for event in built] == ["built"] * 4
    assert sum(event["documents"] for event in built) == first["to_build"]
    assert all(event["seconds"] > 0 and event["task"] for event in built)
    assert last["event"] == "summary"
    assert (last["built"], last["reused"], last["failed"], last["removed"]) == (4, 0, 0, 0)
    assert last["sheets_per_second"] == pytest.approx(4 / last["seconds"], rel=0.01)
