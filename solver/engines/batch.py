"""Many sheets, few runs of TeX: the cost of a sheet falls to what its pages cost.

Starting TeX and finding its place costs more than a page of formulas. So some fifty sheets share a run, figures that
several runs need are typeset once for all, and the PDF is taken apart at the marks the run itself wrote. A run is a
value: `compile_run` needs nothing but the `Run` it gets and gives nothing but its result, so a process pool or a cluster
can do it. The same run gives the same bytes, anywhere.

Processor time of a sheet of three pages with three network figures, as ratios: alone with a plain pdflatex 1, with a
precompiled preamble 0.7, in a run of fifty whose figures were made before 0.05; taking the PDF apart adds 0.003.

"Page 2 of 5" is known only when the sheet is done. A run therefore guesses that a sheet is as long as the one before it,
and the first as long as told; where nothing is told, the first is set twice, and its first pages are in no file. Only a
wrong guess costs a second pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from solver.engines.compile import TexError, compile_latex
from solver.engines.figures import PLACE, FigurePdf, definition, figure_key, typeset_figures
from solver.engines.find import Engine
from solver.engines.isolate import isolate
from solver.engines.log import BadBox, MissingCharacter, TexFault
from solver.engines.marks import sheet_pages
from solver.engines.runs import SHEET_SECONDS, Run, RunResult, Sheet, SheetFailure, SheetPdf
from solver.engines.source import LatexSource
from solver.engines.split import split_pdf

RUN_SIZE = 50
"""Sheets in one run. Above this the cost of a sheet hardly falls, while more work is lost when one has a fault."""

FIGURES_PER_RUN = 20
FURTHER_SECONDS = 4.0
Noted = TypeVar("Noted", BadBox, MissingCharacter)

_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")


def sheet_source(preamble: str, sheet: Sheet) -> LatexSource:
    """Return the document of one sheet; with its assets beside it, it compiles alone with a plain pdflatex."""
    return LatexSource(preamble, _sheet_text(sheet, preamble, {})[0])


def compile_batch(
    sheets: Sequence[Sheet],
    preamble: str,
    *,
    engine: Engine | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    run_size: int = RUN_SIZE,
    pages: int | None = None,
    seconds: float = SHEET_SECONDS,
) -> Iterator[RunResult]:
    """Compile many sheets, and give the result of each run as soon as it is there.

    Args:
        sheets: In the order in which runs are filled. Sheets alike (all sheets, then all keys) share a length, and so
            need one pass.
        preamble: Holds `SHEET_PREAMBLE`; what all sheets share.
        engine: Default: `find_engine()`, in each process for itself.
        executor: Where runs happen; default: here, one after the other.
        workers: How many runs the executor does at a time. Twice as many are handed over, so that finished PDFs do not
            pile up.
        run_size: Sheets in a run, at most.
        pages: How long sheets are taken to be; default: each run finds out. Sheets that do not say how long they are
            can be given any number.
        seconds: Time limit of a run of one sheet.

    Yields:
        Results, in the order in which runs finish.

    Raises:
        TexError: The preamble has a fault.
        EngineError: There is no engine, or no room to work in.
        ValueError: A name is not plain, two sheets have one, or files of one name differ.
    """
    runs = plan_runs(sheets, preamble, engine=engine, run_size=run_size, seconds=seconds)
    keys = Counter(key for run in runs for key in _needed(run))
    shared = {key: tex for run in runs for key, tex in _needed(run).items() if keys[key] > 1}
    # A figure with a fault is left to the runs, which name the sheets it is in.
    placed = _typeset(shared, preamble, engine, seconds, executor)
    ready = (
        replace(run, pages=pages, placed={key: placed[key] for key in _needed(run) if key in placed})
        for run in runs
    )
    if executor is None:
        yield from map(compile_run, ready)
        return
    flying: set[Future[RunResult]] = set()
    try:
        while True:
            room = 2 * max(1, workers) - len(flying)
            flying |= {executor.submit(compile_run, run) for run in islice(ready, room)}
            if not flying:
                return
            done, flying = wait(flying, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        for future in flying:
            future.cancel()


def plan_runs(
    sheets: Sequence[Sheet],
    preamble: str,
    *,
    engine: Engine | None = None,
    run_size: int = RUN_SIZE,
    seconds: float = SHEET_SECONDS,
) -> tuple[Run, ...]:
    """Return the runs that make these sheets, filled in order.

    Raises:
        ValueError: A name is not plain, two sheets have one, or files of one name differ.
    """
    odd = [name for sheet in sheets for name in (sheet.name, *sheet.figures) if not _NAME.fullmatch(name)]
    if odd:
        raise ValueError(f"not a plain name of a sheet or figure: {', '.join(map(repr, odd))}")
    twice = [name for name, count in Counter(sheet.name for sheet in sheets).items() if count > 1]
    if twice:
        raise ValueError(f"sheets of one name: {', '.join(twice)}")
    _assets(sheets)
    return tuple(
        Run(tuple(sheets[start : start + run_size]), preamble, engine=engine, seconds=seconds)
        for start in range(0, len(sheets), run_size)
    )


def compile_run(run: Run) -> RunResult:
    """Compile the sheets of one run; a sheet with a fault is named, and all the others are made.

    Args:
        run: Says all.

    Returns:
        The sheets and failures; the same for the same run, on any machine with the same engine.

    Raises:
        TexError: The preamble has a fault.
        EngineError: There is no engine, or no room to work in.
    """
    needed = _needed(run)
    own = {key: tex for key, tex in needed.items() if key not in run.placed}
    made, faults = typeset_figures(run.preamble, own, engine=run.engine, time_limit=_limit(run, len(own)))
    figures = {**run.placed, **made}
    failures = {
        sheet.name: _figure_failure(sheet, run.preamble, faults)
        for sheet in run.sheets
        if any(figure_key(run.preamble, tex) in faults for tex in sheet.figures.values())
    }
    by_name = {sheet.name: sheet for sheet in run.sheets if sheet.name not in failures}
    passes = 0
    runs: list[bytes] = []

    def attempt(names: Sequence[str]) -> dict[str, SheetPdf]:
        nonlocal passes
        pdfs, pages, done = _compile_sheets(run, [by_name[name] for name in names], figures)
        passes += done
        runs.append(pages)
        return {name: replace(sheet, run=len(runs) - 1) for name, sheet in pdfs.items()}

    pdfs, guilty = isolate(list(by_name), attempt)
    failures |= {name: SheetFailure(name, error.fault) for name, error in guilty.items()}
    order = [sheet.name for sheet in run.sheets]
    return RunResult(
        tuple(pdfs[name] for name in order if name in pdfs),
        tuple(failures[name] for name in order if name in failures),
        passes,
        tuple(runs) if run.keep else (),
    )


def _compile_sheets(
    run: Run, sheets: Sequence[Sheet], figures: Mapping[str, FigurePdf]
) -> tuple[dict[str, SheetPdf], bytes, int]:
    guess = "" if run.pages is None else f"\\renewcommand\\sheetguess{{{run.pages}}}"
    texts = [_set_before(sheets[0], run.preamble, figures)] if _finds_out(run, sheets) else []
    line = sum(text.count("\n") for text in texts)
    starts: dict[str, int] = {}
    used: dict[str, bytes] = {}
    for sheet in sheets:
        text, placed = _sheet_text(sheet, run.preamble, figures)
        starts[sheet.name] = line
        line += text.count("\n")
        texts.append(text)
        used |= {figures[key].file: figures[key].pdf for key in placed}
    whole = compile_latex(
        LatexSource(run.preamble, "".join(texts), PLACE + guess),
        assets={**_assets(sheets), **used},
        engine=run.engine,
        time_limit=_limit(run, len(sheets)),
    )
    pages = sheet_pages(whole.marks)
    for sheet in sheets:
        if not pages.get(sheet.name):
            # TeX stopped without an error: \end or \stop in the sheet before, or nothing in this one.
            raise TexError(TexFault("the sheet has no pages, or ends TeX"), whole.marks)
    titles = {sheet.name: sheet.title for sheet in sheets}
    split = split_pdf(whole.pdf, {name: pages[name] for name in titles}, titles, keep=run.keep)
    boxes, missing = _by_sheet(whole.log.boxes), _by_sheet(whole.log.missing)
    made = {}
    for sheet in sheets:
        moved = tuple(_moved(box, starts[sheet.name]) for box in boxes.get(sheet.name, ()))
        lost = tuple(missing.get(sheet.name, ()))
        part, where = split.parts[sheet.name], pages[sheet.name]
        made[sheet.name] = SheetPdf(
            sheet.name, part, len(where), first=where.start, boxes=moved, missing=lost
        )
    return made, split.pages, whole.passes


def _by_sheet(noted: Iterable[Noted]) -> dict[str, list[Noted]]:
    """Return what the log notes, by the sheet that it is in."""
    found: dict[str, list[Noted]] = {}
    for each in noted:
        found.setdefault(each.sheet, []).append(each)
    return found


def _finds_out(run: Run, sheets: Sequence[Sheet]) -> bool:
    """Return whether a sheet more is cheaper than a second pass."""
    return run.pages is None and len(sheets) > 1


def _set_before(sheet: Sheet, preamble: str, figures: Mapping[str, FigurePdf]) -> str:
    """Return TeX that sets a sheet under a name that no sheet has, for the next one to know how long it is."""
    text, _ = _sheet_text(replace(sheet, name=f"length:{sheet.name}"), preamble, figures)
    return f"{text}\\makeatletter\\global\\sheet@rerunfalse\\makeatother\n"  # its own guess does not matter


def _sheet_text(sheet: Sheet, preamble: str, figures: Mapping[str, FigurePdf]) -> tuple[str, list[str]]:
    """Return a sheet's TeX and the keys of the PDFs it includes; it has as many lines either way."""
    lines = [f"\\begin{{sheet}}{{{sheet.name}}}\n"]
    placed = []
    for name, tex in sheet.figures.items():
        inline = definition(name, tex)
        key = figure_key(preamble, tex) if figures else ""
        if key in figures:
            placed.append(key)
            inline = figures[key].placed(name) + "%\n" * inline.count("\n")
        lines.append(inline)
    body = sheet.body if sheet.body.endswith("\n") else f"{sheet.body}\n"
    return f"{''.join(lines)}{body}\\end{{sheet}}\n", placed


def _needed(run: Run) -> dict[str, str]:
    return {figure_key(run.preamble, tex): tex for sheet in run.sheets for tex in sheet.figures.values()}


def _typeset(
    figures: Mapping[str, str],
    preamble: str,
    engine: Engine | None,
    seconds: float,
    executor: Executor | None,
) -> dict[str, FigurePdf]:
    keys = list(figures)
    some = [
        {key: figures[key] for key in keys[start : start + FIGURES_PER_RUN]}
        for start in range(0, len(keys), FIGURES_PER_RUN)
    ]
    limit = seconds + FURTHER_SECONDS * FIGURES_PER_RUN
    if executor is None:
        done = [typeset_figures(preamble, part, engine=engine, time_limit=limit) for part in some]
    else:
        futures = [
            executor.submit(typeset_figures, preamble, part, engine=engine, time_limit=limit) for part in some
        ]
        done = [future.result() for future in futures]
    return {key: figure for made, _ in done for key, figure in made.items()}


def _limit(run: Run, count: int) -> float:
    return run.seconds + FURTHER_SECONDS * max(0, count - 1)


def _assets(sheets: Sequence[Sheet]) -> dict[str, bytes]:
    assets: dict[str, bytes] = {}
    for sheet in sheets:
        for name, data in sheet.assets.items():
            if assets.setdefault(name, data) != data:
                raise ValueError(f"two files of one name that differ: {name}")
    return assets


def _moved(box: BadBox, start: int) -> BadBox:
    """Count a box's lines in the sheet's own document, where nothing stands before it."""
    return replace(
        box,
        first=None if box.first is None else box.first - start,
        last=None if box.last is None else box.last - start,
    )


def _figure_failure(sheet: Sheet, preamble: str, faults: Mapping[str, TexError]) -> SheetFailure:
    line = LatexSource(preamble, "").preamble_lines + 2  # \begin{document}, \begin{sheet}
    for name, tex in sheet.figures.items():
        error = faults.get(figure_key(preamble, tex))
        if error is not None:
            within = error.fault.line
            # Its first line stands below that of \definefigure.
            fault = replace(error.fault, line=None if within is None else line + 1 + within)
            return SheetFailure(sheet.name, fault, name)
        line += definition(name, tex).count("\n")
    raise LookupError(sheet.name)
