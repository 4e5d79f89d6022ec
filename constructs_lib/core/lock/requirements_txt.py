"""requirements.txt as pip reads it: lines, includes, options and hashes."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
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
    """Whether it allows one version only."""
    hashes: frozenset[str]


@dataclass
class RequirementsTxt:
    """A requirements file with all it includes."""

    requirements: list[RequirementLine] = field(default_factory=list)
    extra_indexes: list[str] = field(default_factory=list)
    """Where `--extra-index-url` stands, as file and line."""
    extra_index_urls: list[str] = field(default_factory=list)
    index_urls: list[str] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)
    """The text of each file, by its path."""

    @property
    def hashed(self) -> bool:
        """Pip's hash-checking mode: one hash in the file makes it hold for all."""
        return any(line.hashes for line in self.requirements)


def read_requirements(path: Path) -> RequirementsTxt:
    """Read a requirements file; a ProjectError names file and line of what cannot be read."""
    found = RequirementsTxt()
    _read(path, found, constraint=False)
    for line in found.requirements if found.hashed else ():
        if not line.hashes:
            msg = f"{line.where}: {line.name} has no sha256 hash while others have: pip installs all or none with hashes"
            raise ProjectError(msg)
    return found


def _read(path: Path, found: RequirementsTxt, *, constraint: bool) -> None:
    if str(path) in found.contents:
        return
    try:
        found.contents[str(path)] = text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read: {error}"
        raise ProjectError(msg) from None
    refuse_credentials(text, path)
    for number, line in _logical_lines(text):
        where = f"{path}:{number}"
        if line.startswith("-"):
            _read_option(line, where, path, found)
        elif not constraint:
            found.requirements.append(_requirement(line, where))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined at a trailing backslash, without comments, with the number of their first line."""
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
    if whole := _COMMENT.sub("", joined).strip():  # a backslash at the very end
        yield first, whole


def _read_option(line: str, where: str, path: Path, found: RequirementsTxt) -> None:
    option, _, value = line.replace("=", " ", 1).partition(" ") if line.startswith("--") else _short(line)
    value = value.strip()
    if option in ("-r", "--requirement", "-c", "--constraint"):
        try:
            name = " ".join(shlex.split(value))
        except ValueError as error:
            msg = f"{where}: {line!r} cannot be read: {error}"
            raise ProjectError(msg) from None
        _read(path.parent / name, found, constraint=option in ("-c", "--constraint"))
    elif option == "--extra-index-url":
        found.extra_indexes.append(where)
        found.extra_index_urls.append(value)
    elif option in ("-i", "--index-url"):
        found.index_urls.append(value)
    elif option in ("-e", "--editable"):
        found.requirements.append(RequirementLine(value, where, pinned=True, hashes=frozenset()))


def _short(line: str) -> tuple[str, str, str]:
    return line[:2], "", line[2:].lstrip(" =")


def _requirement(line: str, where: str) -> RequirementLine:
    if _OTHER_HASH.search(line):
        msg = f"{where}: only sha256 hashes can be checked: export the file again with sha256"
        raise ProjectError(msg)
    hashes = frozenset(match.lower() for match in _HASH.findall(line))
    text = _OPTIONS.split(line, maxsplit=1)[0].strip()
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        # A path or an address: one file or folder, and no name that could be compared.
        return RequirementLine(text, where, pinned=True, hashes=hashes)
    exact = [
        each for each in requirement.specifier if each.operator in ("==", "===") and "*" not in each.version
    ]
    pinned = bool(exact) or requirement.url is not None
    return RequirementLine(canonicalize_name(requirement.name), where, pinned=pinned, hashes=hashes)
