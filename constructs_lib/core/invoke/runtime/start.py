"""A function's process: import the handler, call it once, report the answer.

The request is JSON on stdin. stdout carries one line of JSON when the handler is imported (`ready`) and one with the
answer. What the function itself prints to either stream goes to stderr, in its order.

Types and texts of errors are those of Lambda's runtime (aws/aws-lambda-python-runtime-interface-client).
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import site
import sys
import time
import traceback
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import io
    from collections.abc import Callable
    from types import TracebackType

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib would be one import more

_NO_STREAM = (AttributeError, ValueError)
"""The errors of a stream that the function has closed, or replaced by None."""


@cache
def _beside(name: str) -> Any:  # noqa: ANN401 - a module, whose names no type checker sees
    """Load a module of this folder, which is not on `sys.path`."""
    spec = importlib.util.spec_from_file_location(
        f"_constructs_lib_{name}",
        os.path.join(_HERE, f"{name}.py"),  # noqa: PTH118
    )
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Fault(Exception):  # noqa: N818 - Lambda's word for it
    """An error that Lambda's runtime has a type of its own for."""

    def __init__(self, error_type: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(error_type, message, trace)
        self.error_type = error_type
        self.message = message
        self.trace = trace


def import_handler(handler: str) -> Any:  # noqa: ANN401 - it may be no function at all
    """Import `package.module.function` as Lambda does, which takes `package/module.function` too."""
    module_name, dot, name = handler.rpartition(".")
    if not dot:
        text = f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", text)
    return import_name(module_name, name)


def import_name(module_name: str, name: str) -> Any:  # noqa: ANN401 - anything may have that name
    """Import a name of a module; raise a Fault for a module that cannot be imported and a name that is not there."""
    if module_name.partition(".")[0] in sys.builtin_module_names:
        text = f"Cannot use built-in module {module_name} as a handler module"
        raise Fault("Runtime.BuiltInModuleConflict", text)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        ) from error
    except SyntaxError as error:
        trace = [f'  File "{_in_lambda(error.filename or "")}" Line {error.lineno}\n    {error.text}']
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, trace) from error
    try:
        return getattr(module, name)
    except AttributeError:
        text = f"Handler '{name}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", text) from None


# --- errors ----------------------------------------------------------------------------------------------


def _in_lambda(path: str) -> str:
    """Return the path that a file has in Lambda."""
    root = os.environ.get("LAMBDA_TASK_ROOT", "").removesuffix("/var/task")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def _frames(trace: TracebackType | None) -> list[str]:
    """Format the frames of a traceback without those that lead to the function's code and back from it."""
    frames = [(frame.filename, frame.lineno, frame.name, frame.line) for frame in traceback.extract_tb(trace)]
    while frames and (frames[0][0].startswith(_HERE) or "/asyncio/" in frames[0][0]):
        del frames[0]
    while frames and frames[-1][0].startswith(_HERE):
        del frames[-1]
    placed = [(_in_lambda(filename), number, name, line) for filename, number, name, line in frames]
    return traceback.format_list(placed)  # type: ignore[arg-type]


def describe(error: Exception, request_id: str) -> dict[str, Any]:
    """Return the answer of a failed invocation."""
    if isinstance(error, Fault):
        error_type, message, trace = error.error_type, error.message, error.trace or []
    else:
        error_type, message, trace = type(error).__name__, str(error), _frames(error.__traceback__)
    return {
        "errorMessage": message,
        "errorType": error_type,
        "requestId": request_id,
        "stackTrace": trace,
    }


def log_failure(failure: dict[str, Any]) -> None:
    """Print the error as CloudWatch shows it."""
    message = f": {failure['errorMessage']}" if failure["errorMessage"] else ""
    lines = [f"[ERROR] {failure['errorType']}{message}", "Traceback (most recent call last):"]
    for entry in failure["stackTrace"]:
        lines += entry.splitlines()
    with suppress(*_NO_STREAM):
        sys.stdout.write("\n".join(lines) + "\n")


# --- the process -----------------------------------------------------------------------------------------


class Control:
    """The line to the program that started this one."""

    def __init__(self) -> None:
        """Take stdout over; from now on both streams are the function's, whose Python does not buffer."""
        self._stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        for stream in (sys.stdout, sys.stderr):
            _write_everything(stream)

    def send(self, **message: object) -> None:
        self._stream.write(json.dumps(message) + "\n")
        self._stream.flush()


def _write_everything(stream: TextIO) -> None:
    """Escape what cannot be encoded, a lone surrogate for instance."""
    wrapper: io.TextIOWrapper = stream  # type: ignore[assignment]
    wrapper.reconfigure(errors="backslashreplace")


def _set_path(first: list[str], last: list[str]) -> None:
    """Put the function's folders before the standard library and the runtime's packages behind it."""
    sys.path[:] = [*first, *sys.path, *last]
    for folder in first:
        if folder.endswith("site-packages") and os.path.isdir(folder):  # noqa: PTH112
            site.addsitedir(folder)
    # Python runs without `site`, which would add packages of this machine; `exit` and `quit` come from there too.
    site.setquit()


def _peak() -> int:
    """Return the most memory that this process has had, in kB; 0 where the system does not say."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return 0


def run(request: dict[str, Any], control: Control) -> None:
    """Import, call once, and send the answer; SystemExit ends the process, as in Lambda."""
    started = time.time()
    context, answers = _beside("lambda_context"), _beside("answers")
    context.set_up_logging()
    request_id = ""

    def ready() -> float:
        """Report that the app is imported; return the time at which the invocation began."""
        nonlocal request_id
        request_id = context.current_request_id = request["request_id"]
        control.send(kind="ready")
        os.write(2, f"START RequestId: {request_id} Version: $LATEST\n".encode())
        return started if request["init_counts"] else time.time()

    try:
        answer = _ask_app(request["web"], ready) if request["web"] else _call(request, ready, context)
        payload = answers.encode(answer, Fault)
    except Exception as error:  # noqa: BLE001 - every failure of the function is an answer
        failure = describe(error, request_id)
        log_failure(failure)
        payload, failed = answers.encode(failure, Fault), True
    else:
        failed = False
    for stream in (sys.stdout, sys.stderr):
        with suppress(*_NO_STREAM):
            stream.flush()
    control.send(kind="answer", payload=payload, failed=failed, peak=_peak())


def _call(request: dict[str, Any], ready: Callable[[], float], context: Any) -> object:  # noqa: ANN401
    handler = import_handler(request["handler"])
    deadline = ready() + request["timeout"]
    return handler(
        json.loads(request["event"]), context.LambdaContext(request["arn"], request["request_id"], deadline)
    )


def _ask_app(web: dict[str, Any], ready: Callable[[], float]) -> object:
    module_name, colon, name = web["app"].partition(":")
    if not colon:
        raise Fault("Runtime.MalformedHandlerName", f"Bad app '{module_name}': write package.module:app")
    app = import_name(module_name, name)
    return _beside("web_request").serve(app, web, ready)


def main() -> None:
    """Read the request, run, and end without waiting for threads, which Lambda freezes."""
    request = json.load(sys.stdin)
    for name in request["not_set"]:  # Python sets it where the machine lacks the locale of LANG
        os.environ.pop(name, None)
    control = Control()
    # Before the function's folders are on the path: it may have a `logging.py` of its own.
    for name in ("lambda_context", "answers", *(["web_request"] if request["web"] else [])):
        _beside(name)
    _set_path(request["first"], request["last"])
    run(request, control)
    os._exit(0)


if __name__ == "__main__":
    main()
