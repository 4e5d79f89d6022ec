"""A function on this machine sees what it would see in Lambda."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.aws_facts import PAYLOAD_LIMIT
from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.invoke.function_settings import FunctionSettings, HandlerCall, WebCall
from constructs_lib.core.invoke.project_function import invoke_project
from constructs_lib.core.invoke.run_function import check_event, invoke_function
from tests.core.invoke.conftest import HERE, Bench, failure
from tests.support.files.function_zips import code_part

if TYPE_CHECKING:
    from constructs_lib.core.invoke.function_settings import FunctionAnswer


def test_the_event_comes_in_and_the_answer_out(bench: Bench) -> None:
    """Both are JSON, of any type."""
    for event in ('{"é": [1, null]}', '"text"', "null", "17"):
        answer = bench.call(
            "def handler(event, context):\n    return event", HandlerCall("app.handler", event.encode())
        )
        assert json.loads(answer.payload) == json.loads(event)


def test_code_then_layers_then_the_standard_library_then_the_runtimes_packages(bench: Bench) -> None:
    """The order of Lambda's sys.path; nothing of this machine's packages is on it."""
    path = bench.value("return sys.path", layer={"dep.py": ""})
    root = Path(path[0]).parents[1]
    places = [entry.removeprefix(str(root)) for entry in path]
    assert places[:3] == [
        "/var/task",
        f"/opt/python/lib/python{HERE.python_version}/site-packages",
        "/opt/python",
    ]
    assert places[-1] == "/var/runtime/python"
    assert not [entry for entry in places[3:-1] if "site-packages" in entry]


def test_the_functions_own_code_wins(bench: Bench) -> None:
    """A module of the layer is found, one that both have comes from the code."""
    layer = {"app.py": "raise SystemExit", "dep.py": "NAME = 'layer'"}
    answer = bench.call("import dep\ndef handler(event, context):\n    return dep.NAME", layer=layer)
    assert json.loads(answer.payload) == "layer"


@pytest.mark.parametrize("call", [HandlerCall("app.handler"), WebCall("app:app", protocol="wsgi")])
def test_modules_with_names_of_the_standard_library(tmp_path: Path, call: HandlerCall | WebCall) -> None:
    """They are the function's own; the runtime has loaded what it needs before."""
    code = (
        "import colorsys\ndef handler(event, context):\n    return colorsys.MINE\n"
        "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [colorsys.MINE.encode()]\n"
    )
    names = ("logging", "json", "decimal", "asyncio", "queue", "typing", "re", "base64", "traceback")
    files = {
        "app.py": code,
        "colorsys.py": "MINE = 'mine'",
        **{f"{name}.py": "raise SystemExit(9)" for name in names},
    }
    answer = invoke_function(
        [code_part(tmp_path, files)], call, HERE, FunctionSettings(300, 512), write_line=lambda _: None
    )
    assert b"mine" in answer.payload, answer


def test_a_pythonpath_of_the_functions_own(bench: Bench) -> None:
    """It replaces the layers, and Lambda's folders in it are those of this function."""
    variables = {"PYTHONPATH": "/opt/lib:/elsewhere:/optional:/opt"}
    places = bench.value("return sys.path[:5]", environment=variables)
    assert places[1].endswith("/opt/lib")
    assert places[2:4] == ["/elsewhere", "/optional"]
    assert places[4].endswith("/opt")


def test_variables_are_lambdas_and_the_persons_stay_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for credentials and region; what is asked for is there."""
    monkeypatch.setenv("CANARY", "of this person")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    variables = bench.value("return dict(os.environ)", environment={"STAGE": "test"})
    assert "CANARY" not in variables
    assert "LC_CTYPE" not in variables
    assert (variables["AWS_ACCESS_KEY_ID"], variables["AWS_REGION"], variables["STAGE"]) == (
        "AKIA",
        "eu-west-1",
        "test",
    )
    assert variables["_HANDLER"] == "app.handler"


def test_python_is_as_lambda_starts_it(bench: Bench) -> None:
    """In the code's folder, with UTF-8, `exit`, an empty home and no input."""
    code = (
        "import pathlib\n"
        "return [os.getcwd() == os.environ['LAMBDA_TASK_ROOT'], sys.getfilesystemencoding(), callable(exit),\n"
        "        list(map(str, pathlib.Path.home().iterdir())), sys.stdin.read(), sys.stdout.encoding]"
    )
    assert bench.value(code) == [True, "utf-8", True, [], "", "utf-8"]


def test_the_code_cannot_be_written_to(bench: Bench) -> None:
    """As in Lambda; root may write everywhere."""
    modes = bench.value("return [oct(os.stat(path).st_mode & 0o777) for path in ('.', 'app.py')]")
    assert modes == ["0o555", "0o444"]


def test_nothing_stays_behind(bench: Bench) -> None:
    """Not the code, nor what the function wrote to its temporary folder."""
    code = (
        "import tempfile\nfile = tempfile.NamedTemporaryFile(delete=False)\nreturn [os.getcwd(), file.name]"
    )
    for path in bench.value(code):
        assert not os.path.exists(path)  # noqa: PTH110 - the path of a folder that may be gone


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("raise ValueError('too much')", ("ValueError", "too much")),
        (
            "return {1}",
            (
                "Runtime.MarshalError",
                "Unable to marshal response: Object of type set is not JSON serializable",
            ),
        ),
        ("import nowhere", ("ModuleNotFoundError", "No module named 'nowhere'")),
    ],
)
def test_failures_of_a_handler(bench: Bench, body: str, expected: tuple[str, str]) -> None:
    assert failure(bench.call(f"def handler(event, context):\n    {body}")) == expected


def test_a_handler_that_clears_its_environment(bench: Bench) -> None:
    """Its own error is the answer, also where it did so while it was imported."""
    code = "import os\nos.environ.clear()\ndef handler(event, context):\n    raise ValueError(context.function_name)"
    assert failure(bench.call(code)) == ("ValueError", "None")


@pytest.mark.parametrize("statement", ["sys.stdout.close()", "sys.stdout = sys.stderr = None"])
def test_a_handler_that_closes_its_streams(bench: Bench, statement: str) -> None:
    """Its answer and its error are what they are without a log."""
    assert bench.value(f"{statement}\nreturn 1") == 1
    code = f"import sys\ndef handler(event, context):\n    {statement}\n    raise ValueError('too much')"
    assert failure(bench.call(code)) == ("ValueError", "too much")


@pytest.mark.parametrize("handler", ["app\0.handler", "\ud800.handler"])
def test_a_handler_that_no_process_can_be_given(bench: Bench, handler: str) -> None:
    """It comes from a program: an argument of a command line has no such characters."""
    with pytest.raises(ToolError, match=r"python.* cannot be started: "):
        bench.call("", handler)


def test_a_call_is_no_text(tmp_path: Path) -> None:
    """The name of a handler alone is refused with the type that it must be; so is a version for a target."""
    for arguments, text in (
        (("app.handler", HERE), "call is 'app.handler' (str); it must be HandlerCall or WebCall"),
        ((HandlerCall("app.handler"), "3.13"), "target is '3.13' (str); it must be Target"),
    ):
        with pytest.raises(ProjectError) as caught:
            invoke_function([], *arguments, write_line=print)
        assert str(caught.value) == f"invoke_function: {text}"
        with pytest.raises(ProjectError) as caught:
            invoke_project(tmp_path, *arguments, write_line=print)
        assert str(caught.value) == f"invoke_project: {text}"


def test_bytes_are_the_answer_as_they_are(bench: Bench) -> None:
    answer = bench.call("def handler(event, context):\n    return b'\\xff'")
    assert answer.payload == b"\xff"


def test_an_app_answers_one_request(bench: Bench) -> None:
    """Its answer is the document of API Gateway's payload 2.0."""
    code = (
        "async def app(scope, receive, send):\n"
        "    assert scope['type'] == 'http'\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': scope['path'].encode()})\n"
    )
    answer = bench.call(code, WebCall("app:app", "/x"))
    assert json.loads(answer.payload)["body"] == "/x"


def test_an_error_of_an_app_has_its_frames_alone(bench: Bench) -> None:
    """Neither those of the event loop nor of this library."""
    code = "async def app(scope, receive, send):\n    assert scope['type'] == 'http'\n    raise ValueError('x')\n"
    answer: FunctionAnswer = bench.call(code, WebCall("app:app"))
    frames = json.loads(answer.payload)["stackTrace"]
    assert frames == ["  File \"/var/task/app.py\", line 3, in app\n    raise ValueError('x')\n"]


def test_events_that_lambda_refuses() -> None:
    """Before anything is run, in one line with a remedy."""
    for event in (b"{", b"", b"\xff", b"[" * 100_000, b"\xef\xbb\xbf{}", '"é"'.encode("utf-16"), b"[NaN]"):
        with pytest.raises(
            ProjectError, match=r"the event is not JSON \(.*\), and Lambda takes nothing else"
        ):
            check_event(event)
    with pytest.raises(ProjectError, match="make it smaller, or put it into S3"):
        check_event(b'"' + b"x" * PAYLOAD_LIMIT + b'"')
