from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from solver.document import nodes as n
from solver.writers.html import write_html
from solver.writers.visible import visible
from tests.writers.documents import HOSTILE, SAMPLE, everywhere, words
from tests.writers.golden import hold

VOID = {"meta", "br", "link", "img"}


class Reader(HTMLParser):
    """Reads a page as a browser does: its elements, their attributes, and the words it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_the_sample(accept: bool) -> None:
    hold("sample.html", write_html(SAMPLE), accept)


def test_one_file_without_scripts_or_addresses() -> None:
    page = read(write_html(SAMPLE))
    names = {name for name, _ in page.elements}
    assert names.isdisjoint({"script", "link", "iframe", "object", "img"})
    attributes = [(key, value) for _, attrs in page.elements for key, value in attrs.items()]
    assert not any(key.startswith("on") for key, _ in attributes)
    outside = [value for key, value in attributes if value and re.match(r"\w+://", value) and key != "xmlns"]
    assert outside == ["https://example.org/a_b?c=%20#d"]
    assert "@import" not in write_html(SAMPLE)
    assert "url(" not in write_html(SAMPLE)


def test_formulas_figures_and_numbers_are_there() -> None:
    page = read(write_html(SAMPLE))
    names = [name for name, _ in page.elements]
    assert names.count("svg") == 1
    assert names.count("math") > 20
    assert {"lang": "en"} in [attrs for name, attrs in page.elements if name == "html"]
    for piece in ("Multiple paths", "Backward pass", "0.001580", "(2)", "Before and after."):
        assert piece in page.words


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_shown_literally(name: str) -> None:
    text = HOSTILE[name]
    page = read(write_html(everywhere(text)))
    names = {element for element, _ in page.elements}
    assert names.isdisjoint({"script", "b", "img", "a"})
    assert not any(key.startswith("on") for _, attrs in page.elements for key in attrs)
    paragraph = read(write_html(n.Document("T", (n.Paragraph((n.Text(f"{text} end"),)),)))).words
    assert " ".join(f"{visible(text)} end".split()) in " ".join(paragraph.split())


def test_only_web_addresses_become_links() -> None:
    for address in ("javascript:alert(1)", "data:text/html,x", 'https://x" onclick="y'):
        page = write_html(n.Document("T", (n.Paragraph((n.Link(words("here"), address),)),)))
        assert not any(key == "onclick" for _, attrs in read(page).elements for key in attrs)
        assert "javascript:" not in page
        assert "data:" not in page
