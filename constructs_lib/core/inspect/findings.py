"""Facts and a target → what would fail in Lambda, and what deserves a second look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from constructs_lib.core.runtime import UNZIPPED_LIMIT, Target

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from packaging.tags import Tag

    from constructs_lib.core.archive import Conflict
    from constructs_lib.core.inspect.facts import Facts

WARN_AT = 0.8
"""Share of the unzipped limit from which on a warning is given: the function's code needs room too."""
_NAMED = 10


@dataclass(frozen=True)
class Finding:
    """One thing found; an error would fail in Lambda, a warning may."""

    id: Literal[
        "wrong-cpu",
        "foreign-cpu",
        "newer-glibc",
        "wrong-tag",
        "too-large",
        "nearly-too-large",
        "path-conflict",
        "unpinned-requirement",
    ]
    level: Literal["error", "warning"]
    text: str
    """One line: what, where, and the remedy."""


def check_platform(facts: Mapping[str, Facts], target: Target) -> list[Finding]:
    """Shared libraries that `target` cannot load; `facts` by the wheel's file name."""
    findings = []
    for filename, fact in facts.items():
        foreign = [elf for elf in fact.elf if elf.machine != target.machine]
        if foreign:
            findings.append(_foreign(filename, fact, foreign[0].path, foreign[0].machine, target))
        for elf in fact.elf:
            if elf.machine == target.machine and elf.glibc is not None and elf.glibc > target.runtime.glibc:
                findings.append(_newer(filename, elf.path, elf.glibc, target))
                break
    return findings


def _foreign(filename: str, fact: Facts, path: str, machine: str, target: Target) -> Finding:
    """A wheel with libraries for other CPUs only is the wrong wheel; beside its own ones they are ballast."""
    where = f"{filename}: {path} is for {machine}, the layer is for {target}"
    if any(elf.machine == target.machine for elf in fact.elf):
        return Finding("foreign-cpu", "warning", f"{where}; the wheel also brings libraries that fit")
    return Finding(
        "wrong-cpu", "error", f"{where}; lock a wheel for {target.machine} or change the architecture"
    )


def _newer(filename: str, path: str, glibc: tuple[int, int], target: Target) -> Finding:
    runtime = target.runtime
    return Finding(
        "newer-glibc",
        "error",
        f"{filename}: {path} needs glibc {glibc[0]}.{glibc[1]}, Python {target.python_version} runs on "
        f"{runtime.amazon_linux} with {runtime.glibc[0]}.{runtime.glibc[1]}; lock a wheel with an older manylinux "
        f"tag or choose a newer runtime",
    )


def check_tags(tags: Mapping[str, Collection[Tag]], target: Target) -> list[Finding]:
    """Distributions built for another Python or platform; `tags` by distribution, none where it does not say."""
    return [
        Finding(
            "wrong-tag",
            "error",
            f"{name} was built for {', '.join(sorted(map(str, own))[:_NAMED])}, the layer is for {target} (glibc "
            f"{'.'.join(map(str, target.runtime.glibc))}): install it for that, with that Python or in its container",
        )
        for name, own in tags.items()
        if own and not any(_runs_everywhere(tag) for tag in own) and set(target.tags).isdisjoint(own)
    ]


def _runs_everywhere(tag: Tag) -> bool:
    return tag.interpreter == "py3" and tag.abi == "none" and tag.platform == "any"


def check_size(unzipped: Mapping[str, int]) -> list[Finding]:
    """The unzipped bytes, by distribution, against what Lambda takes."""
    total = sum(unzipped.values())
    if total <= WARN_AT * UNZIPPED_LIMIT:
        return []
    biggest = sorted(unzipped.items(), key=lambda row: (-row[1], row[0]))[:_NAMED]
    named = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in biggest)
    share = f"{total:,} bytes unzipped of the {UNZIPPED_LIMIT:,} that a function and all its layers may have"
    if total > UNZIPPED_LIMIT:
        return [Finding("too-large", "error", f"{share}; the biggest are {named}")]
    return [Finding("nearly-too-large", "warning", f"{share}: little room is left; the biggest are {named}")]


def check_conflicts(conflicts: Sequence[Conflict]) -> list[Finding]:
    """One finding for each pair of wheels that bring the same paths."""
    paths: dict[tuple[str, str], list[str]] = {}
    for conflict in conflicts:
        paths.setdefault((conflict.kept, conflict.dropped), []).append(conflict.path)
    return [
        Finding(
            "path-conflict",
            "warning",
            f"{kept} and {dropped} both bring {names[0]}{_more(names)} with different content; the layer holds "
            f"that of {kept}",
        )
        for (kept, dropped), names in paths.items()
    ]


def _more(names: Sequence[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
