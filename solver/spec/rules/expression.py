"""Rules of `kind = "expression"`: names that can be read, formulas that follow the grammar, no name out of nowhere."""

from __future__ import annotations

from solver.errors import Fault, InputError, listed, nearest_name, quoted
from solver.formula import Formula
from solver.formula.ordering import order_nodes
from solver.formula.parser import FUNCTIONS, is_name, parse
from solver.spec.expression import Expression
from solver.spec.findings import Finding
from solver.spec.rules.training import update_faults
from solver.spec.vocabulary import optimizer_states

_PATH = ("expression",)
_IDENTIFIER = "a name: a letter, then letters, digits and _"
LONGEST_NAME = 30


def expression_faults(expression: Expression, hidden: frozenset[str] = frozenset()) -> list[Finding]:
    """Return what is wrong between the fields of an expression; nothing of names where some of them are hidden."""
    findings = update_faults(expression, _PATH)
    for table, names in (("inputs", expression.inputs), ("nodes", expression.nodes)):
        findings += [finding for name in names for finding in _name_faults(name, table, expression)]
    formulas: dict[str, Formula] = {}
    for name, text in expression.nodes.items():
        try:
            formulas[name] = parse(text)
        except InputError as error:
            findings += _findings(error, name)
    if hidden & {"inputs", "nodes"}:
        return findings
    if len(formulas) == len(expression.nodes):
        try:
            order_nodes(formulas, expression.inputs)
        except InputError as error:
            findings += _findings(error)
    return findings + _output_faults(expression) + _parameter_faults(expression)


def _name_faults(name: str, table: str, expression: Expression) -> list[Finding]:
    path = (*_PATH, table, name)
    if name in FUNCTIONS:
        return [Finding(path, f"{name} is a function", quoted(name), "another name")]
    if not is_name(name):
        return [Finding(path, "", quoted(name), _IDENTIFIER)]
    if len(name) > LONGEST_NAME:
        return [Finding(path, "", f"a name of {len(name)} characters", f"at most {LONGEST_NAME}")]
    rule = expression.update_rule
    state, _, parameter = name.partition("_")
    if rule is not None and parameter in expression.parameters and state in optimizer_states(rule.name):
        return [
            Finding(path, f"{name} is the optimizer's state of {parameter}", quoted(name), "another name")
        ]
    return []


def _findings(error: InputError, node: str = "") -> list[Finding]:
    return [_finding(fault, node or fault.key) for fault in error.faults]


def _finding(fault: Fault, node: str) -> Finding:
    return Finding((*_PATH, "nodes", node), fault.message, fault.found, fault.expected, fault.nearest)


def _output_faults(expression: Expression) -> list[Finding]:
    output, nodes = expression.output, tuple(expression.nodes)
    if output in nodes:
        return []
    what = "an input" if output in expression.inputs else ""
    nearest = "" if what else nearest_name(output, nodes, cutoff=0.5)
    return [
        Finding(
            (*_PATH, "output"),
            f"{output} is an input" if what else "",
            quoted(output),
            listed(nodes),
            nearest,
        )
    ]


def _parameter_faults(expression: Expression) -> list[Finding]:
    findings, inputs = [], tuple(expression.inputs)
    for number, name in enumerate(expression.parameters):
        path = (*_PATH, "parameters", number)
        if name not in inputs:
            nearest = nearest_name(name, inputs, cutoff=0.5)
            findings.append(Finding(path, "", quoted(name), f"an input: {listed(inputs)}", nearest))
        elif name in expression.parameters[:number]:
            findings.append(Finding(path, f"{name} is listed twice"))
    if expression.parameters and expression.update_rule is None:
        findings.append(
            Finding(
                (*_PATH, "parameters"),
                "nothing trains them",
                expected="a learning_rate or an optimizer beside them",
            )
        )
    if expression.update_rule is not None and not expression.parameters:
        key = "optimizer" if expression.optimizer is not None else "learning_rate"
        findings.append(
            Finding((*_PATH, key), "there is nothing to train", expected='parameters = ["x"], for example')
        )
    return findings
