"""The command line as a shell sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    """As in `schema | head -1`: the pipe is closed before the first byte is written."""
    with subprocess.Popen(
        [sys.executable, "-m", "solver", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert said == b""


def test_an_unknown_kind_of_new_problem_is_named_with_its_key(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "solver", "new", str(tmp_path / "a.toml"), "--kind", "recurent"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith('kind: found "recurent", expected a kind: "network"')
    assert 'did you mean "recurrent"?' in done.stderr
    assert not (tmp_path / "a.toml").exists()
