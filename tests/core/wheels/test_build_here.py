"""Pure wheels from sources: the command of uv, and when it runs."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.progress import QUIET
from constructs_lib.core.system import process
from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError
from tests.support.files.sources import write_files, write_sdist, write_src_project
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.built import BuiltWheel


def build_directory(directory: Path, store: WheelStore) -> BuiltWheel:
    return BuildsHere(store, QUIET, Access(project=directory)).directory(directory)


class FakeUv:
    """Stands in for `uv build`: notes what it is asked and leaves a wheel."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.sources: list[set[str]] = []
        self.env: Mapping[str, str] = {}

    def run(self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> str:
        self.calls.append(list(arguments))
        self.env = env
        source = Path(arguments[-1])
        self.sources.append(
            {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
        )
        out = next(each for each in arguments if each.startswith("--out-dir=")).removeprefix("--out-dir=")
        wheel = make_wheel(Path(out), "lib", "1.0")
        with zipfile.ZipFile(wheel, "a") as archive:
            for path in sorted(source.glob("src/lib/*.txt")):
                archive.write(path, f"lib/{path.name}")
        return ""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    fake = FakeUv()
    monkeypatch.setattr(process, "run", fake.run)
    monkeypatch.setattr(process, "find_tool", lambda name: name)
    return fake


def test_the_golden_command(
    fake: FakeUv, store: WheelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel, with this interpreter, in place, with a fixed date, without settings of daily work or of a git hook."""
    monkeypatch.setenv("UV_WORKING_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    lib = write_src_project(tmp_path / "lib", "lib")
    build_directory(lib, store)
    [call] = fake.calls
    scratch = call[-2].removeprefix("--out-dir=").removesuffix("/out")
    assert [each.replace(scratch, "SCRATCH") for each in call] == [
        "uv",
        "build",
        "--wheel",
        "--no-python-downloads",
        f"--python={sys.executable}",
        f"--project={lib}",
        "--out-dir=SCRATCH/out",
        str(lib),
    ]
    assert not Path(scratch).exists()
    assert fake.env["SOURCE_DATE_EPOCH"] == "315532800"
    assert fake.env["DIST_EXTRA_CONFIG"].startswith(scratch)
    assert fake.env.keys().isdisjoint({"UV_WORKING_DIR", "GIT_DIR"})


def test_a_backend_that_writes_gets_a_copy(fake: FakeUv, store: WheelStore, tmp_path: Path) -> None:
    """With all that it may read but the ignored files, for it packs them; bytecode and environments are no sources."""
    root = write_src_project(tmp_path / "lib", "lib")
    toml = (root / "pyproject.toml").read_text().replace('"uv_build"', '"mill"')
    write_files(
        root, {"pyproject.toml": toml, ".gitignore": "local.txt\n", "dist/page.html": "", ".env": "x"}
    )
    write_files(root, {"src/lib/local.txt": "", "src/lib/__pycache__/a.pyc": "", "env/pyvenv.cfg": ""})
    (root / "src/lib/data.txt").chmod(0o444)
    build_directory(root, store)
    assert Path(fake.calls[0][-1]).parent.name == "tree"
    assert fake.sources == [
        {
            *("pyproject.toml", ".gitignore", "dist/page.html", ".env"),
            *("src/lib/__init__.py", "src/lib/data.txt", "src/lib/sub/__init__.py"),
        }
    ]


def test_an_unknown_backend_builds_each_time(fake: FakeUv, store: WheelStore, tmp_path: Path) -> None:
    """Its result may depend on anything; the same result is the same source of a layer."""
    root = write_src_project(tmp_path / "lib", "lib")
    toml = (root / "pyproject.toml").read_text().replace('"uv_build"', '"mill"')
    write_files(root, {"pyproject.toml": toml})
    first, second = build_directory(root, store), build_directory(root, store)
    assert (len(fake.calls), first) == (2, second)


@pytest.mark.parametrize(
    "name", ["SETUPTOOLS_SCM_PRETEND_VERSION", "UV_DYNAMIC_VERSIONING_BYPASS", "HATCH_X"]
)
def test_a_version_from_the_environment_is_not_remembered(
    name: str, fake: FakeUv, store: WheelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_src_project(tmp_path / "lib", "lib")
    for version in ("1.0", "2.0", "2.0"):
        monkeypatch.setenv(name, version)
        build_directory(root, store)
    assert len(fake.calls) == 2


def test_settings_for_uv_in_the_workspace_count(fake: FakeUv, store: WheelStore, tmp_path: Path) -> None:
    """They decide the version of the backend."""
    root = write_src_project(tmp_path / "work" / "lib", "lib")
    for version in ("1", "2", "2"):
        text = f'[tool.uv]\nbuild-constraint-dependencies = ["uv_build<{version}"]\n'
        write_files(tmp_path / "work", {"pyproject.toml": text})
        build_directory(root, store)
    assert len(fake.calls) == 2


def test_declared_extension_modules_are_refused_without_a_build(
    fake: FakeUv, store: WheelStore, tmp_path: Path
) -> None:
    """With a compiler and without, with a full store and an empty one: the files decide."""
    root = write_src_project(tmp_path / "lib", "lib")
    write_files(root, {"setup.py": "setup(ext_modules=[Extension('x', ['x.c'])])\n", "x.c": ""})
    with pytest.raises(NativeCodeError, match=r"^lib declares extension modules \(x\.c\): "):
        build_directory(root, store)
    assert fake.calls == []


def test_settings_for_uv_and_variables_count_for_a_source_distribution(
    fake: FakeUv, store: WheelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same archive is another wheel where its backend is told so."""
    path = tmp_path / "lib-1.0.tar.gz"
    path.write_bytes(write_sdist("lib", {}))
    file = LockedFile("lib", "1.0", path.name, store.add(path, ".gz"), path)
    builds = BuildsHere(store, QUIET, Access(project=tmp_path))
    for value in ("a", "b", "b"):
        write_files(tmp_path, {"pyproject.toml": f'[tool.uv]\nconfig-settings = {{ flavor = "{value}" }}\n'})
        builds.sdist(file)
    assert len(fake.calls) == 2
    monkeypatch.setenv("SETUPTOOLS_SCM_PRETEND_VERSION", "2.0")
    builds.sdist(file)
    assert len(fake.calls) == 3


def test_a_failed_build_quotes_the_backend(store: WheelStore, tmp_path: Path) -> None:
    """Its own last lines, with the project's path where it was a copy that was built."""
    backend = "def build_wheel(*_):\n    import os\n    raise OSError('no ' + os.getcwd() + '/x')\n"
    toml = '[build-system]\nrequires = []\nbuild-backend = "mill"\nbackend-path = ["."]\n'
    root = write_files(tmp_path / "lib", {"pyproject.toml": toml, "mill.py": backend})
    with pytest.raises(ToolError) as caught:
        build_directory(root, store)
    assert caught.value.id == "build-failed"
    text = str(caught.value)
    assert text.startswith(f"{root} cannot be built: ")
    assert text.endswith(f" | OSError: no {root}/x")
    assert len(text.splitlines()) == 1


def test_the_same_sources_are_built_once(fake: FakeUv, store: WheelStore, tmp_path: Path) -> None:
    """Also from another folder; a changed file, or a damaged wheel in the store, is built again."""
    first = build_directory(write_src_project(tmp_path / "one" / "lib", "lib"), store)
    again = build_directory(write_src_project(tmp_path / "two" / "lib", "lib"), store)
    assert (len(fake.calls), again) == (1, first)
    assert re.fullmatch("[0-9a-f]{64}", first.source)
    store.path(first.sha256).write_bytes(b"damaged")
    assert build_directory(tmp_path / "one" / "lib", store) == first
    assert len(fake.calls) == 2
    (tmp_path / "one" / "lib" / "src" / "lib" / "data.txt").write_text("changed")
    assert build_directory(tmp_path / "one" / "lib", store).source != first.source
    assert len(fake.calls) == 3


def test_a_built_wheel_is_named_by_its_source(fake: FakeUv, store: WheelStore, tmp_path: Path) -> None:
    """Its own bytes may differ from host to host; the fingerprint takes its unpacked files."""
    built = build_directory(write_src_project(tmp_path / "lib", "lib"), store)
    wheel = built.open("lib", store)
    assert (wheel.version, wheel.identity, wheel.built_here) == ("1.0", built.source, True)


def test_a_project_of_setup_py_alone_is_built(store: WheelStore, tmp_path: Path) -> None:
    """As uv and pip build it: setuptools is the backend where no pyproject.toml names one."""
    setup = "from setuptools import setup\nsetup(name='old', version='1.5', py_modules=['old'])\n"
    built = build_directory(write_files(tmp_path / "lib", {"setup.py": setup, "old.py": ""}), store)
    assert (built.name, built.version) == ("old", "1.5")
    assert {path.name for path in (tmp_path / "lib").iterdir()} == {"setup.py", "old.py"}


def test_a_key_is_refused_that_has_the_wrong_type(store: WheelStore, tmp_path: Path) -> None:
    root = write_files(tmp_path / "lib", {"pyproject.toml": "project = 1\n"})
    with pytest.raises(ProjectError, match="project is 1, it must be a table"):
        build_directory(root, store)
