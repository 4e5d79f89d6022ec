"""Every command that a line names for a missing or unfit lock file is run as it stands there, and helps."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.system import process
from tests.support.builders.lock_tools import PYTHON, TARGET, Tools, lock_tools
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

NAMED = f'[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">={PYTHON},<4"\ndependencies = ["alpha==2.0"]\n'
PDM_SOURCE = '[[tool.pdm.source]]\nname = "pypi"\nurl = "INDEX/simple"\nverify_ssl = false\n'
POETRY_SOURCE = '[[tool.poetry.source]]\nname = "loop"\nurl = "INDEX/simple/"\npriority = "primary"\n'
PIPFILE = '[[source]]\nname = "loop"\nurl = "INDEX/simple"\nverify_ssl = false\n[packages]\nalpha = "==2.0"\n'


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    with lock_tools(tmp_path_factory.mktemp("tools") / "environment") as running:
        yield running


def refusal(root: Path, options: LockOptions) -> str:
    with pytest.raises(ProjectError) as caught:
        resolve(Project.at(root), TARGET, options)
    return str(caught.value)


def run_remedy(text: str, root: Path, tools: Tools) -> None:
    """Run the quoted command in the folder that the line names."""
    match = re.search(r"[Rr]un '([^']+)' in (\S+) and commit it", text)
    assert match is not None, text
    assert match[2] == str(root)
    command = match[1].split()
    if command[0] in ("pdm", "pipenv"):
        tools.run(root, *command)
        return
    env = {**os.environ, "UV_DEFAULT_INDEX": tools.index.simple}
    done = subprocess.run(
        [process.find_tool(command[0]), *command[1:]],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("files", "build_tool"),
    [
        ({"pyproject.toml": NAMED}, None),
        ({"pyproject.toml": f"{NAMED}[tool.poetry]\npackage-mode = false\n{POETRY_SOURCE}"}, None),
        ({"pyproject.toml": f"{NAMED}[tool.pdm]\ndistribution = false\n{PDM_SOURCE}"}, None),
        ({"Pipfile": PIPFILE, "index.py": ""}, None),
        ({"requirements.in": "alpha==2.0\n"}, None),
        ({"pyproject.toml": NAMED}, "pip"),
        ({"pyproject.toml": NAMED}, "pylock"),
        ({"requirements.in": "alpha==2.0\n"}, "pylock"),
    ],
    ids=["uv", "Poetry", "PDM", "Pipenv", "requirements.in", "pip", "pylock", "pylock of requirements.in"],
)
def test_the_command_for_a_missing_lock_file_makes_it(
    tools: Tools,
    files: dict[str, str],
    build_tool: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Afterwards the project's dependency is in the layer, by the tool that the project is made for."""
    root = write_files(
        tmp_path / "app", {name: text.replace("INDEX", tools.index.url) for name, text in files.items()}
    )
    options = LockOptions(build_tool=build_tool)
    run_remedy(refusal(root, options), root, tools)
    monkeypatch.setenv("UV_DEFAULT_INDEX", tools.index.simple)
    assert [str(file) for file in resolve(Project.at(root), TARGET, options).locked] == [
        "alpha==2.0",
        "beta==2.0",
    ]


def test_a_lock_of_pdm_without_groups_can_be_completed(tools: Tools, tmp_path: Path) -> None:
    """One for another platform as well; both keep the versions that are locked."""
    text = f"{NAMED}{PDM_SOURCE}".replace("INDEX", tools.index.url).replace("alpha==2.0", "alpha<3")
    root = write_files(tmp_path / "app", {"pyproject.toml": text})
    tools.run(root, "pdm", "lock", "--strategy", "no_inherit_metadata")
    run_remedy(refusal(root, LockOptions()), root, tools)
    assert "alpha==2.0" in map(str, resolve(Project.at(root), TARGET).locked)
    tools.run(root, "pdm", "lock", "--platform", "windows")
    run_remedy(refusal(root, LockOptions()), root, tools)
    assert "alpha==2.0" in map(str, resolve(Project.at(root), TARGET).locked)


def test_a_stale_lock_is_renewed(tools: Tools, tmp_path: Path) -> None:
    """Of PDM and of Pipenv, by the command of the line."""
    for name, text in (("pyproject.toml", f"{NAMED}{PDM_SOURCE}"), ("Pipfile", PIPFILE)):
        root = tmp_path / name.partition(".")[0]
        write_files(root, {name: text.replace("INDEX", tools.index.url)})
        run_remedy(refusal(root, LockOptions(build_tool="pdm" if name != "Pipfile" else None)), root, tools)
        changed = (root / name).read_text().replace("==2.0", "==1.0")
        (root / name).write_text(changed)
        run_remedy(refusal(root, LockOptions()), root, tools)
        assert "alpha==1.0" in map(str, resolve(Project.at(root), TARGET).locked)
