"""Figures of an exam, each typeset once and kept: by this process, and on disk for all others.

A figure is typeset alone, so its bytes depend on nothing but itself, the preamble and the engine. Which sheets share a
run, which worker came first, whether a build was interrupted: nothing of it can be seen in a sheet.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from solver.engines.cache import cache_folder, publish
from solver.engines.figures import FigurePdf, figure_key, typeset_figures
from solver.engines.find import find_engine
from solver.engines.runs import Sheet

KEPT_FIGURES = 2000
"""Figures kept on disk; each is some 15 kB. The oldest go first."""

_FILE = re.compile(r"(figure-[0-9a-f]+)_(\d+)_(\d+)_(\d+)\.pdf")


def placed_figures(preamble: str, sheets: tuple[Sheet, ...]) -> Mapping[str, FigurePdf]:
    """Return the figures of some sheets by key; one with a fault is left out, for the run to report.

    Raises:
        EngineError: There is no engine, or no room to work in.
    """
    texts = {tex for sheet in sheets for tex in sheet.figures.values()}
    found = (typeset(preamble, tex) for tex in sorted(texts))
    return {figure.key: figure for figure in found if figure is not None}


@lru_cache(maxsize=256)
def typeset(preamble: str, tex: str) -> FigurePdf | None:
    """Return one figure as a PDF, from the cache or made now; None where it has a fault."""
    key = figure_key(preamble, tex)
    engine = hashlib.sha256(find_engine().identity.encode()).hexdigest()[:16]
    folder = cache_folder() / "figures" / engine
    kept = next((_read(file) for file in folder.glob(f"{key}_*.pdf")), None)
    if kept is not None:
        return kept
    made, _ = typeset_figures(preamble, {key: tex})
    figure = made.get(key)
    if figure is not None:
        with contextlib.suppress(OSError):
            publish(figure.pdf, folder / f"{key}_{figure.width}_{figure.height}_{figure.depth}.pdf")
            _forget_oldest(folder)
    return figure


def _read(file: Path) -> FigurePdf | None:
    named = _FILE.fullmatch(file.name)
    if named is None:
        return None
    try:
        return FigurePdf(named[1], file.read_bytes(), *(int(named[group]) for group in (2, 3, 4)))
    except OSError:
        return None


def _forget_oldest(folder: Path) -> None:
    files = list(folder.glob("figure-*.pdf"))
    if len(files) <= KEPT_FIGURES:
        return
    with contextlib.suppress(OSError):
        files.sort(key=lambda file: file.stat().st_mtime_ns)
        for file in files[: len(files) - KEPT_FIGURES]:
            file.unlink(missing_ok=True)
