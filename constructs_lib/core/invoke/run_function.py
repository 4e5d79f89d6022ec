"""One invocation of a function that is laid out on this machine as in Lambda's sandbox."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from constructs_lib.core.argument_types import typed
from constructs_lib.core.aws_facts import PAYLOAD_LIMIT
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.invoke.function_environment import function_arn, function_environment
from constructs_lib.core.invoke.function_folder import CODE, LAYER, RUNTIME, find_libraries, laid_out
from constructs_lib.core.invoke.function_process import FunctionProcess, Limits
from constructs_lib.core.invoke.function_settings import FunctionSettings, HandlerCall
from constructs_lib.core.invoke.machine import find_python

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from constructs_lib.core.invoke.function_folder import FunctionFolder, FunctionPart
    from constructs_lib.core.invoke.function_settings import FunctionAnswer, WebCall
    from constructs_lib.core.target import Target

_SCRIPT = Path(__file__).with_name("runtime") / "start.py"
_OPTIONS = ("-I", "-S", "-B", "-u", "-X", "utf8")
"""Nothing of this machine's environment, packages and locale; no bytecode beside the code; no buffers."""


@dataclass(frozen=True)
class _Sandbox:
    """The place and the configuration of one invocation."""

    folder: FunctionFolder
    target: Target
    settings: FunctionSettings
    python: str


@typed
def invoke_function(
    parts: Sequence[FunctionPart],
    call: HandlerCall | WebCall,
    target: Target,
    settings: FunctionSettings | None = None,
    *,
    write_line: Callable[[str], None],
) -> FunctionAnswer:
    """Unpack the parts as Lambda does, call the function once, and remove them.

    `write_line` gets each line as CloudWatch shows it. A failure of the function is a `FunctionAnswer` in Lambda's words; a
    ProjectError is raised where this machine cannot run the function, or the event is not one.
    """
    settings = settings or FunctionSettings()
    if isinstance(call, HandlerCall):
        check_event(call.event)
    python = find_python(target, find_libraries(parts))
    with laid_out(parts) as folder:
        return _run(_Sandbox(folder, target, settings, python), call, write_line)


def check_event(event: bytes) -> None:
    """Raise a ProjectError for an event that Lambda would not take."""
    if len(event) > PAYLOAD_LIMIT:
        raise ProjectError(
            "event-unfit",
            f"the event has {len(event)} bytes, and Lambda takes {PAYLOAD_LIMIT}: make it smaller, or put it into S3",
        )
    try:
        json.loads(event.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        text = f"the event is not JSON ({error}), and Lambda takes nothing else: correct it"
        raise ProjectError("event-unfit", text) from None


def _refuse_constant(name: str) -> None:
    """Raise for NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{name} is no value of JSON")


def _run(sandbox: _Sandbox, call: HandlerCall | WebCall, write_line: Callable[[str], None]) -> FunctionAnswer:
    folder, settings = sandbox.folder, sandbox.settings
    handler = call.handler if isinstance(call, HandlerCall) else call.app
    environment = function_environment(settings, sandbox.target, folder, handler, sandbox.python)
    request: dict[str, Any] = {
        "request_id": str(uuid.uuid4()),
        "arn": function_arn(environment),
        "timeout": settings.timeout,
        "first": _first_on_path(folder, settings, sandbox.target),
        "last": [str(folder.runtime_packages)],
        "not_set": sorted({"LC_CTYPE"} - environment.keys()),
        "handler": handler,
        "event": call.event.decode() if isinstance(call, HandlerCall) else "",
        "web": None if isinstance(call, HandlerCall) else call.request(),
    }
    command = [sandbox.python, *_OPTIONS, str(_SCRIPT)]
    process = FunctionProcess(
        command, folder.code, environment, Limits(settings.timeout, settings.memory), write_line
    )
    write_line(f"INIT_START Runtime Version: python:{sandbox.target.python_version}")
    return process.invoke(request)


def _first_on_path(folder: FunctionFolder, settings: FunctionSettings, target: Target) -> list[str]:
    """Return the head of `sys.path`; a PYTHONPATH of the function's own replaces the layers, as in Lambda."""
    layers = folder.layers / "python"
    packages = layers / "lib" / f"python{target.python_version}" / "site-packages"
    python_path = settings.environment.get("PYTHONPATH")
    if python_path is None:
        return [str(folder.code), str(packages), str(layers)]
    return [str(folder.code), *(_in_folder(folder, entry) for entry in python_path.split(":") if entry)]


def _in_folder(folder: FunctionFolder, entry: str) -> str:
    path = PurePosixPath(entry)
    in_lambda = any(path.is_relative_to(f"/{place}") for place in (CODE, LAYER, RUNTIME))
    return f"{folder.root}{entry}" if in_lambda else entry
