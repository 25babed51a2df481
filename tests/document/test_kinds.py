"""Every kind: what is asked for is printed, matrices keep the rounding contract, derivations come where asked."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

from solver.document import nodes as n
from solver.document.explain import explain
from solver.document.kinds import plain_text
from solver.figures.scene import Circle
from solver.notation import math as m
from solver.notation.unicode import unicode
from solver.notation.walk import walk
from solver.spec import load_problem, loads_problem
from tests.document.calculator import lines

PROBLEMS = Path(__file__).parents[2] / "problems"
LETTERED = [
    "dropout",
    "attention-four-words",
    "edge-detector",
    "sequence-filter",
    "elman-two-steps",
    "lstm-two-steps",
]


def written(name: str, **work: Any) -> n.Document:
    """Return the document of a shipped problem, told another way."""
    table = tomllib.loads((PROBLEMS / f"{name}.toml").read_text("utf-8"))
    for key in ("claims", "variants"):
        table.pop(key, None)
    return explain(loads_problem(tomli_w.dumps(table | {"work": table.get("work", {}) | work})))


def sections(blocks: tuple[n.Block, ...]) -> Iterator[n.Section]:
    for node in blocks:
        if isinstance(node, n.Section):
            yield node
            yield from sections(node.blocks)


def titles(document: n.Document) -> list[str]:
    return [plain_text(section.title) for section in sections(document.blocks)]


def shown(document: n.Document) -> set[str]:
    """Return the keys of all numbers that stand in an equation."""
    return {
        part.answer
        for line in lines(document.blocks)
        for step in line.steps
        for part in walk(step.body)
        if isinstance(part, m.Digits) and part.answer
    }


@pytest.mark.parametrize("form", ["paths", "matrix"])
@pytest.mark.parametrize("name", LETTERED)
def test_the_gradient_of_the_input_is_printed_where_it_is_asked_for(name: str, form: str) -> None:
    document = written(name, gradients=["x"], form=form, update=False)
    assert any(key.startswith("dL/dx") for key in shown(document))


def matrix(body: m.Math) -> np.ndarray | None:
    """Return a product or a sum of shown matrices; None where there is anything else."""
    match body:
        case m.Digits(text, exponent):
            return np.array([[float(text) * 10.0 ** (exponent or 0)]])
        case m.Fenced(inner) | m.Row((m.Operator("−"), inner)):
            value = matrix(inner)
            return value if value is None or isinstance(body, m.Fenced) else -value
        case m.Fraction(above, below):
            one, other = matrix(above), matrix(below)
            return None if one is None or other is None else one / other
        case m.Script(base, sub=None, sup=m.Symbol("⊤")):
            value = matrix(base)
            return None if value is None else value.T
        case m.Matrix(rows):
            cells = [[matrix(cell) for cell in row] for row in rows]
            if any(cell is None for row in cells for cell in row):
                return None
            return np.array([[float(cell[0, 0]) for cell in row] for row in cells])  # type: ignore[index]
        case m.Row(items):
            return _row(items)
        case _:
            return None


def _row(items: tuple[m.Math, ...]) -> np.ndarray | None:
    total: np.ndarray | None = None
    product: np.ndarray | None = None
    sign, hadamard = 1.0, False
    for item in items:
        match item:
            case m.Operator("+" | "−" as operator):
                if product is not None:
                    total = sign * product if total is None else total + sign * product
                product, sign = None, 1.0 if operator == "+" else -1.0
            case m.Operator("∘"):
                hadamard = True
            case m.Operator("·") | m.Space():
                continue
            case _:
                value = matrix(item)
                if value is None:
                    return None
                plain = product is None or (
                    1 in (product.size, value.size) and product.shape[-1:] != value.shape[:1]
                )
                if product is not None:
                    value = product * value if hadamard or plain else product @ value
                product = value
                hadamard = False
    if product is None:
        return None
    return sign * product if total is None else total + sign * product


def halves(body: m.Matrix, digits: int) -> np.ndarray:
    """Return half a unit of the last place of every cell, short exact ones at the document's digits."""

    def half(cell: m.Math) -> float:
        assert isinstance(cell, m.Digits)
        significant = cell.text.lstrip("-").replace(".", "").lstrip("0")
        places = len(cell.text.partition(".")[2]) + max(0, digits - len(significant))
        return 0.4999999 * 10.0 ** ((cell.exponent or 0) - places) if significant else 1e-12

    return np.array([[half(cell) for cell in row] for row in body.rows])


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("four-three-two", 7),
        ("batch-norm", 5),
        ("dropout", 6),
        ("attention-four-words", 9),
        ("two-channels", 1),
    ],
)
def test_a_matrix_after_an_equals_sign_follows_from_the_shown_ones(name: str, least: int) -> None:
    held = 0
    for line in lines(written(name, form="matrix", derive=False).blocks):
        for before, after in zip(line.steps, line.steps[1:], strict=False):
            made, value = matrix(before.body), matrix(after.body)
            if isinstance(after.body, m.Matrix) and made is not None and value is not None:
                follows = bool(np.all(np.abs(made - value) <= halves(after.body, digits=4)))
                assert (after.relation == "=") == follows, line
                held += 1
    assert held >= least


@pytest.mark.parametrize(
    "name", ["elman-two-steps", "lstm-two-steps", "gru-two-steps", "batch-norm", "edge-detector"]
)
def test_every_kind_is_derived_where_it_is_asked_for(name: str) -> None:
    told = titles(written(name, derive=True))
    assert "The derivatives, rule by rule" in told
    assert "The loss" in told
    assert "The pre-activation" in told


def test_the_sum_below_a_softmax_is_not_called_like_the_scores() -> None:
    document = written("attention-four-words", derive=True, form="matrix")
    (derived,) = [s for s in sections(document.blocks) if plain_text(s.title) == "The activation: softmax"]
    (known,) = [plain_text(node.phrase) for node in derived.blocks if isinstance(node, n.Paragraph)][:1]
    assert "N = ∑" in known


def test_what_stands_line_by_line_is_not_listed_again() -> None:
    every = [plain_text(node.phrase) for node in paragraphs(written("elman-two-steps").blocks)]
    assert "All parameters after the update:" not in every
    some = written("edge-detector")
    assert "All parameters after the update:" in [plain_text(p.phrase) for p in paragraphs(some.blocks)]


def paragraphs(blocks: tuple[n.Block, ...]) -> Iterator[n.Paragraph]:
    for node in blocks:
        if isinstance(node, n.Paragraph):
            yield node
        elif isinstance(node, n.Section | n.Together):
            yield from paragraphs(node.blocks)


def test_a_dense_network_loads_nothing_of_the_other_kinds() -> None:
    script = (
        "import sys; from solver.document.explain import explain; from solver.spec import load_problem; "
        "from solver.writers.formats import write; "
        f"write(explain(load_problem({str(PROBLEMS / 'padhai-multiple-paths.toml')!r})), 'md', stem='solution'); "
        "print(*(name for name in sys.modules if name.startswith('solver') and "
        "name.endswith(('attention', 'convolution', 'pooling', 'recurrent', 'expression', 'unrolled', 'circuit'))))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


LOGISTIC = """
kind = "expression"
[expression]
inputs = { p = 0.7, y = 1.0 }
nodes = { L = "-(y * log(p) + (1 - y) * log(1 - p))" }
output = "L"
[work]
derive = true
"""


def test_a_local_derivative_ends_in_the_form_that_the_backward_pass_uses() -> None:
    told = list(lines(explain(loads_problem(LOGISTIC)).blocks))
    boxed = [step.body.body for line in told for step in line.steps if isinstance(step.body, m.Boxed)]
    used = [step.body for line in told if line.left is not None for step in line.steps[:1]]
    assert len(boxed) == 2
    assert all(body in used for body in boxed)


@pytest.mark.parametrize("path", sorted(PROBLEMS.glob("*.toml")), ids=lambda path: path.stem)
def test_apostrophes_are_those_of_print(path: Path) -> None:
    document = explain(load_problem(path), checked=False)
    prose = [plain_text(node.phrase, lambda _: "") for node in paragraphs(document.blocks)]
    words = [document.title, *titles(document), *prose]
    assert not [text for text in words if "'" in text]


def test_what_adds_up_to_zero_behind_a_normalisation_is_named() -> None:
    told = [plain_text(node.phrase) for node in paragraphs(written("batch-norm").blocks)]
    assert [text for text in told if "over them the entries of δ₁ add up to 0" in text]


@pytest.mark.parametrize(("name", "sign"), [("lstm-two-steps", "×"), ("gru-two-steps", "∘")])
def test_the_products_of_a_cell_are_drawn_as_they_are_written(name: str, sign: str) -> None:
    (cell,) = [
        figure
        for section in sections(written(name).blocks)
        for figure in section.blocks
        if isinstance(figure, n.Figure) and "cell" in figure.alt
    ]
    signs = [shape.label for shape in cell.scene.shapes if isinstance(shape, Circle)]
    assert signs.count(m.Operator(sign)) == len(signs) - 1  # and a sum


def test_the_index_of_a_sample_stands_above_that_of_the_layer() -> None:
    sums = [
        part.body
        for line in lines(written("weight-penalty").blocks)
        for step in line.steps
        for part in walk(step.body)
        if isinstance(part, m.BigOperator) and isinstance(part.body, m.Script)
    ]
    assert m.Script(m.Symbol("δ", "bold"), sub=m.Digits("3"), sup=m.Fenced(m.Symbol("s"))) in sums


ONE_UNIT = """
[network]
inputs = INPUTS
targets = TARGETS
loss = "squared_error"
optimizer = { name = "momentum", learning_rate = 0.1 }
[[network.layer]]
weights = [[0.5, -0.25]]
activation = "tanh"
[[network.layer]]
weights = [[2], [1]]
activation = "sigmoid"
[notation]
preset = "PRESET"
"""


def one_unit(preset: str, samples: int = 1) -> n.Document:
    """Return the document of a layer of one unit below one of two."""
    text = ONE_UNIT.replace("PRESET", preset)
    text = text.replace("INPUTS", f"{[[1, 2]] * samples}").replace("TARGETS", f"{[[1, 0]] * samples}")
    return explain(loads_problem(text))


def words(document: n.Document) -> str:
    """Return all paragraphs, one after the other."""

    def inside(blocks: tuple[n.Block, ...]) -> Iterator[str]:
        for block in blocks:
            match block:
                case n.Paragraph(phrase):
                    yield plain_text(phrase)
                case n.Section(_, within) | n.Together(within):
                    yield from inside(within)

    return " ".join(inside(document.blocks))


def test_one_number_is_not_spoken_of_as_several() -> None:
    alone = words(one_unit("a-h"))
    assert "Layer 1. The pre-activation is and the activation is Layer 2. The pre-activations are" in alone
    assert "Layer 1. The pre-activations are and the activations are" in words(one_unit("a-h", 2))


def test_a_rule_names_the_new_weight_as_its_value_is_named() -> None:
    rule = [unicode(line.left) for line in lines(one_unit("n-a").blocks) if line.left is not None]
    assert "W¹′" in rule
    assert "W¹" not in rule[rule.index("W¹") + 1 :]  # where it is given


@pytest.mark.parametrize(
    ("preset", "output", "target"),
    [("n-a", "aₖ^(2[s])", "tₖ⁽ˢ⁾"), ("net-out", "outₒₖ⁽ˢ⁾", "targetₖ⁽ˢ⁾"), ("a-h", "ŷₖ⁽ˢ⁾", "yₖ⁽ˢ⁾")],
)
def test_the_loss_is_of_the_outputs_as_they_are_written_elsewhere(
    preset: str, output: str, target: str
) -> None:
    given = [unicode(step.body) for line in lines(one_unit(preset, 2).blocks) for step in line.steps]
    assert f"1/2 ∑ₛ₌₁² ∑ₖ₌₁² ({output} − {target})²" in given


def test_a_loss_that_moves_past_the_shown_digits_does_not_stay() -> None:
    slow = ONE_UNIT.replace("learning_rate = 0.1", "learning_rate = 1e-9").replace("PRESET", "a-h")
    slow = slow.replace("INPUTS", "[1, 2]").replace("TARGETS", "[1, 0]")
    assert "on the same data stays at 0.5 to the digits shown." in words(explain(loads_problem(slow)))
    steps = slow.replace("targets", "steps = 2\ntargets")
    assert "After two updates L is 0.5000 as at the start to the digits shown." in words(
        explain(loads_problem(steps))
    )
    still = slow.replace('"sigmoid"', '"step"').replace("[1, 0]", "[1, 1]")
    assert "on the same data stays at 0." in words(explain(loads_problem(still)))


def test_the_rule_of_an_update_is_not_that_of_a_fixed_parameter() -> None:
    table = tomllib.loads(
        ONE_UNIT.replace("PRESET", "a-h").replace("INPUTS", "[1, 2]").replace("TARGETS", "[1, 0]")
    )
    table["network"]["fixed"] = ["W1"]
    document = explain(loads_problem(tomli_w.dumps(table)))
    assert "Left as it is: W₁." in words(document)
    rules = [
        unicode(line.left) for line in lines(document.blocks) if line.left and line.steps[0].relation == "←"
    ]
    assert rules[:2] == ["m_(W₂)", "W₂"]


def test_several_fixed_parameters_are_listed() -> None:
    table = tomllib.loads((PROBLEMS / "padhai-multiple-paths.toml").read_text("utf-8"))
    table.pop("variants", None)
    table["network"]["layer"][0]["biases"] = [0, 0, 0, 0]
    table["network"]["layer"][1]["biases"] = [0, 0]
    table["network"]["fixed"] = ["b1", "W1", "b2"]
    table["work"]["gradients"] = ["W2"]
    assert "Left as they are: W₁, b₁ and b₂." in words(explain(loads_problem(tomli_w.dumps(table))))


@pytest.mark.parametrize(
    ("data", "layer"),
    [("inputs = 2", "units = 1"), ("inputs = [2, 5]\ntargets = [1]", "weights = [[0.5, 0.8]]")],
    ids=["in letters", "in numbers"],
)
def test_where_all_parameters_are_fixed_no_rule_is_told(data: str, layer: str) -> None:
    text = f"""
[network]
{data}
learning_rate = 1
fixed = ["W1"]
[[network.layer]]
{layer}
"""
    document = explain(loads_problem(text))
    assert "All parameters are fixed" in words(document)
    assert "gradient descent" not in words(document)


@pytest.mark.parametrize("inputs", [2, 9])
def test_a_penalty_of_few_weights_is_written_out_with_its_numbers(inputs: int) -> None:
    text = f"""
[network]
inputs = {[1] * inputs}
targets = [1]
l2 = 0.1
[[network.layer]]
weights = {[[0.5] * inputs]}
"""
    loss = [
        line for line in lines(explain(loads_problem(text)).blocks) if unicode(line.left or m.Row(())) == "L"
    ]
    assert [len(line.steps) for line in loss] == [1, 3 if inputs == 2 else 2]
    squares = "0.05(w₁² + w₂²)" if inputs == 2 else "1/20 ∑_(weights) W²"
    assert all(squares in unicode(line.steps[0].body) for line in loss)


@pytest.mark.parametrize("kind", ["network", "convolution", "recurrent"])
def test_what_an_activation_is_stands_where_its_name_does_not_say_it(kind: str) -> None:
    text = DIAGONAL[kind].replace('softmax_jacobian = "diagonal"\n', "")
    document = explain(loads_problem(text.replace("ACTIVATION", "leaky_relu")))
    assert "The leaky ReLU of a pre-activation is" in words(document)
    defined = [line for line in lines(document.blocks) if unicode(line.left or m.Row(())) == "LeakyReLU(a)"]
    assert [unicode(step.body) for line in defined for step in line.steps] == ["{a  a > 0; 0.01a  otherwise}"]
    assert "of a pre-activation" not in words(explain(loads_problem(text.replace("ACTIVATION", "sigmoid"))))


def test_the_number_of_an_update_is_explained_where_a_rule_reads_it() -> None:
    text = ONE_UNIT.replace("INPUTS", "[1, 2]").replace("TARGETS", "[1, 0]").replace("PRESET", "a-h")
    assert ", in update k (counted from 1)," in words(
        explain(loads_problem(text.replace('"momentum"', '"adam"')))
    )
    assert "update k" not in words(explain(loads_problem(text)))


def test_a_time_step_is_not_called_like_a_target() -> None:
    table = tomllib.loads((PROBLEMS / "elman-two-steps.toml").read_text("utf-8"))
    for key in ("claims", "variants"):
        table.pop(key, None)
    seen = {}
    for preset in ("a-h", "n-a"):
        document = explain(loads_problem(tomli_w.dumps(table | {"notation": {"preset": preset}})))
        seen[preset] = [unicode(step.body) for line in lines(document.blocks) for step in line.steps]
        seen[preset].append(words(document))
    assert any("∑ₜ₌₁²" in text for text in seen["a-h"])
    assert any("In step t the network" in text for text in seen["a-h"])
    assert any("t_τ" in text for text in seen["n-a"])
    assert not any("tₜ" in text or "step t" in text for text in seen["n-a"])


PADDED = """
kind = "convolution"
[convolution]
inputs = [[1, 2, 0, -1, 3]]
kernels = [[[0.5, -0.5]]]
padding = 1
targets = [1]
POOL
[[convolution.layer]]
weights = WEIGHTS
"""


@pytest.mark.parametrize(
    ("pool", "weights", "said"),
    [
        ("", 6, "Each of these five places adds one product."),
        (
            'pool = { kind = "max", size = 2, stride = 2 }',
            3,
            "Two of these five places hand a gradient back, and each adds one product; the others are pooled away.",
        ),
    ],
)
def test_a_kernel_weight_on_the_padding_adds_no_product(pool: str, weights: int, said: str) -> None:
    text = PADDED.replace("POOL", pool).replace("WEIGHTS", f"{[[1] * weights]}")
    met = "At five of them it meets one entry of the input, at the other the padding, which adds nothing."
    assert f"is used at each of the six places. {met} {said}" in words(explain(loads_problem(text)))


def test_paths_through_time_are_counted_where_they_are_too_many() -> None:
    assert "Through time the gradients asked for run along" not in words(written("elman-two-steps"))
    table = tomllib.loads((PROBLEMS / "elman-two-steps.toml").read_text("utf-8"))
    table["recurrent"]["inputs"] *= 3
    table["recurrent"]["targets"] *= 3
    for key in ("claims", "variants"):
        table.pop(key, None)
    assert "paths, too many to be followed one by one" in words(explain(loads_problem(tomli_w.dumps(table))))


def test_what_lies_at_a_kink_is_not_compared() -> None:
    text = ONE_UNIT.replace("INPUTS", "[1, 2]").replace("TARGETS", "[1, 0]").replace("PRESET", "a-h")
    assert "The gradients of all parameters were compared" in words(explain(loads_problem(text)))
    kinks = words(explain(loads_problem(text.replace('"tanh"', '"relu"'))))
    assert "The gradients of 2 of the 4 parameters were compared" in kinks
    assert "Two others lie at a kink, where a difference quotient says nothing, and were left out." in kinks
    alone = DIAGONAL["network"].replace("ACTIVATION", "relu").replace("[1, 0]", "[1, 1]")
    alone = alone.replace("0.2], [0.3, -0.4", "-0.05], [0.2, -0.1")
    assert "All parameters lie at a kink" in words(explain(loads_problem(alone)))
    hand = text + '[numbers]\nrounding = "by-hand"\n'
    assert "The unrounded gradients of all parameters were compared" in words(explain(loads_problem(hand)))


DIAGONAL = {
    "network": """
[network]
inputs = [1, 2]
targets = [1, 0]
softmax_jacobian = "diagonal"
[[network.layer]]
weights = [[0.1, 0.2], [0.3, -0.4]]
activation = "ACTIVATION"
""",
    "convolution": """
kind = "convolution"
[convolution]
inputs = [[1, 2, 0]]
targets = [1, 0]
kernels = [[[0.5, -0.5]]]
softmax_jacobian = "diagonal"
[[convolution.layer]]
weights = [[0.1, 0.2], [0.4, 0.3]]
activation = "ACTIVATION"
""",
    "recurrent": """
kind = "recurrent"
[recurrent]
inputs = [[1.0], [0.5]]
targets = [[1, 0]]
input_weights = [[0.1]]
hidden_weights = [[0.3]]
output = { weights = [[0.5], [1]], activation = "ACTIVATION" }
softmax_jacobian = "diagonal"
""",
    "attention": """
kind = "attention"
[attention]
inputs = [[1, 0], [0, 1]]
targets = [[1], [0]]
query_weights = [[0.5], [0.1]]
key_weights = [[0.5], [0.2]]
value_weights = [[1], [2]]
causal = true
softmax_jacobian = "diagonal"
""",
}


def warnings_of(text: str) -> list[n.Note]:
    blocks = explain(loads_problem(text)).blocks
    return [block for block in blocks if isinstance(block, n.Note) and block.kind == "warning"]


@pytest.mark.parametrize("kind", DIAGONAL)
def test_a_softmax_as_if_elementwise_carries_a_warning_in_every_kind(kind: str) -> None:
    (warning,) = warnings_of(DIAGONAL[kind].replace("ACTIVATION", "softmax"))
    assert any(isinstance(block, n.Table) for block in warning.blocks)


@pytest.mark.parametrize("kind", ["network", "convolution", "recurrent"])
def test_without_a_softmax_there_is_nothing_to_warn_of(kind: str) -> None:
    assert not warnings_of(DIAGONAL[kind].replace("ACTIVATION", "sigmoid"))
