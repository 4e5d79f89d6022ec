"""Checks of files that the target's interpreter and loader cannot load."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

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
_PURE = "the wheel is for every platform, so it may do without; a function that needs the file fails"


def check_platform(
    facts: Mapping[str, Facts], target: Target, pure: Collection[str] | None = None
) -> list[Finding]:
    """Return the findings of files that `target` cannot load; `facts` by the name of the wheel or distribution.

    `pure` are the names of those for every platform; None for wheels, whose file names give it.
    """
    if pure is None:
        pure = {origin for origin in facts if origin.endswith("-none-any.whl")}
    findings = []
    for origin, fact in facts.items():
        fitting = [elf for elf in fact.elf if elf.machine == target.machine]
        findings += [
            _check_cpu(origin, fact.elf, fitting, target, is_pure=origin in pure),
            _check_musl(origin, fitting, target, is_pure=origin in pure),
            _check_glibc(origin, fitting, target, is_pure=origin in pure),
            _check_readable(origin, fitting),
            _check_extensions(origin, fitting, target),
            _check_bytecode(origin, fact, target),
        ]
    return [finding for finding in findings if finding is not None]


def distribution_of(origin: str) -> str:
    """Return the normalized name in a wheel's file name, or in `name==version`."""
    separator = "-" if origin.endswith(".whl") else "=="
    return canonicalize_name(origin.removesuffix(".whl").partition(separator)[0])


def _may_be_unused(files: Sequence[ElfFile], *, is_pure: bool) -> bool:
    """Return whether a distribution may work without files that cannot be loaded.

    A wheel for every platform may bring programs and libraries for some of them and do without them elsewhere, as
    selenium's and debugpy's do; an extension module of it is imported.
    """
    return is_pure and not any(elf.extension for elf in files)


def _check_cpu(
    origin: str, libraries: Sequence[ElfFile], fitting: Sequence[ElfFile], target: Target, *, is_pure: bool
) -> Finding | None:
    """Refuse a wheel with libraries for other CPUs only; warn if it has them beside fitting ones."""
    foreign = [elf for elf in libraries if elf.machine != target.machine]
    if not foreign:
        return None
    where = f"{origin}: {foreign[0].path} is for {foreign[0].machine}, the build is for {target}"
    name = distribution_of(origin)
    if fitting:
        return Finding("foreign-cpu", f"{where}; the wheel also brings libraries that fit", name)
    if _may_be_unused(foreign, is_pure=is_pure):
        return Finding("foreign-cpu", f"{where}; {_PURE}", name)
    return Finding(
        "wrong-cpu", f"{where}; lock a wheel for {target.machine} or change the architecture", name
    )


def _check_musl(origin: str, fitting: Sequence[ElfFile], target: Target, *, is_pure: bool) -> Finding | None:
    musl = [elf for elf in fitting if elf.musl]
    if not musl:
        return None
    where = f"{origin}: {musl[0].path} was linked against musl, {target.runtime.amazon_linux} has glibc"
    name = distribution_of(origin)
    if len(musl) < len(fitting):
        return Finding("foreign-musl", f"{where}; the wheel also brings libraries that fit", name)
    if _may_be_unused(musl, is_pure=is_pure):
        return Finding("foreign-musl", f"{where}; {_PURE}", name)
    return Finding("musl", f"{where}; lock a wheel with a manylinux tag instead of musllinux", name)


def _check_glibc(origin: str, fitting: Sequence[ElfFile], target: Target, *, is_pure: bool) -> Finding | None:
    runtime = target.runtime
    newer = [elf for elf in fitting if elf.glibc is not None and elf.glibc > runtime.glibc]
    if not newer:
        return None
    # An extension module first: it is what decides about the level.
    first = max(newer, key=lambda elf: elf.extension)
    where = (
        f"{origin}: {first.path} needs glibc {'.'.join(map(str, first.glibc or ()))}, Python {target.python_version} "
        f"runs on {runtime.amazon_linux} with {runtime.glibc[0]}.{runtime.glibc[1]}"
    )
    name = distribution_of(origin)
    if _may_be_unused(newer, is_pure=is_pure):
        return Finding("foreign-glibc", f"{where}; {_PURE}", name)
    return Finding(
        "newer-glibc", f"{where}; lock a wheel with an older manylinux tag or choose a newer runtime", name
    )


def _check_readable(origin: str, fitting: Sequence[ElfFile]) -> Finding | None:
    unreadable = [elf.path for elf in fitting if elf.unreadable]
    if not unreadable:
        return None
    return Finding(
        "unreadable-library",
        f"{origin}: {unreadable[0]}{and_more(unreadable)} cannot be read as a loader reads it, so the C library that it "
        f"needs is unknown; compare it with its release, or lock another one",
        distribution_of(origin),
    )


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
        distribution_of(origin),
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
        f"{origin}: {first.path} is bytecode of {python} and comes without its source, the build is for {target}; "
        f"lock a wheel for that Python or one with sources",
        distribution_of(origin),
    )


def check_tags(tags: Mapping[str, Collection[Tag]], target: Target) -> list[Finding]:
    """Refuse distributions that were built for another Python or platform.

    `tags` by distribution; empty for one that does not declare any.
    """
    return [
        Finding(
            "wrong-tag",
            f"{name} was built for {', '.join(sorted(map(str, built_for))[:MAX_NAMES])}, the build is for {target} "
            f"(glibc {'.'.join(map(str, target.runtime.glibc))}): install it for that, with that Python or in its "
            f"container",
        )
        for name, built_for in tags.items()
        if built_for and not any(_runs_everywhere(tag) for tag in built_for) and not target.takes(built_for)
    ]


def _runs_everywhere(tag: Tag) -> bool:
    return tag.interpreter == "py3" and tag.abi == "none" and tag.platform == "any"
