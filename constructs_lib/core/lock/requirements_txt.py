"""A requirements.txt as pip reads it: lines, includes, options and hashes."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COMMENT = re.compile(r"(^|\s)#.*$")
_HASH = re.compile(r"\s--hash[= ]\s*sha256:([0-9A-Fa-f]{64})")
_OPTIONS = re.compile(r"\s--")
_OTHER_HASH = re.compile(r"\s--hash[= ]\s*(?!sha256:)\w+:")


@dataclass(frozen=True)
class RequirementLine:
    """One requirement, with the file and line where it stands."""

    name: str
    where: str
    pinned: bool
    """True for a requirement that allows one version only."""
    hashes: frozenset[str]


@dataclass
class RequirementsTxt:
    """A requirements file with all it includes."""

    requirements: list[RequirementLine] = field(default_factory=list)
    extra_indexes: list[str] = field(default_factory=list)
    """The places of `--extra-index-url`, as file and line."""
    extra_index_urls: list[str] = field(default_factory=list)
    index_urls: list[str] = field(default_factory=list)
    find_links: list[str] = field(default_factory=list)
    """The pages and folders of `--find-links`."""
    contents: dict[str, str] = field(default_factory=dict)
    """The text of each file, by its path."""

    @property
    def hashed(self) -> bool:
        """True in pip's hash-checking mode: one hash in the file makes all lines need one."""
        return any(line.hashes for line in self.requirements)


def read_requirements(path: Path) -> RequirementsTxt:
    """Read a requirements file; a ProjectError names file and line of what cannot be read."""
    document = RequirementsTxt()
    _read(path, document, constraint=False)
    for line in document.requirements if document.hashed else ():
        if not line.hashes:
            raise ProjectError(
                "hash-missing",
                f"{line.where}: {line.name} has no sha256 hash while others have: pip installs all or none with hashes",
            )
    return document


def _read(path: Path, document: RequirementsTxt, *, constraint: bool) -> None:
    if str(path) in document.contents:
        return
    with reading(path):
        text = path.read_text(encoding="utf-8")
    document.contents[str(path)] = text
    refuse_credentials(text, path)
    for number, line in _logical_lines(text):
        where = f"{path}:{number}"
        if line.startswith("-"):
            _read_option(line, where, path, document)
        elif not constraint:
            document.requirements.append(_requirement(line, where))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines joined at a trailing backslash, without comments, with the number of their first line."""
    joined, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1]
            continue
        whole = _COMMENT.sub("", joined + line).strip()
        if whole:
            yield first, whole
        joined, first = "", 0
    # The last line of the file may end with a backslash.
    if whole := _COMMENT.sub("", joined).strip():
        yield first, whole


def _read_option(line: str, where: str, path: Path, document: RequirementsTxt) -> None:
    option, _, value = line.replace("=", " ", 1).partition(" ") if line.startswith("--") else _short(line)
    value = value.strip()
    if option in ("-r", "--requirement", "-c", "--constraint"):
        try:
            name = " ".join(shlex.split(value))
        except ValueError as error:
            raise ProjectError("requirements-invalid", f"{where}: {line!r} cannot be read: {error}") from None
        _read(path.parent / name, document, constraint=option in ("-c", "--constraint"))
    elif option == "--extra-index-url":
        document.extra_indexes.append(where)
        document.extra_index_urls.append(value)
    elif option in ("-i", "--index-url"):
        document.index_urls.append(value)
    elif option in ("-f", "--find-links"):
        document.find_links.append(value)
    elif option in ("-e", "--editable"):
        document.requirements.append(RequirementLine(value, where, pinned=True, hashes=frozenset()))


def _short(line: str) -> tuple[str, str, str]:
    return line[:2], "", line[2:].lstrip(" =")


def _requirement(line: str, where: str) -> RequirementLine:
    if _OTHER_HASH.search(line):
        raise ProjectError(
            "requirements-invalid",
            f"{where}: only sha256 hashes can be checked: export the file again with sha256",
        )
    hashes = frozenset(match.lower() for match in _HASH.findall(line))
    text = _OPTIONS.split(line, maxsplit=1)[0].strip()
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        # A path or an address: one file or folder, and no name that could be compared.
        return RequirementLine(text, where, pinned=True, hashes=hashes)
    is_exact = any(
        specifier.operator in ("==", "===") and "*" not in specifier.version
        for specifier in requirement.specifier
    )
    pinned = is_exact or requirement.url is not None
    return RequirementLine(canonicalize_name(requirement.name), where, pinned=pinned, hashes=hashes)
