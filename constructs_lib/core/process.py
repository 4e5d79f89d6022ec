"""The one door to other programs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_USER_INFO = re.compile(r"://[^/@\s]+@")
_POSIX = os.name == "posix"


def redact(text: str) -> str:
    """`text` without the user name and password of any address in it."""
    return _USER_INFO.sub("://****@", text)


def find_tool(name: str) -> str:
    """The program's path: beside the running interpreter, or on PATH.

    The interpreter's own folder comes first: a tool that was installed as our dependency is there even when
    the virtual environment was never activated.
    """
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(name)
    if found is None:
        msg = (
            f"{name} was not found beside {sys.executable} nor on PATH: install it with 'pip install {name}'"
        )
        raise ToolError(msg)
    return found


def run(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 600
) -> str:
    """Run a program to its end and return what it wrote to stdout.

    Its stdin is closed, so that nothing can ask a question. It leads a process group of its own, and the
    whole group is killed on a timeout (seconds) or an interrupt. A failure is a `ToolError` that quotes what
    the program wrote to stderr, without credentials.
    """
    what = redact(" ".join([Path(arguments[0]).name, *arguments[1:3]]))
    try:
        process = subprocess.Popen(  # noqa: S603 - the one door: callers pass a list, never a shell line
            arguments,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=_POSIX,
        )
    except OSError as error:
        msg = f"{what} cannot be started: {error.strerror} ({arguments[0]})"
        raise ToolError(msg) from None
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        msg = f"{what} did not end within {timeout:g} s in {cwd} and was stopped"
        raise ToolError(msg) from None
    finally:
        if process.returncode is None:
            _kill_group(process)
    if process.returncode != 0:
        msg = f"{what} failed in {cwd} with exit code {process.returncode}: {_one_line(redact(err))}"
        raise ToolError(msg)
    return out


def _kill_group(process: subprocess.Popen[str]) -> None:
    if _POSIX:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _one_line(text: str, limit: int = 1000) -> str:
    line = " | ".join(part.strip() for part in text.splitlines() if part.strip())
    return line if len(line) <= limit else f"…{line[-limit:]}"
