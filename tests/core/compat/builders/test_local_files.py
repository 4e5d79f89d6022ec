"""Path dependencies: they lie beside the copied lock as they lie beside the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core import LayerPathLayout
from constructs_lib.core.compat.builders.local_files import (
    LocalFile,
    check_local_files,
    copy_local_files,
    poetry_local_files,
    uv_local_files,
)
from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

UV = """\
version = 1
[[package]]
name = "shop"
source = { editable = "." }
dependencies = [{ name = "mylib", extra = ["more"] }, { name = "cart" }, { name = "humanize" }]
[package.optional-dependencies]
fancy = [{ name = "only-fancy" }]
[package.dev-dependencies]
dev = [{ name = "only-dev" }]
[[package]]
name = "mylib"
source = { editable = "libs/mylib" }
[package.optional-dependencies]
more = [{ name = "deeper" }]
[[package]]
name = "deeper"
source = { directory = "libs/deeper" }
[[package]]
name = "cart"
source = { path = "vendor/cart-1.0-py3-none-any.whl" }
[[package]]
name = "flat"
source = { registry = "wheels" }
[[package]]
name = "humanize"
source = { registry = "https://host/simple" }
dependencies = [{ name = "flat" }]
[[package]]
name = "only-dev"
source = { editable = "../tools" }
[[package]]
name = "only-fancy"
source = { editable = "../fancy" }
"""
POETRY = """\
[[package]]
name = "mylib"
groups = ["main"]
develop = true
[package.source]
type = "directory"
url = "libs/mylib"
[[package]]
name = "cart"
groups = ["main", "dev"]
[package.source]
type = "file"
url = "vendor/cart.whl"
[[package]]
name = "only-dev"
groups = ["dev"]
[package.source]
type = "directory"
url = "../tools"
[[package]]
name = "humanize"
groups = ["main"]
"""


def test_of_uv_lock_those_that_the_project_needs(tmp_path: Path) -> None:
    """Also by an extra of another one, and a folder that is an index; not those of a development group."""
    (tmp_path / "uv.lock").write_text(UV)
    found = uv_local_files(LayerPathLayout(tmp_path / "pyproject.toml"))
    assert {each.name: each.path for each in found} == {
        "mylib": "libs/mylib",
        "deeper": "libs/deeper",
        "cart": "vendor/cart-1.0-py3-none-any.whl",
        "flat": "wheels",
    }


def test_of_poetry_lock_those_of_the_main_group(tmp_path: Path) -> None:
    (tmp_path / "poetry.lock").write_text(POETRY)
    found = poetry_local_files(LayerPathLayout(tmp_path / "pyproject.toml"))
    assert found == [LocalFile("mylib", "libs/mylib", editable=True), LocalFile("cart", "vendor/cart.whl")]


def test_sources_are_copied_and_what_tools_make_is_not(tmp_path: Path) -> None:
    root, target = tmp_path / "shop", tmp_path / "repo"
    for name in ("libs/mylib/src/mylib.py", "libs/mylib/.venv/x.py", "vendor/cart.whl"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    copy_local_files([LocalFile("mylib", "libs/mylib"), LocalFile("cart", "./vendor/cart.whl")], root, target)
    found = [path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()]
    assert sorted(found) == ["libs/mylib/src/mylib.py", "vendor/cart.whl"]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (LocalFile("mylib", "../mylib"), "outside .*shop: .*or use build_layer"),
        (LocalFile("mylib", "/srv/mylib"), "outside .*shop"),
        (LocalFile("mylib", "libs/none"), "libs/none does not exist"),
        (LocalFile("mylib", "libs/mylib", editable=True), "as editable .*set it to false"),
    ],
)
def test_what_the_copy_could_not_have_is_refused(tmp_path: Path, file: LocalFile, why: str) -> None:
    root = tmp_path / "shop"
    (root / "libs" / "mylib").mkdir(parents=True)
    with pytest.raises(ProjectError, match=why):
        check_local_files([file], root, root / "uv.lock")
