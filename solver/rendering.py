"""From problem files to documents on disk: load, build, explain, write, compile; files appear whole or not at all.

All text of a file is made before the first byte is written, so a fault leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from solver.errors import Fault, InputError
from solver.files import write_whole

if TYPE_CHECKING:
    from solver.document.nodes import Document
    from solver.spec import Problem

Progress = Callable[[int, int, str], None]
"""Called as (done, total, what) before each document."""


@dataclass(frozen=True)
class Target:
    """One document to make: a problem (or a variant of it) and the folder that its files go to."""

    problem: Problem
    folder: Path


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
        progress: Told before each document.

    Raises:
        InputError: A file cannot be used; of several files all faults at once.
        EngineError: TeX failed.
    """
    targets = _targets(files, out, variants, seed)
    for number, target in enumerate(targets):
        if progress is not None:
            progress(number, len(targets), str(target.folder))
        for path, content in _contents(target, formats, view, templates):
            write_whole(path, content)
            yield path


def _targets(files: Sequence[Path], out: Path, variants: int | None, seed: int | None) -> list[Target]:
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
    targets: list[Target] = []
    for file, problem in zip(files, problems, strict=True):
        folder = out / file.stem
        if variants is None:
            targets.append(Target(problem, folder))
            continue
        from solver.variants import draw_variants

        drawn = draw_variants(problem, range(1, variants + 1), seed=seed)
        targets += [Target(variant, folder / str(number)) for number, variant in enumerate(drawn, start=1)]
    return targets


def _same_names(files: Sequence[Path]) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for file in files:
        other = seen.setdefault(file.stem, file)
        if other is not file:
            yield Fault("two problems would write to one folder", file=file, found=f'"{file.stem}", as {other}',
                        expected="files with different names, or one call for each")  # fmt: skip


def _contents(
    target: Target, formats: Sequence[str], view: str, templates: Path | None
) -> list[tuple[Path, bytes]]:
    """Return every file of one document with its content."""
    from solver.trace.faults import faults_of

    problem = target.problem
    found: list[tuple[Path, bytes]] = []
    texts = [name for name in formats if name != "json"]
    with faults_of(problem):
        if texts:
            document = document_of(problem, view)
            for name in texts:
                found += _written(document, name, target.folder, view, templates)
        if "json" in formats:
            found.append((target.folder / f"{view}.json", _json(problem)))
    return found


def document_of(problem: Problem, view: str) -> Document:
    """Return the document of a problem in a view."""
    from solver.document.explain import explain

    if view == "errata":
        from solver.review.errata import errata_of

        return errata_of(problem)
    if view == "sheet":
        from solver.document.views import view_of

        return view_of(explain(problem, checked=False, drawn_values=False), problem, view)
    document = explain(problem)
    if view == "key":
        from solver.exercises.key_view import key_of

        return key_of(document, problem)
    return document


def _written(
    document: Document, name: str, folder: Path, stem: str, templates: Path | None
) -> list[tuple[Path, bytes]]:
    """Return the files of a document in one format; PDF is LaTeX, compiled."""
    from solver.writers.formats import write

    if name == "pdf":
        from solver.engines.compile import compile_latex
        from solver.engines.source import LatexSource
        from solver.writers.latex import write_latex

        latex = write_latex(document, templates=templates)
        return [(folder / f"{stem}.pdf", compile_latex(LatexSource(latex.preamble, latex.body)).pdf)]
    written = write(document, name, stem=stem, templates=templates)
    return [(folder / path, content) for path, content in written.items()]


def _json(problem: Problem) -> bytes:
    import json

    from solver.solution import solve_problem

    return (json.dumps(solve_problem(problem), ensure_ascii=False, allow_nan=False) + "\n").encode()
