"""The function's process, here inside the test's: what is imported, and what failures become."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.invoke.function_settings import WebCall
from constructs_lib.core.invoke.runtime.start import Fault, _peak, _set_path, describe, import_handler, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HANDLERS = """\
import sys

WORD = "text"

def handler(event, context):
    print("printed")
    return {"event": event, "id": context.aws_request_id}

def bad(event, context):
    raise ValueError("too much")

def leave(event, context):
    sys.exit(3)

def app(environ, start_response):
    start_response("200 OK", [])
    return [b"found"]
"""


class Heard:
    """The messages that a process would send."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send(self, **message: Any) -> None:
        self.messages.append(message)


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield the folder of the code, on the path."""
    folder = tmp_path / "var" / "task"
    folder.mkdir(parents=True)
    (folder / "invoked_app.py").write_text(HANDLERS)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("LAMBDA_TASK_ROOT", str(folder))
    for name in (
        "FUNCTION_NAME",
        "FUNCTION_VERSION",
        "FUNCTION_MEMORY_SIZE",
        "LOG_GROUP_NAME",
        "LOG_STREAM_NAME",
    ):
        monkeypatch.setenv(f"AWS_LAMBDA_{name}", name)
    root = logging.getLogger()
    handlers = root.handlers[:]
    yield folder
    root.handlers[:] = handlers
    for name in [name for name in sys.modules if name.startswith("invoked_")]:
        del sys.modules[name]


def run_here(handler: str = "", web: WebCall | None = None) -> list[dict[str, Any]]:
    heard = Heard()
    request = {
        "request_id": "id",
        "arn": "arn:x",
        "timeout": 3,
        "handler": handler,
        "event": '{"n": 1}',
        "web": web.request() if web else None,
        "init_counts": False,
    }
    run(request, heard)  # type: ignore[arg-type]
    return heard.messages


def fault(handler: str) -> tuple[str, str]:
    with pytest.raises(Fault) as caught:
        import_handler(handler)
    return caught.value.error_type, caught.value.message


def test_handlers_that_cannot_be_imported(code: Path) -> None:
    """Lambda's types and words."""
    (code / "invoked_needs.py").write_text("import invoked_nowhere")
    (code / "invoked_odd.py").write_text("def f(:\n  pass\n")
    assert fault("handler") == (
        "Runtime.MalformedHandlerName",
        "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
    )
    assert fault("sys.exit") == (
        "Runtime.BuiltInModuleConflict",
        "Cannot use built-in module sys as a handler module",
    )
    assert fault("invoked_app.nope") == (
        "Runtime.HandlerNotFound",
        "Handler 'nope' missing on module 'invoked_app'",
    )
    assert fault("invoked_needs.handler") == (
        "Runtime.ImportModuleError",
        "Unable to import module 'invoked_needs': No module named 'invoked_nowhere'",
    )
    error_type, message = fault("invoked_odd.f")
    assert error_type == "Runtime.UserCodeSyntaxError"
    assert message.startswith("Syntax error in module 'invoked_odd': ")


def test_a_syntax_error_has_the_place_that_lambda_shows(code: Path) -> None:
    (code / "invoked_odd.py").write_text("x = 1\ndef f(:\n")
    with pytest.raises(Fault) as caught:
        import_handler("invoked_odd.f")
    assert caught.value.trace is not None
    assert caught.value.trace[0].startswith('  File "/var/task/invoked_odd.py" Line 2\n')


def test_a_path_with_slashes_is_a_module(code: Path) -> None:
    """`folder/module.function`, as Lambda allows."""
    (code / "invoked_package").mkdir()
    (code / "invoked_package" / "api.py").write_text("def handler(event, context): ...")
    assert import_handler("invoked_package/api.handler").__name__ == "handler"


def test_an_answer(code: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """First the sign that the handler is imported, then the answer."""
    ready, answer = run_here("invoked_app.handler")
    assert ready == {"kind": "ready"}
    assert json.loads(answer["payload"]["text"]) == {"event": {"n": 1}, "id": "id"}
    assert not answer["failed"]
    out, err = capfd.readouterr()
    assert (out, err) == ("printed\n", "START RequestId: id Version: $LATEST\n")


def test_a_failure_has_type_message_and_the_functions_frames(
    code: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Paths are those of Lambda; frames of this library are none of the function's."""
    answer = run_here("invoked_app.bad")[-1]
    assert answer["failed"]
    frame = '  File "/var/task/invoked_app.py", line 10, in bad\n    raise ValueError("too much")\n'
    assert json.loads(answer["payload"]["text"]) == {
        "errorMessage": "too much",
        "errorType": "ValueError",
        "requestId": "id",
        "stackTrace": [frame],
    }
    head = "[ERROR] ValueError: too much\nTraceback (most recent call last):\n"
    assert capsys.readouterr().out == head + frame


def test_a_handler_that_is_none(code: Path) -> None:
    answer = run_here("invoked_app.WORD")[-1]
    failure = json.loads(answer["payload"]["text"])
    assert (failure["errorType"], failure["errorMessage"]) == ("TypeError", "'str' object is not callable")
    assert failure["stackTrace"] == []


def test_sys_exit_ends_the_process(code: Path) -> None:
    """Nothing is answered: the caller sees the exit code."""
    with pytest.raises(SystemExit):
        run_here("invoked_app.leave")


def test_an_app(code: Path) -> None:
    answer = run_here(web=WebCall("invoked_app:app", protocol="wsgi"))[-1]
    assert json.loads(answer["payload"]["text"])["body"] == "found"
    answer = run_here(web=WebCall("invoked_app"))[-1]
    failure = json.loads(answer["payload"]["text"])
    assert failure["errorMessage"] == "Bad app 'invoked_app': write package.module:app"


def test_the_path_of_a_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folders stand before the standard library and the runtime's packages behind it; `.pth` files of a layer count."""
    packages = tmp_path / "site-packages"
    packages.mkdir()
    (packages / "more.pth").write_text(str(tmp_path) + "\n")
    monkeypatch.setattr(sys, "path", ["/stdlib"])
    _set_path([str(packages)], ["/runtime"])
    assert sys.path == [str(packages), "/stdlib", "/runtime", str(tmp_path)]


def test_the_peak_of_memory_is_that_of_this_process() -> None:
    """Where the system tells it."""
    assert (_peak() > 1000) == sys.platform.startswith("linux")


def test_an_error_without_a_message() -> None:
    assert describe(KeyError(), "id")["errorMessage"] == ""
