"""Where the templates stand: beside the package in a checkout, inside it once a wheel is installed.

They are at the top of the checkout because a teacher looks for them there; a wheel has no such place, so the build
moves them to `solver/_templates`. This is the one module that knows both.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def template_root() -> Path:
    """Find the folder that holds `latex/`, `markdown/` and the other families of templates.

    Returns:
        `solver/_templates` of an installation, or `templates` of the checkout.

    Raises:
        FileNotFoundError: Neither is there: the installation is broken, and no file of a teacher's can mend it.
    """
    places = (_PACKAGE / "_templates", _PACKAGE.parent / "templates")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(
        f"The templates are in neither {places[0]} nor {places[1]}; install chainsheet again."
    )
