"""pdm.lock; `tests/integration/test_pdm_pipenv.py` compares with PDM itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.lock.locked import LockedDirectory, LockedFile, LockOptions
from constructs_lib.core.lock.pdm_lock import content_hash
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from tests.support.files.locks import TARGET
from tests.support.files.toml import toml_text
from tests.support.files.wheels import wheel_bytes, wheel_name
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as running:
        yield running


def package(index: Index, name: str, *groups: str, **more: object) -> dict[str, Any]:
    locked = index.add(wheel_name(name), wheel_bytes(name))
    file = {"file": locked.filename, "hash": f"sha256:{locked.sha256}"}
    return {"name": name, "version": "1.0", "groups": list(groups or ("default",)), "files": [file], **more}


def write(root: Path, index: Index, *packages: object, **metadata: object) -> Path:
    head = {
        "lock_version": "4.5.0",
        "strategy": ["inherit_metadata"],
        "groups": ["default", "web"],
        **metadata,
    }
    (root / "pdm.lock").write_text(toml_text({"metadata": head, "package": list(packages)}))
    source = f'[[tool.pdm.source]]\nname = "loop"\nurl = "{index.simple}"\n'
    (root / "pyproject.toml").write_text(f'[project]\nname = "x"\nversion = "1"\n\n{source}')
    return root


def locked(root: Path, options: LockOptions | None = None) -> list[str]:
    return [str(each) for each in resolve(Project.at(root), TARGET, options).locked]


def refusal(root: Path, options: LockOptions | None = None) -> str:
    with pytest.raises(ArtifactError) as caught:
        locked(root, options)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 500
    return str(caught.value)


def test_groups_and_markers_choose(tmp_path: Path, index: Index) -> None:
    """Extras and groups share their names; a row for a package's extras repeats the package."""
    root = write(
        tmp_path,
        index,
        package(index, "aa", "default", "web"),
        package(index, "aa", "default", extras=["more"]),
        package(index, "bb", "web"),
        package(index, "cc", marker='sys_platform == "win32"'),
    )
    assert locked(root) == ["aa==1.0"]
    assert locked(root, LockOptions(groups=("Web",))) == ["aa==1.0", "bb==1.0"]
    assert locked(root, LockOptions(extras=("web",))) == ["aa==1.0", "bb==1.0"]
    assert locked(root, LockOptions(only_groups=("web",))) == ["aa==1.0", "bb==1.0"]
    assert "has no group or extra 'docs': it has web" in refusal(root, LockOptions(groups=("docs",)))


def test_paths_and_addresses(tmp_path: Path, index: Index) -> None:
    """Folders, wheels beside the project, addresses, and files with addresses of their own."""
    wheel = package(index, "aa")
    (tmp_path / wheel_name("aa")).write_bytes(wheel_bytes("aa"))
    by_address = package(index, "bb", url=f"{index.url}/files/{wheel_name('bb')}")
    static = package(index, "cc")
    static["files"] = [{"url": f"{index.url}/files/{wheel_name('cc')}", "hash": static["files"][0]["hash"]}]
    folder = {"name": "lib", "version": "1.0", "groups": ["default"], "path": "./lib"}
    root = write(tmp_path, index, {**wheel, "path": f"./{wheel_name('aa')}"}, by_address, static, folder)
    aa, bb, cc, lib = resolve(Project.at(root), TARGET).locked
    assert isinstance(aa, LockedFile)
    assert aa.location == tmp_path / wheel_name("aa")
    assert isinstance(bb, LockedFile)
    assert bb.location == f"{index.url}/files/{wheel_name('bb')}"
    assert isinstance(cc, LockedFile)
    assert cc.location == f"{index.url}/files/{wheel_name('cc')}"
    assert lib == LockedDirectory("lib", tmp_path / "lib")


def test_a_changed_pyproject_is_stale(tmp_path: Path, index: Index) -> None:
    """By the hash that PDM writes, which covers dependencies, groups and sources, and no version."""
    root = write(tmp_path, index, package(index, "aa"))
    digest = content_hash(Project.at(root).pyproject)
    write(root, index, package(index, "aa"), content_hash=f"sha256:{digest}")
    assert locked(root) == ["aa==1.0"]
    path = root / "pyproject.toml"
    path.write_text(path.read_text().replace('version = "1"', 'version = "2"'))
    assert locked(root) == ["aa==1.0"]
    path.write_text(path.read_text().replace("[project]", '[dependency-groups]\nweb = ["bb"]\n[project]'))
    assert f"is stale: {path} has changed since. Run 'pdm lock' in {root}" in refusal(root)


def test_a_workspace_hashes_its_members(tmp_path: Path, index: Index) -> None:
    root = write(tmp_path, index)
    member = root / "packages" / "one"
    member.mkdir(parents=True)
    (member / "pyproject.toml").write_text('[project]\nname = "one"\ndependencies = ["aa"]\n')
    path = root / "pyproject.toml"
    alone = content_hash(Project.at(root).pyproject)
    path.write_text(path.read_text() + '\n[tool.pdm.workspace]\nmembers = ["packages/*", "nowhere"]\n')
    with_member = content_hash(Project.at(root).pyproject)
    (member / "pyproject.toml").write_text('[project]\nname = "one"\ndependencies = ["bb"]\n')
    assert len({alone, with_member, content_hash(Project.at(root).pyproject)}) == 3


@pytest.mark.parametrize("pattern", ["../beside", ".", "**x", "/*"])
def test_a_workspace_may_have_any_pattern(tmp_path: Path, index: Index, pattern: str) -> None:
    """A new member makes the lock stale, also one outside of the root; a pattern without a match does not."""
    root = tmp_path / "root"
    for folder in (root, tmp_path / "beside"):
        folder.mkdir()
        (folder / "pyproject.toml").write_text('[project]\nname = "beside"\n')
    write(root, index, package(index, "aa"))
    path = root / "pyproject.toml"
    path.write_text(path.read_text() + "\n[tool.pdm.workspace]\nmembers = []\n")
    digest = content_hash(Project.at(root).pyproject)
    write(root, index, package(index, "aa"), content_hash=f"sha256:{digest}")
    path.write_text(f'{path.read_text()}\n[tool.pdm.workspace]\nmembers = ["{pattern}"]\n')
    if pattern in ("../beside", "."):
        assert "is stale" in refusal(root)
    else:
        assert locked(root) == ["aa==1.0"]


@pytest.mark.parametrize(
    ("targets", "text"),
    [
        ([{"requires_python": ">=3.13"}], "is for Python >=3.13, not for"),
        (
            [{"requires_python": ">=3.10", "platform": "windows_amd64"}],
            "--append --platform manylinux_2_17_x86_64",
        ),
        (
            [{"requires_python": ">=3.10", "platform": "manylinux_2_17_aarch64"}],
            "is for manylinux_2_17_aarch64",
        ),
        ([{"requires_python": ">=3.10", "platform": "manylinux_2_28_x86_64"}, {"requires_python": "<3"}], ""),
        ([{"requires_python": "x"}], "it must be a version specifier"),
    ],
)
def test_a_lock_for_other_targets_is_refused(
    tmp_path: Path, index: Index, targets: list[dict[str, str]], text: str
) -> None:
    root = write(tmp_path, index, package(index, "aa"), targets=targets)
    assert (text in refusal(root)) if text else locked(root) == ["aa==1.0"]


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        ({"lock_version": "5.0"}, "has lock_version '5.0'"),
        ({"strategy": []}, "run 'pdm lock --update-reuse --strategy inherit_metadata'"),
        ({"groups": 5}, "it must be a list"),
        ({"lock_version": 4}, "it must be a string"),
    ],
)
def test_other_forms_are_one_line(
    tmp_path: Path, index: Index, metadata: dict[str, object], text: str
) -> None:
    assert text in refusal(write(tmp_path, index, package(index, "aa"), **metadata))


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"files": []}, "has no sha256"),
        ({"files": [{"file": "x", "hash": "sha256:../x"}]}, "64 hex digits"),
        ({"files": [{"file": "x", "hash": "md5:ab"}]}, "has no sha256"),
        ({"marker": "python_version >"}, "has no valid marker"),
        ({"url": "https://index.example/a.whl", "files": []}, "has no sha256"),
        ({"path": "a\0b"}, "has no usable path"),
        ({"name": 5}, "it must be a string"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    tmp_path: Path, index: Index, more: dict[str, object], text: str
) -> None:
    assert text in refusal(write(tmp_path, index, {**package(index, "aa"), **more}))


@pytest.mark.parametrize(
    ("url", "kind"), [("${HERE}/simple", "index"), ("http://bob:${PW}@${HOST}/flat.html", "find_links")]
)
def test_a_source_has_variables_and_may_be_flat(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch, url: str, kind: str
) -> None:
    """A page of links is read as one; the variables are filled in, without the login."""
    monkeypatch.setenv("HERE", index.url)
    monkeypatch.setenv("PW", "s3cret#x")
    monkeypatch.setenv("HOST", index.url.removeprefix("http://"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/other")
    write(tmp_path, index, package(index, "aa"))
    source = f'[[tool.pdm.source]]\nname = "loop"\nurl = "{url}"\ntype = "{kind}"\n'
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "x"\nversion = "1"\n\n{source}')
    assert locked(tmp_path) == ["aa==1.0"]
