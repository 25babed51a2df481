from __future__ import annotations

import unicodedata

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pylatex.utils import escape_latex

from solver.engines.compile import compile_latex
from solver.engines.source import LatexSource
from solver.notation.latex_symbols import ACCENTS, BELOW, LETTERS, SLOTS, SPACES, SYMBOLS, VIETNAMESE
from solver.notation.latex_text import TEXT_PREAMBLE, is_printable, printable_latex

PREAMBLE = (
    "\\documentclass[a4paper]{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{lmodern,microtype,amsmath}\n"
    "\\usepackage[margin=1cm]{geometry}\n\\pagestyle{empty}\n\\parindent0pt\n" + TEXT_PREAMBLE
)
HOSTILE = [
    "\\input{/etc/passwd}",
    "\\end{document}",
    "}}}{{{",
    "$$ \\begin{align} & \\\\ %",
    "\\write18{rm -rf /} \\csname\\endcsname #1 ##",
    "^^41^^M ~ _ ^ | \" ' ` < > [x] *",
    "  two  spaces\tand a tab ",
    "one\ntwo\r\nthree\rfour\n\n\nfive",
    "👩‍🎓 emoji, شعار النص, 中文, עברית, Привет",
    "\u202eright to left\u202c \ufeff \x00 \x07 \x1b[31m \ud800",
    "e\u0301 x\u0302 i\u0307\u0302\u0308\u0301\u0300 \u0301",
    "a" * 10_000,
    "😀" * 2_000,
    "<script>alert(1)</script> &amp; <!-- -->",
    "-- --- ,, << >> ?` !` ?‘ !‘ ‘‘ ’’ –- `` ''",
]


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINSHEET_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def compiled(*texts: str) -> list[str]:
    """Return what each text reads in the PDF; each stands in a paragraph, in an argument, and in a formula's text."""
    parts = [
        f"\\begingroup\\raggedright\\null {latex}\\par\\endgroup\\setbox0\\hbox{{\\textbf{{{latex}}}}}"
        f"\\setbox0\\hbox{{$\\text{{{latex}}}$}}\\setbox0\\hbox{{\\begin{{tabular}}{{l}}x\\\\{latex}\\end{{tabular}}}}"
        "\\newpage"
        for latex in map(printable_latex, texts)
    ]
    made = compile_latex(LatexSource(PREAMBLE, "\n".join(parts) + "\\null"), passes=1)
    assert made.log.missing == ()
    with pypdfium2.PdfDocument(made.pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def plain_letters(text: str) -> str:
    """Return the letters and digits of ASCII that carry no mark (an i with one is read as a dotless i)."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        char
        for char, after in zip(composed, f"{composed[1:]} ", strict=False)
        if char.isascii() and char.isalnum() and not unicodedata.combining(after)
    )


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_is_printed(text: str) -> None:
    read = "".join(compiled(text))
    letters = plain_letters(text)
    for char in set(letters):
        assert read.count(char) >= letters.count(char)


def test_what_is_read_is_what_was_written() -> None:
    texts = [
        "\\cmd{x} $5 100% #1 a_b ^ ~ | & <tag> \"quoted\" 'single' `tick` [a]*b",
        "-- --- ,, << >> ?` !` `` '' x--y",
        "Zoë Łódź Ağaoğlu Müller Şahin Ærø Ñandú Čapek Győr",
        "Nguyễn Đặng Thị Hường, Trần Ưu Ý",
        "1 ± 2 × 3 ÷ 4 ° § © € ‰ „a“ «b» – —",
    ]
    for text, read in zip(texts, compiled(*texts), strict=False):
        assert " ".join(read.split()) == " ".join(text.split())


def test_every_number_in_a_frame_is_right() -> None:
    (read,) = compiled("A中😀\x07Ж")[:1]
    assert "".join(read.split()) == "AU+4E2DU+1F600U+0007U+0416"


def test_spaces_and_lines_are_kept() -> None:
    assert printable_latex("a  b   c") == "a \\ b \\ \\ c"
    assert printable_latex(" a") == "\\ a"
    assert compiled("one\ntwo\r\nthree")[0].split() == ["one", "two", "three"]
    assert len(compiled("one\n\n\ntwo")[0].split("\n")) >= 2


@pytest.mark.parametrize("char", "&%$#_{}\\[]")
def test_where_pylatex_is_right_we_agree(char: str) -> None:
    assert printable_latex(char) == str(escape_latex(char))


def test_quotes_and_hyphens_do_not_join() -> None:
    assert printable_latex("--") == "-{}-"
    assert printable_latex("‘‘") == "‘{}‘"
    assert printable_latex("a-b") == "a-b"
    assert "''" not in printable_latex("''")


def test_letters_with_marks_are_built_once_composed() -> None:
    assert printable_latex("e\u0301") == "é"
    assert printable_latex("y\u0302") == "ŷ"
    assert printable_latex("x\u0302") == "\\^{x}"
    assert printable_latex("l\u0323\u0304") == "\\d{\\={l}}"
    assert printable_latex("ά") == "\\ensuremath{\\acute{\\alpha}}"
    assert printable_latex("ŷ₁²") == "ŷ\\textsubscript{1}\\texttwosuperior{}"


def test_a_word_that_no_line_could_hold_may_be_broken() -> None:
    assert printable_latex("x" * 40) == "x" * 40
    assert printable_latex("x" * 41).split("\\allowbreak{}") == ["x" * 8] * 5 + ["x"]
    assert printable_latex("Hohenlohe-Langenburg-Schillingsfürst-Waldenburg").count("allowbreak") == 0


def test_what_can_be_printed_is_known() -> None:
    assert is_printable("Zoë ∂L/∂w ≈ 0.5, Παύλος, Ưu")
    assert not is_printable("Иван")


def test_long_text_is_broken_into_lines_and_never_holds_an_empty_one() -> None:
    latex = printable_latex("word " * 2000 + "😀" * 2000 + "\n\n" + "x" * 10_000)
    lines = latex.split("\n")
    assert max(map(len, lines)) < 2_000
    assert all(line.strip() for line in lines)


TABLES = sorted(
    {*LETTERS, *SLOTS, *SYMBOLS, *VIETNAMESE, *SPACES}
    | {unicodedata.normalize("NFC", letter + mark) for letter in "aeijxGH" for mark in [*ACCENTS, *BELOW]}
)


def test_every_character_of_the_tables_has_a_glyph() -> None:
    text = "\n".join(f"a{char}b" for char in TABLES)
    assert is_printable(text)
    compiled(text)


@pytest.mark.slow
def test_every_character_of_unicode_compiles() -> None:
    chars = [chr(code) for code in range(0x110000)]
    shown = [char for char in chars if is_printable(char)]
    assert len(shown) > 2500
    compiled("\n".join(f"a{char}b" for char in shown))


ANY = st.text(st.characters(codec=None), max_size=40)
NASTY = st.text(st.sampled_from("\\{}$&#%_^~`'\"<>|[]*-,!?‘’– \n\t\u0301\u0302\u0323iéαж😀\x00"), max_size=25)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(st.lists(st.one_of(ANY, NASTY), min_size=5, max_size=12))
def test_any_text_compiles_and_keeps_its_letters(texts: list[str]) -> None:
    pages = compiled(*texts)
    for text, read in zip(texts, pages, strict=False):
        assert set(plain_letters(text)) <= set(read)


@given(st.one_of(ANY, NASTY))
def test_nothing_is_lost_and_nothing_is_left_to_obey(text: str) -> None:
    latex = printable_latex(text)
    latex.encode("utf-8")
    assert "\n\n" not in latex
    assert latex.count("{") - latex.count("\\{") == latex.count("}") - latex.count("\\}")
    assert printable_latex(text) == latex
