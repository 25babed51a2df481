"""PDFs of documents, while the next ones are being written: TeX runs are processes of their own, one a core.

A problem file is a run of its own, so that its PDF has the same bytes whatever is rendered beside it. Variants of one
problem share a run, since starting TeX costs more than the pages of a variant (see `engines.batch`). pdfTeX embeds a
font once a run, with the characters of all its documents; so a run of variants always holds ten, the number divided by
ten telling which, and the bytes of a variant do not depend on how many are asked for.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TypeVar

from solver.engines.batch import compile_run
from solver.engines.compile import compile_latex
from solver.engines.cores import available_cores
from solver.engines.runs import Run, Sheet
from solver.engines.source import LatexSource
from solver.errors import EngineError
from solver.writers.latex import LatexFile
from solver.writers.latex_sheet import figures_apart

Pdf = bytes | EngineError
"""What became of a document."""

T = TypeVar("T")
U = TypeVar("U")


def alone(file: LatexFile) -> list[Pdf]:
    """Return the PDF of one document."""
    try:
        return [compile_latex(LatexSource(file.preamble, file.body)).pdf]
    except EngineError as error:
        return [error]


def together(files: Sequence[LatexFile]) -> list[Pdf]:
    """Return the PDFs of documents with one preamble; one that has a fault takes no other with it."""
    shown = Counter(tex for file in files for tex in set(figures_apart(file.content)[1].values()))
    # A figure that one document alone shows is typeset where it stands.
    shared = {tex for tex, count in shown.items() if count > 1}
    sheets = [
        Sheet(str(place), *figures_apart(file.content, shared), title=file.title)
        for place, file in enumerate(files)
    ]
    try:
        result = compile_run(Run(tuple(sheets), files[0].preamble))
    except EngineError as error:
        return [error for _ in files]
    made: dict[str, Pdf] = {sheet.name: sheet.pdf for sheet in result.sheets}
    for failure in result.failures:
        line = f" at line {failure.fault.line}" if failure.fault.line is not None else ""
        made[failure.name] = EngineError(
            f"pdfLaTeX stopped{line}: {failure.fault.message}", failure.fault.context
        )
    return [made[sheet.name] for sheet in sheets]


def ahead(pieces: Iterator[T], work: Callable[[Executor, T], Future[U]]) -> Iterator[tuple[T, U]]:
    """Yield pieces in order with what their work gives, while the work of the next ones goes on.

    Args:
        pieces: Made one after the other, here.
        work: Hands the work of a piece over.

    Raises:
        Exception: What making a piece raises, after all pieces before it.
    """
    waiting: deque[tuple[T, Future[U]]] = deque()
    fault: Exception | None = None
    with ThreadPoolExecutor(available_cores()) as executor:
        try:
            while True:
                try:
                    piece = next(pieces)
                except StopIteration:
                    break
                except Exception as error:  # noqa: BLE001 - raised again below
                    fault = error
                    break
                waiting.append((piece, work(executor, piece)))
                if len(waiting) > available_cores():
                    first, future = waiting.popleft()
                    yield first, future.result()
            for piece, future in waiting:
                yield piece, future.result()
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
    if fault is not None:
        raise fault
