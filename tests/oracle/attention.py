"""The judge of an attention head: softmax(Q Kᵀ/√d) V, differentiated by autograd."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from tests.oracle.stepping import Quantities, Recorder, judged_steps, total_loss


def attention_steps(problem: Mapping[str, Any]) -> list[Quantities]:
    """Return every quantity of every step of a parsed file of kind "attention"."""
    table = problem["attention"]
    from_to = table.get("weight_order", "to-from") == "from-to"
    parameters = {
        "Wq": table["query_weights"],
        "Wk": table["key_weights"],
        "Wv": table["value_weights"],
    }
    tokens = len(table["inputs"])
    seen = np.tril(np.ones((tokens, tokens))) if table.get("causal", False) else np.ones((tokens, tokens))

    shares = _diagonal if table.get("softmax_jacobian") == "diagonal" else _softmax

    def run(values: Recorder) -> None:
        def projected(name: str, weights: str) -> Any:
            matrix = values[weights]
            return values.name(name, values["x"] @ (matrix if from_to else matrix.T))

        q, k, v = (projected(name, weights) for name, weights in zip("QKV", parameters, strict=True))
        s = values.name("S", q @ k.T / math.sqrt(np.shape(q)[1]))
        p = values.name("P", shares(s, seen))
        o = values.name("O", p @ v)
        target = np.array(table["targets"], dtype=float)
        values.out["L"] = total_loss(table, [(o, target)], [values[name] for name in parameters])

    return judged_steps(run, table, {"x": table["inputs"]}, parameters, {"t": table["targets"]})


def _softmax(s: Any, seen: Any) -> Any:
    e = anp.exp(s) * seen
    return e / anp.sum(e, axis=1, keepdims=True)


_diagonal = primitive(_softmax)
defvjp(_diagonal, lambda ans, _s, _seen: lambda g: g * ans * (1 - ans), None)
