"""The interpreter of this machine that runs a function, or the reason why none can."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.inspect.smoke import find_obstacle
from constructs_lib.core.system.interpreter import find_interpreters
from constructs_lib.core.target import MACHINES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.target import Target


def find_python(target: Target, libraries: Sequence[str]) -> str:
    """Return the interpreter for the target; `libraries` are the compiled ones of the function.

    Code without compiled libraries runs on every CPU and system. Raises a ProjectError that names what is possible.
    """
    if libraries and (obstacle := find_obstacle(target)):
        raise ProjectError(
            "machine-unfit",
            f"the function has compiled libraries for {target.architecture} ({libraries[0]}), and {obstacle}: "
            f"{_remedy(target)}",
        )
    extension = f".{target.extension_tag}.so" if libraries else ""
    for interpreter in find_interpreters(target.python_version):
        if not extension or interpreter.extension == extension:
            return interpreter.path
    version = target.python_version
    options = [f"--python {runtime}" for runtime in RUNTIMES if next(find_interpreters(runtime), None)]
    alternative = f", or invoke it for one that is here ({', '.join(options)})" if options else ""
    raise ProjectError(
        "python-missing",
        f"there is no Python {version} on this machine to run the function with: install it "
        f"('uv python install {version}'){alternative}",
    )


def _remedy(target: Target) -> str:
    """Return what to do about a machine of another kind."""
    architecture = next((name for name, machine in MACHINES.items() if machine == platform.machine()), "")
    if architecture and architecture != target.architecture:
        return f"invoke it for this CPU (--arch {architecture}), or on a machine with {target.architecture}"
    return f"invoke it on Linux on {target.architecture} with glibc {'.'.join(map(str, target.runtime.glibc))} or newer"
