"""The outside judges: what a dense network's numbers are, said twice, by code that shares nothing with `solver`.

`reference_network` differentiates the contract's formulas automatically (autograd, float64); `high_precision_network`
evaluates them from the decimals as typed, at 50 digits, with a reverse-mode tape of its own. `networks` draws problems
to hold against them, `to_toml` writes one as the file a teacher would write, and `disagreements` says what differs.

The modules named after the other kinds (`expression`, `recurrent`, `convolution`, `attention`; `layers` for dropout and
normalisation) do the first judge's work for those, with every optimizer and over several steps (`stepping`);
`kind_strategies` draws their problems.

The two judges share one reading of the file (`reading`) and no formula. They refuse what they do not know: a judge
that ignored a key would agree with anybody who ignored it too.
"""

from __future__ import annotations

from tests.oracle.compare import disagreements
from tests.oracle.high_precision import high_precision_network, high_precision_steps
from tests.oracle.paths import Path, weight_paths
from tests.oracle.reading import DenseNetwork, read_network
from tests.oracle.reference import reference_network, reference_steps
from tests.oracle.strategies import networks
from tests.oracle.toml_text import to_toml

__all__ = [
    "DenseNetwork",
    "Path",
    "disagreements",
    "high_precision_network",
    "high_precision_steps",
    "networks",
    "read_network",
    "reference_network",
    "reference_steps",
    "to_toml",
    "weight_paths",
]
