"""The proof that the files which `exclude_files` leaves out are not needed: each module is imported with and without them.

Most modules can be imported without them, so the imports with all files are limited to those that cannot. Modules of one
process share what they import, and a comparison is fair only between equal lists; so the failed ones are first imported
once more by themselves.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.archive.extract import write_entries
from constructs_lib.core.inspect import smoke
from constructs_lib.core.inspect.findings import Finding, and_more
from constructs_lib.core.inspect.loadable import distribution_of
from constructs_lib.core.system.process import one_line
from constructs_lib.core.target import LAYER_PLACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.inspect.smoke import Import
    from constructs_lib.core.target import Place, Target

PROOF_LIMIT = 600.0
"""Seconds for all imports of one build."""
# Run programs or need a test runner; a function imports none of them.
_NOT_IMPORTED = frozenset(
    {"__main__", "test", "tests", "conftest", "docs", "examples", "benchmarks", "setup"}
)
_MAX_ERROR_LENGTH = 300


def find_broken(
    kept: Sequence[Entry], excluded: Sequence[Entry], target: Target, place: Place = LAYER_PLACE
) -> list[Finding]:
    """Return an error for each distribution with modules that can be imported with the excluded files only.

    On a machine that cannot run the target's code nothing is imported: the smoke test has a note about it.
    """
    python = None if smoke.find_obstacle(target) else smoke.find_python(target)
    modules = modules_to_prove(kept, excluded, place.root)
    if python is None or not modules:
        return []
    with tempfile.TemporaryDirectory(prefix="constructs-lib-slim-") as name:
        folder = Path(name)
        tree = folder / place.mount
        write_entries(kept, tree)
        imports = _Imports(python, folder, tree / place.root)
        first = imports.outcomes(list(modules))
        failed = [module for module, outcome in first.items() if outcome.error]
        slim = imports.outcomes(failed)
        _add(excluded, kept, tree)
        full = imports.outcomes(failed)
    works = {module for module, outcome in full.items() if not outcome.error}
    broken = [outcome for module, outcome in slim.items() if outcome.error and module in works]
    return [*_errors(broken, modules, excluded, place.root), *_unproven(imports.unknown, place)]


class _Imports:
    """Imports of one tree, whose files may change between them."""

    def __init__(self, python: str, folder: Path, path: Path) -> None:
        self._place = (python, folder, path)
        self._end_at = time.monotonic() + PROOF_LIMIT
        self.unknown: set[str] = set()
        """The modules for which no time was left."""

    def outcomes(self, modules: Sequence[str]) -> dict[str, Import]:
        """Import the modules; those for which no time was left have no outcome. Errors name files by their paths in it."""
        imports = smoke.import_modules(*self._place, modules, self._end_at)
        root = f"{self._place[2]}/"
        outcomes = {
            outcome.module: replace(outcome, error=outcome.error.replace(root, "")) for outcome in imports
        }
        self.unknown.update(set(modules) - outcomes.keys())
        return outcomes


def modules_to_prove(kept: Iterable[Entry], excluded: Iterable[Entry], root: str) -> dict[str, str]:
    """Return the importable modules among the kept files, sorted, each with the origin of its file.

    These are the modules at the top and those in packages, private ones too. A file in a folder that is no package, or
    was none before files were left out, is data.
    """
    kept = [entry for entry in kept if entry.name.startswith(root)]
    names = [entry.name.removeprefix(root) for entry in (*kept, *excluded)]
    packages = {match[1] for name in names if (match := smoke.PACKAGE_FILE.fullmatch(name))}
    modules = {
        module: entry.origin
        for entry in kept
        if (module := _module(entry.name.removeprefix(root))) and _is_importable(module, packages)
    }
    return {module.replace("/", "."): modules[module] for module in sorted(modules)}


def _module(path: str) -> str:
    """Return the module of a file as a path; empty for a file that is none."""
    if match := smoke.PACKAGE_FILE.fullmatch(path):
        return match[1]
    folder, slash, name = path.rpartition("/")
    match = smoke.MODULE_FILE.fullmatch(name)
    return f"{folder}{slash}{match[1]}" if match else ""


def _is_importable(module: str, packages: set[str]) -> bool:
    """Return whether names and folders allow it: namespaces at the top, then packages without a gap."""
    parts = module.split("/")
    if not all(part.isidentifier() and part.lower() not in _NOT_IMPORTED for part in parts):
        return False
    parents = ["/".join(parts[:length]) in packages for length in range(1, len(parts))]
    is_gapless = parents == sorted(parents)
    return is_gapless and (len(parts) == 1 or module in packages or parents[-1])


def _add(excluded: Iterable[Entry], kept: Iterable[Entry], tree: Path) -> None:
    """Add the excluded files to the tree of the others, which stay as they are."""
    names = {entry.name for entry in kept}
    for entry in excluded:
        if entry.name in names:
            continue
        # Of wheels that could not be unpacked together: a file where another one has a folder.
        with suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
            write_entries([entry], tree)


def _errors(
    broken: Iterable[Import], origins: dict[str, str], excluded: Sequence[Entry], root: str
) -> list[Finding]:
    by_origin: defaultdict[str, list[Import]] = defaultdict(list)
    for outcome in broken:
        by_origin[origins[outcome.module]].append(outcome)
    paths = [entry.name.removeprefix(root) for entry in excluded]
    findings = []
    for origin, outcomes in by_origin.items():
        first = outcomes[0]
        names = [outcome.module for outcome in outcomes]
        findings.append(
            Finding(
                "exclude-files-breaks",
                f"{origin}: {first.module}{and_more(names)} cannot be imported without the files that exclude_files "
                f"leaves out: {one_line(first.error, _MAX_ERROR_LENGTH)}; {_remedy(first, paths)}",
                distribution_of(origin) if origin.endswith(".whl") else "",
            )
        )
    return findings


def _remedy(outcome: Import, paths: Sequence[str]) -> str:
    pattern = _missed(outcome, paths)
    if pattern:
        return f"add the pattern '!{pattern}', which takes back what it needs"
    return "narrow the patterns, or add '!' and the path of the file that it needs"


def _missed(outcome: Import, paths: Sequence[str]) -> str:
    """Return a pattern for the left-out module or file that the error names; empty if it names none."""
    for module in outcome.missing:
        path = module.replace(".", "/")
        if any(excluded.startswith(f"{path}/") for excluded in paths):
            return f"{path}/"
        if f"{path}.py" in paths:
            return f"{path}.py"
    named = max((path for path in paths if path in outcome.error), key=len, default="")
    top, slash, rest = named.partition("/")
    stem, dot, ending = rest.rpartition(".")
    # Packages that read one stub read all of theirs (lazy_loader), the next one when the first is there.
    return f"{top}/**/*.{ending}" if slash and stem and dot and ending != "py" else named


def _unproven(modules: set[str], place: Place) -> list[Finding]:
    if not modules:
        return []
    names = sorted(modules)
    text = f"{names[0]}{and_more(names)} of the {place.noun} without the files that exclude_files leaves out"
    return [
        Finding(
            "smoke-test-skipped", f"the imports took {PROOF_LIMIT:g} s, so there was no time to import {text}"
        )
    ]
