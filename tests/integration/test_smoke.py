"""Layers that are imported after they are built, by an interpreter of this machine."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.compat.path_layout import LayerPathLayout
from constructs_lib.core.compat.tree.zipper import LambdaLayerZipper, create_layer_zip_file
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.inspect import smoke
from constructs_lib.core.inspect.smoke import find_obstacle
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import MACHINES, Target
from tests.support.builders.hosts import OWN, hide_interpreters
from tests.support.builders.uv import Shop
from tests.support.files.installed import install
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_lib.core.inspect.findings import Finding

_ARCHITECTURES = {machine: name for name, machine in MACHINES.items()}
HERE = Target(OWN, _ARCHITECTURES.get(platform.machine(), "x86_64"))
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(find_obstacle(HERE)), reason=find_obstacle(HERE)),
]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running_index() as index:
        yield Shop(tmp_path, index, WheelStore(tmp_path / "store"), HERE)


def imported(shop: Shop, files: dict[str, str], **options: object) -> tuple[Finding, ...]:
    """Return the smoke test's findings for a layer with these files."""
    shop.serve("aa", files={path: text.encode() for path, text in files.items()})
    layer = shop.locked("aa").build(smoke_test=True, **options)  # type: ignore[arg-type]
    return (*layer.warnings, *layer.notes)


def test_a_layer_whose_packages_can_be_imported(shop: Shop) -> None:
    """They see each other and the standard library, and nobody is told anything."""
    files = {"aa/__init__.py": "import json, bb", "bb.py": "", "space/cc/__init__.py": "import aa"}
    assert imported(shop, files) == ()


def test_nothing_is_imported_unless_it_is_asked_for(shop: Shop) -> None:
    """Importing runs code of the packages."""
    shop.serve("aa", files={"aa.py": b"raise RuntimeError('ran')"})
    assert shop.locked("aa").build().warnings == ()


def test_each_package_that_fails_is_a_warning(shop: Shop) -> None:
    """With its module and the error; the others are imported all the same, whatever the failing one does."""
    found = imported(
        shop,
        {
            "aa.py": "import nowhere",
            "bb.py": "raise SystemExit(3)",
            "cc.py": "import os; os._exit(4)",
            "dd.py": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
            "ee.py": "input()",
            "ff.py": "",
            "gg.py": "raise ValueError('first line\\n\\nlast line')",
            "hh.py": "def",
        },
    )
    assert {(each.id, each.level) for each in found} == {("import-failed", "warning")}
    said = dict(each.text.split(" cannot be imported: ") for each in found)
    assert said.pop("hh").endswith("SyntaxError: invalid syntax")
    assert said == {
        "aa": "ModuleNotFoundError: No module named 'nowhere'",
        "bb": "SystemExit: 3",
        "cc": "the interpreter ended with code 4",
        "dd": "the interpreter ended with code -11",
        "ee": "EOFError: EOF when reading a line",
        "gg": "ValueError: first line | last line",
    }


def test_an_import_that_does_not_end_is_ended(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The modules after it have their turn."""
    others: list[Finding] = []
    for seconds in (2.0, 20.0, 200.0):  # on a busy machine the other one may need longer
        monkeypatch.setattr(smoke, "TIME_LIMIT", seconds)
        finding, *others = imported(shop, {"aa.py": "import time; time.sleep(3600)", "bb.py": ""})
        assert finding.text == f"aa cannot be imported: it did not end within {seconds:g} s"
        if not others:
            break
    assert others == []


def test_a_thread_that_stays_keeps_nobody_waiting(shop: Shop) -> None:
    """Some packages start one when they are imported."""
    thread = "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()"
    assert imported(shop, {"aa.py": thread}) == ()


def test_nothing_of_this_process_reaches_the_packages(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither environment nor site-packages nor the working directory; home is an empty folder."""
    monkeypatch.setenv("CANARY", "secret")
    monkeypatch.chdir(shop.root)
    (shop.root / "beside.py").write_text("")
    code = (
        "import os, sys, pathlib\n"
        "assert 'CANARY' not in os.environ\n"
        "assert not [path for path in sys.path if 'site-packages' in path]\n"
        "assert not list(pathlib.Path.home().iterdir())\n"
        "assert not list(pathlib.Path.cwd().iterdir())\n"
    )
    files = {"aa.py": code, "bb.py": "import pytest", "cc.py": "import beside"}
    assert [each.text.partition(" ")[0] for each in imported(shop, files)] == ["bb", "cc"]


def test_what_only_the_runtime_brings_is_no_failure(shop: Shop) -> None:
    """boto3 is left out of layers by default; a note says what was not imported for that reason."""
    files = {
        "aa.py": "import botocore.config",
        "bb.py": "try:\n    import boto3\nexcept ImportError as error:\n    raise RuntimeError('no boto3') from error\n",
    }
    found = imported(shop, files)
    assert {(each.id, each.level) for each in found} == {("smoke-test-skipped", "note")}
    assert [each.text for each in found] == [
        "aa was not imported: it needs botocore, which only Lambda's runtime brings",
        "bb was not imported: it needs boto3, which only Lambda's runtime brings",
    ]


def test_a_target_that_cannot_run_here_is_a_note(shop: Shop) -> None:
    """The layer is built all the same, and the progress says it."""
    other = next(name for name in MACHINES if name != HERE.architecture)
    shop.target = Target(OWN, other)
    [note] = imported(shop, {"aa.py": "raise RuntimeError"})
    assert (note.id, note.level) == ("smoke-test-skipped", "note")
    assert note.text == f"the layer for {shop.target} was not imported: this machine's CPU is {HERE.machine}"


def test_a_python_that_is_not_here_is_a_note(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not downloaded, and one for another C library is none: it could not load the layer's libraries."""
    shop.target = Target(next(version for version in ("3.14", "3.13") if version != OWN), HERE.architecture)
    shop.serve("aa")
    shop.locked("aa")
    program = hide_interpreters(shop.root, monkeypatch) / f"python{shop.target.python_version}"
    tag = f"cpython-{shop.target.python_version.replace('.', '')}"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' {tag} 240 .{tag}-{HERE.machine}-linux-musl.so /musl\n")
    program.chmod(0o755)
    [note] = shop.build(smoke_test=True).notes
    assert note.text.endswith(
        f"was not imported: no Python {shop.target.python_version} for it was found on this machine"
    )
    assert not (shop.root / "none").exists()


def test_an_installed_tree_is_imported_as_well(tmp_path: Path) -> None:
    """What fails is printed; which Python is meant has to be said."""
    install(tmp_path / "tree", "aa", {"aa.py": b"raise RuntimeError('no')"})
    said: list[str] = []
    create_layer_zip_file(
        tmp_path / "tree", tmp_path / "layer.zip", target=HERE, smoke_test=True, printer=said.append
    )
    warning = "warning: aa cannot be imported: RuntimeError: no"
    assert said[-1] == warning
    layout = LayerPathLayout(tmp_path / "shop" / "pyproject.toml")
    install(layout.dir_python, "aa", {"aa.py": b"raise RuntimeError('no')"})
    zipper = LambdaLayerZipper(
        layout.path_pyproject_toml, "pip", target=HERE, smoke_test=True, printer=said.append
    )
    zipper.run()
    assert said.count(warning) == 2
    with pytest.raises(ProjectError, match="smoke_test needs a target"):
        create_layer_zip_file(tmp_path / "tree", tmp_path / "layer.zip", smoke_test=True)
