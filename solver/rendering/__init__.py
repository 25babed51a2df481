"""From problem files to documents on disk: load, build, explain, write, compile; files appear whole or not at all.

All texts of a document are made before its first byte is written, so a fault leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from solver.errors import EngineError, Fault, InputError
from solver.files import write_whole
from solver.rendering.documents import document_of, texts_of

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from solver.rendering.runs import Pdf
    from solver.spec import Problem
    from solver.writers.latex import LatexFile

__all__ = ["Progress", "document_of", "render_files"]

Progress = Callable[[int, int, str], None]
"""Called as (done, total, what) for each document, when it is ready to be written."""


@dataclass(frozen=True)
class Target:
    """One document to make: a problem (or a variant of it), and the folder that its files go to."""

    problem: Problem
    folder: Path


@dataclass(frozen=True)
class Group:
    """Documents whose PDFs are made in one run.

    Attributes:
        targets: Those asked for.
        fillers: Further variants that belong to the run, asked for or not (see `runs`).
    """

    targets: tuple[Target, ...]
    fillers: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Order:
    """What is wanted of each problem; see `render_files`."""

    formats: tuple[str, ...]
    view: str
    templates: Path | None


@dataclass(frozen=True)
class Written:
    """A group whose texts are made: the files of each target but its PDF, and the LaTeX of the whole run."""

    group: Group
    texts: tuple[dict[str, bytes], ...]
    latex: tuple[LatexFile, ...]


def render_files(
    files: Sequence[Path],
    formats: Sequence[str],
    out: Path,
    *,
    view: str = "solution",
    variants: int | None = None,
    seed: int | None = None,
    templates: Path | None = None,
    progress: Progress | None = None,
) -> Iterator[Path]:
    """Write the documents of problem files and yield each file written.

    Args:
        files: Problem files.
        formats: Of "pdf", "tex", "md", "html", "json".
        out: One folder per problem is made in it.
        view: "solution", "sheet", "key" or "errata".
        variants: Draw so many variants of each problem, into numbered folders; None renders it as written.
        seed: Seed of the draws, instead of the file's.
        templates: A folder whose templates come before the shipped ones.
        progress: Told of each document.

    Raises:
        InputError: A file cannot be used; of several files all faults at once.
        EngineError: TeX failed, for some documents or for all; the others are written.
    """
    order = Order(tuple(formats), view, templates)
    groups = _groups(files, out, variants, seed, order)
    total, done = sum(len(group.targets) for group in groups), 0
    failures: list[tuple[Path, EngineError]] = []
    for written, pdfs in _made(groups, order):
        for place, (target, texts) in enumerate(zip(written.group.targets, written.texts, strict=True)):
            if progress is not None:
                progress(done, total, str(target.folder))
            done += 1
            found = dict(texts)
            if pdfs is not None:
                pdf = pdfs[place]
                if isinstance(pdf, EngineError):
                    failures.append((target.folder / f"{view}.pdf", pdf))
                    continue
                found = {f"{view}.pdf": pdf} | found
            for name, content in found.items():
                write_whole(target.folder / name, content)
                yield target.folder / name
    _report(failures, total)


def _made(groups: Sequence[Group], order: Order) -> Iterator[tuple[Written, list[Pdf] | None]]:
    texts = (_written(group, order) for group in groups)
    if "pdf" not in order.formats:
        yield from ((written, None) for written in texts)
        return
    from solver.rendering.runs import ahead, alone, together

    def compiled(executor: Executor, written: Written) -> Future[list[Pdf]]:
        if len(written.latex) == 1:
            return executor.submit(alone, written.latex[0])
        return executor.submit(together, written.latex)

    yield from ahead(texts, compiled)


def _written(group: Group, order: Order) -> Written:
    from solver.trace.faults import faults_of

    texts: list[dict[str, bytes]] = []
    latex: list[LatexFile] = []
    for target in group.targets:
        with faults_of(target.problem):
            document = None if order.formats == ("json",) else document_of(target.problem, order.view)
            texts.append(texts_of(target.problem, document, order.formats, order.view, order.templates))
            if document is not None and "pdf" in order.formats:
                from solver.writers.latex import write_latex

                latex.append(write_latex(document, templates=order.templates))
    for problem in group.fillers:
        latex.append(write_latex(document_of(problem, order.view), templates=order.templates))
    return Written(group, tuple(texts), tuple(latex))


def _groups(
    files: Sequence[Path], out: Path, variants: int | None, seed: int | None, order: Order
) -> list[Group]:
    problems = _loaded(files)
    if variants is None:
        return [
            Group((Target(problem, out / file.stem),)) for file, problem in zip(files, problems, strict=True)
        ]
    from solver.rendering.drawing import drawn_groups

    return [
        Group(tuple(Target(problem, out / file.stem / str(number)) for number, problem in asked), fillers)
        for file, problem in zip(files, problems, strict=True)
        for asked, fillers in drawn_groups(problem, variants, seed, filled="pdf" in order.formats)
    ]


def _loaded(files: Sequence[Path]) -> list[Problem]:
    from solver.spec import load_problem

    problems: list[Problem] = []
    faults: list[Fault] = []
    for file in files:
        try:
            problems.append(load_problem(file))
        except InputError as error:
            faults.extend(error.faults)
    faults.extend(_same_names(files))
    if faults:
        raise InputError(faults)
    return problems


def _same_names(files: Sequence[Path]) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for file in files:
        other = seen.setdefault(file.stem, file)
        if other is not file:
            yield Fault("two problems would write to one folder", file=file, found=f'"{file.stem}", as {other}',
                        expected="files with different names, or one call for each")  # fmt: skip


def _report(failures: Sequence[tuple[Path, EngineError]], total: int) -> None:
    """Raise what went wrong, if anything did: of a single document its own error, else one that names each."""
    if not failures:
        return
    if total == 1:
        raise failures[0][1]
    said = "\n".join(f"{path}: {error}" for path, error in failures)
    raise EngineError(f"{len(failures)} of {total} documents could not be made", detail=said)
