"""Whole figures as text, to be read in a diff: `pytest tests/figures --accept` writes what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.figures.circuit import circuit_scene
from solver.figures.convolution import convolution_scene
from solver.figures.network import network_scene
from solver.figures.scene import Scene
from solver.figures.svg import svg
from solver.figures.tikz import TIKZ_STYLES, tikz
from solver.figures.unrolled import unrolled_scene
from tests.figures.pictures import SUM_TIMES, network, paths_from
from tests.figures.recurrent import unrolled
from tests.figures.test_grids import SQUARE

GOLDEN = Path(__file__).parent / "golden"

SCENES: dict[str, Scene] = {
    "network-names": network_scene(network((4, 4, 2))),
    "network-two-paths": network_scene(network((4, 4, 2)), paths_from(network((4, 4, 2)), 1, 3)),
    "circuit": circuit_scene(SUM_TIMES),
    "unrolled": unrolled_scene(unrolled(3, last_only=True)),
    "convolution": convolution_scene(SQUARE),
}
TEXTS = {
    "styles.tex": TIKZ_STYLES,
    **{f"{name}.tex": tikz(scene) for name, scene in SCENES.items()},
    **{f"{name}.svg": svg(scene, title=name.replace("-", " ")) for name, scene in SCENES.items()},
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_figure_comes_out_as_accepted(name: str, accept: bool) -> None:
    if accept:
        (GOLDEN / name).write_text(TEXTS[name], encoding="utf-8")
    assert TEXTS[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_every_accepted_figure_is_still_drawn() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(TEXTS)
