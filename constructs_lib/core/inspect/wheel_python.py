"""The check of the Pythons that wheels are made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from constructs_lib.core.archive.entry import shown
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.inspect.loadable import distribution_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.target import Target


def check_pythons(pythons: Mapping[str, str], target: Target) -> list[Finding]:
    """Warn of wheels whose Requires-Python excludes the target's; `pythons` has the specifiers by file name."""
    return [
        Finding(
            "python-excluded",
            f"{filename} is for Python {shown(specifiers[:80])}, not for {target}: lock again for that Python, or "
            f"choose another runtime",
            distribution_of(filename),
        )
        for filename, specifiers in pythons.items()
        if specifiers and not _allows(specifiers, target)
    ]


def _allows(specifiers: str, target: Target) -> bool:
    try:
        return target.is_in(SpecifierSet(specifiers))
    except ValueError:
        return True  # nothing that could be kept: installers differ in whether they take such a wheel
