"""A lit path must be told from the rest in colour, in grey, and by its shape."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import pytest

from solver.figures.scene import Role
from solver.figures.style import LOOKS, PAPER, WASH, contrast, luminance, shade
from tests.figures.pictures import TONES

LIT: tuple[Role, ...] = ("highlighted", *TONES)


def grey(colour: str) -> str:
    """Return what a black-and-white printer makes of a colour."""
    light = luminance(colour)
    level = round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))
    return f"#{level:02X}{level:02X}{level:02X}"


def test_every_role_has_a_look() -> None:
    assert set(LOOKS) == set(get_args(Role))


def test_contrast_has_its_published_ends() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("role", LIT)
def test_lit_lines_stand_out_in_grey(role: Role) -> None:
    look, muted = LOOKS[role], LOOKS["muted"]
    assert contrast(grey(look.stroke), PAPER) >= 4.5
    assert contrast(grey(look.stroke), grey(muted.stroke)) >= 3
    assert look.width >= 3 * muted.width
    assert look.outline >= 2.5 * muted.outline


def test_muted_lines_stand_back_but_their_names_are_readable() -> None:
    assert contrast(grey(LOOKS["muted"].stroke), PAPER) < 2
    assert contrast(LOOKS["muted"].text, PAPER) >= 4.5


@pytest.mark.parametrize(("one", "other"), list(combinations(TONES, 2)))
def test_paths_differ_by_dash_as_well_as_by_colour(one: Role, other: Role) -> None:
    assert LOOKS[one].dash != LOOKS[other].dash
    assert LOOKS[one].stroke != LOOKS[other].stroke


@pytest.mark.parametrize("role", LOOKS)
def test_text_is_readable_where_it_stands(role: Role) -> None:
    look = LOOKS[role]
    assert contrast(look.text, look.fill) >= 4.5
    assert contrast(look.text, PAPER) >= 4.5


def test_numbers_stay_readable_on_the_darkest_shade() -> None:
    assert contrast(LOOKS["plain"].text, shade(1.0)) >= 4.5
    assert contrast(LOOKS["muted"].text, WASH) >= 3
    assert shade(0.0) == PAPER
    assert luminance(shade(0.2)) > luminance(shade(0.8)) > luminance(shade(1.0))
    assert shade(7.0) == shade(1.0)
