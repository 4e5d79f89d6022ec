"""The parser of one requirement: PEP 508, and the paths and addresses that pip takes beside it."""

from __future__ import annotations

import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, NormalizedName, canonicalize_name, parse_wheel_filename

from constructs_lib.core.lock.locked_values import ARCHIVES
from constructs_lib.core.lock.requirements.logical_lines import quoted
from constructs_lib.core.lock.requirements.requirement_line import (
    FileLine,
    IndexLine,
    RequirementLine,
    UrlLine,
    VcsLine,
)

if TYPE_CHECKING:
    from packaging.markers import Marker

    from constructs_lib.core.lock.requirements.logical_lines import LogicalLine

ONLY_SHA256 = "only sha256 hashes can be checked: export the file again with sha256"
_DIGEST = re.compile(r"[0-9A-Fa-f]{64}")
_HASH_NAME = re.compile(r"(?:md5|sha\d.*|blake.*)")
_PROJECT_FILES = ("pyproject.toml", "setup.py")
_NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\]\s*)?@")
_ADDRESS = re.compile(r"(?:(?P<vcs>git|hg|svn|bzr)\+)?(?P<scheme>[A-Za-z][A-Za-z0-9.-]+):(?=/)|git\+.*@.*:")
_LONGEST_NAME = 255
_LONG_NUMBER = re.compile(r"\d{19}")
_EXTRAS = re.compile(r"(?P<place>.+?)\[(?P<extras>[A-Za-z0-9._,\s-]*)\]")
_EGG = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[(?P<extras>[^\]]*)\])?")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
# A semicolon may be a letter of an address.
_MARKER_OF_PATH, _MARKER_OF_ADDRESS = re.compile(r";"), re.compile(r"\s;|;\s")


class _Direct(NamedTuple):
    """A requirement with a place of its own, before the place is looked at."""

    place: str
    name: NormalizedName | None
    extras: frozenset[str]
    marker: Marker | None


def parse_requirement(
    line: LogicalLine, text: str, root: Path, hashes: frozenset[str], *, is_editable: bool = False
) -> RequirementLine:
    """Parse the requirement of a line; paths are relative to `root`, the folder that pip and uv are started in."""
    if is_named(text) or not (is_editable or _is_place(text, root)):
        requirement = _standard(line, text)
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if requirement.url is None:
            _refuse_file_of_requirements(line, root / text)
            if _LONG_NUMBER.search(str(requirement.specifier)):
                raise line.refusal(f"{quoted(text)} has a number of more than 18 digits: correct the line")
            return IndexLine(line.where, name, extras, requirement.marker, hashes, requirement.specifier)
        direct = _Direct(requirement.url, name, extras, requirement.marker)
    else:
        direct = _unnamed(line, text)
    return _located(line, direct, root, hashes, is_editable=is_editable)


def is_named(text: str) -> bool:
    """Return whether the text begins with a name and `@`."""
    return _NAMED.match(text) is not None


def is_name(text: str) -> bool:
    """Return whether the text can be the name of a distribution or of an extra."""
    return _NAME.fullmatch(text) is not None


def local_path(line: LogicalLine, place: str, root: Path) -> Path:
    """Return the path that a text names, as it is or as a `file:` address."""
    if place.lower().startswith("file:"):
        parts = urlsplit(place)
        if parts.netloc not in ("", "localhost"):
            raise line.refusal(f"{quoted(place)} names another machine: write a path, or file:///…")
        place = unquote(parts.path)
    if all(len(part.encode()) <= _LONGEST_NAME for part in place.split("/")):
        with suppress(OSError, RuntimeError, ValueError):
            return Path(root, place).resolve()
    raise line.refusal(f"{quoted(place)} cannot be a path: correct the line")


def kind_of(path: Path) -> str:
    """Return `folder`, `file` or `other`; an empty text where nothing can be found."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return ""
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"


def check_address(line: LogicalLine, url: str) -> None:
    """Raise for an address whose host or port cannot be one."""
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise line.refusal(f"{quoted(url)} is no address: write https://host/path") from None


def check_one_word(line: LogicalLine, url: str) -> None:
    """Raise for an address with white space, behind which uv would read an option."""
    if url.split() != [url]:
        raise line.refusal(f"{quoted(url)} has a space: write %20 for one that belongs to the address")


def is_web_address(text: str) -> bool:
    """Return whether the text begins with `http:` or `https:`."""
    return text.lower().startswith(("https:", "http:"))


def _standard(line: LogicalLine, text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
    except (ValueError, RecursionError):  # a version of thousands of digits, brackets nested as deep
        reason = "it is too long"
    raise line.refusal(f"{quoted(text)} is no requirement ({quoted(reason)[1:-1]}): correct the line")


def _is_place(text: str, root: Path) -> bool:
    """Return whether pip takes the text for a path or an address.

    It has a slash, begins with a dot, or is the name of an archive that is there.
    """
    place = text.partition(";")[0].strip()
    if "/" in place or place.startswith((".", "file:")) or _ADDRESS.match(place):
        return True
    place = place.partition("[")[0]
    return place.lower().endswith(ARCHIVES) and kind_of(root / place) == "file"


def _unnamed(line: LogicalLine, text: str) -> _Direct:
    """Part a place from its marker, and from its extras in brackets."""
    end = (_MARKER_OF_ADDRESS if _ADDRESS.match(text) else _MARKER_OF_PATH).search(text)
    place = text[: end.start()].strip() if end else text
    marker = _standard(line, f"x;{text[end.start() :].lstrip(' ;')}").marker if end else None
    extras = frozenset[str]()
    if bracketed := _EXTRAS.fullmatch(place):
        place, extras = bracketed["place"], _names(line, bracketed["extras"])
    return _Direct(place, None, extras, marker)


def _names(line: LogicalLine, text: str) -> frozenset[str]:
    """Return the extras between brackets."""
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if not is_name(name):
            raise line.refusal(f"{quoted(name)} is no name of an extra: correct the line")
    return names


def _fragment_values(line: LogicalLine, fragment: str) -> dict[str, str]:
    """Return the decoded values of a fragment; a line end of one would begin a line of the file that uv reads."""
    values = dict(parse_qsl(fragment))
    for key, value in values.items():
        if not value.isprintable():
            raise line.refusal(
                f"{quoted(key)} behind the # of the address has a line end or a control character: correct the line"
            )
    return values


def _located(
    line: LogicalLine, direct: _Direct, root: Path, hashes: frozenset[str], *, is_editable: bool
) -> RequirementLine:
    """Return the value for what stands at the place: version control, an address, or a path of this machine."""
    place, name, extras, marker = direct
    address = _ADDRESS.match(place)
    if address and address["scheme"]:
        check_address(line, place)
    # A plain path may have a # in a folder's name.
    is_whole = not address and kind_of(root / place) != ""
    plain, _, fragment = (place, "", "") if is_whole else place.partition("#")
    values = _fragment_values(line, fragment)
    if egg := _EGG.fullmatch(values.get("egg", "")):
        extras |= _names(line, egg["extras"] or "")
    if address and (address["vcs"] or not address["scheme"]):
        name = name or (canonicalize_name(egg["name"]) if egg else None)
        return VcsLine(line.where, name, extras, marker, hashes, place, is_editable)
    hashes = _with_fragment(line, values, hashes)
    subdirectory = values.get("subdirectory", "")
    if is_web_address(place):
        name = name or _wheel_name(unquote(urlsplit(plain).path).rpartition("/")[2])
        return UrlLine(line.where, name, extras, marker, hashes, plain, subdirectory)
    if address and address["scheme"].lower() != "file":
        raise line.refusal(f"{quoted(place)} is no address that can be read: write http, https, or a path")
    path = local_path(line, plain, root)
    _refuse_no_project(line, path)
    is_folder = kind_of(path) == "folder"
    name = name or _wheel_name(path.name)
    return FileLine(line.where, name, extras, marker, hashes, path, is_folder, subdirectory)


def _with_fragment(line: LogicalLine, values: dict[str, str], hashes: frozenset[str]) -> frozenset[str]:
    """Return the hashes with the one that the address itself names."""
    for key, value in values.items():
        if not _HASH_NAME.fullmatch(key):
            continue
        if key != "sha256":
            raise line.refusal(ONLY_SHA256)
        if not _DIGEST.fullmatch(value):
            raise line.refusal(f"{quoted(value)} is no sha256: it has 64 hexadecimal digits")
        digest = value.lower()
        if hashes and digest not in hashes:
            raise line.refusal("the address and --hash name different sha256: keep the right one")
        hashes = frozenset({digest})
    return hashes


def _refuse_no_project(line: LogicalLine, path: Path) -> None:
    match kind_of(path):
        case "folder":
            if not any(kind_of(path / name) == "file" for name in _PROJECT_FILES):
                raise line.refusal(f"{path} is no project: it has neither a pyproject.toml nor a setup.py")
        case "file":
            _refuse_file_of_requirements(line, path)
            if not path.name.lower().endswith(ARCHIVES):
                raise line.refusal(f"{path} is neither a folder nor a wheel or source distribution")
        case _:
            raise line.refusal(f"{path} is no file and no folder: restore it, or correct the line")


def _refuse_file_of_requirements(line: LogicalLine, path: Path) -> None:
    if path.suffix in (".txt", ".in") and kind_of(path) == "file":
        raise line.refusal(f"{path} is a file of requirements: write -r in front of it")


def _wheel_name(filename: str) -> NormalizedName | None:
    """Return the name of a wheel; a source distribution's is known when it is built."""
    try:
        name = parse_wheel_filename(filename)[0]
    except InvalidWheelFilename:
        return None
    # `packaging` accepts other letters, and a line end behind them.
    return name if is_name(name) else None
