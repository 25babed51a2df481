"""A parsed problem back as the file a teacher would have typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomli_w


def to_toml(problem: Mapping[str, Any]) -> str:
    """Return TOML that parses to `problem`: floats in their shortest decimals, whole numbers without a point."""
    return tomli_w.dumps(problem)
