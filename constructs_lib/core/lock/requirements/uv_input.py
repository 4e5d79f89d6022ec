"""The files that uv reads: our reading of a requirements file, written in the plainest form.

uv reads nothing that a person wrote, so that a check and an installation never come from different readings.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.lock.requirements.requirement_line import FileLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_lib.core.lock.requirements.asked import Asked
    from constructs_lib.core.lock.requirements.requirement_line import RequirementLine
    from constructs_lib.core.lock.requirements.requirements_txt import RequirementsTxt


class UvInput(NamedTuple):
    """The content of a requirements file and of its constraints."""

    requirements: str
    constraints: str

    @property
    def is_empty(self) -> bool:
        """True where there is nothing to resolve."""
        return not self.requirements

    def write(self, folder: Path) -> Path:
        """Write both files into a folder that nobody else can read: an address may hold a password."""
        path, constraints = folder / "requirements.txt", folder / "constraints.txt"
        text = self.requirements
        if self.constraints:
            constraints.write_text(self.constraints, encoding="utf-8")
            text += f"-c {constraints.name}\n"
        path.write_text(text, encoding="utf-8")
        return path


def uv_input(document: RequirementsTxt, asked: Asked, root: Path) -> UvInput:
    """Return what uv reads: lines without markers, which hold, and without hashes, which it does not check here.

    Where hashes say what is installed, the project in `root` itself is left out: uv would want it with its
    dependencies, which the file names anyway.
    """
    lines = [
        str(line)
        for line in asked.requirements
        if not (asked.is_hashed and isinstance(line, FileLine) and line.path == root)
    ]
    constraints = "".join(f"{line}\n" for line in dict.fromkeys(map(_constraint, asked.constraints)))
    settings = _settings(document) if lines else ()
    return UvInput("".join(f"{line}\n" for line in [*settings, *dict.fromkeys(lines)]), constraints)


def _constraint(line: RequirementLine) -> str:
    # Extras of a constraint ask for nothing.
    return str(replace(line, extras=frozenset()))


def _settings(document: RequirementsTxt) -> Iterator[str]:
    if document.is_index_off:
        yield "--no-index"
    else:
        if document.index_url:
            yield f"--index-url {document.index_url}"
        yield from (f"--extra-index-url {url}" for url in document.extra_index_urls)
    yield from (f"--find-links {url}" for url in document.find_links)
    yield from (f"{option} {name}" for option, name in document.binaries)
