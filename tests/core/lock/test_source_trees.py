"""Git repositories and folders of archives in a pylock.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import Exported, Locked, LockedFile, LockedGit
from constructs_lib.core.lock.select import parse_pylock, select
from constructs_lib.core.target import Target
from tests.support.files.toml import toml_text

MANIFEST = Path("/project/pylock.toml")
VCS = {"type": "git", "url": "https://h/x", "commit-id": "AB" * 20}
MONO = {"url": "https://h/mono-7.0.tar.gz", "hashes": {"sha256": "a" * 64}}


def chosen(*packages: dict[str, Any]) -> tuple[Locked, ...]:
    pylock = {"lock-version": "1.0", "created-by": "test", "packages": list(packages)}
    exported = Exported(parse_pylock(toml_text(pylock), MANIFEST), Path("/project"))
    return select(exported, MANIFEST, Target("3.12"))


def test_a_git_dependency_is_named_by_its_commit() -> None:
    """The address has no password; the branch or tag is kept for messages."""
    vcs = {**VCS, "url": "https://u:secret@h/x.git", "requested-revision": "v1", "subdirectory": "./pkg/"}
    assert chosen({"name": "aa", "version": "1.0", "vcs": vcs}, {"name": "bb", "vcs": VCS}) == (
        LockedGit("aa", "https://h/x.git", "ab" * 20, "pkg", "1.0", "v1"),
        LockedGit("bb", "https://h/x", "ab" * 20),
    )


def test_a_git_dependency_may_be_a_folder_of_this_machine() -> None:
    """Relative to the project (PEP 751: `packages.vcs.path`)."""
    vcs = {"type": "git", "path": "../mono", "commit-id": "ab" * 20}
    assert chosen({"name": "aa", "vcs": vcs}) == (LockedGit("aa", "file:///mono", "ab" * 20),)


def test_an_archive_may_hold_the_project_in_a_folder() -> None:
    """Its version is the lock's; the archive's name is that of the whole."""
    archive = {**MONO, "subdirectory": "pkg/aa"}
    [versioned] = chosen({"name": "aa", "version": "1.0", "archive": archive})
    [open_version] = chosen({"name": "aa", "archive": archive})
    assert isinstance(versioned, LockedFile)
    assert isinstance(open_version, LockedFile)
    assert (str(versioned), versioned.subdirectory) == ("aa==1.0", "pkg/aa")
    assert (str(open_version), open_version.version) == ("aa", "")


@pytest.mark.parametrize(
    ("package", "text"),
    [
        ({"vcs": {**VCS, "type": "svn"}}, "comes from version control by 'svn': of that only git is read"),
        ({"vcs": {**VCS, "commit-id": "main"}}, "'main' is not the full id of a commit"),
        ({"vcs": {**VCS, "url": "ext::sh -c x://u:secret@h/x"}}, "is not an address of a git repository"),
        ({"vcs": {**VCS, "subdirectory": "../x"}}, "subdirectory '../x' is not a folder below the root"),
        ({"vcs": {**VCS, "subdirectory": "a/../../b"}}, "subdirectory 'a/../../b' is not a folder below"),
        ({"archive": {**MONO, "subdirectory": "/pkg"}}, "subdirectory '/pkg' is not a folder below the root"),
        ({"archive": {**MONO, "subdirectory": "..\\pkg"}}, "is not a folder below the root"),
    ],
    ids=["svn", "commit", "address", "above", "far above", "absolute", "backslash"],
)
def test_a_source_that_cannot_be_read_is_one_line(package: dict[str, Any], text: str) -> None:
    """With the package's name and the lock's path, and no secret."""
    with pytest.raises(ProjectError, match=r"^aa in /project/pylock\.toml") as caught:
        chosen({"name": "aa", **package})
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
