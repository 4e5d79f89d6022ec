"""Other programs: the only place that starts one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError
from constructs_lib.core.log import TRACE, log, trace
from constructs_lib.core.system.secrets import redact, secrets_of
from constructs_lib.core.system.signals import unwinding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    Program: TypeAlias = subprocess.Popen[bytes]

_POSIX = os.name == "posix"
_LONGEST_ARGUMENT = 200
"""Characters of an argument in the log: some are whole programs."""


class ExitError(ToolError):
    """A program that ended with another exit code than 0."""

    def __init__(self, error_id: str, text: str, code: int = 1, stderr: str = "") -> None:
        super().__init__(error_id, text)
        self.code = code
        self.stderr = stderr
        """Its whole stderr (its stdout where that is empty), without credentials."""


class TimeLimitError(ToolError):
    """A program that did not end in time and was stopped."""


def find_tool(name: str) -> str:
    """Return the path of a program in the running interpreter's folder, else on PATH.

    A tool that was installed as a dependency is in the interpreter's folder, even when the virtual environment was
    never activated.
    """
    beside = Path(sys.executable).with_name(name)
    if _POSIX and beside.is_file() and os.access(beside, os.X_OK):
        return str(beside)
    import shutil  # 2 ms: not where a tool was installed as a dependency

    path = shutil.which(name, path=str(beside.parent)) or shutil.which(name)
    if path is None:
        raise ToolError(
            "tool-missing",
            f"{name} was not found beside {sys.executable} nor on PATH: install it with 'pip install {name}'",
        )
    return path


def run(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 600
) -> str:
    """Run a program to its end and return its stdout; all else as `running` does."""
    with running(arguments, cwd=cwd, env=env, timeout=timeout) as answer:
        return answer()


@contextmanager
def running(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 600
) -> Iterator[Callable[[], str]]:
    """Run a program beside the block; the function that the block gets waits for its end and returns its stdout.

    Its stdin is closed, so that it cannot ask a question. It leads a process group of its own, and the whole group is
    killed after `timeout` (seconds, from when it is waited for), on an interrupt, and where the block ends earlier.
    A failure is a `ToolError` that quotes the program's stderr (or else its stdout), without user names and passwords
    of addresses, and without the passwords and tokens that `env` (this process's environment where it is None) holds
    for uv, pip and Poetry.
    """
    secrets = secrets_of(os.environ if env is None else env)
    command = " ".join([Path(arguments[0]).name, *arguments[1:3]])
    began = time.perf_counter()
    try:
        process = _start(arguments, cwd, env)
    except (OSError, ValueError) as error:
        raise ToolError(
            "tool-not-started",
            f"{redact(command, secrets)} cannot be started: {_reason(error)} ({arguments[0]})",
        ) from None

    def answer() -> str:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise TimeLimitError(
                "tool-timeout",
                f"{redact(command, secrets)} did not end within {timeout:g} s in {cwd} and was stopped",
            ) from None
        if process.returncode != 0:
            stderr = redact(err if err.strip() else out, secrets)  # Poetry writes its errors to stdout
            text = f"{redact(command, secrets)} failed in {cwd} with exit code {process.returncode}: {one_line(stderr)}"
            raise ExitError("tool-failed", text, process.returncode, stderr)
        return out

    with process, unwinding():
        try:
            yield answer
        finally:
            was_stopped = process.returncode is None
            if was_stopped:
                _kill_group(process)
            if log.isEnabledFor(TRACE):
                end = "stopped" if was_stopped else f"exit code {process.returncode}"
                line, seconds = _shown(arguments, secrets), time.perf_counter() - began
                trace("ran in %s: %s: %s, %.2f s", redact(str(cwd), secrets), line, end, seconds)


@contextmanager
def attached(arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Iterator[Program]:
    """Start a program with pipes to all its streams; its process group is killed when the block ends.

    Also on an interrupt, and what the program left running in the background. The caller closes the streams: a
    program that left the group may hold them open for longer.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - callers pass a list, never a shell line
            arguments,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=_POSIX,
        )
    except (OSError, ValueError) as error:
        raise ToolError(
            "tool-not-started", f"{Path(arguments[0]).name} cannot be started: {_reason(error)}"
        ) from None
    if log.isEnabledFor(TRACE):
        trace("started in %s: %s", redact(str(cwd)), _shown(arguments, secrets_of(env)))
    with unwinding():
        try:
            yield process
        finally:
            _kill_group(process)


def _start(arguments: Sequence[str], cwd: Path, env: Mapping[str, str] | None) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - callers pass a list, never a shell line
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


def _shown(arguments: Sequence[str], secrets: set[str]) -> str:
    """Return a command as a shell takes it, on one line, without secrets and without the end of long arguments."""
    import shlex  # 1 ms: only for the log

    parts = [redact(part, secrets) for part in arguments]
    return shlex.join(
        part if len(part) <= _LONGEST_ARGUMENT else f"{part[:_LONGEST_ARGUMENT]}…" for part in parts
    ).replace("\n", " ")


def _reason(error: OSError | ValueError) -> str:
    """Return why a program cannot be started; a ValueError is raised for NUL and lone surrogates, and shows no more."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _kill_group(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    if _POSIX:
        # macOS may refuse to signal a group whose processes have ended.
        with suppress(PermissionError, ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def one_line(text: str, limit: int = 1000) -> str:
    """Return `text` on one line, cut at its beginning, since the reason stands at the end."""
    line = " | ".join(part.strip() for part in text.splitlines() if part.strip())
    return line if len(line) <= limit else f"…{line[-limit:]}"
