"""The key of a build: everything that the backend could see."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.wheels.build_inputs import BuildInputs
from tests.support.files.backends import BACKENDS, git, write_repository
from tests.support.files.sources import write_files, write_src_project

if TYPE_CHECKING:
    from collections.abc import Sequence


def inputs(
    root: Path, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> BuildInputs:
    return BuildInputs(root, include, exclude, root)


def test_every_file_and_rule_counts(tmp_path: Path) -> None:
    """Also a file that is left out later, and a rule in a folder above."""
    project = write_repository(tmp_path / "repo", BACKENDS["uv_build"])
    keys = [inputs(project).key]
    for name in ("proj/src/pkg/local_secrets.py", "proj/dist/page.html", "proj/.gitignore", ".gitignore"):
        write_files(tmp_path / "repo", {name: "changed\n"})
        keys.append(inputs(project).key)
    keys.append(inputs(project, exclude=["*.txt"]).key)
    keys.append(inputs(project, include=["*.txt"]).key)
    assert len(set(keys)) == len(keys)
    assert inputs(project).key == keys[4]


@pytest.mark.parametrize(("name", "counts"), [("uv_build", False), ("setuptools-scm", True)])
def test_a_tag_counts_where_the_version_comes_from_git(name: str, counts: bool, tmp_path: Path) -> None:
    project = write_repository(tmp_path / "repo", BACKENDS[name])
    before = inputs(project).key
    git(project, "tag", "v2.0")
    assert (inputs(project).key != before) is counts


def test_ignored_files_are_dropped_for_a_backend_that_does_not_ask(tmp_path: Path) -> None:
    """A copy lacks them, so that nothing of the result is compared with them; a backend that asks decides itself."""
    ignored, none = frozenset({Path("src/pkg/local_secrets.py")}), frozenset[Path]()
    expected = {
        "uv_build": (ignored, ignored),
        "setuptools-scm": (ignored, none),
        "poetry-core": (none, none),
    }
    for name, sets in expected.items():
        project = write_repository(tmp_path / name, BACKENDS[name])
        write_files(project, {"src/pkg/local_secrets.py": "canary"})
        assert (inputs(project).dropped, inputs(project).choice.ignored) == sets
        assert inputs(project, include=["local_secrets.py"]).dropped == none


def test_a_link_that_leaves_the_project_is_refused(tmp_path: Path) -> None:
    """A file of this machine would come into the function; one that is excluded does not."""
    root = write_src_project(tmp_path / "app", "app")
    (root / "src/app/passwd").symlink_to("/etc/passwd")
    with pytest.raises(ProjectError, match="/passwd is a link that leaves "):
        _ = inputs(root).key
    assert inputs(root, exclude=["passwd"]).key


def test_a_deepened_clone_counts(tmp_path: Path) -> None:
    """A version counts the commits since the tag: a shallow clone has fewer."""
    write_repository(tmp_path / "repo", BACKENDS["setuptools-scm"])
    for number in range(3):
        git(tmp_path / "repo", "commit", "-qm", str(number), "--allow-empty")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path}/repo", "clone")
    keys = [inputs(tmp_path / "clone" / "proj").key]
    for depth in ("--depth=2", "--unshallow"):
        git(tmp_path / "clone", "fetch", "-q", "--no-tags", depth)
        keys.append(inputs(tmp_path / "clone" / "proj").key)
    assert len(set(keys)) == 3


@pytest.mark.parametrize("name", [".hg/x", ".git_archival.txt"])
def test_a_version_from_elsewhere_is_not_kept(name: str, tmp_path: Path) -> None:
    """Of another version control, or of an archive's own file above the project."""
    project = write_files(tmp_path / "repo" / "proj", BACKENDS["setuptools-scm"])
    assert inputs(project).is_kept
    write_files(tmp_path / "repo", {name: ""})
    assert not inputs(project).is_kept


def test_settings_decide_whether_a_build_is_kept(tmp_path: Path) -> None:
    project = write_files(tmp_path / "proj", BACKENDS["uv_build"])
    before = inputs(project).key
    write_files(tmp_path, {"uv.toml": 'build-constraint-dependencies = ["uv_build<9"]\n'})
    assert inputs(project).key != before
    assert inputs(project).is_kept
    write_files(tmp_path, {"uv.toml": "no-build-isolation = true\n"})
    assert not inputs(project).is_kept
