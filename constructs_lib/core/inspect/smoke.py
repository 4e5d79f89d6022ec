"""The smoke test: imports the packages of a layer or a function with an interpreter of the target's kind, if this machine has one.

It runs code of the packages, without this process's environment, as the user who synthesizes. So it runs only when
asked for.
"""

from __future__ import annotations

import json
import math
import os
import platform
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.archive.extract import extract_all
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.system.interpreter import find_interpreters
from constructs_lib.core.system.process import ExitError, TimeLimitError, one_line, run
from constructs_lib.core.target import BROUGHT, LAYER_PLACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from constructs_lib.core.archive.writer import Archive
    from constructs_lib.core.target import Place, Target

TIME_LIMIT = 120.0
"""Seconds for all imports of one process."""
_SCRIPT = Path(__file__).with_name("import_modules.py")
MODULE_FILE = re.compile(r"([^./]+)(?:\.py|\.pyc|(?:\.[^./]+)?\.so)")
PACKAGE_FILE = re.compile(r"(.+)/__init__\.pyc?")
# Not for production, and often in need of a test runner.
_NOT_IMPORTED = frozenset({"test", "tests", "testing", "conftest", "docs", "examples", "benchmarks", "setup"})
_MAX_ERROR_LENGTH = 300


@dataclass(frozen=True)
class Import:
    """The outcome of one import."""

    module: str
    error: str
    """Empty if it succeeded."""
    missing: tuple[str, ...] = ()
    """Modules that were not found on the way."""


def smoke_test(archive: Archive, target: Target, place: Place = LAYER_PLACE) -> list[Finding]:
    """Unpack the zip, import its top-level packages, and return a warning for each that fails.

    A warning, since some packages import only where they are used. If this machine is not of the target's kind, the
    only finding is a note with the reason.
    """
    reason = find_obstacle(target)
    python = None if reason else find_python(target)
    if python is None:
        reason = reason or f"no Python {target.python_version} for it was found on this machine"
        return [Finding("smoke-test-skipped", f"the {place.noun} for {target} was not imported: {reason}")]
    with tempfile.TemporaryDirectory(prefix="constructs-lib-smoke-") as name:
        folder = Path(name)
        extract_all(archive.path, folder / place.mount)
        modules = importable_modules((member.name for member in archive.members), place.root)
        return _findings(list(import_modules(python, folder, folder / place.mount / place.root, modules)))


def find_obstacle(target: Target) -> str:
    """Return the reason why this machine cannot run the target's code; empty if it can."""
    if sys.platform != "linux":
        return "this machine does not run Linux"
    if platform.machine() != target.machine:
        return f"this machine's CPU is {platform.machine()}"
    library, version = platform.libc_ver()
    glibc = tuple(int(part) for part in version.split(".")) if library == "glibc" else ()
    if glibc < target.runtime.glibc:
        needed = ".".join(map(str, target.runtime.glibc))
        return f"this machine has {f'glibc {version}' if glibc else 'no glibc'}, Lambda has {needed}"
    return ""


def find_python(target: Target) -> str | None:
    """Find an interpreter that loads the target's extension modules: its CPU and C library, not free-threaded."""
    interpreters = find_interpreters(target.python_version)
    extension = f".{target.extension_tag}.so"
    return next((python.path for python in interpreters if python.extension == extension), None)


def importable_modules(names: Iterable[str], root: str = LAYER_PLACE.root) -> list[str]:
    """Return the modules to import, by their paths below `root`: single files, and packages without a package above.

    `google.cloud.storage` is one of the latter: no file belongs to the folders above it, several wheels share them.
    """
    paths = [name.removeprefix(root) for name in names if name.startswith(root)]
    packages = {match[1] for path in paths if (match := PACKAGE_FILE.fullmatch(path))}
    modules = {match[1] for path in paths if (match := MODULE_FILE.fullmatch(path))}
    modules |= {package for package in packages if packages.isdisjoint(_parents(package))}
    return sorted(path.replace("/", ".") for path in modules if all(map(_is_public, path.split("/"))))


def _parents(package: str) -> Iterator[str]:
    while "/" in package:
        package = package.rpartition("/")[0]
        yield package


def _is_public(part: str) -> bool:
    return part.isidentifier() and not part.startswith("_") and part.lower() not in _NOT_IMPORTED


def import_modules(
    python: str, folder: Path, path: Path, modules: Sequence[str], end_at: float = math.inf
) -> Iterator[Import]:
    """Import from `path` in one process; if it ends early, another one imports the modules after the one that ended it.

    At `end_at`, a time of the monotonic clock, it stops: modules that were not imported by then have no outcome.
    """
    log, home, names = folder / "log", folder / "home", folder / "names"
    home.mkdir(exist_ok=True)
    environment = {"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(home)}
    while modules and (left := end_at - time.monotonic()) > 0:
        log.write_text("")
        names.write_text("\n".join(modules), encoding="utf-8")
        end = "the interpreter ended"
        arguments = [str(_SCRIPT), str(path), str(log), str(names)]
        try:
            run(
                [python, "-I", "-S", "-B", *arguments],
                cwd=home,
                env=environment,
                timeout=min(TIME_LIMIT, left),
            )
        except TimeLimitError:
            end = f"it did not end within {TIME_LIMIT:g} s" if left >= TIME_LIMIT else ""
        except ExitError as error:
            end = f"the interpreter ended with code {error.code}"
        lines = log.read_text().splitlines(keepends=True)
        # The last line is cut where the interpreter ended while it wrote.
        done = [json.loads(line) for line in lines if line.endswith("\n")]
        yield from (Import(name, error, tuple(missing)) for name, error, missing in done)
        culprit, modules = modules[len(done) : len(done) + 1], modules[len(done) + 1 :]
        yield from (Import(name, end) for name in culprit if end)


def _findings(imports: Iterable[Import]) -> list[Finding]:
    findings = []
    brought = set(BROUGHT.values())
    for outcome in imports:
        module = outcome.module
        lacking = sorted({name.partition(".")[0] for name in outcome.missing} & brought)
        if lacking:
            text = f"{module} was not imported: it needs {', '.join(lacking)}, which only Lambda's runtime brings"
            findings.append(Finding("smoke-test-skipped", text))
        elif outcome.error:
            text = f"{module} cannot be imported: {one_line(outcome.error, _MAX_ERROR_LENGTH)}"
            findings.append(Finding("import-failed", text))
    return findings
