"""Many documents in one call: each as if it were alone, and one that fails takes no other with it."""

from __future__ import annotations

import io
from collections import deque
from pathlib import Path

import pikepdf
import pytest

from solver.errors import EngineError, InputError
from solver.rendering import render_files

PROBLEM = """
title = "{title}"
[network]
inputs = [1, 2]
targets = [1]
learning_rate = 0.1
[[network.layer]]
weights = [[0.5, -0.25]]
activation = "sigmoid"
[variants.draw]
"W1" = {{ low = -0.9, high = 0.9, step = 0.1, exclude = [0] }}
"""

# TeX stops in documents of one title, or of one weight.
POISON = """<% extends "default/latex/document.tex" %>
<% block title %><% if title == "poison" %>\\nosuchmacro<% endif %><% endblock %>
"""


def problem(folder: Path, title: str) -> Path:
    file = folder / f"{title}.toml"
    file.write_text(PROBLEM.format(title=title), "utf-8")
    return file


def poisoned(folder: Path) -> Path:
    template = folder / "mine" / "latex" / "document.tex"
    template.parent.mkdir(parents=True)
    template.write_text(POISON, "utf-8")
    return folder / "mine"


def rendered(files: list[Path], out: Path, variants: int | None = None) -> dict[str, bytes]:
    paths = render_files(files, ("pdf",), out, variants=variants)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def test_the_bytes_of_a_variant_do_not_depend_on_how_many_are_asked_for(tmp_path: Path) -> None:
    file = problem(tmp_path, "drawn")
    few = rendered([file], tmp_path / "few", 2)
    more = rendered([file], tmp_path / "more", 11)
    assert list(few) == ["drawn/1/solution.pdf", "drawn/2/solution.pdf"]
    assert list(more) == [f"drawn/{number}/solution.pdf" for number in range(1, 12)]
    assert few.items() <= more.items()
    assert len(set(more.values())) == 11
    with pikepdf.open(io.BytesIO(few["drawn/2/solution.pdf"])) as pdf:
        assert str(pdf.docinfo["/Title"]) == "drawn"
        assert str(pdf.Root["/Lang"]) == "en"


def test_the_bytes_of_a_file_do_not_depend_on_what_is_rendered_beside_it(tmp_path: Path) -> None:
    files = [problem(tmp_path, title) for title in ("a", "b", "c")]
    together = rendered(files, tmp_path / "together")
    assert together == {
        name: content
        for file in files
        for name, content in rendered([file], tmp_path / f"alone-{file.stem}").items()
    }


def test_as_many_as_there_are_fill_a_run(tmp_path: Path) -> None:
    file = tmp_path / "scarce.toml"
    text = PROBLEM.format(title="scarce").partition("[variants.draw]")[0]
    file.write_text(f"{text}[variants.draw]\nW1 = {{ choices = [0.25, 0.75] }}\n", "utf-8")
    assert list(rendered([file], tmp_path / "out", 2)) == ["scarce/1/solution.pdf", "scarce/2/solution.pdf"]
    with pytest.raises(InputError):
        rendered([file], tmp_path / "out", 5)


def test_a_document_that_does_not_compile_is_named_and_the_others_are_written(tmp_path: Path) -> None:
    files = [problem(tmp_path, title) for title in ("a", "poison", "b")]
    paths = render_files(files, ("pdf", "md"), tmp_path / "out", templates=poisoned(tmp_path))
    with pytest.raises(EngineError, match="1 of 3 documents could not be made") as caught:
        deque(paths, maxlen=0)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a", "b"}
    assert (tmp_path / "out" / "b" / "solution.pdf").is_file()
    assert str(tmp_path / "out" / "poison" / "solution.pdf") in caught.value.detail
    assert "nosuchmacro" in caught.value.detail


def test_a_single_document_fails_with_the_words_of_tex(tmp_path: Path) -> None:
    files = [problem(tmp_path, "poison")]
    with pytest.raises(EngineError, match="Undefined control sequence"):
        list(render_files(files, ("pdf",), tmp_path / "out", templates=poisoned(tmp_path)))
    assert not (tmp_path / "out").exists()
