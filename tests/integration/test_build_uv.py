"""Layers from what the real uv locked against a loopback index: the good cases."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.progress import Progress
from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.builders.hosts import build_on
from tests.support.builders.uv import ROOT, Shop
from tests.support.files.sources import write_sdist, write_src_project
from tests.support.files.wheels import Member, unpacked
from tests.support.index.simple_index import running_index
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

pytestmark = pytest.mark.integration


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running_index() as index:
        yield Shop(tmp_path, index, WheelStore(tmp_path / "store"))


def test_a_full_store_needs_no_network(tmp_path: Path) -> None:
    """The index is gone, whoever would ask one is refused, and no connection is begun: the bytes are the same."""
    with running_index() as index:
        shop = Shop(tmp_path, index, WheelStore(tmp_path / "store"))
        shop.serve("aa", requires=["bb"])
        shop.serve("bb")
        first = shop.locked("aa").build()
        assert dict(index.asked) == dict.fromkeys(index.files, 1)
    refused = "http://127.0.0.1:9"
    env = {"CONSTRUCTS_LIB_STORE": str(shop.store.root), "HTTP_PROXY": refused, "ALL_PROXY": refused}
    answer = build_on(Path(sys.executable), shop.project, tmp_path / "again.zip", env)
    assert answer["connections"] == []
    assert answer["sha256"] == first.archive.sha256
    empty = {**env, "CONSTRUCTS_LIB_STORE": str(tmp_path / "empty")}
    answer = build_on(Path(sys.executable), shop.project, tmp_path / "never.zip", empty)
    assert answer["connections"] != []
    assert "could not be fetched from" in answer["error"]
    assert not (tmp_path / "never.zip").exists()


def test_progress_goes_to_stderr_and_stdout_stays_empty(
    shop: Shop, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line a step: locked, fetched, zipped."""
    shop.serve("aa")
    shop.locked("aa").build(Progress("deps: "))
    out, err = capfd.readouterr()
    assert out == ""
    assert [line.split()[:2] for line in err.splitlines()] == [
        ["deps:", "locked"],
        ["deps:", "fetched"],
        ["deps:", "zipped"],
    ]


def test_only_what_the_target_needs_is_fetched(shop: Shop) -> None:
    """Packages for other systems, dev groups, extras that nobody asked for, and ignored ones stay on the index."""
    for name in ("aa", "windows-only", "dev-only", "extra-only", "boto3"):
        shop.serve(name.replace("-", "_"))
    shop.settings = (
        '[dependency-groups]\ndev = ["dev-only"]\n[project.optional-dependencies]\nx = ["extra-only"]\n'
    )
    built = shop.locked("aa", "windows-only; sys_platform == 'win32'", "boto3").build()
    assert list(shop.index.asked) == ["aa-1.0-py3-none-any.whl"]
    assert (built.distributions, built.ignored) == (("aa==1.0",), ("boto3==1.0",))


def test_the_manifest_is_the_lock_as_it_lies_there(shop: Shop) -> None:
    """Its name, its bytes and their MD5 go along; the lock is not touched."""
    shop.serve("aa")
    shop.locked("aa")
    lock = shop.project / "uv.lock"
    before = (lock.read_bytes(), lock.stat().st_mtime_ns)
    built = shop.build()
    assert (built.manifest.name, built.manifest.content) == ("uv.lock", before[0])
    assert len(built.manifest_md5) == 32
    assert (lock.read_bytes(), lock.stat().st_mtime_ns) == before


def test_the_same_path_in_two_wheels_is_a_warning_with_one_winner(shop: Shop) -> None:
    """Whichever arrives first: the later name wins, both are named, every time."""
    shop.serve("aa", files={"tests/test_x.py": b"aa", "aa.py": b""})
    shop.serve("bb", files={"tests/test_x.py": b"bb", "bb.py": b""})
    shop.locked("bb", "aa")
    seen = set()
    for number in range(3):
        shop.store = WheelStore(shop.root / f"store{number}")
        built = shop.build()
        assert unpacked(built.archive.path)["python/tests/test_x.py"] == (b"bb", False)
        [warning] = built.warnings
        seen.add((built.archive.sha256, warning.text))
    [(_, text)] = seen
    assert text.startswith(
        "bb-1.0-py3-none-any.whl and aa-1.0-py3-none-any.whl both bring python/tests/test_x.py "
    )


def test_a_path_dependency_counts_with_its_content(shop: Shop) -> None:
    """Edited with the same lock, it is another layer with another fingerprint; put back, the first one again."""
    write_src_project(shop.root / "lib", "lib")
    shop.settings = '[tool.uv.sources]\nlib = { path = "../lib" }\n'
    shop.locked("lib")
    lock = (shop.project / "uv.lock").read_bytes()
    first = shop.build()
    assert unpacked(first.archive.path)["python/lib/data.txt"] == (b"data\n", False)
    assert not [name for name in unpacked(first.archive.path) if name.endswith(".pth") or "editable" in name]
    module = shop.root / "lib" / "src" / "lib" / "__init__.py"
    text = module.read_text()
    module.write_text(text + "y = 2\n")
    second = shop.build()
    module.write_text(text)
    third = shop.build()
    assert (shop.project / "uv.lock").read_bytes() == lock
    assert second.archive.sha256 != first.archive.sha256 == third.archive.sha256
    assert second.fingerprint != first.fingerprint == third.fingerprint


def test_an_editable_path_dependency_is_not_editable_in_the_layer(shop: Shop) -> None:
    """Its files are there, not a link to this machine."""
    write_src_project(shop.root / "lib", "lib")
    shop.settings = '[tool.uv.sources]\nlib = { path = "../lib", editable = true }\n'
    found = unpacked(shop.locked("lib").build().archive.path)
    assert "python/lib/__init__.py" in found
    assert not [name for name in found if name.endswith(".pth") or "editable" in name]
    assert not [name for name, (content, _) in found.items() if str(shop.root).encode() in content]


def test_a_pure_package_that_has_only_an_sdist_becomes_a_wheel(shop: Shop) -> None:
    """Built once, then taken from the store."""
    content = write_sdist("old", {"src/old/__init__.py": "x = 1\n"})
    shop.index.add("old-1.0.tar.gz", content)
    said = io.StringIO()
    first = shop.locked("old").build(Progress(stream=said))
    assert unpacked(first.archive.path)["python/old/__init__.py"] == (b"x = 1\n", False)
    assert "built old-1.0.tar.gz" in said.getvalue()
    again = io.StringIO()
    assert shop.build(Progress(stream=again)).archive.sha256 == first.archive.sha256
    assert "built" not in again.getvalue()


def test_a_wheel_by_path_is_taken_as_it_is(shop: Shop) -> None:
    """What a container built can be locked as a file; changed bytes are refused."""
    name = shop.serve("aa", files={"aa.py": b"x = 1\n"})
    (shop.root / name).write_bytes(shop.index.files[name])
    shop.settings = f'[tool.uv.sources]\naa = {{ path = "../{name}" }}\n'
    assert unpacked(shop.locked("aa").build().archive.path)["python/aa.py"] == (b"x = 1\n", False)
    shop.store = WheelStore(shop.root / "fresh")
    (shop.root / name).write_bytes(b"other")
    with pytest.raises(ArtifactError, match="is not the locked file"):
        shop.build()


def test_two_processes_with_one_empty_store(shop: Shop) -> None:
    """Both succeed with the same bytes, and the store is whole afterwards."""
    for number in range(12):
        shop.serve(f"p{number}", files={f"p{number}.bin": Member(os.urandom(100_000))})
    shop.locked(*(f"p{number}" for number in range(12)))
    command = [sys.executable, str(ROOT / "tests" / "support" / "build_layer.py"), str(shop.project)]
    env = {**os.environ, "CONSTRUCTS_LIB_STORE": str(shop.store.root), "PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen(
            [*command, str(shop.root / f"{name}.zip"), "3.12", "x86_64"],
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    answers = [process.communicate(timeout=PATIENCE)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert (shop.root / "one.zip").read_bytes() == (shop.root / "two.zip").read_bytes()
    assert all('"sha256"' in answer for answer in answers)
    shop.index.asked.clear()
    shop.build(ignore_package_list=[])
    assert sum(shop.index.asked.values()) == 0


def test_a_killed_build_leaves_nothing_that_counts(shop: Shop) -> None:
    """Killed while a file is on its way; the next build fetches it anew and is right."""
    shop.serve("aa")
    noise = os.urandom(3_000_000)
    slow = shop.serve("bb", files={"bb.bin": Member(noise)})
    shop.locked("aa", "bb")
    command = [sys.executable, str(ROOT / "tests" / "support" / "build_layer.py"), str(shop.project)]
    env = {**os.environ, "CONSTRUCTS_LIB_STORE": str(shop.store.root), "PYTHONPATH": str(ROOT)}

    def kill(content: bytes) -> tuple[int, dict[str, str], bytes]:
        process.kill()
        return 200, {"Content-Length": str(len(content))}, content[:1_000_000]

    shop.index.faults[slow] = [kill]
    process = subprocess.Popen([*command, str(shop.root / "killed.zip"), "3.12", "x86_64"], env=env)
    assert process.wait(PATIENCE) == -9
    assert not (shop.root / "killed.zip").exists()
    entries = [path for path in shop.store.root.rglob("files/*/*") if path.is_file()]
    assert len(entries) <= 1
    assert unpacked(shop.build().archive.path)["python/bb.bin"] == (noise, False)


def test_a_workspace_member_is_built_from_the_workspaces_lock(shop: Shop) -> None:
    """Members and nested path dependencies are found where the lock says, however their paths are written."""
    write_src_project(
        shop.project / "member",
        "member",
        dependencies=["lib", "aa"],
        tail=('[tool.uv.sources]\nlib = { path = "../../lib" }\n'),
    )
    write_src_project(
        shop.root / "lib",
        "lib",
        dependencies=["deep"],
        tail=('[tool.uv.sources]\ndeep = { path = "./deep/../../deep" }\n'),
    )
    write_src_project(shop.root / "deep", "deep")
    shop.serve("aa")
    shop.settings = (
        '[tool.uv.sources]\nmember = { workspace = true }\n[tool.uv.workspace]\nmembers = ["member"]\n'
    )
    found = unpacked(shop.locked("member").build().archive.path)
    assert {f"python/{name}/__init__.py" for name in ("member", "lib", "deep")} | {"python/aa.py"} <= set(
        found
    )


def test_settings_of_daily_work_do_not_count(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment variables that people have for uv change neither the export nor the build."""
    write_src_project(shop.root / "lib", "lib")
    shop.serve("aa")
    shop.settings = '[tool.uv.sources]\nlib = { path = "../lib" }\n'
    first = shop.locked("lib", "aa").build()
    (shop.root / "elsewhere").mkdir()
    for name, value in {
        "UV_LOCKED": "1",
        "UV_FROZEN": "1",
        "UV_PROJECT": str(shop.root / "elsewhere"),
        "UV_WORKING_DIR": str(shop.root / "elsewhere"),
        "UV_NO_EDITABLE": "1",
        "UV_NO_DEV": "1",
        "VIRTUAL_ENV": "/nowhere",
        "UV_REQUIRE_HASHES": "1",
    }.items():
        monkeypatch.setenv(name, value)
    shop.store = WheelStore(shop.root / "fresh")
    assert shop.build().archive.sha256 == first.archive.sha256


def test_uv_itself_is_only_asked_to_export(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the golden list of arguments, in the project's folder; nothing resolves or locks anew."""
    from constructs_lib.core.system import process

    calls = []
    running = process.running

    def spy(arguments: list[str], **options: object) -> AbstractContextManager[Callable[[], str]]:
        calls.append((arguments[1:], options["cwd"]))
        return running(arguments, **options)  # type: ignore[arg-type]

    shop.serve("aa")
    shop.locked("aa")
    monkeypatch.setattr(process, "running", spy)
    shop.build()
    shop.build()
    export = ["export", "--frozen", "--format=pylock.toml", "--no-emit-project", "--no-default-groups"]
    assert calls == [([*export, "--no-header", "--quiet"], shop.project)] * 2
