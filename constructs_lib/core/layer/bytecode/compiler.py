"""The compilers of bytecode: a Python of the target's version on this machine, or in the container."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from constructs_lib.core.errors import ToolError
from constructs_lib.core.layer.bytecode.compile_sources import FLAGS
from constructs_lib.core.system.docker.engine import Engine
from constructs_lib.core.system.docker.settings import Job, Mount
from constructs_lib.core.system.interpreter import find_interpreters
from constructs_lib.core.system.process import run
from constructs_lib.core.system.signals import unwinding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs_lib.core.system.interpreter import Interpreter
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.container import Container

_SCRIPT = Path(__file__).with_name("compile_sources.py")
_IN, _OUT = "/constructs-lib/in", "/constructs-lib/out"
# The order of sets shows in bytecode.
_SETTINGS = {"PYTHONHASHSEED": "0"}
_NEEDED = ("SYSTEMROOT", "TEMP", "TMP")  # without them Python does not start on Windows
_TIME_LIMIT = 1800


class Compiler(Protocol):
    """Turns sources into bytecode."""

    @property
    def tag(self) -> str:
        """The tag in the bytecode's file names: `cpython-312`."""

    @property
    def identity(self) -> str:
        """A text that is equal for compilers that write the same bytes."""

    def compile(self, wheels: Sequence[Mapping[str, bytes]]) -> list[dict[str, bytes]]:
        """Return the `.pyc` of each source that compiles, by its path in the archive, wheel by wheel."""


@dataclass(frozen=True)
class OnThisMachine:
    """A Python that is installed here."""

    interpreter: Interpreter

    @property
    def tag(self) -> str:
        return self.interpreter.tag

    @property
    def identity(self) -> str:
        return f"{self.tag} {self.interpreter.hexversion:x}"

    def compile(self, wheels: Sequence[Mapping[str, bytes]]) -> list[dict[str, bytes]]:
        """Compile in child processes, without this process's environment."""
        needed = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        with _exchange(wheels) as (folder, out):
            command = [self.interpreter.path, *_arguments(folder, self.tag, out)]
            run(command, cwd=out, env={**needed, **_SETTINGS}, timeout=_TIME_LIMIT)
            return list(_compiled(out, len(wheels)))


@dataclass(frozen=True)
class InContainer:
    """The Python of an image."""

    image: str
    digest: str
    target: Target
    timeout: float

    @property
    def tag(self) -> str:
        return f"cpython-{self.target.python_version.replace('.', '')}"

    @property
    def identity(self) -> str:
        return f"{self.tag} {self.digest}"

    def compile(self, wheels: Sequence[Mapping[str, bytes]]) -> list[dict[str, bytes]]:
        """Compile all wheels in one container."""
        command = (f"python{self.target.python_version}", *_arguments(_IN, self.tag, _OUT))
        with _exchange(wheels) as (folder, out):
            mounts = (Mount(folder, _IN), Mount(out, _OUT, writable=True))
            Engine.find().run(
                Job(self.image, self.target.platform, command, mounts, _SETTINGS, timeout=self.timeout)
            )
            return list(_compiled(out, len(wheels)))


def find_compiler(target: Target, container: Container | None) -> Compiler:
    """Return a Python of the target's version on this machine, of any CPU; else that of `container`."""
    interpreter = next(find_interpreters(target.python_version), None)
    if interpreter is not None:
        return OnThisMachine(interpreter)
    if container is not None:
        return _in_container(target, container)
    raise ToolError(
        "python-missing",
        f"there is no Python {target.python_version} on this machine to compile bytecode with: install it ('uv "
        f"python install {target.python_version}'), give a container=, or leave out compile_bytecode",
    )


def _in_container(target: Target, container: Container) -> InContainer:
    name, engine = container.image_for(target), Engine.find()
    image = engine.image(name) or engine.pull(name, target.platform)
    return InContainer(name, image.digest, target, container.timeout)


def _arguments(folder: str | Path, tag: str, out: str | Path) -> tuple[str, ...]:
    return (*FLAGS, f"{folder}/{_SCRIPT.name}", tag, str(folder), str(out))


@contextmanager
def _exchange(wheels: Sequence[Mapping[str, bytes]]) -> Iterator[tuple[Path, Path]]:
    """Yield a folder with the sources and the script, and one for the bytecode; remove both at the end."""
    with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
        folder, out = Path(scratch) / "in", Path(scratch) / "out"
        folder.mkdir()
        out.mkdir()
        shutil.copy(_SCRIPT, folder)
        for number, sources in enumerate(wheels):
            with zipfile.ZipFile(folder / f"{number}.zip", "w") as archive:
                for name, content in sources.items():
                    archive.writestr(name, content)
        yield folder, out


def _compiled(out: Path, count: int) -> Iterator[dict[str, bytes]]:
    for number in range(count):
        with zipfile.ZipFile(out / f"{number}.zip") as archive:
            yield {name: archive.read(name) for name in archive.namelist()}
