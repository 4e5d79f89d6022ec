"""The interpreter for a function, and machines that have none."""

from __future__ import annotations

import platform
import sys

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.invoke import machine
from constructs_lib.core.invoke.machine import find_python
from constructs_lib.core.system.interpreter import Interpreter
from constructs_lib.core.target import Target
from tests.support.builders.hosts import OWN

LIBRARY = ["python/orjson/orjson.cpython-313-x86_64-linux-gnu.so"]


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this an x86_64 machine with a new glibc."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.39"))


def refusal(target: Target, libraries: list[str]) -> str:
    with pytest.raises(ProjectError) as caught:
        find_python(target, libraries)
    return str(caught.value)


def test_pure_code_runs_on_every_machine() -> None:
    """Whatever CPU the function has."""
    for architecture in ("x86_64", "arm64"):
        assert find_python(Target(OWN, architecture), []) == sys.executable


@pytest.mark.usefixtures("linux")
def test_libraries_for_another_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says which function this machine could run."""
    assert refusal(Target("3.13", "arm64"), LIBRARY) == (
        f"the function has compiled libraries for arm64 ({LIBRARY[0]}), and this machine's CPU is x86_64: "
        f"invoke it for this CPU (--arch x86_64), or on a machine with arm64"
    )
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert refusal(Target("3.13"), LIBRARY).endswith(
        "this machine's CPU is riscv64: invoke it on Linux on x86_64 with glibc 2.34 or newer"
    )


@pytest.mark.usefixtures("linux")
def test_libraries_on_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.31"))
    assert "this machine has glibc 2.31, Lambda has 2.34" in refusal(Target("3.13"), LIBRARY)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "this machine does not run Linux: invoke it on Linux" in refusal(Target("3.13"), LIBRARY)


@pytest.mark.usefixtures("linux")
def test_an_interpreter_that_loads_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of musl or another CPU loads none of them."""
    others = [
        Interpreter("/musl", "cpython-313", 0, ".cpython-313-x86_64-linux-musl.so"),
        Interpreter("/gnu", "cpython-313", 0, ".cpython-313-x86_64-linux-gnu.so"),
    ]
    monkeypatch.setattr(machine, "find_interpreters", lambda version: iter(others))
    assert find_python(Target("3.13"), LIBRARY) == "/gnu"
    assert find_python(Target("3.13"), []) == "/musl"


def test_without_such_a_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line names the command that installs it, and the versions that are here."""
    here = Interpreter("/python", "cpython-312", 0, ".so")
    monkeypatch.setattr(
        machine, "find_interpreters", lambda version: iter([here] if version == "3.12" else [])
    )
    assert refusal(Target("3.13"), []) == (
        "there is no Python 3.13 on this machine to run the function with: install it ('uv python install 3.13'), "
        "or invoke it for one that is here (--python 3.12)"
    )
    monkeypatch.setattr(machine, "find_interpreters", lambda version: iter([]))
    assert refusal(Target("3.13"), []).endswith("install it ('uv python install 3.13')")
