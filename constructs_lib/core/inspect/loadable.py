"""Checks of files that the target's interpreter and loader cannot load."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.inspect.findings import MAX_NAMES, Finding, and_more

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from packaging.tags import Tag

    from constructs_lib.core.inspect.elf import ElfFile
    from constructs_lib.core.inspect.facts import Facts
    from constructs_lib.core.target import Target

# An interpreter takes three endings: its own, `.abi3.so`, and plain `.so`, which may be any library.
_TAGGED_EXTENSION = re.compile(r"\.((?:cpython|pypy|graalpy)-?\d[^./]*)\.so$")
_STABLE_ABI = ".abi3.so"


def check_platform(facts: Mapping[str, Facts], target: Target) -> list[Finding]:
    """Return the findings of files that `target` cannot load; `facts` by the name of the wheel or distribution."""
    findings = []
    for origin, fact in facts.items():
        fitting = [elf for elf in fact.elf if elf.machine == target.machine]
        findings += [
            _check_cpu(origin, fact.elf, fitting, target),
            _check_musl(origin, fitting, target),
            _check_glibc(origin, fitting, target),
            _check_extensions(origin, fitting, target),
            _check_bytecode(origin, fact, target),
        ]
    return [finding for finding in findings if finding is not None]


def _check_cpu(
    origin: str, libraries: Sequence[ElfFile], fitting: Sequence[ElfFile], target: Target
) -> Finding | None:
    """Refuse a wheel with libraries for other CPUs only; warn if it has them beside fitting ones."""
    foreign = [elf for elf in libraries if elf.machine != target.machine]
    if not foreign:
        return None
    where = f"{origin}: {foreign[0].path} is for {foreign[0].machine}, the layer is for {target}"
    if fitting:
        return Finding("foreign-cpu", f"{where}; the wheel also brings libraries that fit")
    return Finding("wrong-cpu", f"{where}; lock a wheel for {target.machine} or change the architecture")


def _check_musl(origin: str, fitting: Sequence[ElfFile], target: Target) -> Finding | None:
    musl = [elf for elf in fitting if elf.musl]
    if not musl:
        return None
    where = f"{origin}: {musl[0].path} was linked against musl, {target.runtime.amazon_linux} has glibc"
    if len(musl) < len(fitting):
        return Finding("foreign-musl", f"{where}; the wheel also brings libraries that fit")
    return Finding("musl", f"{where}; lock a wheel with a manylinux tag instead of musllinux")


def _check_glibc(origin: str, fitting: Sequence[ElfFile], target: Target) -> Finding | None:
    runtime = target.runtime
    for elf in fitting:
        if elf.glibc is not None and elf.glibc > runtime.glibc:
            return Finding(
                "newer-glibc",
                f"{origin}: {elf.path} needs glibc {elf.glibc[0]}.{elf.glibc[1]}, Python {target.python_version} runs "
                f"on {runtime.amazon_linux} with {runtime.glibc[0]}.{runtime.glibc[1]}; lock a wheel with an older "
                f"manylinux tag or choose a newer runtime",
            )
    return None


def _check_extensions(origin: str, fitting: Sequence[ElfFile], target: Target) -> Finding | None:
    """Refuse a wheel whose extension modules are all for other interpreters.

    A wheel for several interpreters brings each module several times, so one module that fits is enough.
    """
    tagged = [(elf.path, match[1]) for elf in fitting if (match := _TAGGED_EXTENSION.search(elf.path))]
    fits = any(abi == target.extension_tag for _, abi in tagged)
    if not tagged or fits or any(elf.path.endswith(_STABLE_ABI) for elf in fitting):
        return None
    names = [path for path, _ in tagged]
    return Finding(
        "wrong-extension-abi",
        f"{origin}: {names[0]}{and_more(names)} can be imported by another interpreter only, {target} looks for "
        f"{target.extension_tag}; lock a wheel for that Python or change the runtime",
    )


def _check_bytecode(origin: str, fact: Facts, target: Target) -> Finding | None:
    magic = target.runtime.magic
    if not fact.bytecode or any(bytecode.magic == magic for bytecode in fact.bytecode):
        return None
    first = fact.bytecode[0]
    python = next(
        (f"Python {runtime.python_version}" for runtime in RUNTIMES.values() if runtime.magic == first.magic),
        "another Python",
    )
    return Finding(
        "foreign-bytecode",
        f"{origin}: {first.path} is bytecode of {python} and comes without its source, the layer is for {target}; "
        f"lock a wheel for that Python or one with sources",
    )


def check_tags(tags: Mapping[str, Collection[Tag]], target: Target) -> list[Finding]:
    """Refuse distributions that were built for another Python or platform.

    `tags` by distribution; empty for one that does not declare any.
    """
    return [
        Finding(
            "wrong-tag",
            f"{name} was built for {', '.join(sorted(map(str, built_for))[:MAX_NAMES])}, the layer is for {target} "
            f"(glibc {'.'.join(map(str, target.runtime.glibc))}): install it for that, with that Python or in its "
            f"container",
        )
        for name, built_for in tags.items()
        if built_for
        and not any(_runs_everywhere(tag) for tag in built_for)
        and set(target.tags).isdisjoint(built_for)
    ]


def _runs_everywhere(tag: Tag) -> bool:
    return tag.interpreter == "py3" and tag.abi == "none" and tag.platform == "any"
