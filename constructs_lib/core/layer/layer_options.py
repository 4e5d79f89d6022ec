"""The choices about a layer, as one value that the construct, the core and the command line share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_lib.core.argument_types import check_fields
from constructs_lib.core.lock.locked import LockOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.archive.entry import Compression
    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.wheels.container import Container


@dataclass(frozen=True)
class LayerOptions:
    """The choices about a layer; the default is the main dependencies, less what Lambda's runtime brings."""

    lock: LockOptions = field(default_factory=LockOptions)
    """Which part of the lock file, and which lock file where there are several."""
    ignore_package_list: Sequence[str] | None = None
    """Distributions to leave out; None is `default_ignore_package_list`, an empty list leaves out nothing."""
    container: Container | bool | str | None = None
    """The place to build wheels that the index lacks: True for the target's SAM build image, or an image's name; None
    builds nothing that holds native code."""
    credentials: Sequence[Credentials] = ()
    """For private indexes, beside those in the environment, netrc and keyring."""
    smoke_test: bool = False
    """Import the packages with a Python of the target's kind, where this machine has one; a warning for each failure."""
    compression: Compression = "standard"
    """`smallest`: the same files in fewer bytes, and the same fingerprint."""
    compile_bytecode: bool = False
    """Add bytecode for shorter cold starts; it takes a Python of the target's version, here or in `container`."""
    acknowledge: Sequence[str] = ()
    """Findings to accept for one distribution each, as `id:distribution`: the error `wrong-cpu:demo` then does not stop
    the build."""
    exclude_files: Sequence[str] = ()
    """`.gitignore` patterns of files of wheels to leave out, by their paths in site-packages: `tests/`, `*.pyi`."""

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def build_container(self) -> Container | None:
        """The container that `container` means."""
        if self.container is None:
            return None
        from constructs_lib.core.wheels.container import Container  # 0.5 ms: only where one is asked for

        return Container.of(self.container)

    @property
    def secrets(self) -> list[str]:
        """The passwords of `credentials`, which no artifact may hold."""
        return [credentials.secret for credentials in self.credentials]


LAYER_DEFAULTS = LayerOptions()
