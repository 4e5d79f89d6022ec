"""The runtime table against today's wheels of packages with native code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import MACHINES, Target

pytestmark = pytest.mark.integration

NATIVE = ("numpy", "pydantic-core", "cryptography", "orjson", "psycopg[binary]")
CELLS = [Target(python, architecture) for python in RUNTIMES for architecture in MACHINES]


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Lock a project for each package to its newest release for every Python."""
    projects = {}
    for name in NATIVE:
        folder = tmp_path_factory.mktemp("native")
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "native"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["{name}"]\n'
        )
        uv = str(Path(sys.executable).parent / "uv")
        command = [uv, "lock", "--quiet", "--no-python-downloads", f"--python={sys.executable}"]
        subprocess.run(command, cwd=folder, check=True)
        projects[name] = folder
    return projects


@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize("target", CELLS, ids=str)
def test_a_wheel_or_a_clear_no(newest: dict[str, Path], name: str, target: Target) -> None:
    """Every cell gets a wheel that its glibc and CPU can load, or a line that says what exists."""
    locked = resolve_or_refuse(newest[name], target)
    for each in locked:
        assert each.is_wheel
        platform = each.filename.removesuffix(".whl").rpartition("-")[2]
        assert platform == "any" or platform.endswith(f"_{target.machine}"), each.filename


def resolve_or_refuse(project: Path, target: Target) -> list[LockedFile]:
    """Return the wheels; none where the package is refused, whose error is checked."""
    try:
        locked = [
            each for each in resolve(Project.at(project), target).locked if isinstance(each, LockedFile)
        ]
    except ProjectError as error:
        refusal = str(error)
        assert "no source distribution to build one from" in refusal
    else:
        refusal = next((each.no_wheel for each in locked if each.no_wheel), "")
        if not refusal:
            return locked
    assert f"has no wheel for {target}" in refusal
    assert "its wheels are for" in refusal
    assert "\n" not in refusal
    return []


def test_the_refusal_names_the_container(newest: dict[str, Path], tmp_path: Path) -> None:
    """The wheels of numpy need a newer glibc than Python 3.11 has in Lambda; nothing is fetched before that is said."""
    store = tmp_path / "store"
    with pytest.raises(
        ProjectError, match=r"numpy .* has no wheel for Python 3\.11 on x86_64 .*container=True"
    ):
        build_layer(newest["numpy"], tmp_path / "layer.zip", Target("3.11"), store=WheelStore(store))
    assert not list(store.rglob("*.whl"))


def test_most_cells_have_wheels(newest: dict[str, Path]) -> None:
    """The refusal above is the exception: each package has wheels for the newer runtimes on both CPUs."""
    for name in NATIVE:
        for architecture in MACHINES:
            for python in ("3.12", "3.13"):
                assert resolve(Project.at(newest[name]), Target(python, architecture)).locked


@pytest.mark.parametrize("target", [Target("3.10", "x86_64"), Target("3.14", "arm64")], ids=str)
def test_the_wheels_are_what_their_tags_say(newest: dict[str, Path], target: Target, tmp_path: Path) -> None:
    """At both ends of the table a real layer passes the inspection of CPU and glibc of every library."""
    artifact = build_layer(newest["orjson"], tmp_path / "layer.zip", target)
    assert artifact.warnings == ()
    assert [each.partition("==")[0] for each in artifact.distributions] == ["orjson"]
