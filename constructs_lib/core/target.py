"""Targets: the Python version and architecture that an artifact is built for, and what fits on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.argument_types import check_fields
from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.markers import Environment
    from packaging.specifiers import SpecifierSet
    from packaging.tags import Tag

    from constructs_lib.core.aws_facts import Runtime

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
"""Distributions left out of a layer: Lambda's runtime contains them, or they are tools for building and testing."""

LAYER_ROOT = "python/"
"""Lambda unpacks a layer into /opt and has /opt/python on `sys.path`."""


class Place(NamedTuple):
    """The places of an artifact's files, in its zip and in Lambda."""

    noun: str
    """The artifact's kind, for texts and fingerprints."""
    root: str
    """The folder in the zip that is on `sys.path`."""
    mount: str
    """The folder in Lambda that the zip is unpacked into, without the first slash."""


LAYER_PLACE = Place("layer", LAYER_ROOT, "opt/")
FUNCTION_PLACE = Place("function", "", "var/task/")
"""Lambda has /var/task, the function's own code, first on `sys.path`."""

BROUGHT = {
    "boto3": "boto3",
    "botocore": "botocore",
    "jmespath": "jmespath",
    "python-dateutil": "dateutil",
    "s3transfer": "s3transfer",
    "six": "six",
    "urllib3": "urllib3",
}
"""Distributions in every runtime and the module of each: boto3 and its requirements, no more is promised
(Lambda developer guide, "Working with .zip file archives for Python Lambda functions")."""

MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""Lambda's name of each architecture, and its name in wheels, markers and ELF files."""

PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
"""Lambda's name of each architecture, and its name in container images."""

# The oldest glibc of the manylinux specifications: PEP 513 (2.5) for x86_64, PEP 599 (2.17) for aarch64.
_OLDEST_GLIBC_MINOR = {"x86_64": 5, "arm64": 17}
_LEGACY_TAGS = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}

_LAST_PATCH = 30
"""No Python has had as many patch releases."""


@dataclass(frozen=True)
class Target:
    """A Python version and an architecture, as Lambda names them."""

    python_version: str
    """Major and minor, `3.13`."""
    architecture: str = "x86_64"
    """`x86_64` or `arm64`."""

    def __post_init__(self) -> None:
        check_fields(self)
        for name, value, supported in (
            ("Python version", self.python_version, RUNTIMES),
            ("architecture", self.architecture, MACHINES),
        ):
            if value not in supported:
                raise ProjectError(
                    "target-unknown",
                    f"{name} {value!r} is not one that Lambda runs: choose one of {', '.join(supported)}",
                )

    def __str__(self) -> str:
        return f"Python {self.python_version} on {self.architecture}"

    @property
    def runtime(self) -> Runtime:
        """The row of `RUNTIMES` for this Python."""
        return RUNTIMES[self.python_version]

    def is_in(self, requires_python: SpecifierSet) -> bool:
        """Return whether `requires-python` allows this Python, at the patch level of the table or a later one."""
        if requires_python.contains(self.runtime.full_version, prereleases=True):
            return True
        # Lambda updates the patch level by itself, and nothing tells which one a function has.
        patch = int(self.runtime.full_version.rpartition(".")[2])
        later = (f"{self.python_version}.{number}" for number in range(patch + 1, _LAST_PATCH))
        return any(map(requires_python.contains, later))

    @property
    def machine(self) -> str:
        """The architecture's name in wheels and ELF files: `x86_64` or `aarch64`."""
        return MACHINES[self.architecture]

    @property
    def extension_tag(self) -> str:
        """The part of a file name that binds an extension module to this Python: `cpython-313-x86_64-linux-gnu`."""
        return f"cpython-{self.python_version.replace('.', '')}-{self.machine}-linux-gnu"

    @property
    def platform(self) -> str:
        """The platform as container engines name it."""
        return PLATFORMS[self.architecture]

    @property
    def build_image(self) -> str:
        """The SAM build image for this Python and CPU."""
        return f"{self.runtime.build_image}:latest-{self.architecture}"

    @property
    def environment(self) -> Environment:
        """The values of PEP 508's environment markers inside Lambda."""
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

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The wheel tags that install here, best first, independent of the interpreter of this machine."""
        return tuple(_tags(self))

    def takes(self, tags: Iterable[Tag]) -> bool:
        """Return whether a wheel with one of these tags installs here."""
        return any(tag in _tags(self) for tag in tags)


@cache
def _tags(target: Target) -> dict[Tag, None]:
    # 30 ms with all that it imports: only for the selection of wheels.
    from packaging.tags import compatible_tags, cpython_tags

    major, minor = (int(part) for part in target.python_version.split("."))
    interpreter = f"cp{major}{minor}"
    platforms = list(_platforms(target))
    return dict.fromkeys(
        (
            *cpython_tags((major, minor), [interpreter], platforms),
            *compatible_tags((major, minor), interpreter, platforms),
        )
    )


def _platforms(target: Target) -> Iterator[str]:
    _, newest = target.runtime.glibc
    for minor in range(newest, _OLDEST_GLIBC_MINOR[target.architecture] - 1, -1):
        yield f"manylinux_2_{minor}_{target.machine}"
        if minor in _LEGACY_TAGS:
            yield f"{_LEGACY_TAGS[minor]}_{target.machine}"
    yield f"linux_{target.machine}"
