"""Checks of distributions that a layer leaves to the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.inspect.findings import MAX_NAMES, Finding
from constructs_lib.core.target import BROUGHT, LAYER_PLACE, Target

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

_TRIO = ("boto3", "botocore", "s3transfer")
_VERSION_REPORTED = frozenset({"boto3", "botocore"})
"""Distributions that have the version of `Runtime.boto3_seen`."""


def check_boto3(names: Collection[str], noun: str = LAYER_PLACE.noun) -> list[Finding]:
    """Warn if the artifact holds a part of boto3, botocore and s3transfer; `names` are those of its distributions.

    The three are made for each other: https://github.com/boto/boto3/issues/4579, where a mix fails at the first
    client.
    """
    held = [name for name in _TRIO if name in names]
    missing = [name for name in _TRIO if name not in names]
    if not held or not missing:
        return []
    return [
        Finding(
            "boto3-pair",
            f"the {noun} holds {' and '.join(held)} while {' and '.join(missing)} "
            f"{'comes' if len(missing) == 1 else 'come'} from the runtime, whose versions AWS changes: lock all three "
            f"and ignore none of them, or ignore all three",
        )
    ]


def check_ignored(
    needs: Mapping[str, Collection[str]], ignored: Mapping[str, str], target: Target
) -> list[Finding]:
    """Return one finding for each ignored distribution that a distribution of the layer needs.

    `needs` are the names that each distribution of the layer needs on `target`; `ignored` are the ignored ones as
    `name==version`, by name.
    """
    dependents = {name: sorted(layer for layer in needs if name in needs[layer]) for name in sorted(ignored)}
    return [_ignored(name, ignored[name], names, target) for name, names in dependents.items() if names]


def check_missing(
    missing: Mapping[str, Collection[str]], left_out: Collection[str], manifest: Path
) -> list[Finding]:
    """Return one finding for each distribution that the layer needs and that the lock file does not name.

    `missing` are the absent names that each distribution needs; `left_out` are those that the layer leaves to the
    runtime anyway.
    """
    names = sorted({name for absent in missing.values() for name in absent} - {*left_out, *BROUGHT})
    return [
        _missing(name, sorted(user for user in missing if name in missing[user]), manifest) for name in names
    ]


def _missing(name: str, dependents: list[str], manifest: Path) -> Finding:
    users = ", ".join(dependents[:MAX_NAMES])
    return Finding(
        "missing-dependency",
        f"{users} {'need' if len(dependents) > 1 else 'needs'} {name}, which {manifest} does not name, so it is left "
        f"out: export the file again with all dependencies, unless another layer brings it",
    )


def _ignored(name: str, pinned: str, dependents: list[str], target: Target) -> Finding:
    several = len(dependents) > 1
    names = ", ".join(dependents[:MAX_NAMES])
    if name not in BROUGHT:
        return Finding(
            "ignored-but-needed",
            f"{pinned} is left out, {names} {'need' if several else 'needs'} it, and Lambda promises only boto3 and "
            f"its dependencies: take it off ignore_package_list, unless the function or another layer brings it",
            name,
        )
    reported = target.runtime.boto3_seen if name in _VERSION_REPORTED else ""
    return Finding(
        "ignored-dependency",
        f"{pinned} is left out, {names} {'use' if several else 'uses'} the version that the runtime "
        f"python{target.python_version} brings{f' ({reported})' if reported else ''}, which AWS changes from time to "
        f"time; to use the locked one, take it off ignore_package_list",
        name,
    )
