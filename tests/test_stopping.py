"""Signals: what a job hears, and what it hands down to the programs it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BACKGROUND = """
import os, signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for a job in the background
from solver.stopping import sigterm_raises
with sigterm_raises():
    os.kill(os.getpid(), signal.SIGINT)
    asked = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    subprocess.run([sys.executable, "-c", asked], check=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_job_in_the_background_ignores_ctrl_c_and_what_it_starts_does_not() -> None:
    command = [sys.executable, "-c", BACKGROUND]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1], timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "False\n", "")
