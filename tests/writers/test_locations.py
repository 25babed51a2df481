from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from solver.writers import locations

CHECKOUT = Path(__file__).parents[2]
ASK = "from solver.writers.locations import template_root; print(template_root())"


def test_a_checkout_uses_its_own_templates() -> None:
    assert locations.template_root() == CHECKOUT / "templates"


def test_an_installation_prefers_what_it_was_built_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "solver"
    (package / "_templates").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr(locations, "_PACKAGE", package)
    assert locations.template_root() == package / "_templates"


def test_a_broken_installation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locations, "_PACKAGE", tmp_path / "solver")
    with pytest.raises(FileNotFoundError, match="install chainsheet again"):
        locations.template_root()


@pytest.mark.slow
def test_an_installed_wheel_brings_every_template(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--quiet", "--wheel", "--outdir", str(tmp_path), str(CHECKOUT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("chainsheet-*.whl")

    shipped = {name for name in ZipFile(wheel).namelist() if name.startswith("solver/_templates/")}
    written = (path for path in (CHECKOUT / "templates").rglob("*") if path.is_file())
    assert shipped == {
        f"solver/_templates/{path.relative_to(CHECKOUT / 'templates').as_posix()}" for path in written
    }
    assert shipped

    # A place of its own for the wheel; the dependencies are lent by the environment that runs the tests.
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    own = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    (Path(own["purelib"]) / "lent.pth").write_text(sysconfig.get_paths()["purelib"])
    python = Path(own["scripts"]) / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    asked = subprocess.run([str(python), "-c", ASK], check=True, capture_output=True, text=True, cwd=tmp_path)
    root = Path(asked.stdout.strip())
    assert root.is_relative_to(home)
    installed = (path for path in root.rglob("*") if path.is_file())
    assert {f"solver/_templates/{path.relative_to(root).as_posix()}" for path in installed} == shipped
