"""The kinds of problem, and which model reads a file of each."""

from __future__ import annotations

from solver.spec.attention import AttentionProblem
from solver.spec.convolution import ConvolutionProblem
from solver.spec.expression import ExpressionProblem
from solver.spec.network import NetworkProblem
from solver.spec.recurrent import RecurrentProblem

Problem = NetworkProblem | ExpressionProblem | RecurrentProblem | ConvolutionProblem | AttentionProblem
"""A problem of any kind; `problem.kind` tells which."""

__all__ = [
    "AttentionProblem",
    "ConvolutionProblem",
    "ExpressionProblem",
    "NetworkProblem",
    "Problem",
    "RecurrentProblem",
]
