"""A small project and a real dependency set in one zip: the same bytes everywhere, and the files of an installer."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.target import Target
from tests.support.builders.hosts import OTHER, OWN, build_on, elsewhere, make_hosts
from tests.support.builders.uv import install_workload, lock_workload, must, uv
from tests.support.files.installed import installed
from tests.support.files.wheels import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.core.function.artifact import FunctionArtifact

pytestmark = pytest.mark.integration

NAMES = ("W1", "W2", "W3")
KINDS = ("package", "folder")
ROWS = [(name, kind) for name in NAMES for kind in KINDS]
IDS = [f"{name}-{kind}" for name, kind in ROWS]
RUN = "#!/bin/sh\nexec true\n"


@dataclass(frozen=True)
class Built:
    """A project and its function, built in this process."""

    project: Path
    artifact: FunctionArtifact


def write_project(name: str, folder: Path, kind: str) -> Path:
    """Lock a workload and write some code beside the lock: a module, data, a name outside ASCII, a program."""
    module = f"workload_{name.lower()}"
    code = folder / "src" / module if kind == "package" else folder / "shop"
    (code / "data").mkdir(parents=True)
    (code / "__init__.py").write_text("def handler(event, context):\n    return event\n")
    (code / "empty.py").write_text("")
    (code / "data" / "größe.json").write_text('{"a": "☃"}\n')
    (code / "run.sh").write_text(RUN)
    (code / "run.sh").chmod(0o755)
    if kind == "folder":
        (folder / "app.py").write_text("from shop import handler\n")
    return lock_workload(name, folder, package=kind == "package")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Built]:
    """Build the function of a workload and a kind of project once: for Python 3.12 on x86_64, with nothing ignored."""
    made: dict[tuple[str, str], Built] = {}

    def get(name: str, kind: str) -> Built:
        if (name, kind) not in made:
            folder = tmp_path_factory.mktemp("functions")
            project = write_project(name, folder / "project", kind)
            options = FunctionOptions(ignore_package_list=[])
            artifact = build_function(project, folder / "function.zip", Target("3.12"), options)
            made[name, kind] = Built(project, artifact)
        return made[name, kind]

    return get


@pytest.fixture(scope="module")
def dependencies(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], dict[str, tuple[bytes, bool]]]:
    """Install a workload's requirements once; its files."""
    made: dict[str, dict[str, tuple[bytes, bool]]] = {}

    def get(name: str) -> dict[str, tuple[bytes, bool]]:
        if name not in made:
            folder = tmp_path_factory.mktemp("installed")
            install_workload(name, folder)
            made[name] = installed(folder)
        return made[name]

    return get


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make a fresh environment for every Python of this machine."""
    return make_hosts(tmp_path_factory.mktemp("hosts"))


@pytest.mark.parametrize(("name", "kind"), ROWS, ids=IDS)
def test_one_zip_is_file_for_file_what_an_installer_writes(
    name: str,
    kind: str,
    built: Callable[[str, str], Built],
    dependencies: Callable[[str], dict[str, tuple[bytes, bool]]],
    tmp_path: Path,
) -> None:
    """Names, contents and executable bits of lock and project; a folder that is no package is there as it is."""
    code = built(name, kind).project
    if kind == "package":
        must(uv("pip", "install", f"--target={tmp_path}", "--no-deps", code, cwd=tmp_path))
        code = tmp_path
    assert not set(dependencies(name)) & set(installed(code))
    expected = dependencies(name) | installed(code)
    files = unpacked(built(name, kind).artifact.archive.path)
    files = {path: file for path, file in files.items() if Path(path).name != "RECORD"}
    assert sorted(files) == sorted(expected)
    assert [path for path in expected if files[path] != expected[path]] == []
    assert len(expected) > 500
    [program] = [path for path in files if path.endswith("/run.sh")]
    assert files[program] == (RUN.encode(), True)


@pytest.mark.parametrize(("name", "kind"), ROWS, ids=IDS)
def test_another_folder_user_umask_clock_locale_and_python_give_one_sha256(
    name: str, kind: str, built: Callable[[str, str], Built], hosts: dict[str, Path], tmp_path: Path
) -> None:
    """Identity and fingerprint are those of lock and code alone."""
    here = built(name, kind)
    folder = tmp_path / "some where" / "élse"
    shutil.copytree(here.project, folder)
    python = hosts.get(OTHER, hosts[OWN])
    answer = build_on(
        python, folder, tmp_path / "x" / "other.zip", elsewhere(tmp_path / "away"), product="function"
    )
    assert answer["sha256"] == here.artifact.archive.sha256
    assert answer["fingerprint"] == here.artifact.fingerprint


@pytest.mark.parametrize("kind", KINDS)
def test_every_host_python_gives_one_sha256_from_an_empty_store(
    kind: str, built: Callable[[str, str], Built], hosts: dict[str, Path], tmp_path: Path
) -> None:
    """The first build of each Python fetches and builds all; a second one with its full store gives the same bytes."""
    here = built("W1", kind)
    answers = {}
    for version, python in hosts.items():
        env = elsewhere(tmp_path / version, CONSTRUCTS_LIB_STORE=str(tmp_path / version / "store"))
        for fill in ("empty", "full"):
            path = tmp_path / version / f"{fill}.zip"
            answers[version, fill] = build_on(python, here.project, path, env, product="function")
        assert answers[version, "empty"]["python"].startswith(f"{version}.")
        # Both stores were what they are named: the first build went to the index, the second nowhere.
        assert answers[version, "empty"]["connections"] != answers[version, "full"]["connections"] == []
    assert {answer["sha256"] for answer in answers.values()} == {here.artifact.archive.sha256}
    assert {answer["fingerprint"] for answer in answers.values()} == {here.artifact.fingerprint}
