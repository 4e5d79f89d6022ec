"""Branches and tags of a file that is no lock."""

from __future__ import annotations

from pathlib import Path

from constructs_lib.core.lock.git_references import moving_references
from constructs_lib.core.lock.locked import LockedFile, LockedGit, Manifest

MANIFEST = Manifest(Path("/project/requirements.txt"), b"")
COMMIT = "ab" * 20


def test_a_moving_reference_is_named_with_the_commit_that_was_taken() -> None:
    """A branch, a tag and the default branch may move; a full commit and an index file do not."""
    wheel = LockedFile("aa", "1.0", "aa-1.0-py3-none-any.whl", "0" * 64, "https://h/aa")
    packages = [
        wheel,
        LockedGit("bb", "https://h/bb", COMMIT, revision=COMMIT.upper()),
        LockedGit("cc", "https://h/cc", COMMIT, revision="v1"),
        LockedGit("dd", "https://h/dd", COMMIT),
    ]
    tag, default = moving_references(MANIFEST, packages)
    assert tag.startswith(
        f"/project/requirements.txt takes cc from v1 of https://h/cc, which is commit {COMMIT}"
    )
    assert default.startswith(
        "/project/requirements.txt takes dd from the default branch of https://h/dd, which"
    )
