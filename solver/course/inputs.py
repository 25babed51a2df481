"""What an output depends on, as digests by name: the problem, the templates, the notation, the program, the engine.

An output is up to date when all of them are what they were. They are kept apart, not hashed into one, so that it can be
said which of them changed.

The program is identified by its own source, not by its version alone: whoever edits a module of an editable installation
gets new documents. Packages that write bytes are part of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import ZLIB_RUNTIME_VERSION

from solver import __version__
from solver.errors import Fault, InputError

if TYPE_CHECKING:
    from solver.spec.model import Model

PACKAGES = ("jinja2", "numpy", "pikepdf", "pylatex", "pypdfium2", "python-flint", "sympy")
"""Packages whose release can change a byte of what is written."""

LARGEST_TEMPLATE = 10_000_000
"""Bytes of one template; more is no template."""

_FAMILY = {"pdf": "latex", "tex": "latex", "md": "markdown", "html": "html"}


def digest(*parts: str | bytes) -> str:
    """Return SHA-256 of some parts, in hexadecimal; where one ends and the next begins counts."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big"))
        whole.update(data)
    return whole.hexdigest()


def file_digest(file: Path) -> str:
    """Return SHA-256 of a file's bytes as `FileModel.digest` has it; "" where there is no such file."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def model_digest(model: Model | None) -> str:
    """Return a name for the settings of a table; "" where there is none."""
    return "" if model is None else digest(json.dumps(model.model_dump(mode="json"), sort_keys=True))[:16]


@lru_cache(maxsize=1)
def program_identity() -> str:
    """Return what this program is: its version, its source, and the packages that write bytes."""
    from importlib.metadata import PackageNotFoundError, version

    package = Path(__file__).resolve().parents[1]
    source = _folder_digest(package, sorted(package.rglob("*.py")))
    releases = []
    for name in PACKAGES:
        try:
            releases.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            releases.append(f"{name} -")
    releases.append(f"zlib {ZLIB_RUNTIME_VERSION}")  # Python's own, which compresses parts of each PDF
    return f"{__version__}+{digest(source, *releases)[:16]}"


def _folder_digest(root: Path, files: Iterable[Path]) -> str:
    return digest(
        *(part for file in files for part in (file.relative_to(root).as_posix(), file.read_bytes()))
    )


@dataclass(frozen=True)
class Styling:
    """A teacher's templates as they were when the build began, ready to travel to another process or machine.

    Attributes:
        folder: Where they stand, for messages; None where the course has none of its own.
        files: Their content by relative path; None: they are read where they stand, by processes of this machine.
    """

    folder: Path | None = None
    files: tuple[tuple[str, bytes], ...] | None = ()

    def digest_for(self, formats: Iterable[str]) -> str:
        """Return a name for the templates that some formats use, the shipped ones included."""
        families = sorted({_FAMILY[name] for name in formats if name in _FAMILY})
        own = [
            part
            for path, content in self.files or ()
            if path.split("/", 1)[0] in families
            for part in (path, content)
        ]
        return digest(*(_shipped(family) for family in families), *own)[:16]

    def unpacked(self) -> Path | None:
        """Return a folder with these templates, the same for everyone on this machine; None where there are none."""
        if self.folder is None or self.files is None:
            return self.folder
        from solver.engines.cache import cache_folder, publish

        root = cache_folder() / "templates" / digest(*(part for file in self.files for part in file))[:32]
        for path, content in self.files:
            if not (root / path).is_file():
                publish(content, root / path)
        root.mkdir(parents=True, exist_ok=True)
        return root


def read_styling(folder: Path | None) -> Styling:
    """Return the templates of a folder.

    Raises:
        InputError: One cannot be read.
    """
    if folder is None:
        return Styling()
    files = []
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        if file.is_dir() or any(part.startswith(".") for part in path.parts):
            continue
        try:
            if file.stat().st_size > LARGEST_TEMPLATE:
                raise InputError(Fault("too large for a template", file, expected="at most 10 MB"))
            files.append((path.as_posix(), file.read_bytes()))
        except OSError as error:
            raise InputError(Fault(f"the file cannot be read: {error.strerror}", file)) from None
    return Styling(folder, tuple(files))


@lru_cache(maxsize=8)
def _shipped(family: str) -> str:
    from solver.writers.locations import template_root

    root = template_root() / family
    return _folder_digest(root, sorted(file for file in root.rglob("*") if file.is_file()))


_WHY: Mapping[str, str] = {
    "problem": "the problem changed",
    "exam": "the exam changed",
    "seed": "the seed changed",
    "formats": "other formats",
    "sheets": "other sheets",
    "notation": "the course's notation changed",
    "numbers": "the course's digits changed",
    "templates": "the templates changed",
    "engine": "another pdfLaTeX",
    "program": "another version of the program",
}


def difference(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return in words which inputs differ, the first two of them; "" where none does."""
    changed = [name for name in now if before.get(name) != now[name]]
    changed += [name for name in before if name not in now]
    words = [_WHY.get(name, f"{name} changed") for name in changed]
    return words[0] if len(words) == 1 else ", ".join(words[:2]) + (" and more" if len(words) > 2 else "")
