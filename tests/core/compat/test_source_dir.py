"""A project's own code in a folder and as a zip: what gets in, what never does, what is refused."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core import (
    build_source_artifacts_using_pip,
    build_source_dir_using_pip,
    build_source_dir_using_uv,
    copy_source_for_lambda_deployment,
    create_source_zip,
)
from constructs_lib.core.compat.source_dir import installed_version
from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.project.pyproject import Project
from tests.support.builders.uv import UV_BUILD
from tests.support.files.installed import install
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = '[project]\nname = "shop"\nversion = "1.2.0"\nrequires-python = ">=3.10"\n'


def plant(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def make_project(root: Path, build_system: str = UV_BUILD) -> Path:
    plant(root, "src/shop/__init__.py", "src/shop/data/prices.json", "README.md")
    (root / "pyproject.toml").write_text(HEAD + build_system)
    return root / "pyproject.toml"


# --- copying ---------------------------------------------------------------------------------------------


def test_a_folder_is_copied_without_bytecode(tmp_path: Path) -> None:
    """Patterns are as a person means them: nested files go with their folder. Old files in the target stay."""
    names = [
        "a.py",
        "tests/deep/test_a.py",
        "docs/x.md",
        "pkg/b.py",
        "pkg/__pycache__/b.cpython-313.pyc",
        "c.pyo",
    ]
    source, target = plant(tmp_path / "source", *names), plant(tmp_path / "target", "old.py")
    copy_source_for_lambda_deployment(source, target, exclude=["tests/*", "docs/"])
    assert files(target) == {"a.py", "pkg/b.py", "old.py"}


def test_one_pattern_need_not_be_a_list_and_lists_stay_as_they_are(tmp_path: Path) -> None:
    source = plant(tmp_path / "source", "a.py", "b.py", "c.txt")
    include, exclude = ["*.py"], ["b.py"]
    copy_source_for_lambda_deployment(source, tmp_path / "one", include, exclude)
    copy_source_for_lambda_deployment(source, tmp_path / "other", "*.py", "b.py")
    assert files(tmp_path / "one") == files(tmp_path / "other") == {"a.py"}
    assert (include, exclude) == (["*.py"], ["b.py"])


def test_build_and_dist_are_made_by_tools_in_a_project_and_packages_elsewhere(tmp_path: Path) -> None:
    source = plant(tmp_path / "source", "build/__init__.py", "dist/x.py", "a.py", ".env")
    copy_source_for_lambda_deployment(source, tmp_path / "one")
    assert files(tmp_path / "one") == {"build/__init__.py", "dist/x.py", "a.py"}
    (source / "pyproject.toml").write_text("")
    copy_source_for_lambda_deployment(source, tmp_path / "other")
    assert files(tmp_path / "other") == {"a.py", "pyproject.toml"}


def test_the_executable_bit_is_copied(tmp_path: Path) -> None:
    source = plant(tmp_path / "source", "run")
    (source / "run").chmod(0o755)
    copy_source_for_lambda_deployment(source, tmp_path / "target")
    assert (tmp_path / "target" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize("target", ["source", "source/build", "source/../source/x"])
def test_a_target_inside_the_source_is_refused(target: str, tmp_path: Path) -> None:
    source = plant(tmp_path / "source", "a.py")
    with pytest.raises(ProjectError, match="is inside source_dir"):
        copy_source_for_lambda_deployment(source, tmp_path / target)
    assert files(source) == {"a.py"}


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="none does not exist or is not a folder: source_dir is"):
        copy_source_for_lambda_deployment(tmp_path / "none", tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    source, file = plant(tmp_path / "source", "a.py"), plant(tmp_path, "file") / "file"
    with pytest.raises(StoreError, match="cannot be copied to"):
        copy_source_for_lambda_deployment(source, file / "target")
    with pytest.raises(StoreError, match="cannot be made"):
        build_source_dir_using_uv(None, make_project(tmp_path / "shop"), file / "target")


# --- zipping ---------------------------------------------------------------------------------------------


def test_the_hash_covers_path_mode_and_content_and_nothing_else(tmp_path: Path) -> None:
    """Folder, clock and what an installer notes for itself do not count."""
    one, other = tmp_path / "one", tmp_path / "elsewhere" / "other"
    for root in (one, other):
        install(
            root,
            "shop",
            {"shop/__init__.py": b"", "shop/run": b"#!/bin/sh\n", "bin/shop": root.name.encode()},
        )
    os.utime(one / "shop" / "run", (1, 1))
    first = create_source_zip(one, tmp_path / "1.zip", verbose=False)
    assert first == create_source_zip(other, tmp_path / "2.zip", verbose=False)
    assert first == hashlib.sha256((tmp_path / "1.zip").read_bytes()).hexdigest()
    changes: list[Callable[[Path], object]] = [
        lambda root: (root / "shop" / "run").chmod(0o755),
        lambda root: (root / "shop" / "run").write_text("x"),
        lambda root: (root / "shop" / "run").rename(root / "shop" / "ran"),
    ]
    for change in changes:
        changed = shutil.copytree(one, tmp_path / "changed", dirs_exist_ok=True)
        change(changed)
        assert create_source_zip(changed, tmp_path / "3.zip", verbose=False) != first
        shutil.rmtree(changed)


def test_a_zip_made_anew_keeps_no_old_entry(tmp_path: Path) -> None:
    root, path = plant(tmp_path / "root", "a.py", "b.py"), tmp_path / "source.zip"
    create_source_zip(root, path, verbose=False)
    (root / "b.py").unlink()
    create_source_zip(root, path, verbose=False)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["a.py"]


def test_an_empty_or_missing_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, why in (("empty", "holds no file to deploy"), ("none", "does not exist")):
        with pytest.raises(ProjectError, match=f"{why}: build the source first"):
            create_source_zip(tmp_path / name, tmp_path / "source.zip")
    assert not (tmp_path / "source.zip").exists()


# --- building, with the real uv, which needs no network for its own backend --------------------------------


def test_uv_installs_the_project_without_touching_it(tmp_path: Path) -> None:
    """Package data included; an earlier build is gone."""
    pyproject = make_project(tmp_path / "shop")
    before, target = files(pyproject.parent), plant(tmp_path / "built", "old.py")
    said: list[str] = []
    build_source_dir_using_uv(None, pyproject, target, printer=said.append)
    assert {name for name in files(target) if name.startswith("shop/")} == {
        "shop/__init__.py",
        "shop/data/prices.json",
    }
    assert not (target / "old.py").exists()
    assert files(pyproject.parent) == before
    assert installed_version(Project.at(pyproject.parent), target) == "1.2.0"
    assert any("uv pip install --no-deps" in line for line in said)


def test_a_second_build_sees_the_change(tmp_path: Path) -> None:
    """Though pyproject.toml, by which uv knows what it has built before, stays the same."""
    pyproject, target = make_project(tmp_path / "shop"), tmp_path / "built"
    for text in ("one", "two"):
        (pyproject.parent / "src" / "shop" / "__init__.py").write_text(text)
        build_source_dir_using_uv(None, pyproject, target, verbose=False)
        assert (target / "shop" / "__init__.py").read_text() == text


def test_a_project_without_a_build_system_is_copied_as_it_lies(tmp_path: Path) -> None:
    """By either tool, and its version is the written one."""
    pyproject = make_project(tmp_path / "shop", build_system="")
    for build in (build_source_dir_using_pip, build_source_dir_using_uv):
        build(None, pyproject, tmp_path / "built", skip_prompt=True, verbose=False)
        assert "src/shop/__init__.py" in files(tmp_path / "built")
        assert installed_version(Project.at(pyproject.parent), tmp_path / "built") == "1.2.0"


@pytest.mark.parametrize("target", [".", "..", "src/.."])
def test_a_folder_that_holds_the_project_is_not_cleared(target: str, tmp_path: Path) -> None:
    pyproject = make_project(tmp_path / "shop")
    before = files(tmp_path)
    with pytest.raises(ProjectError, match="holds the project itself"):
        build_source_dir_using_uv(None, pyproject, pyproject.parent / target, skip_prompt=True)
    assert files(tmp_path) == before


def test_a_person_is_asked_before_a_folder_is_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda _: "n")
    pyproject, target = make_project(tmp_path / "shop"), plant(tmp_path / "built", "old.py")
    with pytest.raises(ProjectError, match="was kept as you asked"):
        build_source_dir_using_uv(None, pyproject, target)
    assert files(target) == {"old.py"}


def test_code_compiled_for_this_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the wheel route refuses it; the folder is not cleared for it."""

    def run(arguments: list[str], **_: Any) -> str:
        out = next(each for each in arguments if each.startswith("--out-dir="))
        make_wheel(Path(out.removeprefix("--out-dir=")), "shop", tag="cp313-cp313-linux_x86_64")
        return ""

    monkeypatch.setattr("constructs_lib.core.system.process.run", run)
    pyproject = make_project(plant(tmp_path / "shop", "src/shop/fast.c"))
    with pytest.raises(ProjectError, match="holds native code that was compiled for this machine"):
        build_source_dir_using_uv(None, pyproject, plant(tmp_path / "built", "old.py"))
    assert files(tmp_path / "built") == {"old.py"}


def test_a_folder_that_is_no_project_is_refused_before_anything_is_cleared(tmp_path: Path) -> None:
    target = plant(tmp_path / "built", "old.py")
    (tmp_path / "shop").mkdir()
    with pytest.raises(ProjectError, match="holds no project"):
        build_source_dir_using_uv(None, tmp_path / "shop" / "pyproject.toml", target, skip_prompt=True)
    assert files(target) == {"old.py"}


def test_a_version_that_nobody_says_is_one_line(tmp_path: Path) -> None:
    pyproject = make_project(tmp_path / "shop", build_system="")
    pyproject.write_text('[project]\nname = "shop"\n')
    with pytest.raises(ProjectError, match=r"has no \[project\] version"):
        installed_version(Project.at(pyproject.parent), plant(tmp_path / "built", "a.py"))


def test_the_earlier_name_takes_either_file(tmp_path: Path) -> None:
    """The project beside a `setup.py` is built by its pyproject.toml; without one, by that `setup.py`."""
    root = plant(tmp_path / "shop", "shop.py")
    built = tmp_path / "built"
    (root / "setup.py").write_text(
        'from setuptools import setup\nsetup(name="shop", version="7", py_modules=["shop"])\n'
    )
    build_source_artifacts_using_pip(None, root / "setup.py", built, verbose=False)
    assert installed_version(Project.at(root), built) == "7"
    (root / "pyproject.toml").write_text(HEAD)
    build_source_artifacts_using_pip(
        path_bin_pip=None,
        path_setup_py_or_pyproject_toml=root / "setup.py",
        dir_lambda_source_build=built,
        verbose=False,
        skip_prompt=True,
    )
    assert "shop.py" in files(built)


def test_zips_of_earlier_builds_are_not_copied_or_zipped(tmp_path: Path) -> None:
    """They lie beside the folder, or in it: each zip would hold the last one."""
    pyproject = make_project(tmp_path / "shop", build_system="")
    target, beside = pyproject.parent / "out" / "source", pyproject.parent / "out" / "source.zip"
    hashes = set()
    for path in (beside, beside, target / "source.zip", target / "source.zip"):
        build_source_dir_using_uv(None, pyproject, target, skip_prompt=True, verbose=False)
        path.write_bytes(b"of an earlier build")
        hashes.add(create_source_zip(target, path, verbose=False))
    assert len(hashes) == 1
