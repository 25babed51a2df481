from __future__ import annotations

from solver.figures.style import LOOKS, contrast
from solver.notation.tones import COLOURS, known_tone, tex_colour, web_colour


def test_the_paths_have_the_colours_of_the_figures() -> None:
    for tone in ("path-1", "path-2", "path-3", "path-4"):
        assert web_colour(tone) == LOOKS[tone].text


def test_tones_are_recycled_and_unknown_ones_are_ink() -> None:
    assert known_tone("path-5") == "path-1"
    assert known_tone("path-12") == "path-4"
    assert known_tone("mauve") == "ink"
    assert known_tone("path-x") == "ink"


def test_tones_are_readable_on_paper() -> None:
    for colour in COLOURS.values():
        assert contrast(f"#{colour}", "#FFFFFF") >= 4.5


def test_tex_names_are_letters() -> None:
    assert all(tex_colour(tone).isalpha() for tone in COLOURS)
