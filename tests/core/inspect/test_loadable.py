"""Files that a target cannot load."""

from __future__ import annotations

import pytest
from packaging.tags import parse_tag

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.inspect.elf import ElfFile
from constructs_lib.core.inspect.facts import Facts
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.inspect.loadable import check_platform, check_tags
from constructs_lib.core.inspect.pyc import Bytecode
from constructs_lib.core.target import MACHINES, Target

X86 = Target("3.12", "x86_64")
ARM = Target("3.12", "arm64")
OLD = Target("3.11", "x86_64")


def facts(*elf: ElfFile) -> dict[str, Facts]:
    return {"demo.whl": Facts(1, elf)}


def test_libraries_that_fit_are_not_mentioned() -> None:
    """Neither are wheels without any."""
    assert check_platform(facts(ElfFile("a.so", "x86_64", (2, 34))), X86) == []
    assert check_platform(facts(ElfFile("a.so", "aarch64", None)), ARM) == []
    assert check_platform(facts(), ARM) == []


def test_a_wheel_for_another_cpu_is_refused_once() -> None:
    """However many libraries it brings; wheel, file, both CPUs and the remedy are named."""
    many = [ElfFile(f"{number}.so", "x86_64", None) for number in range(20)]
    assert check_platform(facts(*many), ARM) == [
        Finding(
            "wrong-cpu",
            "demo.whl: 0.so is for x86_64, the build is for Python 3.12 on arm64; lock a wheel for aarch64 or "
            "change the architecture",
            "demo",
        )
    ]


def test_a_foreign_library_beside_a_right_one_is_a_warning() -> None:
    """Some packages bring all CPUs in one wheel and choose at run time."""
    [finding] = check_platform(facts(ElfFile("x.so", "x86_64", None), ElfFile("a.so", "aarch64", None)), ARM)
    assert (finding.id, finding.level) == ("foreign-cpu", "warning")
    assert finding.text.startswith("demo.whl: x.so is for x86_64, ")


def test_a_newer_glibc_is_refused_once() -> None:
    """The text says which Amazon Linux has which glibc, and what helps."""
    libraries = [ElfFile(f"{number}.so", "x86_64", (2, 28)) for number in range(3)]
    [finding] = check_platform(facts(*libraries), OLD)
    assert (finding.id, finding.level) == ("newer-glibc", "error")
    assert finding.text == (
        "demo.whl: 0.so needs glibc 2.28, Python 3.11 runs on Amazon Linux 2 with 2.26; lock a wheel with an "
        "older manylinux tag or choose a newer runtime"
    )
    assert check_platform(facts(*libraries), X86) == []


def test_a_wheel_for_alpine_is_refused() -> None:
    """Lambda has glibc; the remedy names the tag to look for."""
    [finding] = check_platform(facts(ElfFile("a.so", "x86_64", None, musl=True)), X86)
    assert (finding.id, finding.level) == ("musl", "error")
    assert finding.text == (
        "demo.whl: a.so was linked against musl, Amazon Linux 2023 has glibc; lock a wheel with a manylinux tag "
        "instead of musllinux"
    )


def test_a_musl_library_beside_one_that_fits_is_a_warning() -> None:
    """Some packages bring a program for each C library."""
    both = facts(ElfFile("musl.so", "x86_64", None, musl=True), ElfFile("a.so", "x86_64", (2, 17)))
    assert [(each.id, each.level) for each in check_platform(both, X86)] == [("foreign-musl", "warning")]
    assert [each.id for each in check_platform(both, ARM)] == ["wrong-cpu"]


PURE = "selenium-4.25.0-py3-none-any.whl"
PROGRAM = ElfFile("selenium/linux/selenium-manager", "x86_64", (2, 28))


def test_a_program_for_another_cpu_in_a_wheel_for_every_platform_is_a_warning() -> None:
    """Such a wheel works without it: there is no other wheel to lock. A wheel of a platform is refused as before."""
    [finding] = check_platform({PURE: Facts(1, (PROGRAM,))}, ARM)
    assert (finding.id, finding.level, finding.distribution) == ("foreign-cpu", "warning", "selenium")
    assert finding.text == (
        f"{PURE}: selenium/linux/selenium-manager is for x86_64, the build is for Python 3.12 on arm64; the wheel is "
        f"for every platform, so it may do without; a function that needs the file fails"
    )
    platform = PURE.replace("any", "manylinux_2_17_aarch64")
    assert [each.id for each in check_platform({platform: Facts(1, (PROGRAM,))}, ARM)] == ["wrong-cpu"]


@pytest.mark.parametrize(
    ("elf", "target", "warning", "error"),
    [
        (ElfFile("a", "x86_64", None), ARM, "foreign-cpu", "wrong-cpu"),
        (ElfFile("a", "x86_64", (2, 34), musl=True), X86, "foreign-musl", "musl"),
        (ElfFile("a", "x86_64", (2, 28)), OLD, "foreign-glibc", "newer-glibc"),
    ],
)
def test_an_extension_module_is_certain_to_fail(
    elf: ElfFile, target: Target, warning: str, error: str
) -> None:
    """Also in a wheel that is for every platform by its name, and beside other files."""
    extension = elf._replace(path="b.so", extension=True)
    for files, expected in (((elf,), warning), ((extension,), error), ((elf, extension), error)):
        [finding] = check_platform({PURE: Facts(1, files)}, target)
        assert finding.id == expected
    [finding] = check_platform({"demo==1.0": Facts(1, (elf,))}, target, {"demo==1.0"})
    assert finding.id == warning
    [finding] = check_platform({"demo==1.0": Facts(1, (elf,))}, target, ())
    assert finding.id == error


def test_a_library_that_cannot_be_read_is_not_one_without_needs() -> None:
    """It gives a warning, unless it is for another CPU and so not loaded at all."""
    unreadable = ElfFile("a.so", "x86_64", None, unreadable=True)
    [finding] = check_platform(facts(unreadable), X86)
    assert (finding.id, finding.level, finding.distribution) == ("unreadable-library", "warning", "demo")
    assert finding.text.startswith("demo.whl: a.so cannot be read as a loader reads it")
    assert [each.id for each in check_platform(facts(unreadable), ARM)] == ["wrong-cpu"]


def modules(*names: str, machine: str = "x86_64") -> dict[str, Facts]:
    return facts(*(ElfFile(name, machine, None) for name in names))


@pytest.mark.parametrize(
    "names",
    [
        ["demo/_x.cpython-312-x86_64-linux-gnu.so"],
        ["demo/_x.abi3.so"],
        ["demo/_x.so", "demo.libs/libz.so.1"],
        ["demo/_x.cpython-311-x86_64-linux-gnu.so", "demo/_x.cpython-312-x86_64-linux-gnu.so"],
        ["demo/_x.cpython-311-x86_64-linux-gnu.so", "demo/_y.abi3.so"],
        ["demo/cpython-311-x86_64-linux-gnu.so/lib.so"],
    ],
)
def test_extension_modules_that_can_be_imported(names: list[str]) -> None:
    """The target's own, of the stable ABI, without a tag, or one of several."""
    assert check_platform(modules(*names), X86) == []


@pytest.mark.parametrize(
    "name",
    [
        "demo/_x.cpython-313-x86_64-linux-gnu.so",
        "demo/_x.cpython-312t-x86_64-linux-gnu.so",
        "demo/_x.cpython-37m-x86_64-linux-gnu.so",
        "demo/_x.cpython-312-x86_64-linux-musl.so",
        "demo/_x.pypy310-pp73-x86_64-linux-gnu.so",
    ],
)
def test_extension_modules_of_another_interpreter_alone_are_refused(name: str) -> None:
    """Another version, without the global lock, another C library, PyPy: an import does not find them."""
    [finding] = check_platform(modules(name, "demo.libs/libz.so.1", "demo/_y" + name[7:]), X86)
    assert (finding.id, finding.level) == ("wrong-extension-abi", "error")
    assert finding.text.startswith(
        f"demo.whl: {name} (and 1 more) can be imported by another interpreter only"
    )
    assert "Python 3.12 on x86_64 looks for cpython-312-x86_64-linux-gnu;" in finding.text


def test_each_target_looks_for_modules_of_its_own_name() -> None:
    """In all cells of the table."""
    for python in RUNTIMES:
        for architecture, machine in MACHINES.items():
            name = f"_x.cpython-{python.replace('.', '')}-{machine}-linux-gnu.so"
            for other in RUNTIMES:
                found = check_platform(modules(name, machine=machine), Target(other, architecture))
                assert [each.id for each in found] == ([] if other == python else ["wrong-extension-abi"])


def test_bytecode_of_another_python_without_sources_is_refused() -> None:
    """Its Python is named where the number is a known one; one that fits is enough."""
    foreign = {"demo.whl": Facts(1, bytecode=(Bytecode("demo/a.pyc", 3495),))}
    [finding] = check_platform(foreign, X86)
    assert (finding.id, finding.level) == ("foreign-bytecode", "error")
    assert finding.text == (
        "demo.whl: demo/a.pyc is bytecode of Python 3.11 and comes without its source, the build is for Python 3.12 "
        "on x86_64; lock a wheel for that Python or one with sources"
    )
    assert check_platform(foreign, OLD) == []
    both = {"demo.whl": Facts(1, bytecode=(Bytecode("a.pyc", 3495), Bytecode("b.pyc", 3531)))}
    assert check_platform(both, X86) == []
    [finding] = check_platform({"demo.whl": Facts(1, bytecode=(Bytecode("a.pyc", 62211),))}, X86)
    assert "is bytecode of another Python and" in finding.text


@pytest.mark.parametrize(
    ("tag", "target"),
    [
        ("cp311-cp311-manylinux_2_28_x86_64", OLD),
        ("cp312-cp312-manylinux_2_17_aarch64", X86),
        ("cp312-cp312-manylinux_2_17_x86_64", Target("3.13")),
        ("cp312-cp312-musllinux_1_2_x86_64", X86),
    ],
)
def test_a_distribution_with_other_tags_is_refused(tag: str, target: Target) -> None:
    """Newer glibc, other CPU, other Python, other C library; where it says nothing, or fits, it passes."""
    [finding] = check_tags({"demo==1.0": parse_tag(tag)}, target)
    assert (finding.id, finding.level) == ("wrong-tag", "error")
    assert finding.text.startswith(f"demo==1.0 was built for {tag}, the build is for {target} ")
    assert check_tags({"demo==1.0": [*parse_tag(tag), *parse_tag("py3-none-any")]}, target) == []
    assert check_tags({"demo==1.0": []}, target) == []
