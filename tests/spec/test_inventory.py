"""Which quantities each kind has, under the contract's names and in the shapes of its JSON."""

from __future__ import annotations

from solver.spec import known_quantities, loads_problem, new_problem_text
from solver.spec.inventory import inventory_of

NETWORK = """
[network]
inputs = {inputs}
targets = {targets}
{more}
[[network.layer]]
weights = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
biases = [0, 0, 0]
activation = "tanh"
[[network.layer]]
weights = [[0.1, 0.2, 0.3]]
bias = 0.5
"""


def network(inputs: str = "[1, 2]", targets: str = "[1]", more: str = "") -> dict[str, tuple[int, ...]]:
    return known_quantities(loads_problem(NETWORK.format(inputs=inputs, targets=targets, more=more)))


def test_one_sample_without_an_update() -> None:
    plain = {
        "x": (2,), "W1": (3, 2), "b1": (3,), "a1": (3,), "h1": (3,), "W2": (1, 3), "b2": (), "a2": (1,), "h2": (1,),
        "t": (1,), "L": (),
    }  # fmt: skip
    gradients = {f"dL/d{name}": shape for name, shape in plain.items() if name not in ("t", "L")}
    assert network() == plain | gradients


def test_rows_of_samples_come_first() -> None:
    known = network("[[1, 2], [3, 4], [5, 6]]", "[[1], [0], [1]]")
    assert known["x"] == known["dL/dx"] == (3, 2)
    assert known["a1"] == known["dL/dh1"] == (3, 3)
    assert known["t"] == (3, 1)
    assert known["W1"] == known["dL/dW1"] == (3, 2)


def test_one_row_is_still_a_row() -> None:
    assert network("[[1, 2]]", "[[1]]")["x"] == (1, 2)


def test_updates_and_optimizer_state() -> None:
    before = set(network())
    assert set(network(more="learning_rate = 0.1")) - before == {"W1'", "b1'", "W2'", "b2'", "L'"}
    adam = set(network(more='optimizer = { name = "adam", learning_rate = 0.1 }')) - before
    assert {"m_W1", "v_b2", "mhat_W2", "vhat_b1", "L'"} <= adam
    assert len(adam) == 5 + 4 * 4
    momentum = set(network(more='optimizer = { name = "momentum", learning_rate = 0.1 }')) - before
    assert {"m_W1", "v_W1"} <= momentum  # a velocity, by both of its usual names
    assert "mhat_W1" not in momentum
    assert "v_W1" in network(more='optimizer = { name = "rmsprop", learning_rate = 0.1 }')


def test_a_symbolic_network_has_shapes_from_its_units() -> None:
    problem = loads_problem(
        "[network]\ninputs = 4\n[[network.layer]]\nunits = 3\nbiases = true\n[[network.layer]]\nunits = 1\n"
    )
    known = known_quantities(problem)
    assert known["x"] == (4,)
    assert known["W1"] == known["W1'"] == (3, 4)
    assert known["b1"] == (3,)
    assert known["W2"] == (1, 3)
    assert "b2" not in known
    assert known["t"] == (1,)
    assert inventory_of(problem).given == {}


def test_symbolic_weights_from_to() -> None:
    problem = loads_problem('[network]\ninputs = 4\nweight_order = "from-to"\n[[network.layer]]\nunits = 3\n')
    assert known_quantities(problem)["W1"] == (4, 3)


def test_normalised_layers_have_scale_and_shift_whether_written_or_not() -> None:
    text = NETWORK.format(inputs="[1, 2]", targets="[1]", more="").replace(
        'activation = "tanh"', 'normalize = "layer"'
    )
    known = known_quantities(loads_problem(text))
    assert known["gamma1"] == known["dL/dbeta1"] == (3,)
    assert "gamma2" not in known


def test_an_expression_is_called_by_its_own_names() -> None:
    text = new_problem_text("expression")
    assert list(known_quantities(loads_problem(text))) == [
        "x",
        "y",
        "z",
        "q",
        "f",
        "df/dx",
        "df/dy",
        "df/dz",
        "df/dq",
    ]
    trained = text.replace("# parameters    = [", "parameters = [").replace(
        "# learning_rate", "learning_rate"
    )
    assert {"x'", "y'", "z'", "f'"} <= set(known_quantities(loads_problem(trained)))


def test_recurrent() -> None:
    known = known_quantities(loads_problem(new_problem_text("recurrent")))
    assert known["x"] == (3, 1)
    assert known["a"] == known["h"] == known["dL/dh"] == (3, 2)
    assert (known["U"], known["W"], known["b"], known["V"], known["c"]) == (
        (2, 1),
        (2, 2),
        (2,),
        (1, 2),
        (1,),
    )
    assert known["z"] == known["o"] == known["t"] == (1, 1)
    assert known["V'"] == (1, 2)


def gated(cell: str, gates: str) -> dict[str, tuple[int, ...]]:
    tables = "".join(
        f"[recurrent.gates.{gate}]\ninput_weights = [[0.1], [0.2]]\n"
        "hidden_weights = [[0.1, 0], [0, 0.1]]\nbiases = [0, 0]\n"
        for gate in gates
    )
    data = "inputs = [[1], [2], [3]]\ntargets = [[1, 0], [0, 1], [1, 1]]\n"
    return known_quantities(
        loads_problem(f'kind = "recurrent"\n[recurrent]\ncell = "{cell}"\n{data}{tables}')
    )


def test_gated_cells() -> None:
    lstm = gated("lstm", "fiog")
    assert {"U_f", "W_i", "b_o", "a_g", "h_g", "s", "h", "s0", "h0", "dL/dU_f"} <= set(lstm)
    assert lstm["a_f"] == lstm["s"] == (3, 2)
    gru = gated("gru", "zrn")
    assert {"U_z", "W_r", "b_n", "h"} <= set(gru)
    assert not {"s", "U_f", "a", "z", "o", "V"} & set(gru)


def test_convolution() -> None:
    known = known_quantities(loads_problem(new_problem_text("convolution")))
    assert (known["x"], known["K"], known["b"]) == ((1, 3, 3), (1, 1, 2, 2), (1,))
    assert known["Z"] == known["A"] == (1, 2, 2)
    assert known["P"] == (1, 1, 1)
    assert known["W1"] == (1, 1)
    assert known["dL/dK"] == known["K'"] == (1, 1, 2, 2)


def test_convolution_in_one_dimension_with_stride_and_padding() -> None:
    problem = loads_problem(
        'kind = "convolution"\n[convolution]\ninputs = [[1, 2, 3, 4, 5]]\nkernels = [[[1, 0, 1]], [[0, 1, 0]]]\n'
        "stride = 2\npadding = 1\ntargets = [[1, 2, 3], [4, 5, 6]]\n"
    )
    known = known_quantities(problem)
    assert known["Z"] == known["t"] == (2, 3)
    assert "P" not in known


def test_attention() -> None:
    known = known_quantities(loads_problem(new_problem_text("attention")))
    assert known["Q"] == known["K"] == known["V"] == known["O"] == (3, 2)
    assert known["S"] == known["P"] == (3, 3)
    assert known["dL/dWq"] == known["Wv'"] == (2, 2)
