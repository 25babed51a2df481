"""One handout in one format: the same bytes that `render` writes, and for a PDF a picture of its first page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solver.course.inputs import Styling, digest, model_digest
from solver.course.job import Made, Task
from solver.errors import Fault, InputError

if TYPE_CHECKING:
    from solver.document.nodes import Document
    from solver.spec import Course, Problem
    from solver.spec.course import Handout
    from solver.spec.options import Notation, Numbers

THUMBNAILS = "thumbnails"
"""Folder of the pictures that the landing page shows."""


@dataclass(frozen=True)
class HandoutJob:
    """Makes one handout in one format.

    Attributes:
        content: The problem file's bytes.
        file: Its name, for messages.
        place: Folder of the handout, below the course's.
        view: "solution", "sheet", "key" or "errata".
        to: The format.
        styling: The course's templates.
        notation: Letters of the whole course, instead of the problem's.
        numbers: Digits of the whole course, instead of the problem's.
    """

    content: bytes
    file: Path
    place: str
    view: str
    to: str
    styling: Styling
    notation: Notation | None
    numbers: Numbers | None

    def __call__(self) -> Made:
        """Make the files.

        Raises:
            InputError: The problem or a template has a fault.
            EngineError: TeX failed.
        """
        from solver.rendering import document_of
        from solver.trace.faults import faults_of

        problem = self._problem()
        data: dict[str, Any] = {"title": problem.title, "source": problem.source}
        with faults_of(problem):
            if self.to == "json":
                return Made({self._path(f"{self.view}.json"): _json(problem)}, data)
            document = document_of(problem, self.view)
        try:
            return self._written(document, data)
        except InputError as error:
            raise self._renamed(error) from None

    def _problem(self) -> Problem:
        from solver.spec import loads_problem
        from solver.spec.source import decoded

        problem = loads_problem(decoded(self.content, self.file, "a problem file"), self.file)
        return styled(problem, self.notation, self.numbers)

    def _written(self, document: Document, data: dict[str, Any]) -> Made:
        templates = self.styling.unpacked()
        if self.to != "pdf":
            from solver.writers.formats import write

            written = write(document, self.to, stem=self.view, templates=templates)
            return Made({self._path(path): content for path, content in written.items()}, data)
        from solver.course.thumbnail import thumbnail
        from solver.engines.compile import compile_latex
        from solver.engines.source import LatexSource
        from solver.writers.latex import write_latex

        latex = write_latex(document, templates=templates)
        made = compile_latex(LatexSource(latex.preamble, latex.body))
        picture = f"{THUMBNAILS}/{self.place}/{self.view}.png"
        files = {self._path(f"{self.view}.pdf"): made.pdf, picture: thumbnail(made.pdf)}
        return Made(files, data | {"pages": made.pages, "thumbnail": picture})

    def _path(self, name: str) -> str:
        return f"{self.place}/{name}"

    def _renamed(self, error: InputError) -> InputError:
        return templates_named(error, self.styling)


def styled(problem: Problem, notation: Notation | None, numbers: Numbers | None) -> Problem:
    """Return a problem in the style of its course."""
    changes = {"notation": notation, "numbers": numbers}
    given = {name: value for name, value in changes.items() if value is not None}
    return problem.model_copy(update=given) if given else problem


def templates_named(error: InputError, styling: Styling) -> InputError:
    """Return an error whose faults name the teacher's own templates, rather than the copies that were read."""
    unpacked = styling.unpacked()
    if unpacked is None or styling.folder is None or unpacked == styling.folder:
        return error
    faults = [_moved(fault, unpacked, styling.folder) for fault in error.faults]
    return InputError(faults)


def _moved(fault: Fault, start: Path, to: Path) -> Fault:
    try:
        return replace(fault, file=to / Path(fault.file).resolve().relative_to(start.resolve()))
    except ValueError:
        return fault


def handout_tasks(
    course: Course, handout: Handout, content: bytes, styling: Styling, program: str, engine: str
) -> Iterable[Task]:
    """Yield one task per format of a handout.

    Args:
        course: The course.
        handout: One of its handouts.
        content: The bytes of its problem file.
        styling: The course's templates.
        program: See `program_identity`.
        engine: Identity of the pdfLaTeX.
    """
    style = course.style
    shared = {
        "problem": digest(content)[:16],
        "name": Path(handout.problem).stem,
        "view": handout.view,
        "notation": model_digest(style.notation),
        "numbers": model_digest(style.numbers),
        "program": program,
    }
    for name in handout.to:
        inputs: Mapping[str, str] = {**shared, "templates": styling.digest_for([name])}
        if name == "pdf":
            inputs = {**inputs, "engine": engine}
        job = HandoutJob(
            content, course.beside(handout.problem), handout.place, handout.view, name, styling, style.notation,
            style.numbers,
        )  # fmt: skip
        yield Task(f"{handout.place}/{handout.view}.{name}", inputs, 1, job)


def _json(problem: Problem) -> bytes:
    import json

    from solver.solution import solve_problem

    return (json.dumps(solve_problem(problem), ensure_ascii=False, allow_nan=False) + "\n").encode()
