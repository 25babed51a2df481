"""SVG: well formed, readable as text, nothing outside the sheet, the same shapes as in print."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.figures.network import network_scene
from solver.figures.scene import Box, Circle, Label, Line, Polyline, Scene
from solver.figures.style import LOOKS
from solver.figures.svg import SCALE, svg
from solver.figures.svg_math import Rule, Text, layout
from solver.notation import math as m
from solver.notation.tones import web_colour
from solver.notation.width import TEXT, measure
from tests.figures.formulas import FORMULAS, SEEN
from tests.figures.pictures import network, paths_from

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)


def words(element: ET.Element) -> str:
    """Return all text that is shown, without spaces."""
    return re.sub(r"\s", "", "".join("".join(text.itertext()) for text in element.iter(f"{SVG}text")))


@pytest.mark.parametrize(("formula", "seen"), SEEN)
def test_every_kind_of_formula_is_shown_as_text(formula: m.Math, seen: str) -> None:
    assert words(parsed(svg(Scene(4, 2, (Label((2, 1), formula),))))) == seen


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_is_placed_stays_in_its_room(formula: m.Math) -> None:
    room = measure(formula, TEXT)
    for item in layout(formula):
        if isinstance(item, Text):
            assert -0.01 <= item.x <= room.width + 0.01
            assert all(-room.depth - 0.35 <= run.pen.shift <= room.height + 0.1 for run in item.runs)
        else:
            assert isinstance(item, Rule)
            assert all(-0.3 <= px <= room.width + 0.3 for px, _ in item.points)


def test_scripts_are_smaller_and_shifted() -> None:
    root = parsed(svg(Scene(2, 1, (Label((1, 0.5), m.Script(m.Symbol("x"), m.Digits("1"), m.Digits("2"))),))))
    base, high, low = (span.attrib for span in root.iter(f"{SVG}tspan"))
    whole = next(
        float(group.attrib["font-size"]) for group in root.iter(f"{SVG}g") if "font-size" in group.attrib
    )
    assert float(high["dy"]) < 0 < float(low["dy"]) + float(high["dy"])
    assert float(low["dx"]) < 0
    assert float(high["font-size"]) == float(low["font-size"]) < whole
    assert base["font-style"] == "italic"
    assert "font-style" not in high


def test_tones_reach_the_web() -> None:
    text = svg(Scene(1, 1, (Label((0.5, 0.5), m.Toned(m.Symbol("x"), "path-2")),)))
    assert f'fill="{web_colour("path-2")}"' in text


@settings(max_examples=60)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_shown_as_it_is(title: str, label: str) -> None:
    scene = Scene(3, 1, (Label((1, 0.5), m.Words(label)),))
    root = parsed(svg(scene, title=title, description=label))
    assert len(list(root.iter(f"{SVG}text"))) == 1
    legal = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
    if title and not legal.search(title) and "\r" not in title:
        assert root.findtext(f"{SVG}title") == title


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", '"><image href="x"/>', "&amp;", "]]>", "\u202eabc", "\x00\x1b"],
)
def test_markup_in_words_stays_words(hostile: str) -> None:
    text = svg(Scene(3, 1, (Label((1, 0.5), m.Words(hostile)),)), title=hostile, description=hostile)
    names = {element.tag.removeprefix(SVG) for element in parsed(text).iter()}
    assert names <= {"svg", "title", "desc", "rect", "g", "text", "tspan"}


def test_it_names_itself_and_stands_on_paper() -> None:
    root = parsed(svg(Scene(3, 2, ()), title="A network", description="Two paths are lit."))
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == "A network"
    assert root.findtext(f"{SVG}desc") == "Two paths are lit."
    sheet = root.find(f"{SVG}rect")
    assert sheet is not None
    assert sheet.attrib["fill"] == "#FFFFFF"
    assert (sheet.attrib["width"], sheet.attrib["height"]) == (root.attrib["width"], root.attrib["height"])


def test_only_a_file_of_its_own_has_a_declaration() -> None:
    assert svg(Scene(1, 1, ())).startswith("<?xml")
    assert svg(Scene(1, 1, ()), standalone=False).startswith("<svg")


def test_all_shapes_are_there_in_their_looks() -> None:
    scene = Scene(
        4,
        4,
        (
            Circle((1, 1), 0.5, m.Symbol("x"), "highlighted"),
            Box((3, 1), 1, 0.5, m.Digits("2"), "plain", rounded=True),
            Box((3, 2), 1, 0.5, shade=0.5),
            Line((0, 0), (1, 1), "path-2", arrow=True),
            Line((0, 0), (2, 0), "wire", bend=30),
            Polyline(((0, 3), (1, 3), (1, 4)), "path-3", arrow=True),
        ),
    )
    text = svg(scene)
    root = parsed(text)
    assert [len(list(root.iter(f"{SVG}{tag}"))) for tag in ("circle", "rect", "path")] == [1, 3, 5]
    for role in ("highlighted", "path-2", "path-3"):
        assert LOOKS[role].stroke in text
    assert text.count("stroke-dasharray") == 2
    assert 'rx="' in text
    circle = next(root.iter(f"{SVG}circle"))
    assert float(circle.attrib["r"]) == pytest.approx(0.5 * SCALE)


def test_nothing_leaves_the_sheet() -> None:
    picture = network((4, 4, 2))
    root = parsed(svg(network_scene(picture, paths_from(picture, 1, 3))))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for path in root.iter(f"{SVG}path"):
        numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", path.attrib["d"])]
        if len(numbers) == 4:
            assert all(0 <= n <= width for n in numbers[::2])
            assert all(0 <= n <= height for n in numbers[1::2])
    for group in root.iter(f"{SVG}g"):
        moved = re.match(r"translate\(([\d.]+) ([\d.]+)\)", group.attrib.get("transform", ""))
        if moved:
            assert 0 < float(moved[1]) < width
            assert 0 < float(moved[2]) < height


def test_nothing_is_loaded_and_no_style_leaks_into_a_page() -> None:
    text = svg(network_scene(network((2, 2, 1))), standalone=False)
    assert not re.search(r"<style|<script|href=|url\(|\bid=|class=", text)
    assert text == svg(network_scene(network((2, 2, 1))), standalone=False)
