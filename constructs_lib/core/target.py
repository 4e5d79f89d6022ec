"""The one table of Lambda's Python runtimes, and what fits on them.

Source: the Lambda developer guide, "Lambda runtimes" and "Python runtimes": Python 3.10 and 3.11 run on
Amazon Linux 2 (glibc 2.26), 3.12 and later on Amazon Linux 2023 (glibc 2.34).
Magic numbers of bytecode: CPython's `Lib/importlib/_bootstrap_external.py`, from 3.14 on
`Include/internal/pycore_magic_number.h`.
Versions of boto3: the guide gives none ("Runtime-included SDK versions": they depend on runtime and region), so these
are what people saw, with the month: for 3.10 and 3.11 aws-powertools/powertools-lambda-python issue 4195, for 3.12 and
3.13 terricain/aioboto3 issue 381.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.markers import Environment
    from packaging.tags import Tag

default_ignore_package_list = [
    "boto3",
    "botocore",
    "s3transfer",
    "urllib3",
    "setuptools",
    "pip",
    "wheel",
    "twine",
    "_pytest",
    "pytest",
]
"""Distributions left out of a layer: Lambda's runtime brings them, or they are tools for building and testing."""

LAYER_ROOT = "python/"
"""Lambda unpacks a layer into /opt and has /opt/python on `sys.path`."""
UNZIPPED_LIMIT = 262_144_000
"""Bytes of a function with all its layers, unzipped (the quota that the guide calls 250 MB)."""


@dataclass(frozen=True)
class Runtime:
    """One Python version as Lambda runs it."""

    python_version: str
    """Major and minor, `3.13`."""
    full_version: str
    """A patch level that Lambda has reached; environment markers are evaluated for it."""
    amazon_linux: str
    glibc: tuple[int, int]
    magic: int
    """What its bytecode begins with, as a number of two bytes."""
    boto3_seen: str = ""
    """A version of boto3 and botocore that it brought, and when; empty where none is known."""

    @property
    def build_image(self) -> str:
        """The SAM build image without its architecture tag."""
        return f"public.ecr.aws/sam/build-python{self.python_version}"


_AL2 = ("Amazon Linux 2", (2, 26))
_AL2023 = ("Amazon Linux 2023", (2, 34))

RUNTIMES = {
    runtime.python_version: runtime
    for runtime in (
        Runtime("3.10", "3.10.18", *_AL2, 3439, "1.34.32 in April 2024"),
        Runtime("3.11", "3.11.13", *_AL2, 3495, "1.34.32 in April 2024"),
        Runtime("3.12", "3.12.11", *_AL2023, 3531, "1.38.36 in August 2025"),
        Runtime("3.13", "3.13.7", *_AL2023, 3571, "1.38.36 in August 2025"),
        Runtime("3.14", "3.14.0", *_AL2023, 3627),
    )
}

BROUGHT = {
    "boto3": "boto3",
    "botocore": "botocore",
    "jmespath": "jmespath",
    "python-dateutil": "dateutil",
    "s3transfer": "s3transfer",
    "six": "six",
    "urllib3": "urllib3",
}
"""Distributions that every runtime brings, and the module of each: boto3 and what it needs, no more is promised
(Lambda developer guide, "Working with .zip file archives for Python Lambda functions")."""

MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""Lambda's name of an architecture → the name that wheels, markers and ELF files use."""

PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
"""Lambda's name of an architecture → that of container images."""

# The oldest glibc of the manylinux specifications: PEP 513 (2.5) for x86_64, PEP 599 (2.17) for aarch64.
_OLDEST_GLIBC_MINOR = {"x86_64": 5, "arm64": 17}
_LEGACY_TAGS = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True)
class Target:
    """What a layer is built for: a Python version and an architecture, as Lambda names them."""

    python_version: str
    architecture: str = "x86_64"

    def __post_init__(self) -> None:
        for what, value, known in (
            ("Python version", self.python_version, RUNTIMES),
            ("architecture", self.architecture, MACHINES),
        ):
            if value not in known:
                msg = f"{what} {value!r} is not one that Lambda runs: choose one of {', '.join(known)}"
                raise ProjectError(msg)

    def __str__(self) -> str:
        return f"Python {self.python_version} on {self.architecture}"

    @property
    def runtime(self) -> Runtime:
        return RUNTIMES[self.python_version]

    @property
    def machine(self) -> str:
        return MACHINES[self.architecture]

    @property
    def extension_tag(self) -> str:
        """What the names of extension modules for this Python alone hold: `cpython-313-x86_64-linux-gnu`."""
        return f"cpython-{self.python_version.replace('.', '')}-{self.machine}-linux-gnu"

    @property
    def platform(self) -> str:
        """As container engines name it."""
        return PLATFORMS[self.architecture]

    @property
    def build_image(self) -> str:
        """The SAM build image for this Python and CPU."""
        return f"{self.runtime.build_image}:latest-{self.architecture}"

    @property
    def environment(self) -> Environment:
        """The environment markers of PEP 508 as they are inside Lambda."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.runtime.full_version,
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.runtime.full_version,
            "python_version": self.python_version,
            "sys_platform": "linux",
        }

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """The wheel tags that install here, best first. Nothing of the host's interpreter gets in."""
        from packaging.tags import compatible_tags, cpython_tags

        major, minor = (int(part) for part in self.python_version.split("."))
        interpreter = f"cp{major}{minor}"
        platforms = list(self._platforms())
        return (
            *cpython_tags((major, minor), [interpreter], platforms),
            *compatible_tags((major, minor), interpreter, platforms),
        )

    def _platforms(self) -> Iterator[str]:
        _, newest = self.runtime.glibc
        for minor in range(newest, _OLDEST_GLIBC_MINOR[self.architecture] - 1, -1):
            yield f"manylinux_2_{minor}_{self.machine}"
            if minor in _LEGACY_TAGS:
                yield f"{_LEGACY_TAGS[minor]}_{self.machine}"
        yield f"linux_{self.machine}"
