"""Real dependency sets from the real index: same bytes everywhere, and the same files as an installer writes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.tags import parse_tag
from packaging.utils import parse_wheel_filename

from constructs_lib.core.aws_facts import PREVIEWS, RUNTIMES
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import MACHINES, Target
from tests.support.builders.hosts import OWN, build_on, elsewhere, interpreters, make_hosts
from tests.support.builders.uv import install_workload, lock_workload, must, uv
from tests.support.files.elf import AARCH64
from tests.support.files.installed import installed
from tests.support.files.wheels import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.core.layer.artifact import LayerArtifact

pytestmark = pytest.mark.integration

NAMES = ("W1", "W2", "W3")
EVERYTHING = LayerOptions(ignore_package_list=[])
NATIVE = (
    "cffi==2.1.1",
    "charset-normalizer==3.5.2",
    "markupsafe==3.0.4",
    "orjson==3.13.0",
    "pydantic-core==2.50.4",
)


@pytest.fixture(scope="session")
def workload(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Lock a workload once; return its folder."""
    made: dict[str, Path] = {}

    def get(name: str) -> Path:
        if name not in made:
            made[name] = lock_workload(name, tmp_path_factory.mktemp("workloads") / name)
        return made[name]

    return get


@pytest.fixture(scope="session")
def layer(
    workload: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], LayerArtifact]:
    """Build the layer of a workload once in this process: for Python 3.12 on x86_64, with nothing ignored."""
    made: dict[str, LayerArtifact] = {}

    def get(name: str) -> LayerArtifact:
        if name not in made:
            path = tmp_path_factory.mktemp("layers") / f"{name}.zip"
            made[name] = build_layer(workload(name), path, Target("3.12"), EVERYTHING)
        return made[name]

    return get


@pytest.fixture(scope="session")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Python version → interpreter of a fresh environment, for every Python of this machine."""
    return make_hosts(tmp_path_factory.mktemp("hosts"))


@pytest.mark.parametrize("name", NAMES)
def test_another_folder_user_umask_clock_and_locale_give_one_sha256(
    name: str,
    workload: Callable[[str], Path],
    layer: Callable[[str], LayerArtifact],
    hosts: dict[str, Path],
    tmp_path: Path,
) -> None:
    """Identity and fingerprint are those of the lock alone."""
    folder = tmp_path / "some where" / "élse"
    folder.parent.mkdir()
    must(subprocess.run(["cp", "-r", workload(name), folder], capture_output=True, text=True, check=False))
    answer = build_on(hosts[OWN], folder, tmp_path / "x" / "other.zip", elsewhere(tmp_path))
    assert answer["sha256"] == layer(name).archive.sha256
    assert answer["fingerprint"] == layer(name).fingerprint
    assert (tmp_path / "x" / "other.zip").stat().st_mode & 0o777 == 0o644


def test_every_host_python_gives_one_sha256(
    workload: Callable[[str], Path],
    layer: Callable[[str], LayerArtifact],
    hosts: dict[str, Path],
    tmp_path: Path,
) -> None:
    """Each with an empty store of its own; the Python that builds leaves no trace in what it builds."""
    answers = {}
    for version, python in hosts.items():
        (tmp_path / version).mkdir()
        env = elsewhere(tmp_path / version, CONSTRUCTS_LIB_STORE=str(tmp_path / version / "store"))
        answers[version] = build_on(python, workload("W1"), tmp_path / version / "layer.zip", env)
        assert answers[version]["python"].startswith(f"{version}.")
    assert {answer["sha256"] for answer in answers.values()} == {layer("W1").archive.sha256}
    assert {answer["fingerprint"] for answer in answers.values()} == {layer("W1").fingerprint}


@pytest.mark.parametrize("name", NAMES)
def test_the_layer_is_file_for_file_what_an_installer_writes(
    name: str, layer: Callable[[str], LayerArtifact], tmp_path: Path
) -> None:
    """Names, contents and executable bits, with the hashes of a requirements.txt as the second source."""
    install_workload(name, tmp_path)
    wanted = {f"python/{path}": file for path, file in installed(tmp_path).items()}
    found = unpacked(layer(name).archive.path)
    found = {path: file for path, file in found.items() if Path(path).name != "RECORD"}
    assert sorted(found) == sorted(wanted)
    assert [path for path in wanted if found[path] != wanted[path]] == []
    assert len(wanted) > 500


def test_an_arm_layer_holds_only_arm_libraries(workload: Callable[[str], Path], tmp_path: Path) -> None:
    """Built on whatever this machine is; another architecture is another layer with another fingerprint."""
    made = {
        name: build_layer(workload("W2"), tmp_path / f"{name}.zip", Target("3.12", name), EVERYTHING)
        for name in MACHINES
    }
    libraries = [
        content for content, _ in unpacked(made["arm64"].archive.path).values() if content[:4] == b"\x7fELF"
    ]
    assert len(libraries) > 5
    assert {int.from_bytes(content[18:20], "little") for content in libraries} == {AARCH64}
    assert made["arm64"].fingerprint != made["x86_64"].fingerprint


def test_a_real_interpreter_imports_everything_from_the_layer(tmp_path: Path) -> None:
    """Every top-level package and module of W2, with nothing else installed in sight."""
    here = interpreters()
    version = next((each for each in ("3.12", "3.13") if each in here), OWN)
    folder = lock_workload("W2", tmp_path / "W2", version)
    architecture = {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    built = build_layer(folder, tmp_path / "layer.zip", Target(version, architecture))
    must(
        subprocess.run(
            ["unzip", "-q", built.archive.path, "-d", tmp_path / "opt"],
            capture_output=True,
            text=True,
            check=False,
        )
    )
    root = tmp_path / "opt" / "python"
    packages = {path.parent.name for path in root.glob("*/__init__.py")}
    modules = packages | {path.name.partition(".")[0] for path in [*root.glob("*.py"), *root.glob("*.so")]}
    assert {"fastapi", "pydantic", "pydantic_core", "sqlalchemy", "jwt", "cryptography", "orjson"} <= modules
    code = (
        "import importlib, sys; sys.path.insert(0, sys.argv[1])\n"
        "for name in sys.argv[2:]:\n"
        "    module = importlib.import_module(name)\n"
        "    assert (module.__file__ or sys.argv[1]).startswith(sys.argv[1]), module\n"
    )
    must(
        subprocess.run(
            [here[version], "-I", "-S", "-B", "-c", code, root, *sorted(modules)],
            capture_output=True,
            text=True,
            check=False,
        )
    )


def test_the_default_list_leaves_out_what_lambda_brings(
    workload: Callable[[str], Path], tmp_path: Path
) -> None:
    """W1 locks urllib3; it is named among the ignored and no file of it is in the layer."""
    built = build_layer(workload("W1"), tmp_path / "layer.zip", Target("3.12"))
    assert built.ignored == ("urllib3==2.8.0",)
    assert not [path for path in unpacked(built.archive.path) if path.startswith("python/urllib3")]
    assert "requests==2.34.2" in built.distributions


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lock a project with native packages for every Python that Lambda runs."""
    folder = tmp_path_factory.mktemp("native")
    listed = ", ".join(f'"{each}"' for each in NATIVE)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "native"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = [{listed}]\n'
        f"[tool.uv]\npackage = false\n"
    )
    must(uv("lock", cwd=folder))
    return folder


@pytest.mark.parametrize("architecture", MACHINES)
@pytest.mark.parametrize("version", RUNTIMES)
def test_every_cell_gets_the_wheels_an_installer_would_choose(
    native: Path, version: str, architecture: str, tmp_path: Path
) -> None:
    """uv, asked for the same Python, CPU and glibc, installs wheels with the same tags.

    A package may lack wheels for a preview.
    """
    target = Target(version, architecture)
    locked = [each for each in resolve(Project.at(native), target).locked if isinstance(each, LockedFile)]
    chosen = [each for each in locked if each.is_wheel]
    assert len(chosen) >= len(NATIVE) - (version in PREVIEWS)
    glibc = "2_17" if target.runtime.glibc < (2, 28) else "_".join(map(str, target.runtime.glibc))
    options = [f"--python-version={version}", f"--python-platform={target.machine}-manylinux_{glibc}"]
    options += ["--no-deps", "--only-binary=:all:", f"--target={tmp_path}"]
    must(uv("pip", "install", *options, *(f"{each.name}=={each.version}" for each in chosen), cwd=tmp_path))
    tags = {
        parse_wheel_filename(f"{path.parent.stem}-py3-none-any.whl")[0]: {
            tag
            for line in path.read_text().splitlines()
            if line.startswith("Tag: ")
            for tag in parse_tag(line.removeprefix("Tag: "))
        }
        for path in tmp_path.glob("*.dist-info/WHEEL")
    }
    assert {each.name: parse_wheel_filename(each.filename)[-1] for each in chosen} == tags
    native_tags = {tag.platform for name in tags for tag in tags[name]} - {"any"}
    assert len(native_tags) > 1
    assert all(tag.endswith(target.machine) for tag in native_tags)
