"""Pure wheels from sources: the command of uv, and when it runs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.index.auth import Access
from constructs_lib.core.progress import QUIET
from constructs_lib.core.system import process
from constructs_lib.core.wheels.build_here import BuildsHere
from tests.support.files.sources import write_src_project
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
        make_wheel(Path(out), "lib", "1.0")
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
    """A wheel, with this interpreter, from a copy, with a fixed date, without settings of daily work."""
    monkeypatch.setenv("UV_WORKING_DIR", "/elsewhere")
    lib = write_src_project(tmp_path / "lib", "lib")
    build_directory(lib, store)
    [call] = fake.calls
    scratch = call[-1].removesuffix("/source/lib")
    assert [each.replace(scratch, "SCRATCH") for each in call] == [
        "uv",
        "build",
        "--wheel",
        "--quiet",
        "--no-python-downloads",
        f"--python={sys.executable}",
        f"--project={lib}",
        "--out-dir=SCRATCH/out",
        "SCRATCH/source/lib",
    ]
    assert not Path(scratch).exists()
    assert fake.env["SOURCE_DATE_EPOCH"] == "315532800"
    assert "UV_WORKING_DIR" not in fake.env


def test_only_the_files_that_count_are_copied(fake: FakeUv, store: WheelStore, tmp_path: Path) -> None:
    """What tools made and secrets are out of the backend's sight."""
    root = write_src_project(tmp_path / "lib", "lib")
    (root / ".env").write_text("secret")
    (root / "build").mkdir()
    (root / "build" / "old.py").write_text("")
    build_directory(root, store)
    assert fake.sources == [
        {"pyproject.toml", "src/lib/__init__.py", "src/lib/data.txt", "src/lib/sub/__init__.py"}
    ]


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
    """Its own bytes may differ from host to host; the fingerprint takes what went into it."""
    built = build_directory(write_src_project(tmp_path / "lib", "lib"), store)
    wheel = built.open("lib", store)
    assert (wheel.version, wheel.identity, wheel.built_here) == ("1.0", built.source, True)
