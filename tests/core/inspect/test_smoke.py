"""Which modules are imported, and where."""

from __future__ import annotations

import platform
import sys

import pytest

from constructs_lib.core.inspect.smoke import importable, why_not_here
from constructs_lib.core.target import Target


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
def test_packages_that_lie_in_no_other_and_single_files(paths: list[str], modules: list[str] | None) -> None:
    """Of namespaces the packages in them; nothing private, of tests, or that has no name to import it by."""
    wanted = ["google.auth", "google.cloud.storage"] if modules is None else modules
    assert importable(f"python/{path}" for path in paths) == wanted


def test_what_is_not_on_the_path_is_not_imported() -> None:
    """Only `python/` of a layer is."""
    assert importable(["bin/run.py", "lib/demo/__init__.py"]) == []


def test_a_machine_of_another_kind_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """System, CPU, C library."""
    target = Target("3.12")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    for library, version, why in (
        ("glibc", "2.34", ""),
        ("glibc", "2.39", ""),
        ("glibc", "2.31", "this machine has glibc 2.31, Lambda has 2.34"),
        ("", "", "this machine has no glibc, Lambda has 2.34"),
    ):
        monkeypatch.setattr(platform, "libc_ver", lambda found=(library, version): found)
        assert why_not_here(target) == why
    assert why_not_here(Target("3.12", "arm64")) == "this machine's CPU is x86_64"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert why_not_here(target) == "this machine does not run Linux"
