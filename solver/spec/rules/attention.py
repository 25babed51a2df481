"""Rules of `kind = "attention"`: the three matrices take a token's features, queries and keys are equally wide."""

from __future__ import annotations

from solver.spec.attention import Attention
from solver.spec.findings import Finding, counted
from solver.spec.names import shape_text
from solver.spec.rules.training import target_faults, update_faults

_PATH = ("attention",)


def attention_faults(attention: Attention, hidden: frozenset[str] = frozenset()) -> list[Finding]:
    """Return what is wrong between the fields of an attention head; nothing of shapes where the order is hidden."""
    findings = update_faults(attention, _PATH)
    if "weight_order" in hidden:
        return findings
    tokens, features = attention.inputs.shape
    order = "from-to" if attention.from_to else "to-from"
    axis = "row" if attention.from_to else "column"
    for key in ("query_weights", "key_weights", "value_weights"):
        entering = getattr(attention, key).shape[0 if attention.from_to else 1]
        if entering != features:
            message = f"has {counted(entering, axis)}, but a token has {counted(features, 'feature')}"
            expected = f'{counted(features, axis)} (weight_order = "{order}")'
            findings.append(Finding((*_PATH, key), message, expected=expected))
    query, key_width = attention.width(attention.query_weights), attention.width(attention.key_weights)
    if query != key_width:
        message = f"gives keys of {counted(key_width, 'number')}, but queries have {query}"
        findings.append(
            Finding((*_PATH, "key_weights"), message, expected=f"{query}, to be multiplied with them")
        )
    wanted = (tokens, attention.width(attention.value_weights))
    if attention.targets.shape != wanted:
        expected = f"{shape_text(wanted)}: tokens x width of the values"
        findings.append(Finding((*_PATH, "targets"), "", shape_text(attention.targets.shape), expected))
    return findings + target_faults(attention.loss, attention.targets, (*_PATH, "targets"))
