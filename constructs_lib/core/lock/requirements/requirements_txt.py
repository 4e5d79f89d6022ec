"""A requirements file with all that it includes, read completely or refused by file and line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.requirements.line_options import parse_line
from constructs_lib.core.lock.requirements.logical_lines import VARIABLE, logical_lines, quoted, read_text
from constructs_lib.core.lock.requirements.parse_requirement import (
    ONLY_SHA256,
    check_address,
    check_one_word,
    is_name,
    is_named,
    is_web_address,
    kind_of,
    local_path,
    parse_requirement,
)
from constructs_lib.core.lock.requirements.requirement_line import IndexLine
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.lock.requirements.line_options import LineOption
    from constructs_lib.core.lock.requirements.logical_lines import LogicalLine
    from constructs_lib.core.lock.requirements.requirement_line import RequirementLine

MOST_FILES = 1000
"""Includes that are followed: files that include each other twice would be read without end."""

_SHA256 = re.compile(r"sha256:([0-9A-Fa-f]{64})")
_OTHER_HASH = re.compile(r"sha(?:384|512):([0-9A-Fa-f]+)")
_INCLUDES = ("--requirement", "--constraint")


@dataclass
class RequirementsTxt:
    """The requirements, constraints and settings of a file and of those that it includes."""

    requirements: list[RequirementLine] = field(default_factory=list)
    constraints: list[RequirementLine] = field(default_factory=list)
    index_url: str = ""
    """The last `--index-url`, as for pip."""
    extra_indexes: list[tuple[str, str]] = field(default_factory=list)
    """File and line, and address, of each further index: `--extra-index-url`, or `--find-links` of an address."""
    extra_index_urls: list[str] = field(default_factory=list)
    find_links: list[str] = field(default_factory=list)
    """Folders as `file:` addresses, and addresses."""
    is_index_off: bool = False
    """True behind `--no-index`."""
    binaries: list[tuple[str, str]] = field(default_factory=list)
    """`--no-binary` and `--only-binary` with their values, in their order."""
    are_prereleases_allowed: bool = False
    hashes_asked: str = ""
    """File and line of what first asks for hashes; empty where nothing does."""

    def is_source_alone(self, name: str) -> bool:
        """Return whether `--no-binary` excludes a distribution's wheels; the last option for a name counts."""
        choices: dict[str, set[str]] = {"--no-binary": set(), "--only-binary": set()}
        for option, value in self.binaries:
            other = "--only-binary" if option == "--no-binary" else "--no-binary"
            if value == ":none:":
                choices[option].clear()
            elif value == ":all:":
                choices[option], choices[other] = {value}, set()
            else:
                choices[option].add(value)
                choices[other].discard(value)
        sources, wheels = choices["--no-binary"], choices["--only-binary"]
        return name in sources or (":all:" in sources and name not in wheels)


def read_requirements(path: Path, root: Path) -> RequirementsTxt:
    """Read a requirements file; `root` is the folder that paths of requirements start from."""
    document = RequirementsTxt()
    _Reader(document, root).read(path, (path,), is_constraint=False)
    return document


@dataclass
class _Reader:
    document: RequirementsTxt
    root: Path
    read_files: int = 0

    def read(self, path: Path, above: tuple[Path, ...], *, is_constraint: bool) -> None:
        """Read one file; `above` are the files that lead to it, itself included."""
        self.read_files += 1
        if self.read_files > MOST_FILES:
            raise ProjectError(
                "requirements-invalid",
                f"{above[0]} includes more than {MOST_FILES} files: include each of them once",
            )
        text = read_text(path)
        refuse_credentials(text, path)
        for line in logical_lines(text, path):
            requirement, options = parse_line(line)
            names = {option.name for option in options}
            if names & {*_INCLUDES, "--editable"} and (requirement or len(options) > 1):
                raise line.refusal(
                    "-r, -c and -e are read alone on a line: write what is beside it on another one"
                )
            if options and options[0].name in _INCLUDES:
                self._include(line, options[0], path, above, is_constraint=is_constraint)
            elif requirement or "--editable" in names:
                self._require(line, requirement, options, is_constraint=is_constraint)
            else:
                for option in options:
                    self._set(line, option, path)

    def _include(
        self,
        line: LogicalLine,
        option: LineOption,
        path: Path,
        above: tuple[Path, ...],
        *,
        is_constraint: bool,
    ) -> None:
        if unset := VARIABLE.search(option.value):
            raise line.refusal(f"the variable {unset[1]} is not set: set it, or write the path itself")
        if is_web_address(option.value):
            raise line.refusal(
                f"{quoted(option.value)} is not followed, since it may change: download the file beside this one and "
                f"name that"
            )
        if is_constraint and option.name == "--requirement":
            raise line.refusal(
                "-r in a file of constraints gives requirements to pip and constraints to uv: write -c"
            )
        check_address(line, option.value)
        included = local_path(line, option.value, path.parent)
        if included in above:
            raise line.refusal(f"{included} includes itself: remove the line")
        self.read(included, (*above, included), is_constraint=is_constraint or option.name == "--constraint")

    def _require(
        self, line: LogicalLine, text: str, options: Sequence[LineOption], *, is_constraint: bool
    ) -> None:
        is_editable = not text
        if is_editable:
            text, options = options[0].value, []
        if misplaced := [option.name for option in options if option.name != "--hash"]:
            raise line.refusal(f"{misplaced[0]} stands behind a requirement: write it on a line of its own")
        hashes = frozenset(_hashes(line, options))
        if hashes:
            self.document.hashes_asked = self.document.hashes_asked or line.where
        requirement = parse_requirement(line, text, self.root, hashes, is_editable=is_editable)
        if is_constraint:
            if not isinstance(requirement, IndexLine) and not is_named(text):
                raise line.refusal(
                    "a constraint is a name with a version, or with an address: correct the line"
                )
            self.document.constraints.append(requirement)
        else:
            self.document.requirements.append(requirement)

    def _set(self, line: LogicalLine, option: LineOption, path: Path) -> None:
        document = self.document
        match option.name:
            case "--hash":
                raise line.refusal(
                    "--hash stands alone: the line before it must end with a backslash, without a comment between them"
                )
            case "--require-hashes":
                document.hashes_asked = document.hashes_asked or line.where
            case "--index-url":
                document.index_url = self._index(line, option.value)
            case "--extra-index-url":
                url = self._index(line, option.value)
                document.extra_indexes.append((line.where, option.name))
                document.extra_index_urls.append(url)
            case "--find-links":
                document.find_links.append(self._links(line, option.value, path))
            case "--no-index":
                document.is_index_off = True
            case "--pre":
                document.are_prereleases_allowed = True
            case "--no-binary" | "--only-binary":
                document.binaries += [(option.name, name) for name in _names(line, option.value)]
            case _:
                # --trusted-host, --prefer-binary and --use-feature change nothing here: certificates are checked
                # anyway, and wheels are preferred anyway.
                pass

    def _index(self, line: LogicalLine, value: str) -> str:
        check_address(line, value)
        if is_web_address(value):
            check_one_word(line, value)
            return value
        folder = local_path(line, value, self.root)
        if kind_of(folder) != "folder":
            raise line.refusal(
                f"{quoted(value)} is no index: write its https address, or a folder that is there"
            )
        return folder.as_uri()

    def _links(self, line: LogicalLine, value: str, path: Path) -> str:
        check_address(line, value)
        if is_web_address(value):
            check_one_word(line, value)
            self.document.extra_indexes.append((line.where, "--find-links"))
            return value
        # Beside the file that names it, else in the folder that pip is started in.
        candidates = [local_path(line, value, folder) for folder in (path.parent, self.root)]
        folder = next((folder for folder in candidates if kind_of(folder)), candidates[0])
        if kind_of(folder) != "folder":
            raise line.refusal(
                f"{folder} is no folder: --find-links takes a folder of wheels and source distributions"
            )
        return folder.as_uri()


def _hashes(line: LogicalLine, options: Sequence[LineOption]) -> list[str]:
    hashes: list[str] = []
    for _, value in options:
        if match := _SHA256.fullmatch(value):
            hashes.append(match[1].lower())
        elif not _OTHER_HASH.fullmatch(value):
            algorithm = value.partition(":")[0]
            if re.fullmatch(r"md5|sha\d+|blake\w*", algorithm) and algorithm != "sha256":
                raise line.refusal(ONLY_SHA256)
            raise line.refusal(
                f"{quoted(value)} is no hash: write --hash=sha256: and 64 hexadecimal digits, as the tool that exports "
                f"the file does"
            )
    if options and not hashes:
        raise line.refusal(ONLY_SHA256)
    return hashes


def _names(line: LogicalLine, value: str) -> list[str]:
    names = [name.strip() for name in value.split(",")]
    for name in names:
        if name not in (":all:", ":none:") and not is_name(name):
            raise line.refusal(f"{quoted(name)} is no name of a distribution: correct the line")
    return [name if name.startswith(":") else canonicalize_name(name) for name in names]
