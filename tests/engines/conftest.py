"""A cache of formats for this test run alone, and a preamble that a sheet could have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from solver.writers.latex_sheet import SHEET_PREAMBLE

PREAMBLE = (
    r"""\documentclass[a4paper,11pt]{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern,microtype,amsmath,xcolor,tikz,fancyhdr}
\usepackage[hidelinks]{hyperref}
\usepackage{bookmark}
\pagestyle{fancy}\fancyhf{}\fancyfoot[C]{\sheetname: page \sheetpage\ of \sheetpages}
"""
    + SHEET_PREAMBLE
)

PICTURE = r"""\begin{tikzpicture}
  \foreach \x in {0,...,3} \node[draw,circle] (n\x) at (\x,0) {$x_{\x}$};
  \draw[->] (n0) to[bend left] node[above] {$w=0.5$} (n3);
\end{tikzpicture}"""


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINSHEET_CACHE", str(shared / "chainsheet-cache"))
        patch.delenv("CHAINSHEET_PDFLATEX", raising=False)
        yield


@pytest.fixture
def own_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder in which all temporary files are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder
