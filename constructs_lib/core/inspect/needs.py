"""What a layer leaves to the runtime, and who needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.inspect.findings import NAMED, Finding
from constructs_lib.core.target import BROUGHT, Target

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_TRIO = ("boto3", "botocore", "s3transfer")
_VERSION_SEEN = frozenset({"boto3", "botocore"})


def check_boto3(kept: Collection[str]) -> list[Finding]:
    """boto3, botocore and s3transfer are made for each other (boto3 issue 4579: a mix fails at the first client)."""
    held = [name for name in _TRIO if name in kept]
    missing = [name for name in _TRIO if name not in kept]
    if not held or not missing:
        return []
    return [
        Finding(
            "boto3-pair",
            "warning",
            f"the layer holds {' and '.join(held)} while {' and '.join(missing)} "
            f"{'comes' if len(missing) == 1 else 'come'} from the runtime, whose versions AWS changes: lock all three "
            f"and ignore none of them, or ignore all three",
        )
    ]


def check_ignored(
    needs: Mapping[str, Collection[str]], ignored: Mapping[str, str], target: Target
) -> list[Finding]:
    """Distributions that are left out while one in the layer needs them, one finding for each.

    `needs` are the names that each distribution of the layer needs on `target`; `ignored` is what is left out, by
    name, with its version.
    """
    needed = {name: sorted(each for each in needs if name in needs[each]) for name in sorted(ignored)}
    return [_left_out(ignored[name], name, by, target) for name, by in needed.items() if by]


def _left_out(version: str, name: str, needed_by: list[str], target: Target) -> Finding:
    several = len(needed_by) > 1
    who = ", ".join(needed_by[:NAMED])
    if name not in BROUGHT:
        return Finding(
            "ignored-but-needed",
            "warning",
            f"{version} is left out, {who} {'need' if several else 'needs'} it, and Lambda promises to bring boto3 and "
            f"what that needs only: take it off ignore_package_list, unless the function or another layer brings it",
        )
    seen = target.runtime.boto3_seen if name in _VERSION_SEEN else ""
    return Finding(
        "ignored-dependency",
        "note",
        f"{version} is left out, {who} {'use' if several else 'uses'} the version that the runtime "
        f"python{target.python_version} brings{f' ({seen})' if seen else ''}, which AWS changes from time to time",
    )
