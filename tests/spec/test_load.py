"""What a right file becomes: every field of the contract, its default, and the digits as typed."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from solver.errors import InputError, render_failure
from solver.spec import NetworkProblem, Problem, load_problem, loads_problem, new_problem_text
from solver.spec.choices import ActivationChoice, LossChoice, OptimizerChoice
from solver.spec.source import KINDS
from solver.spec.variants import ChoiceDraw, OneHotDraw, RangeDraw

CONTRACT = """
title  = "Multiple paths"
source = "PadhAI, Backpropagation: the light math version"   # optional, printed under the title
kind   = "network"             # default; others below

[network]
inputs  = [2, 5, 3, 3]         # or rows of samples; or `inputs = 4` (a count): a symbolic problem
targets = [1, 0]
loss    = "squared_error"      # or { name = "squared_error", factor = 0.5, outputs = "mean", samples = "sum" }
weight_order  = "to-from"      # W[to][from], a = W x + b;  "from-to": W[from][to], a = x W + b
learning_rate = 1              # or optimizer = { name = "adam", learning_rate = 0.01, beta1 = 0.9, ... }
steps   = 1
fixed   = ["b1"]               # parameters that the update leaves alone
softmax_jacobian = "full"      # "diagonal": some lecture notes take only d y_k / d a_k; printed with a warning

[[network.layer]]
weights = [[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]]
biases  = [0, 0, 0, 0]         # left out: no bias; `bias = 0.35`: one bias shared by the whole layer
activation = "sigmoid"

[[network.layer]]
weights = [[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]]
activation = "softmax"

[notation]                     # letters and styles alone: nothing here changes a number
preset = "padhai"              # any of its letters can be overridden key by key

[numbers]
significant = 4
rounding = "carry"

[work]
gradients = ["W1[3,1]", "W2"]  # default: all parameters
form   = "paths"               # "paths": every product along every path; "matrix": deltas and outer products
detail = "full"                # "first": one weight a layer in full, the rest in a table
update = true
derive = false                 # true: derive each derivative used, rule by rule

[[claims]]                     # figures that a published solution prints, for `check`
quantity = "dL/dW1[3,1]"
value    = "0.001595"          # as printed: a string keeps its digits
where    = "step 6"

[variants]
seed  = 2026
count = 30
[variants.draw]
"W1" = { low = -0.5, high = 0.5, step = 0.1, exclude = [0] }    # shape from the file's own array
"W2" = { choices = [0.1, 0.2, 0.5] }
"t"  = { one_hot = true }
[variants.require]
distinct     = true
min_gradient = 0.001
max_activation = 0.98
"""

SMALL = "[network]\ninputs = [1]\ntargets = [1]\n{}\n[[network.layer]]\nweights = [[0.50]]\n{}\n"


def small(training: str = "", layer: str = "") -> NetworkProblem:
    problem = loads_problem(SMALL.format(training, layer))
    assert problem.kind == "network"
    return problem


def test_the_contract_s_own_example() -> None:
    problem = loads_problem(CONTRACT)
    assert isinstance(problem, NetworkProblem)
    assert problem.title == "Multiple paths"
    first, second = problem.network.layers
    assert str(first.weights.exact[0, 3]) == "-0.4"  # type: ignore[union-attr]
    assert second.activation == ActivationChoice("softmax")
    assert second.biases is None
    assert problem.network.update_rule == OptimizerChoice("sgd", 1)
    assert problem.work.gradients == ("W1[3,1]", "W2")
    (claim,) = problem.claims
    assert (str(claim.value.exact), str(claim.value.texts), claim.where, claim.step) == (
        "0.001595",
        "0.001595",
        "step 6",
        1,
    )
    assert problem.variants is not None
    assert problem.variants.draw["W1"] == RangeDraw(
        low=Decimal("-0.5"), high=Decimal("0.5"), step=Decimal("0.1"), exclude=(0,)
    )
    assert isinstance(problem.variants.draw["W2"], ChoiceDraw)
    assert isinstance(problem.variants.draw["t"], OneHotDraw)
    assert problem.variants.require.max_activation == Decimal("0.98")


def test_what_is_left_out() -> None:
    problem = small()
    network, layer = problem.network, problem.network.layers[0]
    assert network.loss == LossChoice("squared_error", 1, "sum", "mean")
    assert (network.weight_order, network.softmax_jacobian, network.steps, network.fixed, network.l2) == (
        "to-from",
        "full",
        1,
        (),
        0,
    )
    assert network.update_rule is None
    assert layer.activation == ActivationChoice("linear")
    assert (layer.biases, layer.bias, layer.dropout, layer.keep, layer.normalize) == (None,) * 5
    assert (problem.numbers.digits, problem.numbers.decimals, problem.numbers.rounding) == (4, None, "carry")
    assert (problem.work.form, problem.work.detail, problem.work.update, problem.work.derive) == (
        "paths",
        "full",
        True,
        False,
    )
    assert problem.work.gradients is None
    assert (problem.notation.preset, dict(problem.notation.overrides)) == ("default", {})
    assert problem.variants is None


def test_a_title_left_out_is_the_file_s_name() -> None:
    assert loads_problem(SMALL.format("", ""), "folder/my-problem.toml").title == "my-problem"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"sigmoid"', ActivationChoice("sigmoid")),
        ('{ name = "elu", alpha = 0.50 }', ActivationChoice("elu", (("alpha", Decimal("0.50")),))),
        ('{ name = "leaky_relu" }', ActivationChoice("leaky_relu")),
    ],
)
def test_activations(text: str, expected: ActivationChoice) -> None:
    assert small(layer=f"activation = {text}").network.layers[0].activation == expected


def test_every_activation_and_loss_of_the_contract() -> None:
    names = [
        "linear",
        "sigmoid",
        "tanh",
        "relu",
        "leaky_relu",
        "elu",
        "softplus",
        "gelu",
        "swish",
        "step",
        "softmax",
    ]
    for name in names:
        assert small(layer=f'activation = "{name}"').network.layers[0].activation.name == name
    for name in (
        "squared_error",
        "absolute_error",
        "huber",
        "hinge",
        "binary_cross_entropy",
        "cross_entropy",
    ):
        assert small(f'loss = "{name}"').network.loss.name == name


def test_losses() -> None:
    text = 'loss = { name = "huber", factor = 0.5, outputs = "mean", samples = "sum", delta = 2 }'
    assert small(text).network.loss == LossChoice("huber", Decimal("0.5"), "mean", "sum", (("delta", 2),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name = "sgd", learning_rate = 0.1', OptimizerChoice("sgd", Decimal("0.1"))),
        (
            'name = "momentum", learning_rate = 1, beta = 0.8, form = "classical"',
            OptimizerChoice("momentum", 1, 0, "classical", (("beta", Decimal("0.8")),)),
        ),
        (
            'name = "nesterov", learning_rate = 1, momentum = 0.8',
            OptimizerChoice("nesterov", 1, 0, "", (("beta", Decimal("0.8")),)),
        ),
        (
            'name = "rmsprop", learning_rate = 1, weight_decay = 0.01',
            OptimizerChoice("rmsprop", 1, Decimal("0.01")),
        ),
        (
            'name = "adam", learning_rate = 0.01, beta1 = 0.9, beta2 = 0.99, epsilon = 0',
            OptimizerChoice(
                "adam",
                Decimal("0.01"),
                0,
                "",
                (("beta1", Decimal("0.9")), ("beta2", Decimal("0.99")), ("epsilon", 0)),
            ),
        ),
    ],
)
def test_optimizers(text: str, expected: OptimizerChoice) -> None:
    assert small(f"optimizer = {{ {text} }}").network.update_rule == expected


def test_samples_masks_and_normalisation() -> None:
    problem = loads_problem(
        "[network]\ninputs = [[1, 2], [3, 4]]\ntargets = [[1], [0]]\nl2 = 0.1\n[[network.layer]]\nweights = [[1, 2]]\n"
        'bias = 0.35\nnormalize = "batch"\ngamma = [1.5]\nbeta = [0]\nepsilon = 1e-3\ndropout = [[1], [0]]\nkeep = 0.5\n'
    )
    assert isinstance(problem, NetworkProblem)
    network = problem.network
    assert (network.samples, network.sample_axis, network.input_units, network.symbolic) == (
        2,
        True,
        2,
        False,
    )
    layer = network.layers[0]
    assert (layer.bias, layer.normalize, layer.epsilon, layer.keep) == (
        Decimal("0.35"),
        "batch",
        Decimal("0.001"),
        Decimal("0.5"),
    )
    assert layer.dropout is not None
    assert layer.dropout.shape == (2, 1)


def test_weights_from_to() -> None:
    problem = loads_problem(
        '[network]\ninputs = [1, 2, 3]\ntargets = [1]\nweight_order = "from-to"\n'
        "[[network.layer]]\nweights = [[1], [2], [3]]\n"
    )
    assert isinstance(problem, NetworkProblem)
    assert problem.network.layers[0].unit_count(problem.network.from_to) == 1


def test_a_symbolic_network() -> None:
    problem = loads_problem(
        '[network]\ninputs = 3\nlearning_rate = 0.1\n[[network.layer]]\nunits = 2\nbiases = true\nactivation = "phi"\n'
        '[[network.layer]]\nunits = 1\n[work]\nthrough = "output"\ntopics = ["softmax", "shapes"]\n'
        'example = { "h1[1]" = 0.7, h2 = 1 }\n'
    )
    assert problem.symbolic
    assert problem.work.example == {"h1[1]": Decimal("0.7"), "h2": 1}
    assert problem.work.topics == ("softmax", "shapes")


def test_letters() -> None:
    text = (
        SMALL.format("", "")
        + '[notation]\npreset = "z-a"\nrate = "η"\noutput = "hat y"\nweight = "Theta"\nhadamard = "odot"\n'
    )
    notation = loads_problem(text).notation
    assert dict(notation.overrides) == {
        "rate": "eta",
        "output": "hat y",
        "weight": "Theta",
        "hadamard": "odot",
    }


@pytest.mark.parametrize(
    "value", ['"0.50"', '"0,50"', '"−0.50"', '" 0.50 "', "0.50", '"+.5"', '"5e-1"', '"5."']
)
def test_claims_keep_their_digits(value: str) -> None:
    problem = loads_problem(SMALL.format("", "") + f"[[claims]]\nquantity = 'L'\nvalue = {value}\n")
    (claim,) = problem.claims
    expected = {'"−0.50"': "-0.50", '"+.5"': "0.5", '"5e-1"': "0.5", '"5."': "5"}.get(value, "0.50")
    assert str(claim.value.exact) == expected
    assert str(claim.value.texts) == value.strip('" ')


def test_a_claim_on_an_array() -> None:
    text = (
        new_problem_text()
        + '\n[[claims]]\nquantity = "W1\'"\nvalue = [["0.1498", 0.1996], ["0.2498", "0.2995"]]\n'
    )
    claim = loads_problem(text).claims[-1]
    assert claim.value.texts.tolist() == [["0.1498", "0.1996"], ["0.2498", "0.2995"]]
    assert pickle.loads(pickle.dumps(claim.value)).texts.tolist() == claim.value.texts.tolist()


def test_the_same_figure_claimed_at_two_places() -> None:
    claim = "[[claims]]\nquantity = 'L'\nvalue = '1'\nwhere = '{}'\n"
    assert len(loads_problem(SMALL.format("", "") + claim.format("p. 1") + claim.format("p. 2")).claims) == 2


def test_the_step_of_a_draw_left_out_is_a_unit_of_the_last_digit() -> None:
    assert RangeDraw(low=Decimal("-0.5"), high=Decimal("0.25")).grid == Decimal("0.01")
    assert RangeDraw(low=1, high=6).grid == 1
    assert RangeDraw(low=1, high=6, step=2).grid == 2


def test_models_are_frozen_and_closed() -> None:
    problem = small()
    with pytest.raises(ValidationError):
        problem.title = "other"
    with pytest.raises(ValidationError):
        problem.network.layers[0].bias = 1
    assert pickle.loads(pickle.dumps(problem)) == problem


def test_file_and_digest(tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text(new_problem_text(), "utf-8")
    problem = load_problem(file)
    assert problem.file == file
    assert problem.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert load_problem(str(file)) == problem


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_bytes(b"\xef\xbb\xbf" + new_problem_text().replace("\n", "\r\n").encode())
    assert load_problem(file).kind == "network"


@pytest.mark.parametrize("kind", KINDS)
def test_new_files_work_and_have_every_table(kind: str) -> None:
    text = new_problem_text(kind)
    problem = loads_problem(text, f"{kind}.toml")
    assert problem.kind == kind
    assert problem.body is getattr(problem, kind)
    assert max(map(len, text.splitlines())) <= 120


def test_new_of_an_unknown_kind() -> None:
    with pytest.raises(InputError, match='did you mean "recurrent"'):
        new_problem_text("recurent")


def message(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_problem(path)
    return render_failure(caught.value).replace(str(path.parent), "DIR")


def test_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "network.toml").write_text("")
    assert message(tmp_path / "netwrok.toml") == (
        'DIR/netwrok.toml: no such file; expected a problem file; did you mean "network.toml"?'
    )
    assert message(tmp_path / "network").endswith('did you mean "network.toml"?')
    assert (
        message(tmp_path / "quite-another.toml")
        == "DIR/quite-another.toml: no such file; expected a problem file"
    )
    assert message(tmp_path / "no" / "such.toml") == "DIR/such.toml: no such file; expected a problem file"


def test_a_directory(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert message(tmp_path / "folder") == "DIR/folder: found a directory, expected a problem file"


def test_an_unreadable_file(tmp_path: Path) -> None:
    file = tmp_path / "secret.toml"
    file.write_text("")
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user may read everything")
    assert message(file) == "DIR/secret.toml: the file cannot be read: permission denied"


def test_a_file_that_never_ends() -> None:
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip("no such device here")
    with pytest.raises(InputError, match="too large"):
        load_problem(endless)


def test_a_large_network_loads(tmp_path: Path) -> None:
    def matrix(rows: int, columns: int) -> str:
        return (
            "["
            + ",\n".join(
                "[" + ", ".join(f"0.{(r * c) % 97:02}" for c in range(columns)) + "]" for r in range(rows)
            )
            + "]"
        )

    file = tmp_path / "large.toml"
    file.write_text(
        f"[network]\ninputs = {matrix(1, 784)}\ntargets = {matrix(1, 10)}\n"
        f'[[network.layer]]\nweights = {matrix(128, 784)}\nactivation = "relu"\n'
        f'[[network.layer]]\nweights = {matrix(10, 128)}\nactivation = "softmax"\n'
    )
    problem = load_problem(file)
    assert isinstance(problem, NetworkProblem)
    assert problem.network.layers[0].weights is not None
    assert problem.network.layers[0].weights.size == 128 * 784


def test_loading_a_problem_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom solver.spec import loads_problem, new_problem_text\nloads_problem(new_problem_text())\n"
        "heavy = {'sympy', 'jinja2', 'pylatex', 'pikepdf', 'rich', 'tree_sitter', 'difflib', 'solver.spec.exam',"
        " 'solver.spec.course', 'solver.spec.recurrent'}\nprint(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def examples() -> list[Path]:
    return sorted((Path(__file__).parents[2] / "problems").glob("*.toml"))


@pytest.mark.parametrize("file", examples(), ids=lambda path: path.name)
def test_the_problems_of_the_project_load(file: Path) -> None:
    problem: Problem = load_problem(file)
    assert problem.source
