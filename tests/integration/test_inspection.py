"""What Lambda could not load is found on both routes: in wheels, and in the tree an installer made of them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.compat.tree.zipper import create_layer_zip_file
from constructs_lib.core.errors import ArtifactError, InspectionError
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.uv import Shop
from tests.support.files.elf import AARCH64, X86_64, elf_library
from tests.support.files.wheels import Member, wheel_bytes, wheel_name, zip_bytes
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

pytestmark = pytest.mark.integration

FOR_312 = "cp312-cp312-manylinux2014_x86_64"
BYTECODE_311 = (3495).to_bytes(2, "little") + b"\r\n" + bytes(20)


@dataclass
class Route:
    """One of the two ways to a layer; `name` is `wheels` or `tree`."""

    name: str
    shop: Shop
    wheels: dict[str, str] = field(default_factory=dict)
    """Distribution → the wheel's file name."""

    def add(
        self,
        name: str,
        files: Mapping[str, bytes] | None = None,
        tag: str = "py3-none-any",
        requires: Sequence[str] = (),
    ) -> None:
        self.add_bytes(name, wheel_bytes(name, "1.0", files, tag, requires=requires), tag)

    def add_bytes(self, name: str, content: bytes, tag: str = "py3-none-any") -> None:
        self.wheels[name] = wheel_name(name, "1.0", tag)
        self.shop.index.add(self.wheels[name], content)

    def found(self, target: Target, ignore: Sequence[str] = ()) -> list[str]:
        """Warnings and notes as `level: text`."""
        if self.name == "tree":
            return self._zipped(target, ignore)
        self.shop.target = target
        layer = self.shop.locked(*self.wheels).build(ignore_package_list=list(ignore))
        return [f"{each.level}: {each.text}" for each in (*layer.warnings, *layer.notes)]

    def _zipped(self, target: Target, ignore: Sequence[str]) -> list[str]:
        tree = self.shop.root / "tree"
        for filename in self.wheels.values():
            with zipfile.ZipFile(io.BytesIO(self.shop.index.files[filename])) as wheel:
                wheel.extractall(tree)
        said: list[str] = []
        create_layer_zip_file(tree, self.shop.zip, ignore, target=target, printer=said.append)
        return [line for line in said if line.startswith(("warning: ", "note: "))]

    def origin(self, name: str) -> str:
        """How a finding names the one that brings a file."""
        return self.wheels[name] if self.name == "wheels" else f"{name}==1.0"


@pytest.fixture(params=["wheels", "tree"])
def route(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Route]:
    with running_index() as index:
        yield Route(request.param, Shop(tmp_path, index, WheelStore(tmp_path / "store")))


@pytest.mark.parametrize(
    ("tag", "target"),
    [
        ("cp311-cp311-manylinux_2_28_x86_64", Target("3.11")),
        ("cp312-cp312-manylinux_2_17_aarch64", Target("3.12")),
        ("cp312-cp312-manylinux_2_17_x86_64", Target("3.13")),
        ("cp312-cp312-musllinux_1_2_x86_64", Target("3.12")),
    ],
)
def test_a_wheel_for_another_target_is_refused(route: Route, tag: str, target: Target) -> None:
    """By its tags: newer glibc, other CPU, other Python, musl. Package, file and tag are named."""
    route.add("crunch", {"crunch/_c.so": elf_library(X86_64)}, tag)
    with pytest.raises(ArtifactError) as caught:
        route.found(target)
    file = f"{route.shop.project}/uv.lock" if route.name == "wheels" else "crunch-1.0.dist-info/WHEEL"
    for part in ("crunch", file, tag, str(target)):
        assert part in str(caught.value)
    assert not route.shop.zip.exists()


@pytest.mark.parametrize(
    ("files", "target", "said"),
    [
        (
            {"crunch/_c.so": elf_library(AARCH64)},
            Target("3.12"),
            "crunch/_c.so is for aarch64, the build is for Python 3.12 on x86_64",
        ),
        (
            {"crunch/_c.so": elf_library(X86_64, ["GLIBC_2.34"], with_sections=False)},
            Target("3.11"),
            "crunch/_c.so needs glibc 2.34, Python 3.11 runs on Amazon Linux 2 with 2.26",
        ),
        (
            {"crunch/run": elf_library(X86_64, ["GLIBC_2.38"], interpreter="/lib64/ld-linux-x86-64.so.2")},
            Target("3.13"),
            "crunch/run needs glibc 2.38",
        ),
        (
            {"crunch/_c.so": elf_library(X86_64, needed=["libc.musl-x86_64.so.1"])},
            Target("3.12"),
            "crunch/_c.so was linked against musl, Amazon Linux 2023 has glibc",
        ),
        (
            {"crunch/_c.cpython-312-x86_64-linux-gnu.so": elf_library(X86_64)},
            Target("3.13"),
            "crunch/_c.cpython-312-x86_64-linux-gnu.so can be imported by another interpreter only",
        ),
        (
            {"crunch/__init__.pyc": BYTECODE_311},
            Target("3.12"),
            "crunch/__init__.pyc is bytecode of Python 3.11 and comes without its source",
        ),
    ],
    ids=["cpu", "glibc", "program", "musl", "abi", "bytecode"],
)
def test_content_for_another_target_is_refused(
    route: Route, files: dict[str, bytes], target: Target, said: str
) -> None:
    """Whatever the tags say. The wheel or distribution, the file and what it is for are named."""
    route.add("crunch", files, f"cp37-abi3-manylinux2014_{target.machine}")
    with pytest.raises(InspectionError) as caught:
        route.found(target)
    assert str(caught.value).startswith(f"{route.origin('crunch')}: {said}")
    assert len(str(caught.value).splitlines()) == 1
    assert not route.shop.zip.exists()


def test_what_fits_is_not_mentioned(route: Route) -> None:
    """The stable ABI, the target's own modules beside others, old bytecode beside its source."""
    library = elf_library(X86_64, ["GLIBC_2.17"])
    route.add("aa", {"aa/_c.abi3.so": library}, "cp37-abi3-manylinux2014_x86_64")
    route.add("bb", {f"bb/_c.cpython-31{each}-x86_64-linux-gnu.so": library for each in (1, 2, 3)}, FOR_312)
    route.add("cc", {"cc/__init__.py": b"", "cc/__init__.pyc": BYTECODE_311, "cc/data/x.pyc": BYTECODE_311})
    assert route.found(Target("3.12")) == []


def test_files_that_are_not_as_recorded_are_a_warning(route: Route) -> None:
    """Somebody changed the wheel or the tree; who brings the file, the file and how many are named."""
    notes = {"METADATA": b"Metadata-Version: 2.1\nName: aa\nVersion: 1.0\n", "WHEEL": b"Wheel-Version: 1.0\n"}
    members = {
        "aa.py": b"x = 1\n",
        "ab.py": b"",
        **{f"aa-1.0.dist-info/{name}": notes[name] for name in notes},
    }
    rows = "".join(f"{path},," + ("99\n" if path == "aa.py" else "\n") for path in members)
    members["aa-1.0.dist-info/RECORD"] = f"{rows}aa-1.0.dist-info/RECORD,,\n".encode()
    route.add_bytes("aa", zip_bytes((path, Member(content)) for path, content in members.items()))
    [line] = route.found(Target("3.12"))
    start = f"warning: {route.origin('aa')}: 1 of its files are not as its RECORD lists them, first aa.py has 6 bytes"
    assert line.startswith(start)


def test_a_part_of_boto3_is_a_warning(route: Route) -> None:
    """A replaced ignore list leaves out the parts that boto3 is made for; the default leaves out all three."""
    for name in ("aa", "boto3", "botocore", "s3transfer"):
        route.add(name)
    [line] = route.found(Target("3.13"), ["botocore", "s3transfer"])
    assert line.startswith(
        "warning: the layer holds boto3 while botocore and s3transfer come from the runtime"
    )
    assert route.found(Target("3.13"), ["boto3", "botocore", "s3transfer"]) == []


def test_what_is_left_out_and_needed_is_said(route: Route) -> None:
    """A note where the runtime brings it, a warning where it does not; markers hold for the target."""
    route.add(
        "tools", requires=["boto3>=0.9", "Setuptools; python_version >= '3.13'", "pytest; extra == 'test'"]
    )
    route.add("more", requires=["boto3; sys_platform == 'linux'", "s3transfer; sys_platform == 'win32'"])
    for name in ("boto3", "s3transfer", "setuptools", "pytest"):
        route.add(name)
    ignored = ["boto3", "s3transfer", "setuptools", "pytest"]
    lines = sorted(route.found(Target("3.13"), ignored))
    assert [line.partition(",")[0] for line in lines] == [
        "note: boto3==1.0 is left out",
        "warning: setuptools==1.0 is left out",
    ]
    assert (
        "more, tools use the version that the runtime python3.13 brings (1.38.36 in August 2025)" in lines[0]
    )
    assert "tools needs it, and Lambda promises only boto3 and its dependencies" in lines[1]
    [line] = route.found(Target("3.12"), ignored)
    assert line.startswith("note: boto3==1.0 is left out")


def test_an_extra_that_is_asked_for_counts(route: Route) -> None:
    """By another package in the layer."""
    route.add("tools", requires=["boto3; extra == 'aws'"])
    route.add("app", requires=["tools[aws]"])
    route.add("boto3")
    [line] = route.found(Target("3.13"), ["boto3"])
    assert "boto3==1.0 is left out, tools uses the version" in line
