"""Rules of `kind = "recurrent"`: which keys each cell has, and shapes that fit through time."""

from __future__ import annotations

from solver.errors import listed, nearest_name, quoted
from solver.spec.array import Array
from solver.spec.findings import Finding, KeyPath, counted
from solver.spec.names import shape_text
from solver.spec.recurrent import GATES, Recurrent
from solver.spec.rules.training import bias_faults, target_faults, unnamed_function_faults, update_faults

_PATH = ("recurrent",)
_GATE_KEYS = ("input_weights", "hidden_weights", "biases", "bias", "activation")


def recurrent_faults(recurrent: Recurrent) -> list[Finding]:
    """Return what is wrong between the fields of a recurrent network."""
    findings = update_faults(recurrent, _PATH)
    findings += _elman_faults(recurrent) if recurrent.cell == "elman" else _gated_faults(recurrent)
    if recurrent.given("convention") and recurrent.cell != "gru":
        findings.append(_not_of(recurrent, "convention", "gru"))
    if recurrent.initial_cell is not None and recurrent.cell != "lstm":
        findings.append(_not_of(recurrent, "initial_cell", "lstm"))
    for key, value in (("initial", recurrent.initial), ("initial_cell", recurrent.initial_cell)):
        if value is not None and recurrent.units is not None and value.shape[0] != recurrent.units:
            message = f"has {counted(value.shape[0], 'number')}, but there are {counted(recurrent.units, 'hidden unit')}"
            findings.append(Finding((*_PATH, key), message, expected=str(recurrent.units)))
    return findings + _read_out_faults(recurrent) + _target_faults(recurrent)


def _not_of(recurrent: Recurrent, key: str, cell: str) -> Finding:
    return Finding(
        (*_PATH, key), f"a cell {quoted(recurrent.cell)} has no {key}", expected=f'cell = "{cell}"'
    )


def _elman_faults(recurrent: Recurrent) -> list[Finding]:
    findings = unnamed_function_faults(recurrent.activation, _PATH)
    if recurrent.gates:
        findings.append(_not_of(recurrent, "gates", 'lstm" or "gru'))
    for key, value in (
        ("input_weights", recurrent.input_weights),
        ("hidden_weights", recurrent.hidden_weights),
    ):
        if value is None and not recurrent.gates:
            findings.append(Finding((*_PATH, key), "missing", expected=f"for example {key} = [[0.1], [0.2]]"))
    findings += _cell_faults(recurrent, _PATH, recurrent.input_weights, recurrent.hidden_weights)
    return findings + bias_faults(
        recurrent.biases, recurrent.bias, recurrent.units, _PATH, _units_text(recurrent)
    )


def _gated_faults(recurrent: Recurrent) -> list[Finding]:
    names = GATES[recurrent.cell]
    cell = quoted(recurrent.cell)
    findings = [
        Finding(
            (*_PATH, key),
            f"a cell {cell} has {key} in each gate",
            expected=f"[recurrent.gates.{names[0]}], …",
        )
        for key in _GATE_KEYS
        if recurrent.given(key)
    ]
    for name in recurrent.gates:
        if name not in names:
            nearest = nearest_name(name, names)
            findings.append(
                Finding(
                    (*_PATH, "gates", name),
                    f"a cell {cell} has no such gate",
                    expected=listed(names),
                    nearest=nearest,
                )
            )
    missing = [name for name in names if name not in recurrent.gates]
    findings += [
        Finding((*_PATH, "gates", name), "missing", expected=f"the table [recurrent.gates.{name}]")
        for name in missing
    ]
    for name, gate in recurrent.gates.items():
        path = (*_PATH, "gates", name)
        findings += _cell_faults(recurrent, path, gate.input_weights, gate.hidden_weights)
        findings += bias_faults(gate.biases, gate.bias, recurrent.units, path, _units_text(recurrent))
    return findings


def _cell_faults(
    recurrent: Recurrent, path: KeyPath, inputs: Array | None, hidden: Array | None
) -> list[Finding]:
    """Return faults of one U and one W: W is square, both have a row (from-to: a column) per hidden unit."""
    units, findings = recurrent.units, []
    if hidden is not None and units is not None and hidden.shape != (units, units):
        square = hidden.shape[0] == hidden.shape[1]
        expected = (
            f"{units} x {units}, as in the first gate"
            if square
            else "as many rows as columns, the hidden units"
        )
        findings.append(Finding((*path, "hidden_weights"), "", shape_text(hidden.shape), expected))
    if inputs is not None and units is not None:
        findings += _matrix_faults(
            recurrent, inputs, (*path, "input_weights"), units, recurrent.features, "feature"
        )
    return findings


def _matrix_faults(
    recurrent: Recurrent, matrix: Array, path: KeyPath, to: int, from_: int, entering: str
) -> list[Finding]:
    """Return the fault of a matrix that is not to x from (or from x to, in that order)."""
    wanted = (from_, to) if recurrent.from_to else (to, from_)
    if matrix.shape == wanted:
        return []
    rows, columns = ("row", "column") if not recurrent.from_to else ("column", "row")
    order = recurrent.weight_order
    expected = (
        f'{shape_text(wanted)}: a {rows} per unit, a {columns} per {entering} (weight_order = "{order}")'
    )
    return [Finding(path, "", shape_text(matrix.shape), expected)]


def _units_text(recurrent: Recurrent) -> str:
    return f"there are {counted(recurrent.units or 0, 'hidden unit')}"


def _read_out_faults(recurrent: Recurrent) -> list[Finding]:
    read_out, path = recurrent.output, (*_PATH, "output")
    if read_out is None:
        return []
    findings = unnamed_function_faults(read_out.activation, path)
    outputs = recurrent.outputs
    entering = read_out.weights.shape[0 if recurrent.from_to else 1]
    if recurrent.units is not None and entering != recurrent.units:
        axis = "row" if recurrent.from_to else "column"
        findings.append(
            Finding(
                (*path, "weights"),
                f"has {counted(entering, axis)}, but {_units_text(recurrent)}",
                expected=f'{counted(recurrent.units, axis)} (weight_order = "{recurrent.weight_order}")',
            )
        )
    of = f"there are {counted(outputs or 0, 'output')}"
    return findings + bias_faults(read_out.biases, read_out.bias, outputs, path, of)


def _target_faults(recurrent: Recurrent) -> list[Finding]:
    path, targets, time = (*_PATH, "targets"), recurrent.targets, recurrent.steps_in_time
    findings = []
    if targets.shape[0] not in (1, time):
        message = f"has {counted(targets.shape[0], 'row')}, but there are {counted(time, 'time step')}"
        findings.append(Finding(path, message, expected=f"1 row, for the last step, or {time}"))
    if recurrent.outputs is not None and targets.shape[1] != recurrent.outputs:
        message = (
            f"has rows of {counted(targets.shape[1], 'number')}, but {counted(recurrent.outputs, 'output')}"
        )
        findings.append(Finding(path, message, expected=str(recurrent.outputs)))
    return findings + target_faults(recurrent.loss, targets, path)
