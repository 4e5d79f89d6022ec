"""A uv.lock beside requirements that only a real build backend knows, with the real index."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.layer.build_layer import LayerBuild
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.progress import QUIET
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from constructs_lib.core.wheels import ask_backend
from tests.support.builders.uv import must, uv
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

HEAD = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\n'
TO_LIB = 'dependencies = ["lib"]\n[tool.uv.sources]\nlib = { path = "../lib" }\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools>=70"]\nbuild-backend = "setuptools.build_meta"\n'
POETRY = '[build-system]\nrequires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"\n'
FILE = '[tool.setuptools.dynamic]\ndependencies = { file = ["deps.txt"] }\n'
PROJECTS = {
    "setuptools, from a file": (
        {
            "shop/pyproject.toml": f'{HEAD}dynamic = ["dependencies"]\n{SETUPTOOLS}{FILE}',
            "shop/shop.py": "",
            "shop/deps.txt": "idna==3.7\n",
        },
        ("shop/deps.txt", "idna==3.7", "certifi==2024.7.4"),
    ),
    "setuptools, a setup.py alone, by path": (
        {
            "shop/pyproject.toml": HEAD + TO_LIB,
            "lib/setup.py": 'from setuptools import setup\nsetup(name="lib", version="1", install_requires=["idna==3.7"])\n',
        },
        ("lib/setup.py", "idna==3.7", "certifi==2024.7.4"),
    ),
    "setuptools, setup.cfg, by path": (
        {
            "shop/pyproject.toml": HEAD + TO_LIB,
            "lib/setup.cfg": "[metadata]\nname = lib\nversion = 1\n[options]\ninstall_requires =\n  idna==3.7\n",
            "lib/pyproject.toml": SETUPTOOLS,
        },
        ("lib/setup.cfg", "idna==3.7", "certifi==2024.7.4"),
    ),
    "Poetry's own table beside [project], of what is no package": (
        {
            "shop/pyproject.toml": f'{HEAD}[tool.poetry.dependencies]\npython = "^3.10"\nidna = "3.7"\n{POETRY}',
            "shop/index.py": "",
        },
        ("shop/pyproject.toml", 'idna = "3.7"', 'certifi = "2024.7.4"'),
    ),
    "Poetry's own table alone, by path": (
        {
            "shop/pyproject.toml": HEAD + TO_LIB,
            "lib/pyproject.toml": '[tool.poetry]\nname = "lib"\nversion = "1"\ndescription = ""\nauthors = []\n'
            f'[tool.poetry.dependencies]\npython = "^3.10"\nidna = "3.7"\n{POETRY}',
            "lib/lib.py": "",
        },
        ("lib/pyproject.toml", 'idna = "3.7"', 'certifi = "2024.7.4"'),
    ),
}


def resolve(root: Path) -> list[str]:
    store = WheelStore(root / "store")
    build = LayerBuild(Project.at(root / "shop"), Target("3.12"), LayerOptions(), store, QUIET)
    return [package.name for package in build.resolve().packages]


def sources(root: Path) -> set[Path]:
    return {path for name in ("shop", "lib") for path in (root / name).rglob("*")}


@pytest.mark.parametrize("name", PROJECTS)
def test_a_stale_lock_is_found_and_a_fresh_one_taken(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways, and uv agrees; the answer is kept, and nothing is written into the project."""
    files, (path, old, new) = PROJECTS[name]
    write_files(tmp_path, files)
    lock = ("lock", "--no-cache", f"--python={sys.executable}")
    must(uv(*lock, cwd=tmp_path / "shop"))
    for leftover in tmp_path.rglob("*.egg-info"):
        shutil.rmtree(leftover)  # uv's own
    before = sources(tmp_path)
    assert "idna" in resolve(tmp_path)
    assert sources(tmp_path) == before
    with monkeypatch.context() as patch:
        patch.setattr(ask_backend, "run_uv_build", None)  # a second question would fail
        assert "idna" in resolve(tmp_path)
    file = tmp_path / path
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(ProjectError, match=r"asks for certifi==2024\.7\.4 where the lock records idna==3\.7"):
        resolve(tmp_path)
    assert uv(*lock, "--check", cwd=tmp_path / "shop").returncode != 0
    must(uv(*lock, cwd=tmp_path / "shop"))
    assert "certifi" in resolve(tmp_path)
