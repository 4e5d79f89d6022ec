"""Branches and tags of a file that is no lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.lock.git_references import git_failures, moving_reference
from constructs_lib.core.system.process import ExitError

MANIFEST = Path("/project/requirements.txt")
COMMIT = "ab" * 20


def test_a_moving_reference_is_named_with_the_commit_that_was_taken() -> None:
    """A branch, a tag and the default branch may move; a full commit does not."""
    url = "https://bob:secret@h/x"
    assert moving_reference(MANIFEST, "aa", url, COMMIT, COMMIT.upper()) == ""
    tag = moving_reference(MANIFEST, "bb", url, COMMIT, "v1")
    assert tag.startswith(
        f"/project/requirements.txt takes bb from v1 of https://****@h/x, which is commit {COMMIT} now"
    )
    assert "takes cc from the default branch of" in moving_reference(MANIFEST, "cc", url, COMMIT, None)


@pytest.mark.parametrize(
    ("stderr", "error_id"),
    [
        (
            "         --- stderr\n         fatal: unable to access 'https://h/': Could not resolve host: h",
            "git-unreachable",
        ),
        ("         --- stderr\n         fatal: could not read Username for 'https://h'", "git-refused"),
        ("  cause: Git executable not found. Ensure that Git is installed", "git-missing"),
        ("         --- stderr\n         fatal: couldn't find remote ref refs/tags/v9", "git-commit-unknown"),
        ("         --- stderr\n         fatal: something else", "git-failed"),
    ],
)
def test_a_failure_of_uv_to_fetch_is_one_line(stderr: str, error_id: str) -> None:
    """With the dependency's own words and git's reason, not with uv's cache folders."""
    text = f"error: Failed to download and build `lib @ git+https://h/x@v9`\n  cause: Git operation failed\n{stderr}\n"
    with (
        pytest.raises(
            ToolError, match=r"^lib @ git\+https://h/x@v9 in /project/requirements\.txt "
        ) as caught,
        git_failures(MANIFEST),
    ):
        raise ExitError("tool-failed", "uv failed", 1, text)
    assert caught.value.id == error_id
    assert "\n" not in str(caught.value)


def test_other_failures_of_uv_stay() -> None:
    error = ExitError("tool-failed", "uv failed", 1, "error: No solution found")
    with pytest.raises(ExitError) as caught, git_failures(MANIFEST):
        raise error
    assert caught.value is error
