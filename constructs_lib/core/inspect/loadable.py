"""What a target's interpreter and loader cannot load."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.inspect.findings import NAMED, Finding, more

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from packaging.tags import Tag

    from constructs_lib.core.inspect.elf import ElfFile
    from constructs_lib.core.inspect.facts import Facts
    from constructs_lib.core.target import Target

# An interpreter takes three endings: its own, `.abi3.so`, and plain `.so`, which may be any library.
_OWN_ABI = re.compile(r"\.((?:cpython|pypy|graalpy)-?\d[^./]*)\.so$")
_STABLE_ABI = ".abi3.so"


def check_platform(facts: Mapping[str, Facts], target: Target) -> list[Finding]:
    """What `target` cannot load; `facts` by the wheel's file name (or another name of who brings the files)."""
    found = []
    for origin, fact in facts.items():
        own = [elf for elf in fact.elf if elf.machine == target.machine]
        found += [
            _foreign_cpu(origin, fact.elf, own, target),
            _musl(origin, own, target),
            _newer_glibc(origin, own, target),
            _foreign_extension(origin, own, target),
            _foreign_bytecode(origin, fact, target),
        ]
    return [finding for finding in found if finding is not None]


def _foreign_cpu(
    origin: str, libraries: Sequence[ElfFile], own: Sequence[ElfFile], target: Target
) -> Finding | None:
    """A wheel with libraries for other CPUs only is the wrong wheel; beside its own ones they are ballast."""
    foreign = [elf for elf in libraries if elf.machine != target.machine]
    if not foreign:
        return None
    where = f"{origin}: {foreign[0].path} is for {foreign[0].machine}, the layer is for {target}"
    if own:
        return Finding("foreign-cpu", "warning", f"{where}; the wheel also brings libraries that fit")
    return Finding(
        "wrong-cpu", "error", f"{where}; lock a wheel for {target.machine} or change the architecture"
    )


def _musl(origin: str, own: Sequence[ElfFile], target: Target) -> Finding | None:
    musl = [elf for elf in own if elf.musl]
    if not musl:
        return None
    where = f"{origin}: {musl[0].path} was linked against musl, {target.runtime.amazon_linux} has glibc"
    if len(musl) < len(own):
        return Finding("foreign-musl", "warning", f"{where}; the wheel also brings libraries that fit")
    return Finding("musl", "error", f"{where}; lock a wheel with a manylinux tag instead of musllinux")


def _newer_glibc(origin: str, own: Sequence[ElfFile], target: Target) -> Finding | None:
    runtime = target.runtime
    for elf in own:
        if elf.glibc is not None and elf.glibc > runtime.glibc:
            return Finding(
                "newer-glibc",
                "error",
                f"{origin}: {elf.path} needs glibc {elf.glibc[0]}.{elf.glibc[1]}, Python {target.python_version} runs "
                f"on {runtime.amazon_linux} with {runtime.glibc[0]}.{runtime.glibc[1]}; lock a wheel with an older "
                f"manylinux tag or choose a newer runtime",
            )
    return None


def _foreign_extension(origin: str, own: Sequence[ElfFile], target: Target) -> Finding | None:
    """A wheel for several interpreters brings each module several times, so one that fits is enough."""
    tagged = [(elf.path, match[1]) for elf in own if (match := _OWN_ABI.search(elf.path))]
    fits = any(abi == target.extension_tag for _, abi in tagged)
    if not tagged or fits or any(elf.path.endswith(_STABLE_ABI) for elf in own):
        return None
    names = [path for path, _ in tagged]
    return Finding(
        "wrong-extension-abi",
        "error",
        f"{origin}: {names[0]}{more(names)} can be imported by another interpreter only, {target} looks for "
        f"{target.extension_tag}; lock a wheel for that Python or change the runtime",
    )


def _foreign_bytecode(origin: str, fact: Facts, target: Target) -> Finding | None:
    magic = target.runtime.magic
    if not fact.bytecode or any(each.magic == magic for each in fact.bytecode):
        return None
    first = fact.bytecode[0]
    python = next(
        (f"Python {runtime.python_version}" for runtime in RUNTIMES.values() if runtime.magic == first.magic),
        "another Python",
    )
    return Finding(
        "foreign-bytecode",
        "error",
        f"{origin}: {first.path} is bytecode of {python} and comes without its source, the layer is for {target}; "
        f"lock a wheel for that Python or one with sources",
    )


def check_tags(tags: Mapping[str, Collection[Tag]], target: Target) -> list[Finding]:
    """Distributions built for another Python or platform; `tags` by distribution, none where it does not say."""
    return [
        Finding(
            "wrong-tag",
            "error",
            f"{name} was built for {', '.join(sorted(map(str, own))[:NAMED])}, the layer is for {target} (glibc "
            f"{'.'.join(map(str, target.runtime.glibc))}): install it for that, with that Python or in its container",
        )
        for name, own in tags.items()
        if own and not any(_runs_everywhere(tag) for tag in own) and set(target.tags).isdisjoint(own)
    ]


def _runs_everywhere(tag: Tag) -> bool:
    return tag.interpreter == "py3" and tag.abi == "none" and tag.platform == "any"
