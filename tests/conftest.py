"""How random tests behave: new examples on a desk, the same ones every time in CI, no deadline on a shared machine."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SHARED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}

settings.register_profile("desk", **_SHARED)
settings.register_profile("ci", derandomize=True, **_SHARED)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
