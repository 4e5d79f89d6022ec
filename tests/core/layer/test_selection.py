"""The packages that a layer takes, and those on the ignore list."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.core.layer.selection import divide_packages, empty_layer, ignored_names
from constructs_lib.core.lock.locked import LockedDirectory, Manifest, NotChosen, Resolution
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import default_ignore_package_list

BOTO3, CART = (LockedDirectory(name, Path(name)) for name in ("boto3", "cart"))


@pytest.mark.parametrize(
    ("ignore", "packages", "ignored"),
    [(None, [CART], [BOTO3]), ([], [BOTO3, CART], []), (["Cart", "other"], [BOTO3], [CART])],
    ids=["default", "nothing", "any spelling"],
)
def test_the_ignore_list_divides_the_packages(
    ignore: list[str] | None, packages: list[LockedDirectory], ignored: list[LockedDirectory]
) -> None:
    """Nothing is lost, and the order stays."""
    assert divide_packages([BOTO3, CART], ignore) == (packages, ignored)


def test_names_are_normalized() -> None:
    assert ignored_names(["My.Lib_2"]) == {"my-lib-2"}
    assert ignored_names(None) >= {"boto3", "pytest"}
    assert len(ignored_names(None)) <= len(default_ignore_package_list)


def test_a_layer_without_packages_names_the_lock_file_and_a_remedy(tmp_path: Path) -> None:
    """And the packages that are ignored."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
    resolution = Resolution(Manifest(tmp_path / "uv.lock", b""), (CART,), not_chosen=NotChosen())
    error = empty_layer(Project.at(tmp_path), resolution, [CART])
    assert error.id == "layer-empty"
    assert str(error).startswith(f"{tmp_path / 'uv.lock'} locks only packages that are ignored (cart)")
