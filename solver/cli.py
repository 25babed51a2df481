"""The command line: arguments in, exit codes out, nothing else.

Exit codes: 0 done; 1 done, and something found wrong; 2 the input cannot be used; 3 an engine failed; 130 and 143 stopped
by Ctrl-C and by SIGTERM. Every failure is one message on stderr, written by `errors`; a traceback is a bug.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from solver import __version__
from solver.errors import EngineError, InputError, render_failure
from solver.stopping import exit_status, sigterm_raises

# Importing makes many long-lived objects; looking through them for garbage again and again is a tenth of a short run,
# and so is looking once more at the end, when all of them go with the process anyway.
gc.set_threshold(200_000, 50, 50)
atexit.register(gc.freeze)

_FORMATS = ("pdf", "md", "tex", "html", "json")


class _Commands(click.Group):
    """The group of commands: faults of any of them become a message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with sigterm_raises():
                return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            click.echo(
                "Interrupted. What was finished is whole and is kept; run the command again for the rest.",
                err=True,
            )
            ctx.exit(exit_status(stop))
        except (InputError, EngineError) as error:
            click.echo(render_failure(error), err=True)
            ctx.exit(2 if isinstance(error, InputError) else 3)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own business; a reader that has seen enough, as `| head`, ends the run without a word
        except Exception as error:
            # A fault of the program itself: still one message, unless a developer asks for more.
            if os.environ.get("CHAINSHEET_DEBUG"):
                raise
            click.echo(render_failure(error), err=True)
            click.echo(
                "This is a mistake in the program, not in your file; CHAINSHEET_DEBUG=1 shows where.",
                err=True,
            )
            ctx.exit(3)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="chainsheet")
def main() -> None:
    """Worked solutions of backpropagation, proven right to the last printed digit.

    \b
    Start with
      python -m solver new my-problem.toml        a commented problem to edit
      python -m solver render my-problem.toml     its worked solution as PDF and Markdown
    """


def _files(required: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.argument(
        "files", nargs=-1, required=required, type=click.Path(path_type=Path), metavar="FILE..."
    )


# Options that several commands share.
_SEED = click.option(
    "--seed", type=click.IntRange(min=0), default=None, help="Seed of the draws, instead of the file's."
)
_ROSTER = click.option(
    "--roster", type=click.Path(path_type=Path), default=None, metavar="CSV",
    help="Students, instead of the file's own roster.",
)  # fmt: skip
_OUT = click.option(
    "--out", type=click.Path(path_type=Path), default=Path("output"), show_default=True,
    help="Folder for the results.",
)  # fmt: skip
_TEMPLATES = click.option(
    "--templates", type=click.Path(path_type=Path, file_okay=False), default=None,
    help="Folder whose templates come before the shipped ones.",
)  # fmt: skip


@main.command()
@_files()
@click.option(
    "--to",
    "formats",
    default="pdf,md",
    show_default=True,
    help=f"Formats, with commas: {', '.join(_FORMATS)}.",
)
@_OUT
@click.option(
    "--view",
    type=click.Choice(["solution", "sheet", "key", "errata"]),
    default="solution",
    show_default=True,
    help="What the document shows.",
)
@click.option("--variants", type=click.IntRange(min=1), default=None, help="Render this many drawn variants.")
@_SEED
@_TEMPLATES
def render(
    files: tuple[Path, ...],
    formats: str,
    out: Path,
    view: str,
    variants: int | None,
    seed: int | None,
    templates: Path | None,
) -> None:
    """Write the worked solution of each problem.

    \b
    Examples
      python -m solver render problems/padhai-multiple-paths.toml
      python -m solver render problems/*.toml --to pdf,html --out handouts
    """
    from solver.course.progress import shown_progress
    from solver.rendering import render_files

    wanted = _formats(formats)
    written: list[Path] = []
    with shown_progress() as tell:
        progress = None if tell is None else (lambda done, total, what: tell("documents", done, total))
        for path in render_files(
            files,
            wanted,
            out,
            view=view,
            variants=variants,
            seed=seed,
            templates=templates,
            progress=progress,
        ):
            # Where somebody watches a bar, the names come after it; a program gets each at once.
            if tell is None:
                click.echo(path)
            else:
                written.append(path)
    for path in written:
        click.echo(path)


def _formats(text: str, known: tuple[str, ...] = _FORMATS) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in names:
        if name not in known:
            from solver.errors import Fault, nearest_name

            raise InputError(
                [Fault("unknown format", key="--to", found=f'"{name}"', expected=", ".join(known),
                       nearest=nearest_name(name, known))]
            )  # fmt: skip
    if not names:
        raise click.UsageError("--to names no format")
    return names


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_SEED
@click.option("--variant", type=click.IntRange(min=1), default=None, help="Solve this drawn variant.")
def solve(file: Path, seed: int | None, variant: int | None) -> None:
    """Print every quantity of a problem as JSON.

    \b
    Example
      python -m solver solve problems/four-three-two.toml | python -m json.tool
    """
    import json

    from solver import solve as solve_problem

    form = solve_problem(file, seed=seed, variant=variant)
    json.dump(form, sys.stdout, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


@main.command()
@_files()
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option(
    "--claims",
    "claims_file",
    type=click.Path(path_type=Path),
    default=None,
    metavar="CSV",
    help="Claims beside those of the file: quantity, value, where.",
)
def check(files: tuple[Path, ...], as_json: bool, claims_file: Path | None) -> None:
    """Hold every figure that a published solution prints against the truth.

    Each [[claims]] entry agrees, follows from rounded intermediates, or is wrong; exit status 1 if any is wrong.

    \b
    Examples
      python -m solver check problems/four-three-two.toml
    """
    from solver.review.command import checked, printed

    reviews = checked(files, claims_file)
    click.echo(printed(reviews, as_json=as_json, terminal=sys.stdout.isatty()), nl=False)
    if any(review.is_wrong for review in reviews):
        click.get_current_context().exit(1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out", default="output", show_default=True, metavar="DIR", help="Folder, or URL, for the results."
)
@click.option("--jobs", type=click.IntRange(min=1), default=None, help="Processes; by default one a core.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="Dask scheduler to send the work to.")
@click.option("--force", is_flag=True, help="Make everything anew.")
@click.option("--dry-run", is_flag=True, help="Say what would be made, and why; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Tell what happens as lines of JSON.")
def build(
    file: Path, out: str, jobs: int | None, scheduler: str, force: bool, dry_run: bool, as_json: bool
) -> None:
    """Make every handout and exam of a course, as far as something changed.

    \b
    Examples
      python -m solver build problems/courses/deep-learning.toml
      python -m solver build course.toml --dry-run
      python -m solver build course.toml --out s3://bucket/courses --scheduler tcp://scheduler:8786
    """
    from solver.course.build import Options, build_course
    from solver.course.progress import reporter

    options = Options(out, jobs, scheduler, force, dry_run)
    outcome = build_course(file, options, reporter(as_json=as_json))
    if not as_json:
        for line in outcome.lines():
            click.echo(line)
    for failure in outcome.failures:
        click.echo(failure.text, err=True)
    if outcome.failures:
        click.get_current_context().exit(1)


_EXAM_FORMATS = ("pdf", "tex", "md")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_ROSTER
@click.option(
    "--to",
    "formats",
    default="pdf",
    show_default=True,
    help=f"Formats, with commas: {', '.join(_EXAM_FORMATS)}.",
)
@_OUT
@_SEED
@_TEMPLATES
def exam(
    file: Path, roster: Path | None, formats: str, out: Path, seed: int | None, templates: Path | None
) -> None:
    """Write the sheets and answer keys of an exam.

    \b
    Example
      python -m solver exam problems/exams/midterm.toml --to pdf,tex,md
    """
    from solver.course.exam import exam_files
    from solver.course.progress import shown_progress

    wanted = _formats(formats, _EXAM_FORMATS)
    with shown_progress() as progress:
        files = list(
            exam_files(
                file, wanted, out, roster=roster, seed=seed, templates=templates, progress=progress,
                note=lambda text: click.echo(f"note: {text}", err=True),
            )
        )  # fmt: skip
    for path in files:
        click.echo(path)


@main.command()
@click.argument("exam_file", type=click.Path(path_type=Path), metavar="EXAM")
@click.argument("answers", type=click.Path(path_type=Path), metavar="ANSWERS.csv")
@_ROSTER
@click.option("--to", "formats", default="pdf,md", show_default=True, help="Formats of the reports: pdf, md.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("output"),
    show_default=True,
    help="Where the exam's folder is; the marks go into marks/ in it.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=None, help="Seed of the draws, where no manifest tells it."
)
@click.option("--json", "as_json", is_flag=True, help="Print the marks as JSON.")
@_TEMPLATES
def mark(
    exam_file: Path, answers: Path, roster: Path | None, formats: str, out: Path, seed: int | None, as_json: bool,
    templates: Path | None,
) -> None:  # fmt: skip
    """Mark the answers to an exam: points, mistakes and statistics.

    The file of answers has the column id and a column per answer, as in 1:dL/dW1[3,1].

    \b
    Example
      python -m solver mark problems/exams/midterm.toml answers.csv
    """
    import json

    from solver.course.mark import FORMATS, mark_exam, mark_files, summary, write_marks
    from solver.course.progress import shown_progress

    wanted = _formats(formats, FORMATS)
    with shown_progress() as progress:
        found = mark_exam(exam_file, answers, out, roster=roster, seed=seed, progress=progress)
        files = mark_files(found, wanted, templates=templates)
    paths = list(write_marks(found, out, files))
    if as_json:
        json.dump(found.json(), sys.stdout, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
        return
    for line in summary(found):
        click.echo(line)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    for path in paths:
        click.echo(path)


@main.command()
def schema() -> None:
    """Print the JSON Schema of problem, exam and course files."""
    import json

    from solver.spec import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", default="network", show_default=True, help="Kind of problem to start from.")
def new(file: Path, kind: str) -> None:
    """Write a commented problem to start from; an existing file is left alone.

    \b
    Example
      python -m solver new my-problem.toml --kind recurrent
    """
    from solver.files import write_new
    from solver.spec import new_problem_text

    write_new(file, new_problem_text(kind))
    click.echo(file)
