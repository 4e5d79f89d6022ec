"""The tree route with the real tools: what pip, Poetry and uv install becomes a layer that Python imports."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

import constructs_lib.core as lib
from constructs_lib.core import LayerBuildToolEnum, LayerOptions, LockOptions, Target, build_layer
from constructs_lib.core.errors import ToolError
from tests.support.builders.builders import TOOLS, contents, local_builder, poetry_lock, zipped
from tests.support.builders.docker import image_pythons, stand_in
from tests.support.builders.hosts import OWN, interpreters
from tests.support.builders.uv import must, uv
from tests.support.files.wheels import make_wheel, unpacked, wheel_bytes

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.builders.docker import Docker

    Images = Callable[[str], str]

pytestmark = pytest.mark.integration

PYTHONS = {version: path for version, path in interpreters().items() if version in lib.RUNTIMES}
PYPROJECT = """\
[project]
name = "shop"
version = "1.0.0"
requires-python = ">=3.10,<4"
dependencies = ["cart", "humanize==4.15.0", "pydantic==2.13.4", "greenlet>=3.2", "urllib3"]

[dependency-groups]
dev = ["iniconfig"]

[tool.uv]
package = false

[tool.uv.sources]
cart = { path = "vendor/cart-1.0-py3-none-any.whl" }
"""
POETRY = """
[tool.poetry]
package-mode = false

[tool.poetry.dependencies]
cart = { path = "vendor/cart-1.0-py3-none-any.whl" }

[tool.poetry.group.dev.dependencies]
iniconfig = "*"

[[tool.poetry.source]]
name = "simple"
url = "INDEX/"
priority = "primary"
"""
PROBE = """\
import json, sys
sys.path.insert(0, sys.argv[1])
import cart, greenlet, humanize, pydantic
class Order(pydantic.BaseModel):
    total: int
try:
    import iniconfig
except ImportError:
    iniconfig = None
print(json.dumps([sys.version_info[:2], Order(total="3").total, humanize.intcomma(1000), cart.NAME, bool(iniconfig)]))
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project that is locked by each of the three tools, with a wheel in its own folder."""
    root = tmp_path_factory.mktemp("shop")
    make_wheel(root / "vendor", "cart")
    (root / "pyproject.toml").write_text(PYPROJECT)
    must(uv("lock", "--quiet", f"--python={sys.executable}", cwd=root))
    export = (
        "export",
        "--quiet",
        "--frozen",
        "--no-dev",
        "--no-emit-project",
        "--output-file=requirements.txt",
    )
    must(uv(*export, cwd=root))
    packages = tomllib.loads((root / "uv.lock").read_text())["package"]
    index = next(each["source"]["registry"] for each in packages if "registry" in each["source"])
    (root / "pyproject.toml").write_text(PYPROJECT + POETRY.replace("INDEX", index.rstrip("/")))
    poetry_lock(root)
    return root


def copied(project: Path, folder: Path) -> Path:
    """Copy the project without what builds have left."""
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("build"))
    return folder


def imported(path: Path, python: Path, folder: Path) -> None:
    """Assert that the interpreter finds everything in the unpacked layer, and nothing else is there."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    command = [str(python), "-I", "-S", "-B", "-W", "error", "-c", PROBE, str(folder / "python")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    version, *answers = json.loads(done.stdout)
    assert answers == [3, "1,000", "cart", False]
    assert PYTHONS[".".join(map(str, version))] == python


# --- on this machine -----------------------------------------------------------------------------------------


def test_the_running_python_is_among_those_that_are_tried() -> None:
    """No matter which others this machine has."""
    assert OWN in PYTHONS


@pytest.mark.parametrize("version", PYTHONS)
def test_three_tools_make_one_layer_that_python_imports(shop: Path, tmp_path: Path, version: str) -> None:
    """Each installs by its own lock, leaves the project as it was, and the zips are equal byte for byte.

    They hold what the wheel route's layer holds: file for file, with the same content.
    """
    python, target = PYTHONS[version], Target(version)
    zips = {}
    for tool in TOOLS:
        project = copied(shop, tmp_path / tool)
        before = contents(project)
        local_builder(tool, project, python).run()
        path = zipped(project, tool, target)
        assert {name: content for name, content in contents(project).items() if name in before} == before
        assert {entry.name for entry in project.iterdir()} == {
            *(entry.name for entry in shop.iterdir()),
            "build",
        }
        zips[tool] = unpacked(path)
        imported(path, python, tmp_path / f"{tool}-unpacked")
    assert zips["pip"] == zips["poetry"] == zips["uv"]
    build_layer(shop, tmp_path / "layer.zip", target, LayerOptions(lock=LockOptions(build_tool="uv")))
    assert unpacked(tmp_path / "layer.zip") == zips["uv"]
    assert not any("urllib3" in name or name.endswith("RECORD") for name in zips["uv"])


@pytest.mark.parametrize("tool", TOOLS)
def test_a_lock_is_obeyed_exactly(shop: Path, tmp_path: Path, tool: str) -> None:
    """One changed hash, and nothing is built."""
    project = copied(shop, tmp_path / "shop")
    path = project / LayerBuildToolEnum(tool).manifest_name
    wheel = next((project / "vendor").iterdir())
    wheel.write_bytes(wheel_bytes("cart", files={"cart.py": b"NAME = 'other'\n"}))
    before = path.read_bytes()
    with pytest.raises(ToolError, match=r"(?i)hash"):
        local_builder(tool, project, sys.executable).run()
    assert path.read_bytes() == before


# --- in the build image --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def images(docker_daemon: Docker) -> Iterator[Images]:
    """Return the build image of a Python version, made when first asked for."""
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda version: stack.enter_context(stand_in(docker_daemon, version)))


@pytest.mark.docker
@pytest.mark.parametrize("version", image_pythons())
@pytest.mark.parametrize("tool", TOOLS)
def test_a_container_makes_the_same_layer(
    shop: Path, tmp_path: Path, tool: str, version: str, docker_daemon: Docker, images: Images
) -> None:
    """The install in the image is the one that a local Python of that version does, and belongs to the caller."""
    sam_image = images(version)
    project = copied(shop, tmp_path / "shop")
    before = contents(project)
    said: list[str] = []
    kind = getattr(lib, f"{tool.capitalize()}BasedLambdaLayerContainerBuilder")
    minor = int(version.removeprefix("3."))
    builder = kind(project / "pyproject.toml", 3, minor, is_arm=False, printer=said.append)
    assert builder.image_uri == sam_image
    builder.run()
    path = zipped(project, tool, Target(version))
    assert {name: content for name, content in contents(project).items() if name in before} == before
    assert {file.lstat().st_uid for file in project.rglob("*")} == {os.getuid()}
    assert docker_daemon.containers() == []
    build_layer(
        shop, tmp_path / "layer.zip", Target(version), LayerOptions(lock=LockOptions(build_tool="uv"))
    )
    assert unpacked(path) == unpacked(tmp_path / "layer.zip")
    imported(path, PYTHONS[version], tmp_path / "unpacked")


@pytest.mark.docker
def test_what_fails_in_the_container_is_one_line(shop: Path, tmp_path: Path, sam_image: str) -> None:
    """The end of what the tool said, with the image; the container is gone."""
    project = copied(shop, tmp_path / "shop")
    wheel = next((project / "vendor").iterdir())
    wheel.write_bytes(wheel_bytes("cart", files={"cart.py": b"NAME = 'other'\n"}))
    with pytest.raises(ToolError, match=r"(?i)hash") as caught:
        lib.build_layer_artifacts_using_pip_in_container(project / "pyproject.toml", 3, 11, is_arm=False)
    assert sam_image in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
