"""An installed tree becomes layer.zip."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.path_layout import LayerPathLayout
from constructs_lib.core.compat.tree.zipper import (
    LambdaLayerZipper,
    create_layer_zip_file,
    move_to_dir_python,
)
from constructs_lib.core.errors import InspectionError, ProjectError, StoreError, WheelError
from constructs_lib.core.target import Target
from tests.support.files.elf import AARCH64, X86_64, elf_library
from tests.support.files.installed import install
from tests.support.files.wheels import unpacked

if TYPE_CHECKING:
    from pathlib import Path

# --- moving --------------------------------------------------------------------------------------------------


def test_a_tree_is_moved_in_place_of_what_is_there(tmp_path: Path) -> None:
    """Moved, not copied: files stay the same files, and nothing of the old target stays."""
    source, target = tmp_path / "site-packages", tmp_path / "artifacts" / "python"
    install(source, "demo")
    target.mkdir(parents=True)
    (target / "old.py").touch()
    inode = (source / "demo" / "__init__.py").stat().st_ino
    move_to_dir_python(source, target)
    assert not source.exists()
    assert (target / "demo" / "__init__.py").stat().st_ino == inode
    assert not (target / "old.py").exists()
    move_to_dir_python(target, tmp_path / "artifacts" / "x" / ".." / "python")
    assert (target / "demo").is_dir()


def test_a_tree_is_moved_across_filesystems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a rename is refused, as between two disks."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    install(tmp_path / "a", "demo")
    (tmp_path / "a" / "demo" / "link.py").symlink_to("__init__.py")
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refused)
        move_to_dir_python(tmp_path / "a", tmp_path / "b")
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "b" / "demo" / "link.py").is_symlink()


def test_what_cannot_be_moved_is_refused(tmp_path: Path) -> None:
    """Nothing there; one inside the other, where replacing the target would delete the source."""
    with pytest.raises(FileNotFoundError, match="not found"):
        move_to_dir_python(tmp_path / "nothing", tmp_path / "b")
    with pytest.raises(FileNotFoundError, match="not found"):
        move_to_dir_python(tmp_path / "nothing", tmp_path / "nothing")
    install(tmp_path / "a" / "b", "demo")
    for source, target in (("a", "a/b"), ("a/b", "a")):
        with pytest.raises(ValueError, match="one is inside the other"):
            move_to_dir_python(tmp_path / source, tmp_path / target)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be moved"):
        move_to_dir_python(tmp_path / "a", tmp_path / "file" / "python")
    assert (tmp_path / "a" / "b" / "demo").is_dir()


# --- zipping -------------------------------------------------------------------------------------------------


def test_the_same_tree_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whatever folder, clock, umask and order of installation; entries begin with `python/`."""
    for folder, order in (("one", ("a", "b")), ("two/deeper", ("b", "a"))):
        for name in order:
            install(tmp_path / folder, name)
    for path in (tmp_path / "two").rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.is_dir() else 0o600)
    one = create_layer_zip_file(tmp_path / "one", tmp_path / "1.zip", verbose=False)
    two = create_layer_zip_file(tmp_path / "two" / "deeper", tmp_path / "2.zip", verbose=False)
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert one.sha256 == two.sha256
    assert {name.partition("/")[0] for name in unpacked(one.path)} == {"python"}


def test_a_rebuilt_zip_keeps_no_old_entry(tmp_path: Path) -> None:
    install(tmp_path / "tree", "old")
    create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", verbose=False)
    shutil.rmtree(tmp_path / "tree")
    install(tmp_path / "tree", "new")
    create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", verbose=False)
    assert not any("old" in name for name in unpacked(tmp_path / "layer.zip"))


def test_the_default_list_is_replaced_not_added_to(tmp_path: Path) -> None:
    """None is the default list, an empty one leaves out nothing; the caller's list stays as it is."""
    for name in ("boto3", "mypy", "demo"):
        install(tmp_path / "tree", name)
    mine = ["mypy"]
    for ignore, kept in (
        (None, {"mypy", "demo"}),
        ([], {"boto3", "mypy", "demo"}),
        (mine, {"boto3", "demo"}),
    ):
        create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", ignore, verbose=False)
        assert {
            name.split("/")[1] for name in unpacked(tmp_path / "layer.zip") if "dist-info" not in name
        } == kept
    assert mine == ["mypy"]


def test_it_says_what_it_made(tmp_path: Path) -> None:
    said: list[str] = []
    install(tmp_path / "tree", "boto3")
    install(tmp_path / "tree", "demo")
    create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", printer=said.append)
    path = tmp_path / "layer.zip"
    assert said[0] == "left out: boto3==1.0"
    assert re.fullmatch(rf"{path}: 3 files, \d\.\d kB, \d\.\d kB unzipped", said[1])
    assert len(said) == 2


def test_a_tree_without_use_is_refused(tmp_path: Path) -> None:
    """Missing, empty, all of it ignored, or links to folders of this machine; the zip is not written."""
    path = tmp_path / "layer.zip"
    with pytest.raises(FileNotFoundError, match="not found: build the layer first"):
        create_layer_zip_file(tmp_path / "tree", path)
    (tmp_path / "tree").mkdir()
    with pytest.raises(WheelError, match="holds no file: a layer needs at least one package"):
        create_layer_zip_file(tmp_path / "tree", path)
    install(tmp_path / "tree", "boto3")
    with pytest.raises(WheelError, match=r"holds only ignored packages \(boto3==1.0\)"):
        create_layer_zip_file(tmp_path / "tree", path)
    install(tmp_path / "tree", "mine", editable=True)
    with pytest.raises(WheelError, match=r"mine==1\.0 in .* is installed as editable"):
        create_layer_zip_file(tmp_path / "tree", path)
    assert not path.exists()


def test_files_that_lambda_could_not_have_are_refused(tmp_path: Path) -> None:
    """A pipe, and two names that differ only in case."""
    install(tmp_path / "tree", "demo")
    os.mkfifo(tmp_path / "tree" / "pipe")
    with pytest.raises(WheelError, match="pipe is neither a file nor a folder"):
        create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip")
    (tmp_path / "tree" / "pipe").unlink()
    (tmp_path / "tree" / "Demo").mkdir()
    (tmp_path / "tree" / "Demo" / "__init__.py").touch()
    with pytest.raises(WheelError, match="differ only in case"):
        create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip")


def native(root: Path, machine: int, glibc: str, tag: str, name: str = "crunch") -> None:
    install(root, name, {f"{name}/_c.so": elf_library(machine, [f"GLIBC_{glibc}"])}, tags=[tag])


@pytest.mark.parametrize(
    ("machine", "glibc", "tag", "target", "said"),
    [
        (
            AARCH64,
            "2.17",
            "cp313-abi3-linux_x86_64",
            Target("3.13"),
            r"crunch==1.0: crunch/_c.so is for aarch64",
        ),
        (X86_64, "2.34", "cp311-cp311-linux_x86_64", Target("3.11"), r"crunch/_c.so needs glibc 2.34"),
        (
            X86_64,
            "2.17",
            "cp312-cp312-manylinux_2_17_x86_64",
            Target("3.13"),
            r"WHEEL\) was built for cp312-cp312",
        ),
        (
            X86_64,
            "2.17",
            "cp311-cp311-manylinux_2_28_x86_64",
            Target("3.11"),
            r"WHEEL\) was built for .*2_28_x86_64",
        ),
        (
            X86_64,
            "2.17",
            "cp313-cp313-macosx_14_0_arm64",
            None,
            r"was built for cp313-cp313-macosx_14_0_arm64",
        ),
        (X86_64, "2.40", "cp313-cp313-linux_x86_64", None, r"crunch/_c.so needs glibc 2.40"),
    ],
)
def test_what_would_not_load_is_refused(
    tmp_path: Path, machine: int, glibc: str, tag: str, target: Target | None, said: str
) -> None:
    """With the distribution and the file; without a target, what no runtime of Lambda could load."""
    native(tmp_path / "tree", machine, glibc, tag)
    with pytest.raises(InspectionError, match=said):
        create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", target=target, verbose=False)
    assert not (tmp_path / "layer.zip").exists()


def test_without_a_target_any_one_runtime_will_do(tmp_path: Path) -> None:
    """But it has to be one and the same for all that the tree holds."""
    native(tmp_path / "tree", AARCH64, "2.17", "cp312-cp312-manylinux_2_28_aarch64")
    create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", verbose=False)
    native(tmp_path / "tree", X86_64, "2.17", "cp312-cp312-manylinux_2_28_x86_64", "other")
    with pytest.raises(InspectionError, match=r"other==1\.0|crunch==1\.0"):
        create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", verbose=False)


def test_a_tree_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """With the biggest distributions named; one that is nearly too large gets a warning."""
    install(tmp_path / "tree", "big")
    with (tmp_path / "tree" / "big" / "data").open("wb") as file:
        file.truncate(UNZIPPED_LIMIT * 9 // 10)
    said: list[str] = []
    create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", printer=said.append)
    assert said[0].startswith("warning: ")
    with (tmp_path / "tree" / "big" / "data").open("wb") as file:
        file.truncate(UNZIPPED_LIMIT + 1)
    with pytest.raises(InspectionError, match=r"unzipped of the 250 MiB \(262 144 000 bytes\)"):
        create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", verbose=False)


# --- for a project -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["poetry", LayerBuildToolEnum.uv])
def test_packages_are_moved_out_of_the_virtual_environment(tmp_path: Path, tool: str) -> None:
    """By someone's own builder that leaves them there; what lay in `python` before is replaced."""
    layout = LayerPathLayout(tmp_path / "pyproject.toml")
    layout.mkdirs()
    install(layout.dir_python, "old")
    install(layout.dir_repo / ".venv" / "lib" / "python3.12" / "site-packages", "demo")
    archive = LambdaLayerZipper(tmp_path / "pyproject.toml", tool, verbose=False).run()
    assert archive.path == layout.path_build_lambda_layer_zip
    assert "python/demo/__init__.py" in unpacked(archive.path)
    assert not any("old" in name for name in unpacked(archive.path))
    again = LambdaLayerZipper(tmp_path / "pyproject.toml", tool, verbose=False).run()
    assert again.sha256 == archive.sha256


@pytest.mark.parametrize("tool", ["pip", "poetry", "uv"])
def test_before_a_build_there_is_nothing_to_zip(tmp_path: Path, tool: str) -> None:
    zipper = LambdaLayerZipper(tmp_path / "pyproject.toml", tool)
    with pytest.raises(FileNotFoundError, match="not found: build the layer first"):
        zipper.run()


def test_pip_installs_where_the_layer_has_it(tmp_path: Path) -> None:
    """A virtual environment beside it is no business of pip's."""
    layout = LayerPathLayout(tmp_path / "pyproject.toml")
    install(layout.dir_python, "demo")
    install(layout.dir_repo / ".venv" / "lib" / "python3.12" / "site-packages", "other")
    archive = LambdaLayerZipper(tmp_path / "pyproject.toml", "pip", ["nothing"], verbose=False).run()
    with zipfile.ZipFile(archive.path) as opened:
        assert not any("other" in name for name in opened.namelist())


def test_a_smoke_test_without_a_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="smoke_test needs a target") as caught:
        create_layer_zip_file(tmp_path, tmp_path / "layer.zip", smoke_test=True)
    assert caught.value.id == "smoke-test-without-target"


def test_the_tool_has_two_names_and_one_value(tmp_path: Path) -> None:
    """That of the page and that of the releases."""
    path = tmp_path / "pyproject.toml"
    assert LambdaLayerZipper(path, "uv") == LambdaLayerZipper(path, layer_build_tool="uv")
    assert LambdaLayerZipper(path, layer_build_tool="uv").build_tool == "uv"
    with pytest.raises(
        ProjectError, match=r"build_tool 'uv' and layer_build_tool 'pip' differ: give only one"
    ):
        LambdaLayerZipper(path, "uv", layer_build_tool="pip")
    with pytest.raises(TypeError, match="missing the required arguments"):
        LambdaLayerZipper(path)
