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
from constructs_lib.core.index.auth import Access
from constructs_lib.core.progress import QUIET
from constructs_lib.core.wheels.build_here import BuildsHere
from tests.support.builders import native
from tests.support.builders.uv import must, uv
from tests.support.files.backends import BACKENDS, write_repository
from tests.support.files.sources import write_files
from tests.support.files.wheels import unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore

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


def copied(root: Path, store: WheelStore, *paths: str) -> set[str]:
    """Return the files of the copy."""
    target = root.parent / "repo"
    builds = BuildsHere(store, QUIET, Access(project=root))
    copy_local_files([LocalFile("any", path) for path in paths], root, target, builds)
    return {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}


def test_files_are_copied_and_what_tools_make_is_not(store: WheelStore, tmp_path: Path) -> None:
    """A folder that is no project is an index, or one that its project uses as it is."""
    names = ("libs/mylib/src/mylib.py", "libs/mylib/.venv/x.py", "libs/mylib/.env", "vendor/cart.whl")
    root = write_files(tmp_path / "shop", dict.fromkeys(names, ""))
    assert copied(root, store, "libs/mylib", "./vendor/cart.whl") == {
        *("libs/mylib/src/mylib.py", "vendor/cart.whl")
    }


def test_a_project_becomes_the_wheel_that_its_backend_makes_in_place(
    store: WheelStore, tmp_path: Path
) -> None:
    """With the version from git, which the copy has not; the tool gets it by a backend of its own."""
    project = write_repository(tmp_path / "shop", BACKENDS["setuptools-scm"])
    write_files(project, {"src/pkg/local_secrets.py": "canary"})
    wheel = "pkg-1.2.3-py3-none-any.whl"
    assert copied(tmp_path / "shop", store, "proj") == {
        *("proj/pyproject.toml", "proj/built_wheel.py", f"proj/{wheel}")
    }
    copy = tmp_path / "repo" / "proj"
    must(uv("build", "--wheel", "--quiet", f"--out-dir={tmp_path / 'out'}", str(copy), cwd=copy))
    assert (tmp_path / "out" / wheel).read_bytes() == (copy / wheel).read_bytes()
    assert "pkg/local_secrets.py" not in unpacked(copy / wheel)


def test_a_native_project_is_copied(store: WheelStore, tmp_path: Path) -> None:
    """The tool builds it, in a container or for this machine; git's rules hold for the copy."""
    native.write_tree(tmp_path / "shop" / "crunch")
    write_files(tmp_path / "shop" / "crunch", {".gitignore": "local.py\n.gitignore\n", "local.py": "canary"})
    assert copied(tmp_path / "shop", store, "crunch") == {f"crunch/{name}" for name in native.sources()}


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
