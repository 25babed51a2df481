"""Text that a writer once made, kept to be read in a diff; `--accept` writes it anew."""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden" / "writers"


def hold(name: str, found: str, accept: bool) -> None:
    """Compare text with the file of this name, or write that file."""
    file = GOLDEN / name
    if accept:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found, encoding="utf-8", newline="\n")
    assert file.is_file(), f"no golden file {name}: run the test with --accept and read what it wrote"
    assert found == file.read_text(encoding="utf-8")
