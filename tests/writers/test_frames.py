"""The text of a template around its parts is the text that it prints with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from solver.writers.latex import latex_templates
from solver.writers.templating import Raw, Templates

PLAIN = "<< lead >>:<% for row in rows %>[<< row >>]<% endfor %>{<< content >>}"
LOOKING = {
    "asks for its length": "<% if content|length > 3 %>long<% endif %><< content >>",
    "changes it": "<< content|upper >>",
    "changes what it printed": "<% filter upper %><< content >><% endfilter %>",
    "keeps what it printed": "<% set kept %><< content >><% endset %><< kept|upper >>",
    "gives it another name": "<% set kept = content %><< kept|upper >>",
    "hands it to a macro": "<% macro twice(x) %><< x >><< x|upper >><% endmacro %><< twice(content) >>",
    "prints it in a macro": "<% macro kept() %><< content >><% endmacro %><< kept()|upper >>",
    "goes through them in a macro": (
        "<% macro kept() %><% for row in rows %><< row >><% endfor %><% endmacro %><< kept()|upper >>"
    ),
    "begins with it": "<< content >>\nand\n<< content >>\n",
    "includes another": '<% include "latex/other.tex" %>',
    "counts": "<< rows|length >><< content >>",
    "looks into an item": "<% for row in rows %><% if row == 'b' %>!<% endif %><< row >><% endfor %><< content >>",
    "looks at its neighbours": "<% for row in rows %><< loop.nextitem|default('-')|upper >><< row >><% endfor %>",
    "leaves some out": "<% for row in rows if row != 'b' %><< row >><% endfor %><< content >>",
}
PARTS: list[dict[str, str | Sequence[str]]] = [
    {"content": "x", "rows": ["a", "b"]}, {"content": "$y$ & z", "rows": ["c", "d"]}, {"content": "", "rows": []},
    {"content": "long enough", "rows": ["b"]}, {"content": "\\emph{x}", "rows": ["a", "b"]},
]  # fmt: skip


def templates(folder: Path, text: str) -> Templates:
    (folder / "latex").mkdir(exist_ok=True)
    (folder / "latex" / "tried.tex").write_text(text, "utf-8")
    (folder / "latex" / "other.tex").write_text("(<< content|upper >>)", "utf-8")
    return latex_templates(folder)


def plainly(known: Templates, parts: Mapping[str, str | Sequence[str]]) -> str:
    given = {key: Raw(part) if isinstance(part, str) else list(map(Raw, part)) for key, part in parts.items()}
    return known.render("tried", lead="50 %", **given)


@pytest.mark.parametrize("text", [PLAIN, *LOOKING.values()], ids=["only prints", *LOOKING])
def test_a_template_prints_the_same_around_its_parts(tmp_path: Path, text: str) -> None:
    known = templates(tmp_path, text)
    for parts in (*PARTS, *PARTS):
        assert known.render_around("tried", parts, lead="50 %") == plainly(known, parts)


def test_a_template_that_only_prints_is_rendered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = templates(tmp_path, PLAIN)
    rendered: list[str] = []
    render = Templates.render
    monkeypatch.setattr(
        Templates,
        "render",
        lambda self, name, **values: rendered.append(name) or render(self, name, **values),
    )
    for content in "abc":
        found = known.render_around("tried", {"content": content, "rows": ["x"]}, lead="&")
        assert found == rf"\&:[x]{{{content}}}"
    assert rendered == ["tried"]
    known.render_around("tried", {"content": "a", "rows": ["x"]}, lead="other")
    assert rendered == ["tried"] * 2


def test_a_changed_template_is_seen(tmp_path: Path) -> None:
    known = templates(tmp_path, "old << content >>")
    assert known.render_around("tried", {"content": "x"}) == "old x"
    templates(tmp_path, "a new one: << content >>")
    assert known.render_around("tried", {"content": "x"}) == "a new one: x"
