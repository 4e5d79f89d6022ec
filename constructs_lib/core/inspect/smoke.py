"""Imports what a layer brings with an interpreter of the target's kind, where this machine has one.

That runs code of the packages, without this process's environment, as the user who synthesizes. So it is done only
when asked for.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.system.interpreter import find_interpreters
from constructs_lib.core.system.process import ExitError, TimeLimitError, one_line, run
from constructs_lib.core.target import BROUGHT, LAYER_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs_lib.core.archive.writer import Archive
    from constructs_lib.core.target import Target

TIME_LIMIT = 120.0
"""Seconds for all imports of one process."""
_RUNNER = Path(__file__).with_name("import_modules.py")
_MODULE = re.compile(r"([^./]+)(?:\.py|\.pyc|(?:\.[^./]+)?\.so)")
_INIT = re.compile(r"(.+)/__init__\.pyc?")
# Not for production, and often in need of a test runner.
_LEFT_OUT = frozenset({"test", "tests", "testing", "conftest", "docs", "examples", "benchmarks", "setup"})
_LONGEST_ERROR = 300


@dataclass(frozen=True)
class _Import:
    module: str
    error: str
    """Empty where it went well."""
    missing: tuple[str, ...] = ()
    """Modules that were not found on the way."""


def smoke_test(archive: Archive, target: Target) -> list[Finding]:
    """Unpack the layer, import its top-level packages, and say which fail: a warning, since some may.

    A note says why nothing was imported, where this machine is not of the target's kind.
    """
    why = why_not_here(target)
    python = None if why else _find_python(target)
    if python is None:
        why = why or f"no Python {target.python_version} for it was found on this machine"
        return [_skipped(f"the layer for {target} was not imported: {why}")]
    with tempfile.TemporaryDirectory(prefix="constructs-lib-smoke-") as name:
        folder = Path(name)
        with zipfile.ZipFile(archive.path) as layer:
            layer.extractall(folder / "opt")
        modules = importable(member.name for member in archive.members)
        return _findings(list(_imports(python, folder, modules)))


def why_not_here(target: Target) -> str:
    """What keeps this machine from running the target's code; empty where nothing does."""
    if sys.platform != "linux":
        return "this machine does not run Linux"
    if platform.machine() != target.machine:
        return f"this machine's CPU is {platform.machine()}"
    library, version = platform.libc_ver()
    found = tuple(int(part) for part in version.split(".")) if library == "glibc" else ()
    if found < target.runtime.glibc:
        needed = ".".join(map(str, target.runtime.glibc))
        return f"this machine has {f'glibc {version}' if found else 'no glibc'}, Lambda has {needed}"
    return ""


def _find_python(target: Target) -> str | None:
    """One that loads the target's extension modules: of its CPU and C library, and no free-threaded build."""
    found = find_interpreters(target.python_version)
    return next((each.path for each in found if each.extension == f".{target.extension_tag}.so"), None)


def importable(names: Iterable[str]) -> list[str]:
    """The modules to import, by the paths of a layer: single files, and packages that lie in no other package.

    `google.cloud.storage` is one of the latter: the folders above it are in no file, several wheels share them.
    """
    inside = [name.removeprefix(LAYER_ROOT) for name in names if name.startswith(LAYER_ROOT)]
    packages = {match[1] for name in inside if (match := _INIT.fullmatch(name))}
    found = {match[1] for name in inside if (match := _MODULE.fullmatch(name))}
    found |= {each for each in packages if not any(above in packages for above in _above(each))}
    return sorted(each.replace("/", ".") for each in found if all(map(_is_public, each.split("/"))))


def _above(package: str) -> Iterator[str]:
    while "/" in package:
        package = package.rpartition("/")[0]
        yield package


def _is_public(part: str) -> bool:
    return part.isidentifier() and not part.startswith("_") and part.lower() not in _LEFT_OUT


def _imports(python: str, folder: Path, modules: list[str]) -> Iterator[_Import]:
    """Import in one process; one that ends before all are done is followed by another without the culprit."""
    log, home = folder / "log", folder / "home"
    home.mkdir()
    environment = {"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(home)}
    while modules:
        log.write_text("")
        end = "the interpreter ended"
        arguments = [str(_RUNNER), str(folder / "opt" / LAYER_ROOT), str(log), *modules]
        try:
            run([python, "-I", "-S", "-B", *arguments], cwd=home, env=environment, timeout=TIME_LIMIT)
        except TimeLimitError:
            end = f"it did not end within {TIME_LIMIT:g} s"
        except ExitError as error:
            end = f"the interpreter ended with code {error.code}"
        done = [json.loads(line) for line in log.read_text().splitlines()]
        yield from (_Import(name, error, tuple(missing)) for name, error, missing in done)
        culprit, modules = modules[len(done) : len(done) + 1], modules[len(done) + 1 :]
        yield from (_Import(name, end) for name in culprit)


def _findings(imports: Iterable[_Import]) -> list[Finding]:
    found = []
    brought = set(BROUGHT.values())
    for each in imports:
        lacking = sorted({name.partition(".")[0] for name in each.missing} & brought)
        if lacking:
            text = f"{each.module} was not imported: it needs {', '.join(lacking)}, which only Lambda's runtime brings"
            found.append(_skipped(text))
        elif each.error:
            text = f"{each.module} cannot be imported from the layer: {one_line(each.error, _LONGEST_ERROR)}"
            found.append(Finding("import-failed", "warning", text))
    return found


def _skipped(text: str) -> Finding:
    return Finding("smoke-test-skipped", "note", text)
