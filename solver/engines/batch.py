"""Many sheets, few runs of TeX: the cost of a sheet falls to what its pages cost.

Starting TeX and finding its place costs more than a page of formulas. So some fifty sheets share a run, figures that
several runs need can be typeset before, and the PDF is taken apart at the marks the run itself wrote. A run is a
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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from solver.engines.compile import TexError, compile_latex
from solver.engines.figures import PLACE, FigurePdf, definition, figure_key, typeset_figures
from solver.engines.isolate import isolate
from solver.engines.log import BadBox, MissingCharacter, TexFault
from solver.engines.marks import sheet_pages
from solver.engines.runs import Run, RunResult, Sheet, SheetFailure, SheetPdf
from solver.engines.source import LatexSource
from solver.engines.split import split_pdf

FURTHER_SECONDS = 4.0
Noted = TypeVar("Noted", BadBox, MissingCharacter)

_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")


def sheet_source(preamble: str, sheet: Sheet) -> LatexSource:
    """Return the document of one sheet; with its assets beside it, it compiles alone with a plain pdflatex."""
    return LatexSource(preamble, _sheet_text(sheet, preamble, {})[0])


def compile_run(run: Run) -> RunResult:
    """Compile the sheets of one run; a sheet with a fault is named, and all the others are made.

    Args:
        run: Says all.

    Returns:
        The sheets and failures; the same for the same run, on any machine with the same engine.

    Raises:
        TexError: The preamble has a fault.
        EngineError: There is no engine, or no room to work in.
        ValueError: A name is not plain, two sheets have one, or files of one name differ.
    """
    _check_names(run.sheets)
    needed = {figure_key(run.preamble, tex): tex for sheet in run.sheets for tex in sheet.figures.values()}
    own = {key: tex for key, tex in needed.items() if key not in run.placed}
    made, faults = typeset_figures(run.preamble, own, time_limit=_limit(run, len(own)))
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


def _check_names(sheets: Sequence[Sheet]) -> None:
    odd = [name for sheet in sheets for name in (sheet.name, *sheet.figures) if not _NAME.fullmatch(name)]
    if odd:
        raise ValueError(f"not a plain name of a sheet or figure: {', '.join(map(repr, odd))}")
    twice = [name for name, count in Counter(sheet.name for sheet in sheets).items() if count > 1]
    if twice:
        raise ValueError(f"sheets of one name: {', '.join(twice)}")


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
