"""Activations, losses, optimizers and primitives: one record each, and the evaluator that computes any formula."""

from solver.functions.activations import ACTIVATIONS
from solver.functions.apply import (
    combined_delta,
    combined_slope,
    combined_value,
    forward,
    loss_slope,
    loss_value,
    pull,
    slope,
    update,
)
from solver.functions.combinations import COMBINATIONS, Combination
from solver.functions.evaluate import evaluate
from solver.functions.losses import LOSSES, Loss, LossKink
from solver.functions.optimizers import OPTIMIZERS, Optimizer, UpdateStep
from solver.functions.primitives import PRIMITIVES, Primitive, PrimitiveKink
from solver.functions.record import Activation, Kink, Options, UnnamedFunctionError
from solver.functions.softmax import SOFTMAX, Softmax

__all__ = [
    "ACTIVATIONS", "COMBINATIONS", "LOSSES", "OPTIMIZERS", "PRIMITIVES", "SOFTMAX", "Activation", "Combination", "Kink",
    "Loss", "LossKink", "Optimizer", "Options", "Primitive", "PrimitiveKink", "Softmax", "UnnamedFunctionError",
    "UpdateStep", "combined_delta", "combined_slope", "combined_value", "evaluate", "forward", "loss_slope", "loss_value",
    "pull", "slope", "update",
]  # fmt: skip
