"""The comparison of uv.lock with pyproject.toml, without uv; `tests/integration/test_stale_uv.py` asks uv too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.lock.stale import check_uv_lock
from constructs_lib.core.lock.uv_lock import read_uv_lock
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target
from tests.support.files.toml import write_toml

if TYPE_CHECKING:
    from pathlib import Path


LOCKED_SHOP = {"name": "shop", "source": {"virtual": "."}, "dependencies": [{"name": "aa"}]}
LOCKED_AA = {"name": "aa", "version": "1.0", "source": {"registry": "https://host/simple"}}


def check(
    folder: Path,
    pyproject: dict[str, Any],
    metadata: dict[str, Any],
    *,
    options: LockOptions | None = None,
    python: str = "",
    **lock: Any,
) -> None:
    project = {"name": "shop", "version": "1", **pyproject.pop("project", {})}
    write_toml(folder / "pyproject.toml", {"project": project, **pyproject})
    package = {"name": "shop", "source": {"virtual": "."}, "metadata": metadata}
    recorded = {"requires-python": python} if python else {}
    write_toml(folder / "uv.lock", {"version": 1, "package": [package], **recorded, **lock})
    check_uv_lock(read_uv_lock(folder / "uv.lock"), Project(folder), Target("3.12"), options or LockOptions())


@pytest.mark.parametrize("asked", ["my-group", "My_Group", "MY.GROUP"])
def test_a_group_is_found_by_any_spelling(tmp_path: Path, asked: str) -> None:
    """Names of groups are normalized in uv.lock (PEP 735)."""
    pyproject = {"dependency-groups": {"My_Group": ["six==1.17.0"]}}
    metadata = {"requires-dev": {"my-group": [{"name": "six", "specifier": "==1.17.0"}]}}
    for options in (LockOptions(groups=(asked,)), LockOptions(only_groups=(asked,))):
        check(tmp_path, dict(pyproject), metadata, options=options)
    with pytest.raises(ProjectError, match=r"is stale: .* no longer asks for six"):
        check(tmp_path, {"dependency-groups": {}}, metadata, options=LockOptions(groups=(asked,)))


@pytest.mark.parametrize("asked", ["fancy-extra", "Fancy_Extra"])
def test_an_extra_is_found_by_any_spelling(tmp_path: Path, asked: str) -> None:
    """Names of extras are normalized in uv.lock (PEP 685)."""
    pyproject = {"project": {"optional-dependencies": {"Fancy_Extra": ["six==1.17.0"]}}}
    row = {"name": "six", "marker": "extra == 'fancy-extra'", "specifier": "==1.17.0"}
    check(tmp_path, pyproject, {"requires-dist": [row]}, options=LockOptions(extras=(asked,)))


def test_an_included_group_is_found_by_any_spelling(tmp_path: Path) -> None:
    groups = {"main": [{"include-group": "Other_One"}], "other-one": ["six"]}
    metadata = {"requires-dev": {"main": [{"name": "six"}], "other-one": [{"name": "six"}]}}
    check(tmp_path, {"dependency-groups": groups}, metadata, options=LockOptions(groups=("main",)))


def test_groups_that_include_each_other_are_one_line(tmp_path: Path) -> None:
    groups = {"a": [{"include-group": "b"}], "b": [{"include-group": "a"}]}
    with pytest.raises(ProjectError, match=r"pyproject\.toml: dependency-groups\.a is not valid: Cyclic"):
        check(tmp_path, {"dependency-groups": groups}, {}, options=LockOptions(groups=("a",)))


def test_another_schema_is_refused(tmp_path: Path) -> None:
    for version in (2, 0):
        with pytest.raises(
            ProjectError, match=rf"has schema version {version}, this release reads 1: upgrade"
        ):
            check(tmp_path, {}, {}, version=version)


def test_settings_of_the_workspace_count(tmp_path: Path) -> None:
    constraint = {"tool": {"uv": {"constraint-dependencies": ["aa<2"]}}}
    check(tmp_path, dict(constraint), {}, manifest={"constraints": [{"name": "aa", "specifier": "<2"}]})
    with pytest.raises(ProjectError, match="asks for aa<2, of which the lock knows nothing"):
        check(tmp_path, dict(constraint), {}, package=[LOCKED_SHOP, LOCKED_AA])
    check(tmp_path, dict(constraint), {})
    with pytest.raises(ProjectError, match="no longer asks for bb==1"):
        check(tmp_path, {}, {}, manifest={"overrides": [{"name": "bb", "specifier": "==1"}]})


def test_the_python_counts_where_the_target_is_concerned(tmp_path: Path) -> None:
    """A lock of a workspace records what all members allow together."""
    project = {"requires-python": ">=3.13"}
    check(tmp_path, {"project": {"requires-python": ">=3.11"}}, {}, python=">=3.10")
    with pytest.raises(ProjectError, match=r"asks for Python >=3\.13, the lock is for >=3\.10"):
        check(tmp_path, {"project": dict(project)}, {}, python=">=3.10")
    manifest = {"members": ["shop", "other"]}
    check(tmp_path, {"project": {"requires-python": ">=3.10"}}, {}, manifest=manifest, python=">=3.11")
    with pytest.raises(ProjectError, match=r"asks for Python >=3\.13, the lock is for >=3\.10"):
        check(tmp_path, {"project": dict(project)}, {}, manifest=manifest, python=">=3.10")


def test_dynamic_dependencies_are_not_compared(tmp_path: Path) -> None:
    check(tmp_path, {"project": {"dynamic": ["dependencies"]}}, {"requires-dist": [{"name": "aa"}]})


@pytest.mark.parametrize("marker", ["os_name ~= 'a'", "'a' in extras"])
def test_a_marker_that_cannot_be_judged_is_one_line(tmp_path: Path, marker: str) -> None:
    with pytest.raises(ProjectError) as caught:
        check(tmp_path, {}, {"requires-dist": [{"name": "aa", "marker": marker}]})
    assert str(tmp_path / "uv.lock") in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_member_inherits_the_sources_of_its_workspace(tmp_path: Path) -> None:
    """And its own come first; paths are relative to the file that names them."""
    row = {"name": "lib", "directory": "vendor/lib"}
    package = {"name": "app", "source": {"editable": "app"}, "metadata": {"requires-dist": [row]}}
    lock = {"version": 1, "manifest": {"members": ["app"]}, "package": [package]}
    write_toml(tmp_path / "uv.lock", lock)
    root = {"tool": {"uv": {"sources": {"lib": {"path": "vendor/lib"}}}}}
    write_toml(tmp_path / "pyproject.toml", root)
    app = {"project": {"name": "app", "version": "1", "dependencies": ["lib"]}}
    own = {"tool": {"uv": {"sources": {"lib": {"path": "../vendor/lib"}}}}}
    for document in (app, app | own):
        write_toml(tmp_path / "app" / "pyproject.toml", document)
        check_uv_lock(
            read_uv_lock(tmp_path / "uv.lock"), Project(tmp_path / "app"), Target("3.12"), LockOptions()
        )
    elsewhere = {"tool": {"uv": {"sources": {"lib": {"path": "../lib"}}}}}
    write_toml(tmp_path / "app" / "pyproject.toml", app | elsewhere)
    with pytest.raises(ProjectError, match=r"app/pyproject\.toml asks for lib from path lib where the lock"):
        check_uv_lock(
            read_uv_lock(tmp_path / "uv.lock"), Project(tmp_path / "app"), Target("3.12"), LockOptions()
        )
