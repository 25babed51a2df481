"""Chainsheet: worked solutions of backpropagation, proven to the last printed digit."""

__version__ = "0.1.0"
