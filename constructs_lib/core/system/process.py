"""The one door to other programs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError
from constructs_lib.core.system.secrets import MASK, mask, secrets_of
from constructs_lib.core.system.signals import unwinding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_USER_INFO = re.compile(r"://[^/?#\s]+@")
_POSIX = os.name == "posix"


class ExitError(ToolError):
    """A program ended with another exit code than 0."""

    def __init__(self, text: str, code: int, stderr: str) -> None:
        super().__init__(text)
        self.code = code
        self.stderr = stderr
        """All it wrote there (or to stdout, where it wrote nothing there), without credentials."""


class TimeLimitError(ToolError):
    """A program did not end in time and was stopped."""


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the user name and password of any address in it, and without `secrets`."""
    return _USER_INFO.sub(f"://{MASK}@", mask(text, secrets))


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
    """Run a program to its end and return what it wrote to stdout; otherwise as `running`."""
    with running(arguments, cwd=cwd, env=env, timeout=timeout) as answer:
        return answer()


@contextmanager
def running(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 600
) -> Iterator[Callable[[], str]]:
    """A program at work while the block runs; what the block gets waits for its end and returns its stdout.

    Its stdin is closed, so that nothing can ask a question. It leads a process group of its own, and the
    whole group is killed on a timeout (seconds, from when it is waited for), on an interrupt, and where the block
    ends without it. A failure is a `ToolError` that quotes what the program wrote to stderr (or else to stdout),
    without addresses' user names and passwords, and without the passwords and tokens that `env` (this process's own
    where it is None) holds for uv, pip and Poetry.
    """
    secrets = secrets_of(os.environ if env is None else env)
    what = redact(" ".join([Path(arguments[0]).name, *arguments[1:3]]), secrets)
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

    def answer() -> str:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            msg = f"{what} did not end within {timeout:g} s in {cwd} and was stopped"
            raise TimeLimitError(msg) from None
        if process.returncode != 0:
            said = redact(err if err.strip() else out, secrets)  # Poetry writes its errors to stdout
            msg = f"{what} failed in {cwd} with exit code {process.returncode}: {one_line(said)}"
            raise ExitError(msg, process.returncode, said)
        return out

    with process, unwinding():
        try:
            yield answer
        finally:
            if process.returncode is None:
                _kill_group(process)


def _kill_group(process: subprocess.Popen[str]) -> None:
    if _POSIX:
        with suppress(PermissionError):  # macOS may refuse where all of them have ended
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def one_line(text: str, limit: int = 1000) -> str:
    """`text` on one line, cut at its beginning: the reason stands at the end."""
    line = " | ".join(part.strip() for part in text.splitlines() if part.strip())
    return line if len(line) <= limit else f"…{line[-limit:]}"
