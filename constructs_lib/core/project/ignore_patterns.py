"""Patterns of `.gitignore`, parsed with an error that a user can act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathspec import GitIgnoreSpec

_MAX_SHOWN = 100


def parse_patterns(option: str, patterns: Sequence[str]) -> GitIgnoreSpec:
    """Parse patterns of `.gitignore`; raise a ProjectError for one that is invalid, or that no path can match.

    Empty lines and comments are allowed, as in a file. `option` is the name under which the user gave the patterns.
    """
    from pathspec import GitIgnoreSpec  # 10 ms: only where there are patterns

    try:
        spec = GitIgnoreSpec.from_lines(patterns)
    except (ValueError, re.error):
        invalid = next(filter(_is_invalid, patterns))
    else:
        if all(pattern.include is not None for pattern in spec.patterns):
            return spec
        # Of a pattern that it cannot read, pathspec makes the same as of a comment.
        invalid = next(filter(_is_invalid, patterns), "")
        if not invalid:
            return spec
    raise ProjectError(
        "pattern-invalid",
        f"{option} has {invalid[:_MAX_SHOWN]!r}, which is no valid pattern of .gitignore: write a path, a folder with / at "
        f"the end, or a name with *, for example tests/ or *.pyi",
    )


def read_patterns(lines: Sequence[str]) -> GitIgnoreSpec:
    """Parse the lines of a `.gitignore` file; one that is invalid matches nothing, as for git."""
    from pathspec import GitIgnoreSpec  # 10 ms: only where there are patterns

    try:
        return GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error):
        return GitIgnoreSpec.from_lines([line for line in lines if not _is_invalid(line)])


def _is_invalid(pattern: str) -> bool:
    from pathspec import GitIgnoreSpec

    if not pattern.strip() or pattern.startswith("#"):
        return False
    try:
        return any(parsed.include is None for parsed in GitIgnoreSpec.from_lines([pattern]).patterns)
    except (ValueError, re.error):
        return True
