"""The document of a layer: its parts come from wheels and archive, its subject from the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.archive.writer import Archive, Member
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.sbom.layer_sbom import layer_sbom
from constructs_lib.core.target import Target
from tests.support.files.wheels import wheel_bytes, wheel_of

if TYPE_CHECKING:
    from constructs_lib.core.store.wheel_store import WheelStore

PROJECT = '[project]\nname = "shop"\nversion = "1.2"\ndependencies = ["demo"]\n'


def document_of(folder: Path, store: WheelStore, pyproject: str = PROJECT) -> dict[str, Any]:
    (folder / "pyproject.toml").write_text(pyproject)
    wheel = wheel_of(wheel_bytes(files={"demo.py": b"x = 1\n"}))
    members = (
        Member("python/demo.py", 6, 5, wheel.filename),
        Member("python/demo/data", 10, 4, wheel.filename),
        Member("python/other.py", 100, 90, "other-1.0-py3-none-any.whl"),
    )
    archive = Archive(Path("layer.zip"), "ab" * 32, 500, 116, 3, members)
    text = layer_sbom(Project.at(folder), LockOptions(), Target("3.13"), [wheel], archive, store)
    return dict(json.loads(text))


def test_a_wheel_has_the_sizes_of_its_own_members(tmp_path: Path, store: WheelStore) -> None:
    """Members of another origin do not count; the hash is the locked one."""
    [component] = document_of(tmp_path, store)["components"]
    assert component["name"] == "demo"
    assert component["hashes"][0]["content"] == wheel_of(wheel_bytes(files={"demo.py": b"x = 1\n"})).sha256
    sizes = {row["name"].partition(":")[2]: int(row["value"]) for row in component["properties"]}
    assert sizes == {"files": 2, "unzipped": 16, "zipped": 9}


@pytest.mark.parametrize(
    ("pyproject", "name", "version"),
    [
        (PROJECT, "shop", "1.2"),
        ('[project]\nname = "shop"\ndynamic = ["version"]\n', "shop", None),
        ("[tool.any]\n", None, None),
    ],
    ids=["named", "dynamic", "none"],
)
def test_the_subject_is_the_project_or_its_folder(
    tmp_path: Path, store: WheelStore, pyproject: str, name: str | None, version: str | None
) -> None:
    """A project without a name has that of its folder; a dynamic version is left out."""
    subject = document_of(tmp_path, store, pyproject)["metadata"]["component"]
    assert subject["name"] == (name or tmp_path.name)
    assert subject.get("version") == version
