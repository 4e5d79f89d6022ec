"""The process of a function, with the limits of Lambda and the lines that Lambda adds to the log."""

from __future__ import annotations

import base64
import json
import queue
import signal
import threading
import time
from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from constructs_lib.core.aws_facts import ANSWER_LIMIT, INIT_LIMIT
from constructs_lib.core.invoke.function_settings import FunctionAnswer
from constructs_lib.core.invoke.memory import memory_of
from constructs_lib.core.system.process import attached

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from constructs_lib.core.system.process import Program

_LOOK_EVERY = 0.02
"""Seconds between two looks at the memory."""
_LAST_LINES = 1.0
"""Seconds to wait for the end of the log, which a process that left its group may hold open."""
_MB = 1024 * 1024


class Limits(NamedTuple):
    """The limits of one invocation."""

    timeout: float
    """Seconds."""
    memory: int
    """MB."""


class _End(NamedTuple):
    """The end of the process."""

    kind: str
    """`answer`, `exit`, `timeout`, `memory`, or `init` where the import took too long."""
    message: Mapping[str, Any] = {}
    init: float = 0.0
    """Seconds that the import took."""
    duration: float = 0.0
    """Seconds from the import's end."""
    peak: int = 0
    """Bytes of memory."""


class FunctionProcess:
    """A command that runs a function by the protocol of `runtime/start.py`."""

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        limits: Limits,
        write_line: Callable[[str], None],
    ) -> None:
        self._command, self._cwd, self._environment = command, cwd, environment
        self._limits, self._write_line = limits, write_line

    def invoke(self, request: Mapping[str, Any]) -> FunctionAnswer:
        """Run the process to its end, or to a limit, and return the answer of Lambda."""
        end, code = self._start({**request, "init_counts": False})
        if end.kind == "init":
            self._write_line(
                f"INIT_REPORT Init Duration: {end.init * 1000:.2f} ms\tPhase: init\tStatus: timeout"
            )
            end, code = self._start({**request, "init_counts": True})
        return self._conclude(end, code, request["request_id"])

    # --- the process -------------------------------------------------------------------------------------

    def _start(self, request: Mapping[str, Any]) -> tuple[_End, int]:
        messages: queue.Queue[Mapping[str, Any] | None] = queue.Queue()
        with attached(self._command, cwd=self._cwd, env=self._environment) as process:
            assert process.stdin is not None  # noqa: S101 - for the type checker: all three are pipes
            assert process.stdout is not None  # noqa: S101
            assert process.stderr is not None  # noqa: S101
            answers = _thread(_read_messages, process.stdout, messages)
            lines = _thread(_read_lines, process.stderr, self._write_line)
            with suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(json.dumps(request).encode())
            end = self._watch(process, messages, init_counts=request["init_counts"])
            code = process.returncode or 0
        for thread in (answers, lines):
            thread.join(_LAST_LINES)
        return end, code

    def _watch(
        self,
        process: Program,
        messages: queue.Queue[Mapping[str, Any] | None],
        *,
        init_counts: bool,
    ) -> _End:
        """Wait for the answer, the end of the process, or a limit."""
        started, peak = time.monotonic(), 0
        ready: float | None = None
        deadline = started + (self._limits.timeout if init_counts else INIT_LIMIT)

        def end(kind: str, message: Mapping[str, Any] | None = None) -> _End:
            now = time.monotonic()
            init, duration = (now - started, 0.0) if ready is None else (ready - started, now - ready)
            return _End(kind, message or {}, init, duration, peak)

        while time.monotonic() < deadline:
            if peak > self._limits.memory * _MB:
                return end("memory")
            try:
                message = messages.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                peak = max(peak, memory_of(process.pid))
                continue
            if message is None:
                # It may have closed the line, and work on.
                while process.poll() is None and time.monotonic() < deadline:
                    time.sleep(_LOOK_EVERY)
                return end("timeout" if process.poll() is None else "exit")
            if message["kind"] == "answer":
                peak = max(peak, message["peak"] * 1024)
                return end("memory" if peak > self._limits.memory * _MB else "answer", message)
            ready = time.monotonic()
            if not init_counts:
                deadline = ready + self._limits.timeout
        return end("init" if ready is None and not init_counts else "timeout")

    # --- the answer --------------------------------------------------------------------------------------

    def _conclude(self, end: _End, code: int, request_id: str) -> FunctionAnswer:
        answer, problem = self._answer(end, code, request_id)
        self._write_line(f"END RequestId: {request_id}")
        fields = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {end.duration * 1000:.2f} ms",
            f"Memory Size: {self._limits.memory} MB",
            *([f"Max Memory Used: {-(-end.peak // _MB)} MB"] if end.peak else []),
            f"Init Duration: {end.init * 1000:.2f} ms",
            *([f"Status: error\tError Type: {problem}"] if problem and end.kind != "timeout" else []),
            *(["Status: timeout"] if end.kind == "timeout" else []),
        ]
        self._write_line("\t".join(fields))
        return answer

    def _answer(self, end: _End, code: int, request_id: str) -> tuple[FunctionAnswer, str]:
        """Return the answer, and the error type where the function failed."""
        if end.kind == "answer":
            payload = _payload(end.message["payload"])
            if len(payload) > ANSWER_LIMIT:
                text = f"Response payload size exceeded maximum allowed payload size ({ANSWER_LIMIT} bytes)."
                return _failed("Function.ResponseSizeTooLarge", text)
            failed = bool(end.message["failed"])
            error_type = json.loads(payload)["errorType"] if failed else ""
            return FunctionAnswer(payload, failed), error_type
        if end.kind == "timeout":
            text = f"Task timed out after {self._limits.timeout:.2f} seconds"
            self._write_line(f"{_now()} {request_id} {text}")
            return _failed("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}")
        reason = "signal: killed" if end.kind == "memory" else _reason(code)
        text = (
            f"Runtime exited with error: {reason}" if reason else "Runtime exited without providing a reason"
        )
        error_type = "Runtime.OutOfMemory" if end.kind == "memory" else "Runtime.ExitError"
        message = f"RequestId: {request_id} Error: {text}"
        self._write_line(f"{message}\n{error_type}")
        return _failed(error_type, message)


def _payload(payload: Mapping[str, str]) -> bytes:
    if "base64" in payload:
        return base64.b64decode(payload["base64"])
    return payload["text"].encode(errors="surrogatepass")


def _failed(error_type: str, message: str) -> tuple[FunctionAnswer, str]:
    document = {"errorType": error_type, "errorMessage": message}
    return FunctionAnswer(json.dumps(document).encode(), failed=True), error_type


def _reason(code: int) -> str:
    """Return how a process ended, in the words of Go, which Lambda's sandbox is written in."""
    if code < 0:
        return f"signal: {(signal.strsignal(-code) or str(-code)).lower()}"
    return f"exit status {code}" if code else ""


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _thread(target: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


def _read_messages(stream: BinaryIO, messages: queue.Queue[Mapping[str, Any] | None]) -> None:
    """Hand the process's messages over; None at its end."""
    with stream, suppress(ValueError):  # half a line of a process that was killed
        for line in stream:
            messages.put(json.loads(line))
    messages.put(None)


def _read_lines(stream: BinaryIO, write_line: Callable[[str], None]) -> None:
    with stream:
        for line in stream:
            write_line(line.decode(errors="replace").rstrip("\r\n"))
