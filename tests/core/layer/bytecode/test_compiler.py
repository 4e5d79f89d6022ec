"""A Python of the target's version is found and compiles."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.layer.bytecode.compiler import InContainer, OnThisMachine, find_compiler
from constructs_lib.core.system.interpreter import Interpreter
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.container import Container
from tests.support.builders.hosts import OTHER, OWN

SOURCES = {
    "python/a.py": b"x = {'b', 'a', 'c'}\ny = 'x' in {'one', 'two', 'three'}\n",
    "python/pkg/b.py": b"def f(x): return x\n",
    "python/old.py": b"print 'x'\n",
}
NOWHERE = "3.14" if OWN != "3.14" else "3.10"
# Runs what it is told to with this machine's Python, and with the folders of this machine.
ENGINE = """\
#!{python} -ES
import json, os, re, subprocess, sys
arguments = sys.argv[1:]
if arguments[:2] == ["image", "inspect"]:
    print(json.dumps([{{"Id": "sha256:" + "1" * 64, "Os": "linux", "Architecture": "amd64"}}]))
elif arguments[0] == "info":
    print("[]")
else:
    mounts = dict(re.findall(r"source=([^,]+),target=([^,]+)", " ".join(arguments).replace(" ", ",")))
    settings = dict(each[6:].split("=", 1) for each in arguments if each.startswith("--env=") and "=" in each[6:])
    image = arguments.index("{image}")
    command = [{interpreter!r}, *arguments[image + 1 :]]
    for source, target in mounts.items():
        command = [part.replace(target, source) for part in command]
    sys.exit(subprocess.run(command, env=settings).returncode)
"""


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def here(path: str, tag: str) -> OnThisMachine:
    return OnThisMachine(Interpreter(path, tag, 0, ""))


def test_the_running_python_compiles_for_itself(only: Path) -> None:
    """Nobody else is asked."""
    found = find_compiler(Target(OWN), None)
    assert isinstance(found, OnThisMachine)
    assert found.interpreter.path == sys.executable
    assert found.identity == f"{sys.implementation.cache_tag} {sys.hexversion:x}"


def test_without_one_the_ways_out_are_named(only: Path) -> None:
    with pytest.raises(ToolError) as caught:
        find_compiler(Target(NOWHERE), None)
    assert str(caught.value) == (
        f"there is no Python {NOWHERE} on this machine to compile bytecode with: install it ('uv python install "
        f"{NOWHERE}'), give a container=, or leave out compile_bytecode"
    )


def test_each_module_is_compiled_and_the_others_are_left_out(other: Path) -> None:
    """Wheel by wheel, in order, also one without sources; nothing of the environment counts."""
    compiler = here(str(other), f"cpython-{OTHER.replace('.', '')}")
    one, none, two = compiler.compile([SOURCES, {}, {"python/c.py": b""}])
    assert list(one) == ["python/a.py", "python/pkg/b.py"]
    assert (none, list(two)) == ({}, ["python/c.py"])


def test_the_same_sources_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every run, folder and company: sets and shared objects are where they could differ."""
    compiler = find_compiler(Target(OWN), None)
    library = {
        f"python/{path.name}": path.read_bytes() for path in Path(os.__file__).parent.glob("[a-d]*.py")
    }
    first = compiler.compile([library])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    assert compiler.compile([SOURCES, library])[1:] == first
    assert list(tmp_path.iterdir()) == []


def test_another_python_than_it_should_be_is_refused() -> None:
    with pytest.raises(ToolError, match=r"this is cpython-\d+, cpython-39 is needed"):
        here(sys.executable, "cpython-39").compile([SOURCES])


def test_a_container_compiles_what_this_machine_cannot(
    other: Path, only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same script; which image it was is part of what the store remembers."""
    target = Target(OTHER)
    interpreter = str(other)
    image = target.build_image
    program(only / "docker", ENGINE.format(python=sys.executable, image=image, interpreter=interpreter))
    monkeypatch.delenv("CDK_DOCKER", raising=False)
    compiler = find_compiler(target, Container())
    assert isinstance(compiler, InContainer)
    assert compiler.identity == f"{compiler.tag} sha256:{'1' * 64}"
    assert compiler.compile([SOURCES]) == here(interpreter, compiler.tag).compile([SOURCES])
