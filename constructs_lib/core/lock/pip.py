"""The export of requirements.txt to pylock.toml, by `uv pip compile`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.credentials import named_index
from constructs_lib.core.lock.git_references import git_failures, moving_reference
from constructs_lib.core.lock.locked import Exported, LockedFile, LockedGit
from constructs_lib.core.lock.requirements_txt import read_requirements
from constructs_lib.core.lock.select import parse_pylock
from constructs_lib.core.lock.uv import environment
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.pylock import Package, PackageSdist, PackageWheel

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import ExportRequest, Locked, Manifest
    from constructs_lib.core.lock.requirements_txt import RequirementsTxt
    from constructs_lib.core.target import Target

COMPILE = ("pip", "compile", "--format=pylock.toml", "--no-header", "--quiet", "--no-python-downloads")


def export(request: ExportRequest) -> Exported:
    """Export by uv, which asks the index for the files of the requirements.

    With hashes the file is a lock: it names everything, and the answer is remembered. Without, it is resolved
    with its dependencies, as pip does.
    """
    manifest, options, root = request.manifest, request.options, request.project.root
    for selection in ("extras", "groups", "only_groups"):
        if getattr(options, selection):
            raise ProjectError(
                "selection-unsupported",
                f"{manifest.path} has no {selection}: export those you want into the file",
            )
    requirements = read_requirements(manifest.path)
    if requirements.extra_indexes and not options.allow_extra_index_url:
        raise ProjectError(
            "extra-index-refused",
            f"{requirements.extra_indexes[0]}: --extra-index-url lets anybody who publishes a higher version of a "
            f"private name on the other index into the layer (dependency confusion, CVE-2018-20225): name one "
            f"--index-url, or allow it with allow_extra_index_url=True",
        )
    no_deps = ["--no-deps"] if requirements.hashed else []
    arguments = [*COMPILE, *_target(request.target, pinned=requirements.hashed), *no_deps, manifest.name]
    # Only a file with hashes gives the same answer tomorrow.
    notes = request.notes if requirements.hashed else None
    key = hashlib.sha256(json.dumps([arguments, requirements.contents], sort_keys=True).encode()).hexdigest()
    note = notes.read_note("exports", key) if notes else None
    if note is not None:
        return _exported(str(note["pylock"]), requirements, request)
    env = _environment(requirements, request.credentials)
    with git_failures(manifest.path):
        text = process.run([process.find_tool("uv"), *arguments], cwd=root, env=env)
    refuse_credentials(text, f"{manifest.path}, exported")
    if notes is not None:
        notes.write_note("exports", key, {"pylock": text})
    return _exported(text, requirements, request)


def _exported(text: str, requirements: RequirementsTxt, request: ExportRequest) -> Exported:
    """Return uv's answer without the wheels that the file's hashes exclude, as long as another file is left.

    A release may get more wheels after the file was written, and the best of them is then none of the file's.
    """
    pylock = parse_pylock(text, request.manifest.path)
    hashes = frozenset().union(*(line.hashes for line in requirements.requirements))
    if hashes:
        packages = [_allowed(package, hashes) for package in pylock.packages]
        pylock = replace(pylock, packages=packages)
    indexes = (*requirements.index_urls[-1:], *requirements.extra_index_urls)
    return Exported(
        pylock,
        request.project.root,
        is_partial=True,
        indexes=indexes,
        flat_indexes=tuple(requirements.find_links),
        hashes=hashes,
    )


def _allowed(package: Package, hashes: frozenset[str]) -> Package:
    wheels = [wheel for wheel in package.wheels or () if _sha256(wheel) in hashes]
    sdist = package.sdist if package.sdist and _sha256(package.sdist) in hashes else None
    return replace(package, wheels=wheels or None, sdist=sdist) if wheels or sdist else package


def _sha256(file: PackageWheel | PackageSdist) -> str:
    return file.hashes.get("sha256", "").lower()


def check(manifest: Manifest, locked: Sequence[Locked]) -> tuple[str, ...]:
    """Enforce the file's hashes, which `uv pip compile` does not, and return a warning for what it does not pin."""
    requirements = read_requirements(manifest.path)
    lines = {line.name: line for line in requirements.requirements}
    all_hashes = frozenset().union(*(line.hashes for line in requirements.requirements))
    files = [file for file in locked if isinstance(file, LockedFile)]
    for file in files:
        # A path or an address has no line by its name: its hash must be one of the file's.
        line = lines.get(file.name)
        allowed = line.hashes if line else all_hashes
        if requirements.hashed and file.sha256 not in allowed:
            raise ProjectError(
                "hash-not-allowed",
                f"{line.where if line else manifest.path}: the index has {file.filename} with sha256 {file.sha256}, "
                f"which is none of the hashes the file allows for {file.name}: find out why before you export it again",
            )
    unpinned = sorted(file.name for file in files if file.name not in lines or not lines[file.name].pinned)
    dependencies = [package for package in locked if isinstance(package, LockedGit)]
    texts = (
        moving_reference(manifest.path, git.name, git.url, git.commit, git.revision) for git in dependencies
    )
    moving = tuple(filter(None, texts))
    if not unpinned:
        return moving
    warning = (
        f"{manifest.path} does not pin {', '.join(unpinned)}: the layer changes when the index does; "
        f"'uv pip compile --generate-hashes' writes a file that pins everything"
    )
    return (warning, *moving)


def _target(target: Target, *, pinned: bool) -> list[str]:
    """Return uv's arguments for a target. uv knows no manylinux_2_26, the platform of the older runtimes.

    Where uv chooses versions, it asks for 2.17: whatever has a wheel for that runs on every later glibc. Where the file
    pins them, it asks for 2.28, which has all wheels of 2.26 too: `select` takes those that fit.
    """
    glibc = "_".join(map(str, target.runtime.glibc))
    if target.runtime.glibc < (2, 28):
        glibc = "2_28" if pinned else "2_17"
    return [
        f"--python-version={target.python_version}",
        f"--python-platform={target.machine}-manylinux_{glibc}",
    ]


def _environment(requirements: RequirementsTxt, credentials: Sequence[Credentials]) -> dict[str, str]:
    """Return the environment in which uv finds the credentials of the indexes that the file names.

    uv looks up credentials by the index's name, and a requirements file has only addresses: the variable names the
    index at the same address once more.
    """
    env = environment(credentials)
    indexes = {
        "UV_DEFAULT_INDEX": requirements.index_urls[-1:],
        "UV_INDEX": requirements.extra_index_urls,
    }
    for variable, urls in indexes.items():
        named = [named_index(url, credentials) for url in urls]
        if named != urls:
            env.setdefault(variable, " ".join(named))
    return env
