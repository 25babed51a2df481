"""Templates: found in the teacher's folder first, escaped by default, and their faults reported with file and line.

Every format has the same template language: Jinja with ``<< value >>``, ``<% statement %>`` and ``<# comment #>``, which
collide neither with TeX nor with HTML. A value that is plain text is escaped for the format; only what a writer made
itself (`Raw`) is printed as it is. A name that a template does not know is a fault, not an empty string.

A template named ``latex/note.tex`` is looked for in the teacher's folder, then among the shipped ones; under
``default/latex/note.tex`` it is always the shipped one, so that an override can extend or include it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from solver.errors import Fault, InputError, nearest_name
from solver.writers.frames import Frame, only_prints, places
from solver.writers.locations import template_root

Escape = Callable[[str], str]

MOST_FRAMES: Final = 4096
"""Uses of templates that are remembered; past it, it begins anew."""

SHIPPED: Final = "default"
"""The first part of the name under which a shipped template is always found."""


class Raw(Markup):
    """Text in the language of the output, made by a writer: not escaped again."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of one format.

    Attributes:
        family: The folder of the format: "latex".
        suffix: How its templates end: ".tex".
        environment: Jinja, set up for this format and this teacher's folder.
        folder: The teacher's folder, if there is one.
    """

    family: str
    suffix: str
    environment: Environment
    folder: Path | None
    _frames: dict[Hashable, Frame | None] = field(default_factory=dict, repr=False, compare=False)
    _exported: dict[Hashable, Mapping[str, object]] = field(default_factory=dict, repr=False, compare=False)

    def render(self, name: str, /, **values: object) -> str:
        """Return one template filled in.

        Args:
            name: Without folder and suffix: "note".
            values: What the template may use; plain text is escaped.

        Raises:
            InputError: The template has a fault; the fault says where.
        """
        path = f"{self.family}/{name}{self.suffix}"
        try:
            # A plain string: joining `Raw` with one would escape the other.
            return str(self.environment.get_template(path).render(values)).strip("\n")
        except Exception as error:
            raise self._refused(path, error, values) from error

    def render_around(
        self, name: str, parts: Mapping[str, str | Sequence[str]], /, **values: Hashable
    ) -> str:
        """Return one template filled in, rendered once for all parts where it does nothing with them but print them.

        Args:
            name: Without folder and suffix: "note".
            parts: What differs from one use to the next: text in the language of the output, or lists of it.
            values: What else the template may use; plain text is escaped.

        Raises:
            InputError: The template has a fault; the fault says where.
        """
        sizes = tuple(None if isinstance(part, str) else len(part) for part in parts.values())
        try:
            # Another object once its file is changed.
            template = self.environment.get_template(f"{self.family}/{name}{self.suffix}")
        except TemplateError:
            template = None  # told where it is rendered
        key = template, tuple(parts), sizes, tuple(values.items())
        if key not in self._frames:
            if len(self._frames) >= MOST_FRAMES:
                self._frames.clear()
            self._frames[key] = self._frame(name, parts, values)
        frame = self._frames[key]
        if frame is None:
            own = {
                key: Raw(part) if isinstance(part, str) else list(map(Raw, part))
                for key, part in parts.items()
            }
            return self.render(name, **values, **own)
        texts = [text for part in parts.values() for text in ((part,) if isinstance(part, str) else part)]
        return frame.around(texts).strip("\n")

    def _frame(
        self, name: str, parts: Mapping[str, str | Sequence[str]], values: Mapping[str, Hashable]
    ) -> Frame | None:
        """Return what a template prints around its parts, None where it looks into them."""
        path = f"{self.family}/{name}{self.suffix}"
        try:
            assert self.environment.loader is not None
            source, _, _ = self.environment.loader.get_source(self.environment, path)
            tree = self.environment.parse(source)
        except TemplateError:
            return None  # told where it is rendered
        if not only_prints(tree, {key: not isinstance(part, str) for key, part in parts.items()}):
            return None
        given: dict[str, object] = dict(values)
        first = 0
        for key, part in parts.items():
            count = 1 if isinstance(part, str) else len(part)
            own = list(map(Raw, places(count, first)))
            given[key] = own[0] if isinstance(part, str) else own
            first += count
        return Frame.of(self.render(name, **given))

    def exported(self, name: str, /, **values: object) -> Mapping[str, object]:
        """Return the names that a template sets at its top level.

        Raises:
            InputError: The template has a fault; the fault says where.
        """
        path = f"{self.family}/{name}{self.suffix}"
        try:
            template = self.environment.get_template(path)
            key = template, repr(values)
            if key not in self._exported:
                self._exported[key] = dict(vars(template.make_module(values)))
            return self._exported[key]
        except Exception as error:
            raise self._refused(path, error, values) from error

    def file_of(self, name: str) -> str:
        """Return the file that a template is read from."""
        path = f"{self.family}/{name}{self.suffix}"
        return str(self._file(path))

    def _refused(self, path: str, error: Exception, values: Mapping[str, object]) -> Exception:
        """Return what to raise for a fault in a template; other exceptions are a mistake of the program."""
        if isinstance(error, InputError):
            return error
        if isinstance(error, TemplateSyntaxError):
            file = error.filename or self._file(error.name or path)
            return InputError(Fault(error.message or "syntax error", file=file, line=error.lineno))
        if isinstance(error, TemplateNotFound):
            missing = str(error.name)
            nearest = nearest_name(missing, self.environment.list_templates()) if missing != path else ""
            place = self._line(error)
            file, line = place if place is not None else (self._file(path), None)
            return InputError(Fault("no such template", file=file, line=line, found=missing, nearest=nearest))
        place = self._line(error)
        if place is None and not isinstance(error, TemplateError):
            return error
        file, line = place if place is not None else (self._file(path), None)
        words = str(error) or type(error).__name__
        return InputError(Fault(words, file=file, line=line, expected=f"one of: {', '.join(sorted(values))}"))

    def _line(self, error: Exception) -> tuple[str, int] | None:
        """Return the template and the line in which an exception arose, the innermost one."""
        roots = [str(root) for root in (self.folder, template_root()) if root is not None]
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if frame.lineno is not None and any(frame.filename.startswith(root) for root in roots):
                return frame.filename, frame.lineno
        return None

    def _file(self, path: str) -> Path:
        own = self.folder / path if self.folder is not None else None
        return own if own is not None and own.is_file() else template_root() / path


def load_templates(family: str, suffix: str, escape: Escape, folder: Path | None = None) -> Templates:
    """Return the templates of a format.

    Args:
        family: The folder of the format: "latex".
        suffix: How its templates end: ".tex".
        escape: Makes plain text harmless in the format.
        folder: A teacher's folder, laid out like the shipped one; its files come first.

    Raises:
        InputError: The folder is not there.
    """
    if folder is not None and not folder.is_dir():
        raise InputError(
            Fault("no such folder of templates", file=folder, expected=f'a folder with "{family}/" in it')
        )
    return _load(family, suffix, escape, folder.resolve() if folder is not None else None)


@lru_cache(maxsize=32)
def _load(family: str, suffix: str, escape: Escape, folder: Path | None) -> Templates:
    shipped = FileSystemLoader(template_root())
    own = [FileSystemLoader(folder)] if folder is not None else []
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*own, PrefixLoader({SHIPPED: shipped}), shipped]),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_finalizer(escape),
        auto_reload=folder is not None,
    )
    return Templates(family, suffix, environment, folder)


def _finalizer(escape: Escape) -> Callable[[Any], Any]:
    def finalize(value: object) -> object:
        """Return a value as it is printed: escaped, unless a writer or a template made it."""
        if isinstance(value, (Markup, StrictUndefined)):
            return value
        return Raw(escape("" if value is None else str(value)))

    return finalize
