"""Rules of `kind = "recurrent"`: which keys each cell has, and shapes that fit through time."""

from __future__ import annotations

from solver.errors import listed, nearest_name, quoted
from solver.spec.array import Array
from solver.spec.findings import Finding, KeyPath, counted
from solver.spec.names import shape_text
from solver.spec.recurrent import GATES, Recurrent
from solver.spec.rules.training import bias_faults, target_faults, unnamed_function_faults, update_faults
from solver.spec.translate import missing

_PATH = ("recurrent",)
_GATE_KEYS = ("input_weights", "hidden_weights", "biases", "bias", "activation")


def recurrent_faults(recurrent: Recurrent, hidden: frozenset[str] = frozenset()) -> list[Finding]:
    """Return what is wrong between the fields of a recurrent network, as far as cell and order are not hidden."""
    findings = update_faults(recurrent, _PATH)
    if hidden & {"cell", "weight_order"}:
        return findings
    findings += _elman_faults(recurrent) if recurrent.cell == "elman" else _gated_faults(recurrent)
    if recurrent.given("convention") and recurrent.cell != "gru":
        findings.append(_not_of(recurrent, "convention", "gru"))
    if recurrent.initial_cell is not None and recurrent.cell != "lstm":
        findings.append(_not_of(recurrent, "initial_cell", "lstm"))
    units = _units(recurrent)
    for key, value in (("initial", recurrent.initial), ("initial_cell", recurrent.initial_cell)):
        if value is not None and units is not None and value.shape[0] != units:
            message = f"has {counted(value.shape[0], 'number')}, but {_units_text(units)}"
            findings.append(Finding((*_PATH, key), message, expected=str(units)))
    outputs = None if "output" in hidden else recurrent.outputs if recurrent.output is not None else units
    return findings + _read_out_faults(recurrent) + _target_faults(recurrent, outputs=outputs)


def _not_of(recurrent: Recurrent, key: str, cell: str) -> Finding:
    return Finding(
        (*_PATH, key), f"a cell {quoted(recurrent.cell)} has no {key}", expected=f'cell = "{cell}"'
    )


def _units(recurrent: Recurrent) -> int | None:
    """Return the number of hidden units that the first square W tells; None where no W is square."""
    matrices = [recurrent.hidden_weights] if recurrent.cell == "elman" else []
    matrices += [gate.hidden_weights for gate in recurrent.gates.values()]
    return next((m.shape[0] for m in matrices if m is not None and m.shape[0] == m.shape[1]), None)


def _units_text(units: int) -> str:
    return f"the cell has {counted(units, 'hidden unit')}"


def _elman_faults(recurrent: Recurrent) -> list[Finding]:
    findings = unnamed_function_faults(recurrent.activation, _PATH)
    if recurrent.gates:
        findings.append(_not_of(recurrent, "gates", 'lstm" or "gru'))
        return findings
    for key, value in (
        ("input_weights", recurrent.input_weights),
        ("hidden_weights", recurrent.hidden_weights),
    ):
        if value is None:
            findings.append(missing((*_PATH, key), [[0.1, 0.2], [0.3, 0.4]]))
    findings += _cell_faults(recurrent, _PATH, recurrent.input_weights, recurrent.hidden_weights)
    units = _units(recurrent)
    return findings + bias_faults(recurrent.biases, recurrent.bias, units, _PATH, _units_text(units or 0))


def _gated_faults(recurrent: Recurrent) -> list[Finding]:
    names, cell, units = GATES[recurrent.cell], quoted(recurrent.cell), _units(recurrent)
    tables = f"[recurrent.gates.{names[0]}], …"
    findings = [
        Finding((*_PATH, key), f"a cell {cell} has {key} in each gate", expected=tables)
        for key in _GATE_KEYS
        if recurrent.given(key)
    ]
    for name in recurrent.gates:
        if name not in names:
            path = (*_PATH, "gates", name)
            message, nearest = f"a cell {cell} has no such gate", nearest_name(name, names)
            findings.append(Finding(path, message, expected=listed(names), nearest=nearest))
    for name in names:
        path = (*_PATH, "gates", name)
        gate = recurrent.gates.get(name)
        if gate is None:
            findings.append(Finding(path, "missing", expected=f"the table [recurrent.gates.{name}]"))
            continue
        findings += _cell_faults(recurrent, path, gate.input_weights, gate.hidden_weights)
        findings += bias_faults(gate.biases, gate.bias, units, path, _units_text(units or 0))
    return findings


def _cell_faults(
    recurrent: Recurrent, path: KeyPath, inputs: Array | None, hidden: Array | None
) -> list[Finding]:
    """Return faults of one U and one W: W is square, both have a row (from-to: a column) per hidden unit."""
    units, findings = _units(recurrent), []
    if hidden is not None and (units is None or hidden.shape != (units, units)):
        square = hidden.shape[0] == hidden.shape[1]
        expected = (
            f"{units} x {units}, as in the other gates"
            if square
            else "as many rows as columns, the hidden units"
        )
        findings.append(Finding((*path, "hidden_weights"), "", shape_text(hidden.shape), expected))
    if inputs is not None and units is not None:
        wanted = (recurrent.features, units) if recurrent.from_to else (units, recurrent.features)
        if inputs.shape != wanted:
            rows, columns = ("column", "row") if recurrent.from_to else ("row", "column")
            each = f"a {rows} per unit, a {columns} per feature"
            expected = f'{shape_text(wanted)}: {each} (weight_order = "{recurrent.weight_order}")'
            findings.append(Finding((*path, "input_weights"), "", shape_text(inputs.shape), expected))
    return findings


def _read_out_faults(recurrent: Recurrent) -> list[Finding]:
    read_out, path, units = recurrent.output, (*_PATH, "output"), _units(recurrent)
    if read_out is None:
        return []
    findings = unnamed_function_faults(read_out.activation, path)
    outputs = recurrent.outputs
    entering = read_out.weights.shape[0 if recurrent.from_to else 1]
    if units is not None and entering != units:
        axis = "row" if recurrent.from_to else "column"
        message = f"has {counted(entering, axis)}, but {_units_text(units)}"
        expected = f'{counted(units, axis)} (weight_order = "{recurrent.weight_order}")'
        findings.append(Finding((*path, "weights"), message, expected=expected))
    of = f"the read-out has {counted(outputs or 0, 'output')}"
    return findings + bias_faults(read_out.biases, read_out.bias, outputs, path, of)


def _target_faults(recurrent: Recurrent, *, outputs: int | None) -> list[Finding]:
    path, targets, time = (*_PATH, "targets"), recurrent.targets, recurrent.steps_in_time
    findings = []
    if targets.shape[0] not in (1, time):
        message = f"has {counted(targets.shape[0], 'row')}, but there are {counted(time, 'time step')}"
        findings.append(Finding(path, message, expected=f"1 row, for the last step, or {time}"))
    if outputs is not None and targets.shape[1] != outputs:
        what = "output" if recurrent.output is not None else "hidden unit"
        message = f"has rows of {counted(targets.shape[1], 'number')}, but there is {counted(outputs, what)}"
        message = message if outputs == 1 else message.replace("there is", "there are")
        findings.append(Finding(path, message, expected=str(outputs)))
    return findings + target_faults(recurrent.loss, targets, path)
