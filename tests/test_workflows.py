"""The workflows: which Pythons and systems they run on, and what a release may do."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def workflow(name: str) -> dict[Any, Any]:
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
    found: dict[Any, Any] = yaml.safe_load(text)
    return found


CI, RELEASE = workflow("ci"), workflow("release")
ON = True
"""YAML 1.1 reads the key `on` as a truth value."""


def test_the_matrix_is_what_the_package_declares() -> None:
    """Each Python of the classifiers, on three systems; only Linux is required so far."""
    matrix = CI["jobs"]["units"]["strategy"]["matrix"]
    declared = [
        found[1]
        for name in PROJECT["classifiers"]
        if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", name))
    ]
    assert matrix["python"] == declared
    assert [system.partition("-")[0] for system in matrix["os"]] == ["ubuntu", "macos", "windows"]


def test_the_pythons_of_the_whole_check_are_those_that_it_asks_for() -> None:
    """`make pythons` fails in CI where one is missing."""
    from tools.pythons import VERSIONS

    [setup] = [step for step in CI["jobs"]["run"]["steps"] if "setup-python" in step.get("uses", "")]
    assert set(setup["with"]["python-version"].split()) == set(VERSIONS)
    assert {"run": "bash .ci/run"} in CI["jobs"]["run"]["steps"]


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_action_is_pinned_by_its_commit(path: Path) -> None:
    """With the release beside it for people; a tag could be moved to other code."""
    used = re.findall(r"uses: (\S+)(.*)", path.read_text(encoding="utf-8"))
    assert used
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_no_workflow_knows_a_secret_or_may_write(path: Path) -> None:
    """What a job needs beyond reading is its own, in the release only; code of a pull request gets nothing."""
    assert "secrets." not in path.read_text(encoding="utf-8")
    found = workflow(path.stem)
    assert found["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in found[ON]
    granted = {name: job["permissions"] for name, job in found["jobs"].items() if "permissions" in job}
    assert path.stem == "release" or granted == {}


def test_a_release_begins_with_a_tag_and_passes_every_check_first() -> None:
    """The job that may publish runs no code of this repository: it uploads what the job before it has built."""
    assert RELEASE[ON] == {"push": {"tags": ["v*"]}}
    jobs = RELEASE["jobs"]
    assert (jobs["ci"]["uses"], jobs["build"]["needs"], jobs["publish"]["needs"]) == (
        "./.github/workflows/ci.yml",
        "ci",
        "build",
    )
    assert "workflow_call" in CI[ON]
    publish = jobs["publish"]
    assert (publish["environment"], publish["permissions"]) == ("pypi", {"id-token": "write"})
    assert not [step for step in publish["steps"] if "run" in step or "checkout" in step["uses"]]
