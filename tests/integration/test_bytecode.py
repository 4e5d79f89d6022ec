"""Layers with bytecode, and smaller ones: from what the real uv locked, loaded by a real interpreter."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.errors import InspectionError, ProjectError, ToolError
from constructs_lib.core.layer.bytecode.compiler import InContainer, find_compiler
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.hosts import OWN, hide_interpreters
from tests.support.builders.uv import Shop
from tests.support.files.wheels import Member, unpacked
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

TAG = sys.implementation.cache_tag
ANSWER = "def answer():\n    return 'as compiled'\n"
TEXT = "".join(f"value_{n} = {n * n}\n" for n in range(2000)).encode()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running_index() as index:
        yield Shop(tmp_path, index, WheelStore(tmp_path / "store"), Target(OWN))


def run(folder: Path, code: str) -> str:
    """Run the code with the unpacked layer on the path; return its output."""
    command = [
        sys.executable,
        "-I",
        "-c",
        f"import sys; sys.path.insert(0, {str(folder / 'python')!r}); {code}",
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_an_interpreter_runs_the_bytecode_and_never_looks_at_the_source(shop: Shop, tmp_path: Path) -> None:
    """As in Lambda, where source and bytecode cannot get apart: here the source is changed to show it."""
    shop.serve("aa", files={"aa/__init__.py": ANSWER.encode()})
    layer = shop.locked("aa").build(compile_bytecode=True)
    opt = tmp_path / "opt"
    with zipfile.ZipFile(layer.archive.path) as archive:
        archive.extractall(opt)
    (opt / "python/aa/__init__.py").write_text(ANSWER.replace("as compiled", "from the source"))
    assert run(opt, "import aa; print(aa.answer())") == "as compiled"
    (opt / f"python/aa/__pycache__/__init__.{TAG}.pyc").unlink()
    assert run(opt, "import aa; print(aa.answer())") == "from the source"


def test_all_else_of_the_layer_stays_as_it_is(shop: Shop) -> None:
    """Bytecode comes beside its module; not for test suites, nor for what does not compile."""
    files = {
        "aa/__init__.py": b"",
        "aa/data.txt": b"x",
        "aa/old.py": b"print 'x'\n",
        "aa/tests/test_x.py": b"",
        "top.py": b"",
    }
    shop.serve("aa", files=files)
    plain = unpacked(shop.locked("aa").build().archive.path)
    layer = unpacked(shop.build(compile_bytecode=True).archive.path)
    added = {f"python/aa/__pycache__/__init__.{TAG}.pyc", f"python/__pycache__/top.{TAG}.pyc"}
    assert layer.keys() - plain.keys() == added
    assert {name: layer[name] for name in plain} == plain


def test_the_same_bytes_with_a_full_and_an_empty_store(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full store needs no compiling; where packs are damaged, or gone, the same comes out again."""
    shop.serve("aa", files={"aa/__init__.py": TEXT, "aa/x.py": b"x = {'a', 'b', 'c'}\n"}, requires=["bb"])
    shop.serve("bb")
    shop.locked("aa")
    first = shop.build(compile_bytecode=True, compression="smallest")
    packs = sorted(shop.store.root.rglob("*.pack"))
    written = [path.stat().st_mtime_ns for path in packs]
    assert shop.build(compile_bytecode=True, compression="smallest").archive.sha256 == first.archive.sha256
    assert [path.stat().st_mtime_ns for path in packs] == written
    for path in packs:
        path.write_bytes(path.read_bytes()[:-1])
    assert shop.build(compile_bytecode=True, compression="smallest").archive.sha256 == first.archive.sha256
    other = shop.root / "elsewhere"
    other.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(other))
    shop.store = WheelStore(other)
    assert shop.build(compile_bytecode=True, compression="smallest").archive.sha256 == first.archive.sha256


def test_the_module_that_wins_brings_its_bytecode(shop: Shop) -> None:
    """Where two wheels bring one path, that of the loser would run in place of the winner's source."""
    shop.serve("aa", files={"both.py": b"who = 'aa'\n", "new.py": b"who = 'aa'\n"}, requires=["bb"])
    shop.serve("bb", files={"both.py": b"who = 'bb'\n", "new.py": b"print 'does not compile'\n"})
    layer = unpacked(shop.locked("aa").build(compile_bytecode=True).archive.path)
    assert b"bb" in layer[f"python/__pycache__/both.{TAG}.pyc"][0]
    assert f"python/__pycache__/new.{TAG}.pyc" not in layer


def test_bytecode_is_another_layer_and_compression_is_not(shop: Shop) -> None:
    """By the fingerprint, which decides whether a new version is published; the files of `smallest` are the same."""
    shop.serve("aa", files={"aa.py": Member(TEXT, level=1)})
    plain = shop.locked("aa").build()
    files = unpacked(shop.zip)
    smallest = shop.build(compression="smallest")
    assert unpacked(shop.zip) == files
    compiled = shop.build(compile_bytecode=True)
    assert smallest.fingerprint == plain.fingerprint != compiled.fingerprint
    assert smallest.archive.size < plain.archive.size < compiled.archive.size
    with pytest.raises(ProjectError, match="compression is 'best', it must be standard or smallest"):
        shop.build(compression="best")


def test_bytecode_counts_against_lambdas_limit(shop: Shop) -> None:
    """A layer that fits without it is refused with it, and the text says how much of it is bytecode."""
    modules = {f"aa/m{n}.py": b"x = %d\n" % n for n in range(3)}
    room = UNZIPPED_LIMIT - 3000
    shop.serve("aa", files={**modules, "aa/big": Member(bytes(room)), "aa/__init__.py": TEXT[:2000]})
    shop.locked("aa").build()
    with pytest.raises(InspectionError, match=r"unzipped of the .* all bytecode 0\.\d MB"):
        shop.build(compile_bytecode=True)


def test_without_a_python_of_that_version_nothing_is_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One line with the ways out."""
    shop.serve("aa")
    shop.locked("aa")
    version = next(each for each in ("3.14", "3.10") if each != OWN)
    shop.target = Target(version)
    hide_interpreters(tmp_path, monkeypatch)
    with pytest.raises(ToolError, match=f"there is no Python {version} on this machine to compile bytecode"):
        shop.build(compile_bytecode=True)
    assert not shop.zip.exists()


@pytest.mark.docker
def test_the_sam_image_compiles(sam_image: str) -> None:
    """With the script that this machine's Python runs: what has the same version gives the same modules."""
    target = Target("3.11")
    compiler = InContainer(sam_image, "sha256:any", target, 600)
    sources = {"python/a.py": b"x = 1\n", "python/old.py": b"print 'x'\n"}
    [made] = compiler.compile([sources])
    assert list(made) == ["python/a.py"]
    if target.python_version == OWN:
        [here] = find_compiler(target, None).compile([sources])
        assert made["python/a.py"][:16] == here["python/a.py"][:16]
