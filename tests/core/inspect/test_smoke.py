"""The modules that the smoke test imports, and the machines on which it runs."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.inspect import smoke
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.inspect.smoke import find_obstacle, importable_modules, smoke_test
from constructs_lib.core.target import BROUGHT, Target
from tests.support.files.reports import archive_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("paths", "modules"),
    [
        (["six.py", "demo/__init__.py", "demo/sub/__init__.py", "demo/a.py"], ["demo", "six"]),
        (["_x.cpython-312-x86_64-linux-gnu.so", "y.abi3.so", "z.so", "old.pyc"], ["old", "y", "z"]),
        (["google/auth/__init__.py", "google/cloud/storage/__init__.pyc", "google/a.py"], None),
        (["tests/__init__.py", "docs/conf.py", "_demo/__init__.py", "demo/py.typed", "setup.py"], []),
        (["demo-1.0.dist-info/METADATA", "demo.libs/libz.so", "a-b/__init__.py", "a b.py"], []),
    ],
)
def test_packages_without_a_package_above_and_single_files(
    paths: list[str], modules: list[str] | None
) -> None:
    """Of namespaces the packages in them; nothing private, of tests, or that has no name to import it by."""
    expected = ["google.auth", "google.cloud.storage"] if modules is None else modules
    assert importable_modules(f"python/{path}" for path in paths) == expected


def test_what_is_not_on_the_path_is_not_imported() -> None:
    """Only `python/` of a layer is."""
    assert importable_modules(["bin/run.py", "lib/demo/__init__.py"]) == []


def test_a_machine_of_another_kind_is_given_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """System, CPU, C library."""
    target = Target("3.12")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    for library, version, reason in (
        ("glibc", "2.34", ""),
        ("glibc", "2.39", ""),
        ("glibc", "2.31", "this machine has glibc 2.31, Lambda has 2.34"),
        ("", "", "this machine has no glibc, Lambda has 2.34"),
    ):
        monkeypatch.setattr(platform, "libc_ver", lambda libc=(library, version): libc)
        assert find_obstacle(target) == reason
    assert find_obstacle(Target("3.12", "arm64")) == "this machine's CPU is x86_64"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert find_obstacle(target) == "this machine does not run Linux"


def test_on_another_machine_the_note_has_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is unpacked: the archive of this test does not exist."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert smoke_test(archive_of(), Target("3.12")) == [
        Finding(
            "smoke-test-skipped",
            "the layer for Python 3.12 on x86_64 was not imported: this machine does not run Linux",
        )
    ]


def test_without_such_a_python_the_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "find_obstacle", lambda target: "")
    monkeypatch.setattr(smoke, "find_interpreters", lambda version: [])
    [finding] = smoke_test(archive_of(), Target("3.12"))
    assert finding.text.endswith("was not imported: no Python 3.12 for it was found on this machine")


def test_a_module_that_ends_the_interpreter_does_not_stop_the_others(tmp_path: Path) -> None:
    """It has an error of its own, and a second process imports the modules after it."""
    folder = tmp_path / "opt" / "python"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("")
    (folder / "b.py").write_text("import os; os._exit(7)")
    (folder / "c.py").write_text("raise RuntimeError('no')")
    outcomes = list(smoke.import_modules(sys.executable, tmp_path, folder, ["a", "b", "c"]))
    assert [(outcome.module, outcome.error) for outcome in outcomes] == [
        ("a", ""),
        ("b", "the interpreter ended with code 7"),
        ("c", "RuntimeError: no"),
    ]


def test_the_names_may_be_more_than_linux_takes_as_arguments(tmp_path: Path) -> None:
    """128 kB for one, 2 MB for all; a layer may have twenty thousand modules."""
    (tmp_path / "a.py").write_text("")
    outcomes = list(smoke.import_modules(sys.executable, tmp_path, tmp_path, ["a", "x" * 200_000, "a"]))
    assert [bool(outcome.error) for outcome in outcomes] == [False, True, False]


def test_a_module_that_needs_the_runtimes_packages_is_a_note() -> None:
    """It cannot be imported on any other machine; every other failure is a warning."""
    brought = min(BROUGHT.values())
    imports = [
        smoke.Import("a", "ModuleNotFoundError", (f"{brought}.part",)),
        smoke.Import("b", "ModuleNotFoundError: no c", ("c",)),
        smoke.Import("d", ""),
    ]
    assert smoke._findings(imports) == [
        Finding(
            "smoke-test-skipped",
            f"a was not imported: it needs {brought}, which only Lambda's runtime brings",
        ),
        Finding("import-failed", "b cannot be imported: ModuleNotFoundError: no c"),
    ]


def test_a_line_that_was_cut_belongs_to_the_module_that_ended_the_interpreter(tmp_path: Path) -> None:
    """It may be killed while it writes."""
    (tmp_path / "a.py").write_text("import os, sys; open(sys.argv[2], 'a').write('[\"a\", '); os._exit(3)")
    (tmp_path / "b.py").write_text("")
    outcomes = list(smoke.import_modules(sys.executable, tmp_path, tmp_path, ["a", "b"]))
    assert [(outcome.module, outcome.error) for outcome in outcomes] == [
        ("a", "the interpreter ended with code 3"),
        ("b", ""),
    ]
