"""The table of runtimes, and what installs on them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys

import pytest
from packaging.markers import Marker
from packaging.tags import Tag

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.target import MACHINES, Target

CELLS = [Target(version, architecture) for version in RUNTIMES for architecture in MACHINES]


def tag(target: Target, interpreter: str, abi: str, platform_tag: str) -> bool:
    return Tag(interpreter, abi, f"{platform_tag}_{target.machine}") in target.tags


def test_the_table_has_every_cell() -> None:
    """Python 3.10 to 3.15 on both CPUs; each names its build image and its Amazon Linux."""
    assert list(RUNTIMES) == ["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]
    for version, runtime in RUNTIMES.items():
        assert runtime.python_version == version
        assert runtime.full_version.startswith(f"{version}.")
        assert runtime.build_image.endswith(f"/sam/build-python{version}")
        assert (runtime.amazon_linux, runtime.glibc) in {
            ("Amazon Linux 2", (2, 26)),
            ("Amazon Linux 2023", (2, 34)),
        }


@pytest.mark.parametrize("target", CELLS, ids=str)
def test_each_cell_takes_its_glibc_and_nothing_newer(target: Target) -> None:
    """manylinux_2_28 crashes on 3.11 and is what current numpy has for 3.12."""
    _, newest = target.runtime.glibc
    cpython = f"cp{target.python_version.replace('.', '')}"
    for minor in (17, 24, 26, 27, 28, 31, 34, 35, 39):
        assert tag(target, cpython, cpython, f"manylinux_2_{minor}") == (minor <= newest)
    assert tag(target, cpython, cpython, "manylinux2014")
    assert tag(target, cpython, cpython, "manylinux1") == (target.architecture == "x86_64")


@pytest.mark.parametrize("target", CELLS, ids=str)
def test_each_cell_takes_its_own_python_and_cpu_only(target: Target) -> None:
    """The stable ABI of older Pythons fits; other CPUs, other systems, musl and newer Pythons do not."""
    minor = int(target.python_version.removeprefix("3."))
    assert Tag("py3", "none", "any") in target.tags
    assert tag(target, "cp37", "abi3", "manylinux2014")
    assert tag(target, f"cp3{minor}", "abi3", "manylinux2014")
    assert not tag(target, f"cp3{minor + 1}", "abi3", "manylinux2014")
    assert not tag(target, f"cp3{minor}", f"cp3{minor}t", "manylinux2014")
    platforms = {each.platform for each in target.tags} - {"any"}
    assert {each.removesuffix(target.machine).rstrip("0123456789_") for each in platforms} <= {
        "manylinux",
        "linux",
    }
    assert all(each.endswith(target.machine) for each in platforms)
    assert len(target.tags) == len(set(target.tags))


def test_a_wheel_is_taken_for_one_fitting_tag() -> None:
    """A wheel's name may list several; none of another CPU counts."""
    target = Target("3.13", "arm64")
    for_cpus = {cpu: Tag("cp313", "cp313", f"manylinux_2_28_{cpu}") for cpu in ("aarch64", "x86_64")}
    assert target.takes(for_cpus.values())
    assert target.takes([for_cpus["aarch64"]])
    assert not target.takes([for_cpus["x86_64"]])
    assert not target.takes([])


def test_a_newer_manylinux_and_the_own_abi_are_preferred() -> None:
    """The order decides which of several fitting wheels is taken."""
    order = list(Target("3.12").tags)
    wanted = ["cp312-cp312-manylinux_2_34", "cp312-cp312-manylinux_2_17", "cp312-abi3-manylinux_2_34"]
    wanted += ["cp311-abi3-manylinux_2_34", "py3-none-manylinux_2_34"]
    at = [next(index for index, each in enumerate(order) if str(each) == f"{text}_x86_64") for text in wanted]
    assert at == sorted(at)
    assert str(order[-1]) == "py30-none-any"


@pytest.mark.parametrize("target", CELLS, ids=str)
def test_markers_are_those_inside_lambda(target: Target) -> None:
    """Linux, CPython, the target's own CPU and version."""
    environment = {**target.environment, "extra": ""}
    for marker in (
        f"python_version == '{target.python_version}'",
        f"python_full_version == '{target.runtime.full_version}'",
        f"platform_machine == '{target.machine}'",
        "sys_platform == 'linux' and os_name == 'posix' and platform_system == 'Linux'",
        "implementation_name == 'cpython' and platform_python_implementation == 'CPython'",
    ):
        assert Marker(marker).evaluate(environment)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ("3.9",),
            "Python version '3.9' is not one that Lambda runs: choose one of 3.10, 3.11, 3.12, 3.13, 3.14, 3.15",
        ),
        (("3.13.1",), "Python version '3.13.1' is not one that Lambda runs: choose one of 3.10,"),
        (
            ("3.13", "aarch64"),
            "architecture 'aarch64' is not one that Lambda runs: choose one of x86_64, arm64",
        ),
    ],
)
def test_what_lambda_does_not_run_is_refused(arguments: tuple[str, ...], text: str) -> None:
    """With the value given and the values that are possible."""
    with pytest.raises(ProjectError) as caught:
        Target(*arguments)
    assert str(caught.value).startswith(text)


DESCRIBE = """\
import hashlib, json, sys
sys.path[:0] = json.loads(sys.argv[1])
{pretend}
from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.target import MACHINES, Target
cells = [Target(version, architecture) for version in RUNTIMES for architecture in MACHINES]
text = json.dumps([[target.environment, [str(tag) for tag in target.tags]] for target in cells])
print(hashlib.sha256(text.encode()).hexdigest())
"""
PRETEND = """\
import os, platform, sysconfig
sys.version_info = (3, 9, 1, "final", 0)
sys.platform, os.name = "darwin", "posix"
platform.machine = lambda: "riscv64"
platform.system = lambda: "Darwin"
platform.libc_ver = lambda *_: ("glibc", "2.5")
sysconfig.get_platform = lambda: "macosx-11.0-arm64"
sysconfig.get_config_var = lambda name: None
"""


def test_nothing_of_the_host_gets_in() -> None:
    """A host that pretends to be an old Python on a Mac finds the same tags and markers for every cell."""
    assert platform.machine() != "riscv64"
    answers = {
        subprocess.run(
            [sys.executable, "-c", DESCRIBE.format(pretend=pretend), json.dumps(sys.path)],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for pretend in ("", PRETEND)
    }
    assert len(answers) == 1
