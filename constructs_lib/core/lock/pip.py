"""The export of requirements.txt to pylock.toml: read here, written for uv, resolved by `uv pip compile`."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.pylock import Package, PackageDirectory, Pylock
from packaging.utils import canonicalize_name
from packaging.version import Version

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.index.credentials import named_index
from constructs_lib.core.lock.git_references import git_failures, moving_reference
from constructs_lib.core.lock.locked import AllowedHashes, Exported
from constructs_lib.core.lock.requirements.asked import allowed_hashes, asked_for
from constructs_lib.core.lock.requirements.requirement_line import FileLine, UrlLine
from constructs_lib.core.lock.requirements.requirements_txt import read_requirements
from constructs_lib.core.lock.requirements.uv_input import uv_input
from constructs_lib.core.lock.select import parse_pylock
from constructs_lib.core.lock.uv import environment
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials, without_user
from constructs_lib.core.system.signals import unwinding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.pylock import PackageSdist, PackageWheel

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import ExportRequest
    from constructs_lib.core.lock.requirements.asked import Asked
    from constructs_lib.core.lock.requirements.requirement_line import RequirementLine
    from constructs_lib.core.lock.requirements.requirements_txt import RequirementsTxt
    from constructs_lib.core.lock.requirements.uv_input import UvInput
    from constructs_lib.core.target import Target

_MOST_NAMES = 10
_DEFAULT_INDEX, _OLD_DEFAULT_INDEX = "UV_DEFAULT_INDEX", "UV_INDEX_URL"
COMPILE = ("pip", "compile", "--format=pylock.toml", "--no-header", "--quiet", "--no-python-downloads")


def export(request: ExportRequest) -> Exported:
    """Export the file of the request."""
    manifest, options = request.manifest, request.options
    for selection in ("extras", "groups", "only_groups"):
        if getattr(options, selection):
            raise ProjectError(
                "selection-unsupported",
                f"{manifest.path} has no {selection}: export those you want into the file",
            )
    return export_requirements(read_requirements(manifest.path, request.project.root), request)


def export_requirements(document: RequirementsTxt, request: ExportRequest) -> Exported:
    """Export by uv, which asks the index for the files of the requirements.

    With hashes the file is a lock: it names everything, and the answer is remembered. Without, it is resolved
    with its dependencies, as pip does.
    """
    _refuse_extra_indexes(document, request)
    root = request.project.root
    asked = asked_for(document, request.target, root)
    written = uv_input(document, asked, root)
    pylock = _compile(written, document, asked, request) if not written.is_empty else _NOTHING
    if asked.is_hashed and any(_is_project(line, root) for line in asked.requirements):
        name = canonicalize_name(request.project.name)
        itself = Package(name=name, directory=PackageDirectory(path="."))
        pylock = replace(pylock, packages=[*pylock.packages, itself])
    hashes = dict(_allowed(pylock.packages, asked, request.manifest.path))
    hashes |= _sources_alone(pylock.packages, document, hashes)
    packages = [_of_allowed_files(package, hashes) for package in pylock.packages]
    return Exported(
        replace(pylock, packages=packages),
        root,
        is_partial=True,
        indexes=tuple(url for url in (document.index_url, *document.extra_index_urls) if url),
        flat_indexes=tuple(document.find_links),
        hashes=hashes,
        warnings=tuple(_unpinned(packages, asked, request)),
        may_be_incomplete=asked.is_hashed,
    )


_NOTHING = Pylock(lock_version=Version("1.0"), created_by="constructs-lib", packages=[])


def _is_project(line: RequirementLine, root: Path) -> bool:
    return isinstance(line, FileLine) and line.path == root


def _refuse_extra_indexes(document: RequirementsTxt, request: ExportRequest) -> None:
    if document.extra_indexes and not request.options.allow_extra_index_url:
        where, option = document.extra_indexes[0]
        raise ProjectError(
            "extra-index-refused",
            f"{where}: {option} lets anybody who publishes a higher version of a private name on the other index into "
            f"the layer (dependency confusion, CVE-2018-20225): name one --index-url, or allow it with "
            f"allow_extra_index_url=True",
        )


def _compile(written: UvInput, document: RequirementsTxt, asked: Asked, request: ExportRequest) -> Pylock:
    """Return uv's answer, which is remembered for a file with hashes: only that gives the same one tomorrow."""
    arguments = [*COMPILE, *_target(request.target, pinned=asked.is_hashed)]
    if asked.is_hashed:
        arguments.append("--no-deps")
    if document.are_prereleases_allowed:
        arguments.append("--prerelease=allow")
    notes = request.notes if asked.is_hashed else None
    key = hashlib.sha256(json.dumps([arguments, *written]).encode()).hexdigest()
    note = notes.read_note("exports", key) if notes else None
    text = str(note["pylock"]) if note is not None else _run(arguments, written, document, request)
    if notes and note is None:
        notes.write_note("exports", key, {"pylock": text})
    return parse_pylock(text, request.manifest.path)


def _run(
    arguments: Sequence[str], written: UvInput, document: RequirementsTxt, request: ExportRequest
) -> str:
    with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder:
        path = written.write(Path(folder))
        with git_failures(request.manifest.path):
            text = process.run(
                [process.find_tool("uv"), *arguments, str(path)],
                cwd=request.project.root,
                env=_environment(document, request.credentials),
            )
    refuse_credentials(text, f"{request.manifest.path}, exported")
    return text


def _allowed(
    packages: Iterable[Package], asked: Asked, manifest: Path
) -> Iterable[tuple[str, AllowedHashes]]:
    """Yield the hashes that the lines of each package allow; none at all for a package without a line of the file."""
    for package in packages:
        allowed = allowed_hashes(_lines_of(package, asked))
        if allowed is None and asked.is_hashed and package.directory is None:
            allowed = AllowedHashes(str(manifest), frozenset())
        if allowed is not None:
            yield package.name, allowed


def _sources_alone(
    packages: Iterable[Package], document: RequirementsTxt, hashes: Mapping[str, AllowedHashes]
) -> dict[str, AllowedHashes]:
    """Return the hash of the source distribution for each package of `--no-binary`, so that no wheel replaces it."""
    alone: dict[str, AllowedHashes] = {}
    for package in packages:
        if package.sdist and document.is_source_alone(package.name):
            digest = _sha256(package.sdist)
            where, allowed = hashes.get(package.name, AllowedHashes("--no-binary", frozenset({digest})))
            alone[package.name] = AllowedHashes(where, allowed & {digest})
    return alone


def _lines_of(package: Package, asked: Asked) -> list[RequirementLine]:
    """Return the lines of a package: those of its name, and one without a name that has its place."""
    lines = asked.lines_of(package.name)
    archive = package.archive
    if archive is None:
        return lines
    place = archive.path or str(archive.url)
    return [*lines, *(line for line in asked.requirements if line.name is None and _place_of(line) == place)]


def _place_of(line: RequirementLine) -> str:
    if isinstance(line, FileLine):
        return str(line.path)
    return line.url if isinstance(line, UrlLine) else ""


def _of_allowed_files(package: Package, hashes: Mapping[str, AllowedHashes]) -> Package:
    """Return a package without the files that its hashes exclude, as long as another file is left.

    A release may get more wheels after the file was written, and the best of them is then none of the file's.
    """
    allowed = hashes.get(package.name)
    if allowed is None:
        return package
    wheels = [wheel for wheel in package.wheels or () if _sha256(wheel) in allowed.sha256]
    sdist = package.sdist if package.sdist and _sha256(package.sdist) in allowed.sha256 else None
    return replace(package, wheels=wheels or None, sdist=sdist) if wheels or sdist else package


def _sha256(file: PackageWheel | PackageSdist) -> str:
    return file.hashes.get("sha256", "").lower()


def _unpinned(packages: Sequence[Package], asked: Asked, request: ExportRequest) -> Iterable[str]:
    """Yield a warning that names the packages whose version the index chooses."""
    names = sorted(
        package.name
        for package in packages
        if not (package.archive or package.directory or package.vcs or asked.is_pinned(package.name))
    )
    if names:
        yield (
            f"{request.manifest.path} does not pin {_listed(names)}: the layer changes when the index does; "
            f"'uv pip compile --generate-hashes' writes a file that pins everything"
        )
    for package in packages:
        if (vcs := package.vcs) and (
            text := moving_reference(
                request.manifest.path,
                package.name,
                str(vcs.url or vcs.path),
                vcs.commit_id,
                vcs.requested_revision,
            )
        ):
            yield text


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


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


def _environment(document: RequirementsTxt, credentials: Sequence[Credentials]) -> dict[str, str]:
    """Return the environment in which uv asks the indexes that the file names, with their credentials.

    uv looks up credentials by the index's name, and a requirements file has only addresses: the variable names the
    index at the same address once more.
    """
    env = environment(credentials)
    if document.index_url:
        default = env.pop(_DEFAULT_INDEX, "") or env.get(_OLD_DEFAULT_INDEX, "")
        env.pop(_OLD_DEFAULT_INDEX, None)
        named = named_index(document.index_url, credentials)
        # uv prefers a variable and [tool.uv] to the file, pip the file. A variable for the same index may have its login.
        has_login = named == document.index_url and _is_same(default, document.index_url)
        env[_DEFAULT_INDEX] = default if has_login else named
    extra = [named_index(url, credentials) for url in document.extra_index_urls]
    if extra != document.extra_index_urls:
        env.setdefault("UV_INDEX", " ".join(extra))
    return env


def _is_same(entry: str, url: str) -> bool:
    """Return whether a value of `UV_DEFAULT_INDEX` is the index at an address."""
    from constructs_lib.core.lock.known_indexes import entry_address  # only where the variable is set

    try:
        address = without_user(entry_address(entry)).url
    except ValueError:  # no address at all
        return False
    return address.rstrip("/") == without_user(url).url.rstrip("/")
