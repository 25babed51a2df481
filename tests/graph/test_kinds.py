"""What each kind of problem is called and means, on numbers that can be worked out on paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from solver.graph import build
from solver.graph.model import Model
from solver.quantities import Quantity
from solver.spec import loads_problem
from solver.trace.asked import named
from solver.trace.chain import chain_rule
from solver.trace.json_form import to_json


def model_of(text: str) -> Model:
    return build(loads_problem(text))


def quantities(text: str) -> dict[str, Any]:
    form = to_json(model_of(text), title="", kind="")
    return dict(form["quantities"])


CIRCUIT = """
kind = "expression"
[expression]
inputs = { x = -2, y = 5, z = -4 }
nodes  = { q = "x + y", f = "q * z" }
output = "f"
"""


def test_the_circuit_of_every_course() -> None:
    assert quantities(CIRCUIT) == {
        "x": -2, "y": 5, "z": -4, "q": 3, "f": -12, "df/dx": -4, "df/dy": -4, "df/dz": 3, "df/dq": -4,
    }  # fmt: skip


def test_a_name_with_a_digit_is_a_name_and_no_layer() -> None:
    found = model_of(CIRCUIT.replace("q", "W1"))
    assert Quantity("W1") in found.graph.by_quantity
    assert quantities(CIRCUIT.replace("q", "W1"))["df/dW1"] == -4


def test_nodes_in_any_order_and_past_the_output() -> None:
    text = """
    kind = "expression"
    [expression]
    inputs = { x = 3, unread = 1 }
    nodes  = { after = "2 * f", f = "x * q", q = "x + 1", beside = "7" }
    output = "f"
    """
    found = quantities(text)
    assert (found["f"], found["after"], found["beside"]) == (12, 24, 7)
    assert found["df/dx"] == 7  # two paths: q + x
    assert found["df/dafter"] == found["df/dunread"] == found["df/dbeside"] == 0


def test_a_trained_input_carries_its_state_from_step_to_step() -> None:
    text = """
    kind = "expression"
    [expression]
    inputs = { x = 1 }
    nodes = { f = "x^2" }
    output = "f"
    parameters = ["x"]
    optimizer = { name = "momentum", learning_rate = 0.25, beta = 0.5, form = "classical" }
    steps = 2
    """
    first, second = to_json(model_of(text), title="", kind="")["steps"]
    assert (first["m_x"], first["x'"], first["f'"]) == (2, 0.5, 0.25)
    assert (second["x"], second["df/dx"], second["m_x"], second["x'"]) == (0.5, 1, 2, 0)


ELMAN = """
kind = "recurrent"
[recurrent]
inputs = [[1], [2], [3]]
targets = [[0]]
initial = [1]
input_weights = [[2]]
hidden_weights = [[3]]
activation = "linear"
output = { weights = [[1]] }
"""


def test_an_elman_network_through_time() -> None:
    # h = 2·1 + 3·1 = 5, then 2·2 + 15 = 19, then 2·3 + 57 = 63; L = 63², ∂L/∂o = 126
    found = quantities(ELMAN)
    assert found["h"] == [[5], [19], [63]]
    assert (found["h0"], found["o"], found["t"], found["L"]) == ([1], [[63]], [[0]], 3969)
    assert found["dL/dh"] == [[126 * 9], [126 * 3], [126]]
    assert found["dL/dU"] == [[126 * (9 * 1 + 3 * 2 + 3)]]
    assert found["dL/dW"] == [[126 * (9 * 1 + 3 * 5 + 19)]]
    assert found["dL/dh0"] == [126 * 27]


def test_a_weight_shared_by_all_steps_has_a_path_through_each() -> None:
    graph = model_of(ELMAN).graph
    (chain,) = chain_rule(graph, [Quantity("W").at(1, 1)]).chains
    assert len(chain.products) == 3
    times = {element.time for product in chain.products for element in product.path.elements[1:2]}
    assert times == {1, 2, 3}


def test_names_of_elements_follow_the_json_form() -> None:
    graph = model_of(ELMAN).graph
    assert [str(element) for element in named(graph, "h")] == ["h[1]", "h[2]", "h[3]"]
    assert named(graph, "h[2,1]") == [Quantity("h", time=2).at(1)]
    # The read-out at the last step alone is the first row of its array.
    (output,) = named(graph, "dL/do[1,1]")
    assert (output.time, str(output)) == (3, "o[1,1]")
    assert [str(element) for element in named(graph, "h0[1]")] == ["h0[1]"]
    with pytest.raises(LookupError):
        named(graph, "h[4,1]")


def test_names_with_samples_give_the_sample_first() -> None:
    text = (
        "[network]\ninputs = [[1, 2], [3, 4]]\ntargets = [[0], [0]]\n[[network.layer]]\nweights = [[1, 1]]\n"
    )
    (element,) = named(model_of(text).graph, "a1[2,1]")
    assert (element.sample, element.index) == (2, (1,))


def test_gates_are_named_apart_from_the_read_out() -> None:
    gate = "{ input_weights = [[1]], hidden_weights = [[1]] }"
    text = f"""
    kind = "recurrent"
    [recurrent]
    cell = "lstm"
    inputs = [[0], [0]]
    targets = [[0]]
    output = {{ weights = [[1]] }}
    gates = {{ f = {gate}, i = {gate}, o = {gate}, g = {gate} }}
    """
    found = quantities(text)
    assert {"a_o", "h_o", "o", "s", "s0", "U_o", "dL/dU_o", "dL/dh_f"} <= found.keys()
    assert found["h_o"] == [[0.5], [0.5]]
    assert np.shape(found["o"]) == (1, 1)


@pytest.mark.parametrize(("convention", "expected"), [("z-keeps", 0.75), ("z-replaces", 0.25)])
def test_both_conventions_of_the_gru(convention: str, expected: float) -> None:
    # With weights of 0 and a bias of ln 3, z = 3/4; n = 0, so that h keeps 3/4 or 1/4 of h₀ = 1.
    none = "input_weights = [[0]], hidden_weights = [[0]]"
    text = f"""
    kind = "recurrent"
    [recurrent]
    cell = "gru"
    convention = "{convention}"
    inputs = [[1]]
    targets = [[0]]
    initial = [1]
    gates = {{ z = {{ {none}, biases = [1.0986122886681098] }}, r = {{ {none} }}, n = {{ {none} }} }}
    """
    assert quantities(text)["h"] == [[pytest.approx(expected, rel=1e-15)]]


def convolution(**options: str) -> str:
    lines = "\n".join(f"{name} = {value}" for name, value in options.items())
    return f'kind = "convolution"\n[convolution]\n{lines}\n'


def test_a_kernel_slides_with_stride_and_padding() -> None:
    found = quantities(
        convolution(
            inputs="[[1, 2, 3, 4]]", kernels="[[[1, 10, 100]]]", padding="1", stride="2", targets="[0, 0]"
        )
    )
    assert found["Z"] == [[10 * 1 + 100 * 2, 2 + 10 * 3 + 100 * 4]]
    assert found["dL/dZ"] == [[420, 864]]
    assert found["dL/dK"] == [[[864 * 2, 420 * 1 + 864 * 3, 420 * 2 + 864 * 4]]]
    assert found["dL/dx"] == [[4200, 42000 + 864, 8640, 86400]]


def test_at_a_tie_the_first_entry_takes_the_gradient() -> None:
    found = quantities(
        convolution(
            inputs="[[3, 3, 1, 3]]", kernels="[[[1]]]", pool='{ kind = "max", size = 2 }', targets="[[0, 0]]"
        )
    )
    assert found["P"] == [[3, 3]]
    assert found["dL/dA"] == [[6, 0, 0, 6]]


def test_an_average_shares_its_gradient() -> None:
    found = quantities(
        convolution(
            inputs="[[[1, 3], [5, 7]]]",
            kernels="[[[[1]]]]",
            pool='{ kind = "average", size = 2 }',
            targets="[[[0]]]",
        )
    )
    assert (found["P"], found["dL/dA"]) == ([[[4]]], [[[2, 2], [2, 2]]])


def test_dense_layers_read_the_maps_in_reading_order() -> None:
    text = convolution(inputs="[[[1, 2], [3, 4]]]", kernels="[[[[1]]]]", targets="[0]")
    found = quantities(text + "[[convolution.layer]]\nweights = [[1, 10, 100, 1000]]\n")
    assert found["a1"] == [4321]
    assert np.shape(found["dL/dA"]) == (1, 2, 2)
    assert "flat" not in " ".join(found)


def layer(*lines: str, inputs: str = "[1, 3]", targets: str = "[0, 0]") -> str:
    rows = "\n".join(lines)
    return f"[network]\ninputs = {inputs}\ntargets = {targets}\n[[network.layer]]\nweights = [[1, 0], [0, 1]]\n{rows}\n"


def test_kept_units_are_divided_by_keep() -> None:
    found = quantities(layer("dropout = [1, 0]", "keep = 0.5"))
    assert (found["u1"], found["h1"]) == ([1, 3], [2, 0])
    assert (found["dL/dh1"], found["dL/du1"]) == ([4, 0], [8, 0])


def test_layer_normalisation_is_over_the_units() -> None:
    found = quantities(layer('normalize = "layer"', "epsilon = 3", "gamma = [4, 6]", "beta = [1, 0]"))
    # mean 2, variance 1, root of 1 + 3 is 2
    assert (found["a1"], found["mean1"], found["var1"]) == ([1, 3], 2, 1)
    assert (found["n1"], found["s1"], found["h1"]) == ([-0.5, 0.5], [-1, 3], [-1, 3])
    assert (found["dL/dbeta1"], found["dL/dgamma1"]) == ([-2, 6], [1, 3])


def test_batch_normalisation_is_over_the_samples() -> None:
    text = layer('normalize = "batch"', "epsilon = 3", inputs="[[1, 5], [3, 5]]", targets="[[0, 0], [0, 0]]")
    found = quantities(text)
    assert (found["mean1"], found["var1"]) == ([2, 5], [1, 0])
    assert found["n1"] == [[-0.5, 0], [0.5, 0]]
    assert (found["gamma1"], found["beta1"]) == ([1, 1], [0, 0])


def test_a_causal_head_looks_at_no_later_token() -> None:
    text = """
    kind = "attention"
    [attention]
    inputs = [[1], [2]]
    query_weights = [[0]]
    key_weights = [[1]]
    value_weights = [[4]]
    targets = [[0], [0]]
    causal = true
    """
    found = quantities(text)
    assert found["P"] == [[1, 0], [0.5, 0.5]]
    assert found["O"] == [[4], [6]]
    assert found["dL/dV"] == [[8 + 6], [6]]
    assert found["dL/dS"][0] == [0, 0]
