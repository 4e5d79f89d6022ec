"""Options of `uv sync` that choose the dependencies of a layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STRUCTURAL_REASONS = {
    "--no-install-project": "a layer holds the dependencies, not the project",
    "--no-editable": "a link to a folder of this machine does not exist in Lambda",
    "--link-mode": "a link would share its bytes with uv's cache",
    "--python": "the builder chooses it: give `python`, or another image",
}
"""The options that the builder sets itself, with the reason of each."""
STRUCTURAL_ARGS = ["--no-install-project", "--no-editable", "--link-mode=copy"]
"""The same as arguments; `--python` depends on the build."""


@dataclass(frozen=True)
class UvSyncOptions:
    """The dependencies that `uv sync` installs into a layer, by name of its options.

    Raises a ValueError for options that exclude each other, and for one in `extra_args` that has a field or that the
    builder sets itself.
    """

    extras: Sequence[str] = field(default_factory=list)
    all_extras: bool = False
    no_extras: Sequence[str] = field(default_factory=list)
    groups: Sequence[str] = field(default_factory=list)
    no_groups: Sequence[str] = field(default_factory=list)
    all_groups: bool = False
    no_default_groups: bool = False
    no_dev: bool = True
    frozen: bool = True
    """True installs from the lock as it is; False (`--locked`) first has uv check that it is up to date."""
    extra_args: Sequence[str] = field(default_factory=list)
    """Other options of `uv sync`, for example `["--no-binary-package", "numpy"]`."""

    managed_args: ClassVar[Mapping[str, str]] = {
        "--extra": "extras",
        "--all-extras": "all_extras",
        "--no-extra": "no_extras",
        "--group": "groups",
        "--no-group": "no_groups",
        "--all-groups": "all_groups",
        "--no-default-groups": "no_default_groups",
        "--no-dev": "no_dev",
        "--frozen": "frozen",
        "--locked": "frozen",
    }
    """The options that have a field of their own."""

    def __post_init__(self) -> None:
        if self.extras and self.all_extras:
            raise ValueError("extras and all_extras exclude each other: give one of them")
        if self.no_extras and not self.all_extras:
            raise ValueError("no_extras takes away from all extras: set all_extras as well")
        for argument in self.extra_args:
            option = argument.partition("=")[0]
            if option in self.managed_args:
                raise ValueError(f"extra_args has {option}: set {self.managed_args[option]} instead")
            if option in STRUCTURAL_REASONS:
                raise ValueError(f"extra_args has {option}, but {STRUCTURAL_REASONS[option]}")

    def to_args(self) -> list[str]:
        """Return the arguments for `uv sync`, without those that the builder sets itself."""
        return [*self._switches(), *self._names(), *self.extra_args]

    def _switches(self) -> Iterator[str]:
        yield "--frozen" if self.frozen else "--locked"
        for option in ("no_dev", "no_default_groups", "all_extras", "all_groups"):
            if getattr(self, option):
                yield f"--{option.replace('_', '-')}"

    def _names(self) -> Iterator[str]:
        for option in ("extras", "no_extras", "groups", "no_groups"):
            for name in getattr(self, option):
                yield f"--{option.removesuffix('s').replace('_', '-')}"
                yield name
