from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from solver.engines.compile import TexError, TimeLimitError, compile_latex
from solver.engines.find import PDFLATEX_VARIABLE, find_engine
from solver.engines.formats import ensure_format
from solver.engines.source import LatexSource
from solver.errors import EngineError
from tests.engines.conftest import PICTURE, PREAMBLE

BODY = (
    "\\begin{sheet}{one}\n\\section{Sum}\\label{sum}\nSee \\ref{sum}: \\[ \\sum_i w_i x_i \\]\n"
    + PICTURE
    + "\n\\end{sheet}\n"
)
SOURCE = LatexSource(PREAMBLE, BODY)


def small(body: str) -> LatexSource:
    return LatexSource("\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{lmodern}\n", body)


def children() -> set[int]:
    """Return the TeX processes this one has started and that still run."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = status.read_text().rpartition(")")
        except OSError:
            continue
        words = rest.split()
        if "pdflatex" in name and words[1] == str(os.getpid()) and words[0] != "Z":
            found.add(int(status.parent.name))
    return found


# One set of bytes -----------------------------------------------------------------------------------------------------


def test_the_same_bytes_with_a_format_and_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_format = compile_latex(SOURCE).pdf
    plain = compile_latex(SOURCE.text).pdf
    assert ensure_format(PREAMBLE, find_engine()) is not None
    assert with_format == plain
    # Nothing around it changes a byte either: folder, locale, time zone, day, the user's own TeX settings.
    elsewhere = tmp_path / "a folder with spaces and ü"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    for name, value in {
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "C",
        "TZ": "Pacific/Kiritimati",
        "SOURCE_DATE_EPOCH": "1700000000",
        "FORCE_SOURCE_DATE": "0",
        "TEXINPUTS": str(tmp_path),
        "TEXMFHOME": str(tmp_path),
        "max_print_line": "40",
        "openin_any": "a",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert compile_latex(SOURCE).pdf == plain


def test_no_date_no_path_no_name_of_a_folder_is_in_the_file(own_tmp: Path) -> None:
    pdf = compile_latex(SOURCE).pdf
    assert str(own_tmp).encode() not in pdf
    assert b"CreationDate" not in pdf
    assert b"PTEX.Fullbanner" not in pdf


@pytest.mark.slow
def test_a_named_engine_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = compile_latex(small("x")).pdf
    monkeypatch.setenv(PDFLATEX_VARIABLE, str(find_engine().executable))
    assert find_engine().kind == "system"
    assert compile_latex(small("x"), use_format=False).pdf == expected


# The closed room ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "\\input{/etc/passwd}",
        "\\input{../outside}",
        '\\input{|"id"}',
        "\\newwrite\\w\\immediate\\openout\\w=/OUT/leak.txt",
        "\\newwrite\\w\\immediate\\openout\\w=../leak.txt",
        "\\pdfximage{/OUT/outside.pdf}",
        "\\font\\x=/etc/passwd",
    ],
)
def test_what_lies_outside_its_folder_cannot_be_opened(command: str, own_tmp: Path) -> None:
    (own_tmp / "outside.tex").write_text("READ")
    (own_tmp / "outside.pdf").write_bytes(b"%PDF-1.4")
    before = sorted(own_tmp.iterdir())
    with pytest.raises(TexError) as caught:
        compile_latex(small(command.replace("/OUT", str(own_tmp))))
    assert "READ" not in str(caught.value)
    assert sorted(own_tmp.iterdir()) == before


@pytest.mark.parametrize(
    "command",
    [
        "\\newread\\r\\openin\\r=/etc/passwd \\ifeof\\r nothing\\else\\read\\r to\\x LEAK\\meaning\\x\\fi",
        "\\pdffilesize{/etc/passwd}\\pdfmdfivesum file{/etc/passwd}nothing\\pdffiledump length 20{/etc/passwd}",
        "\\pdffilemoddate{/etc/passwd}nothing",
        "\\immediate\\pdfobj stream file{/etc/passwd}nothing\\pdfrefobj\\pdflastobj",
    ],
)
def test_what_is_asked_about_files_outside_has_no_answer(command: str) -> None:
    import pypdfium2

    made = compile_latex(small(f"\\pagestyle{{empty}}{command}"))
    assert b"root:" not in made.pdf
    with pypdfium2.PdfDocument(made.pdf) as document:
        assert document[0].get_textpage().get_text_bounded().strip() == "nothing"


def test_no_program_can_be_run(own_tmp: Path) -> None:
    compile_latex(small(f"x\\immediate\\write18{{touch {own_tmp}/made}}"))
    assert list(own_tmp.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("loop", ["\\loop\\iftrue\\repeat", "\\def\\again{\\message{x}\\again}\\again"])
def test_an_endless_loop_is_ended_and_its_line_told(loop: str, own_tmp: Path) -> None:
    started = time.monotonic()
    with pytest.raises(TimeLimitError) as caught:
        compile_latex(small(f"a\n\n{loop}\n"), time_limit=2)
    assert time.monotonic() - started < 10
    assert caught.value.fault.line == 7
    assert caught.value.fault.source == loop
    assert "not done after 2 seconds" in str(caught.value)
    assert children() == set()
    assert list(own_tmp.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is set there")
def test_a_loop_that_fills_the_disk_is_ended(monkeypatch: pytest.MonkeyPatch, own_tmp: Path) -> None:
    monkeypatch.setattr("solver.engines.process.OUTPUT_BYTES", 3_000_000)
    with pytest.raises(TexError):
        compile_latex(
            small(
                "\\newwrite\\w\\immediate\\openout\\w=x.txt\n\\loop\\iftrue\\immediate\\write\\w{yes}\\repeat"
            )
        )
    assert list(own_tmp.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_leaves_neither_process_nor_file(own_tmp: Path) -> None:
    ensure_format(small("").preamble, find_engine())

    def interrupt() -> None:
        while not children():
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        compile_latex(small("\\loop\\iftrue\\repeat"), time_limit=30)
    assert children() == set()
    assert list(own_tmp.iterdir()) == []


def test_nothing_is_left_behind(own_tmp: Path) -> None:
    compile_latex(SOURCE)
    with pytest.raises(TexError):
        compile_latex(small("\\oops"))
    assert list(own_tmp.iterdir()) == []


# What it takes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [10_000, 1_000_000])
def test_a_line_may_be_very_long(length: int) -> None:
    assert compile_latex(small("word " * (length // 5))).pages >= 2


def test_passes_follow_what_the_document_asks_for() -> None:
    assert compile_latex(small("nothing to refer to")).passes == 1
    assert compile_latex(small("\\label{a}\\pageref{a}")).passes == 2
    assert compile_latex(small("\\label{a}\\pageref{a}"), passes=3).passes == 3


@pytest.mark.parametrize(
    ("package", "body", "passes"),
    [
        ("longtable", "\\begin{longtable}{ll}" + "a&b\\\\\n" * 250 + "long entry&b\\end{longtable}", 2),
        ("lastpage", "page 1 of \\pageref{LastPage}", 2),
        ("hyperref", "\\section{One}", 2),
        ("hyperref,bookmark", "\\section{One}", 1),
    ],
)
def test_packages_that_ask_for_another_run_get_it(package: str, body: str, passes: int) -> None:
    preamble = f"\\documentclass{{article}}\\usepackage{{lmodern,{package}}}\n"
    assert compile_latex(LatexSource(preamble, body), use_format=False).passes == passes


def test_passes_end_when_a_document_never_rests() -> None:
    restless = (
        "\\makeatletter\n\\edef\\@currentlabel{\\@ifundefined{r@a}{}{\\expandafter\\@firstoftwo\\r@a}x}"
    )
    restless += "\\label{a}\\ref{a}"
    assert compile_latex(small(restless)).passes == 4


def test_files_stand_beside_the_document() -> None:
    picture = compile_latex(small("\\pdfpagewidth=3cm \\pdfpageheight=3cm picture")).pdf
    made = compile_latex(
        small("A\\pdfximage{p-1.pdf}\\pdfrefximage\\pdflastximage"), assets={"p-1.pdf": picture}
    )
    assert b"picture" not in made.pdf  # compressed
    assert made.pages == 1


@pytest.mark.parametrize(
    "name", ["../x.pdf", "/x.pdf", ".x", "a/b", "sheet.tex", "sheet.aux", "", "ü.pdf", "a b"]
)
def test_a_file_with_another_than_a_plain_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        compile_latex("x", assets={name: b""})


def test_half_a_surrogate_pair_is_refused_with_its_line() -> None:
    with pytest.raises(EngineError, match="line 2 of the TeX"):
        compile_latex("a\n\ud800")


def test_a_document_without_pages_is_a_fault() -> None:
    with pytest.raises(TexError, match="no pages"):
        compile_latex(small(""))


# Formats --------------------------------------------------------------------------------------------------------------


def test_a_format_that_is_cut_short_is_replaced() -> None:
    source = small("cut short")
    expected = compile_latex(source).pdf
    file = ensure_format(source.preamble, find_engine())
    assert file is not None
    file.write_bytes(file.read_bytes()[:100_000])
    assert compile_latex(source).pdf == expected
    assert not file.exists()
    assert compile_latex(source).pdf == expected
    assert file.stat().st_size > 1_000_000


@pytest.mark.parametrize("place", ["file", "missing"])
def test_without_a_cache_there_is_a_warning_and_the_same_pdf(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = compile_latex(small("x")).pdf
    (tmp_path / "file").write_text("")
    cache = tmp_path / "file" / "below" if place == "file" else Path("/proc/nowhere")
    monkeypatch.setenv("CHAINSHEET_CACHE", str(cache))
    with caplog.at_level(logging.WARNING):
        assert compile_latex(small("x")).pdf == expected
    assert "no precompiled preamble" in caplog.text


@pytest.mark.parametrize(
    "line",
    [
        "\\pdfinfo{/Title (Not dumped)}",
        "\\usepackage{tikz}\\pgfdeclareradialshading{s}{\\pgfpointorigin}{color(0cm)=(red);color(1cm)=(blue)}",
    ],
)
def test_a_preamble_that_a_format_cannot_keep_gets_none(line: str) -> None:
    source = LatexSource(f"\\documentclass{{article}}\n\\usepackage{{lmodern}}{line}\n", "x")
    assert compile_latex(source).pdf == compile_latex(source.text).pdf
    assert ensure_format(source.preamble, find_engine()) is None


def test_old_formats_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHAINSHEET_CACHE", str(tmp_path))
    monkeypatch.setattr("solver.engines.formats.KEPT_FORMATS", 2)
    monkeypatch.setattr("solver.engines.formats.build_format", lambda preamble, engine: preamble.encode())
    made = []
    for number in range(4):
        made.append(ensure_format(f"preamble {number}", find_engine()))
        time.sleep(0.01)
    assert [file.exists() for file in made if file] == [False, False, True, True]


def _compile_small(_: int) -> bytes:
    return compile_latex(SOURCE).pdf


@pytest.mark.slow
def test_processes_that_build_one_format_at_once_do_not_disturb_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINSHEET_CACHE", str(tmp_path))
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
        made = set(pool.map(_compile_small, range(3)))
    assert made == {compile_latex(SOURCE).pdf}
    assert [file.suffix for file in (tmp_path / "formats").iterdir()] == [".fmt"]
