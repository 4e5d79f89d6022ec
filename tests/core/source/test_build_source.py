"""A function's own code, where the folder is copied as it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.source.source_options import SourceOptions
from tests.support.files.sources import write_files
from tests.support.files.wheels import unpacked

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = '[project]\nname = "app"\nversion = "1.2"\n'


def test_a_project_without_a_build_system_is_copied(tmp_path: Path) -> None:
    """Contents and executable bits; what tools made stays out; nothing is written into the folder."""
    root = write_files(
        tmp_path / "app",
        {
            "pyproject.toml": PLAIN,
            "main.py": "x = 1\n",
            "run.sh": "#!/bin/sh\n",
            "__pycache__/main.pyc": "",
            "build/x": "",
        },
    )
    (root / "run.sh").chmod(0o755)
    before = sorted(root.rglob("*"))
    built = build_source(root, tmp_path / "out" / "source.zip")
    assert built.version == "1.2"
    assert unpacked(built.archive.path) == {
        "main.py": (b"x = 1\n", False),
        "pyproject.toml": (PLAIN.encode(), False),
        "run.sh": (b"#!/bin/sh\n", True),
    }
    assert sorted(root.rglob("*")) == before


def test_include_and_exclude_choose_the_files(tmp_path: Path) -> None:
    """As `is_match` says; an answer that is empty is an error that repeats the question."""
    root = write_files(
        tmp_path / "app", {"pyproject.toml": PLAIN, "a.py": "", "tests/deep/t.py": "", "docs/x.md": ""}
    )
    built = build_source(root, tmp_path / "a.zip", SourceOptions(exclude=["tests/*", "docs/"]))
    assert set(unpacked(built.archive.path)) == {"a.py", "pyproject.toml"}
    built = build_source(root, tmp_path / "b.zip", SourceOptions(include=["*.py"], exclude=["a.py"]))
    assert set(unpacked(built.archive.path)) == {"tests/deep/t.py"}
    with pytest.raises(
        ArtifactError, match=r"has no file to deploy: include=\['\*\.js'\], exclude=None leave nothing$"
    ):
        build_source(root, tmp_path / "c.zip", SourceOptions(include=["*.js"]))
    assert not (tmp_path / "c.zip").exists()


@pytest.mark.parametrize(
    "files", [{"requirements.txt": ""}, {}, {"pyproject.toml": "[tool.black]\nline-length = 80\n"}], ids=repr
)
def test_a_folder_of_code_needs_no_description(tmp_path: Path, files: dict[str, str]) -> None:
    """As SAM and Serverless take it: the files as they are, and a default version."""
    root = tmp_path / "fn"
    root.mkdir()
    (root / "app.py").write_text("x = 1\n")
    for name, text in files.items():
        (root / name).write_text(text)
    source = build_source(root, tmp_path / "source.zip")
    assert source.version == "0.0.0"
    assert "app.py" in unpacked(source.archive.path)


def test_a_project_without_a_version_is_refused(tmp_path: Path) -> None:
    """The version is part of the place in S3; where nothing builds, nothing else says it."""
    root = write_files(tmp_path / "app", {"pyproject.toml": '[project]\nname = "app"\n', "a.py": ""})
    with pytest.raises(ArtifactError, match=r'has no \[project\] version, .*: add version = "0\.1\.0"$'):
        build_source(root, tmp_path / "a.zip")


def test_a_link_that_leaves_the_project_is_refused(tmp_path: Path) -> None:
    """Nobody wants a file of this machine in a function by accident."""
    root = write_files(tmp_path / "app", {"pyproject.toml": PLAIN, "a.py": ""})
    (root / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(ArtifactError, match=r"/app/passwd is a link that leaves "):
        build_source(root, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_names_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    """They would overwrite each other on a Mac, and one of them is a mistake anyway."""
    root = write_files(tmp_path / "app", {"pyproject.toml": PLAIN, "a.py": "", "A.py": ""})
    with pytest.raises(ArtifactError, match="they differ only in case"):
        build_source(root, tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("pyproject", "version"),
    [
        ('[project]\nname = "a"\nversion = "1.5"\n[tool.uv]\npackage = false\n', "1.5"),
        ('[project]\nname = "a"\nversion = "1.5"\n[tool.poetry]\npackage-mode = false\n', "1.5"),
        ('[tool.poetry]\nname = "a"\nversion = "2.1"\npackage-mode = false\n', "2.1"),
        ("[tool.poetry]\npackage-mode = false\n", "0.0.0"),
    ],
    ids=["uv", "poetry", "poetry alone", "without a version"],
)
def test_a_project_that_is_no_package_is_taken_as_it_is(tmp_path: Path, pyproject: str, version: str) -> None:
    """Whatever backend it names: `poetry init` always names one."""
    backend = '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
    (tmp_path / "fn").mkdir()
    (tmp_path / "fn" / "pyproject.toml").write_text(f"{pyproject}{backend}")
    (tmp_path / "fn" / "index.py").write_text("x = 1\n")
    source = build_source(tmp_path / "fn", tmp_path / "source.zip")
    assert source.version == version
    assert [member.name for member in source.archive.members] == ["index.py", "pyproject.toml"]
