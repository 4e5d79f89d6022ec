"""The modules that the smoke test imports, and the machines on which it runs."""

from __future__ import annotations

import platform
import sys

import pytest

from constructs_lib.core.inspect.smoke import find_obstacle, importable_modules
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
