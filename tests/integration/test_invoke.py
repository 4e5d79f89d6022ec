"""`invoke` and MiniStack's Lambda run the same functions: the same answers, and the same errors where it has Lambda's.

MiniStack 1.5 runs a function's Python, but its errors are its own: `deviation` is what it says where Lambda says
`error`. Lambda's words are those of its runtime interface client (`bootstrap.py`, `lambda_runtime_marshaller.py`) and of
the developer guide ("Understanding the Lambda execution environment lifecycle").
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.invoke.function_settings import FunctionSettings, HandlerCall, WebCall
from constructs_lib.core.invoke.run_function import invoke_function
from constructs_lib.core.target import Target
from tests.support.builders.hosts import OWN, interpreters
from tests.support.files.function_zips import code_part, layer_part
from tests.support.patience import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_lib.core.invoke.function_settings import FunctionAnswer
    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

NAME = "greeter"
VARIABLES = {"STAGE": "test", "EMPTY": "", "ODD": "é = \"'"}
CODE = """\
import json, logging, os, sys, time
from decimal import Decimal

WORD = "text"

def echo(event, context):
    return event

def values(event, context):
    return {"none": None, "list": [1, 2.5, True], "é": "ü☃", "tuple": (1, 2), "1": {"deep": [{}]}}

def nothing(event, context):
    pass

def from_layer(event, context):
    import dep
    return dep.NAME

def variables(event, context):
    return {name: os.environ.get(name) for name in event}

def own_variables(event, context):
    names = ("STAGE", "EMPTY", "ODD", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
             "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_REGION", "AWS_DEFAULT_REGION")
    return {name: os.environ.get(name) for name in names}

def context_fields(event, context):
    left = context.get_remaining_time_in_millis()
    return [context.function_name, context.function_version, int(context.memory_limit_in_mb), context.log_group_name,
            len(context.aws_request_id), bool(context.log_stream_name), 0 < left <= 300_000, context.client_context,
            context.invoked_function_arn.rpartition(":")[2]]

def places(event, context):
    return [os.getcwd() == os.environ["LAMBDA_TASK_ROOT"], __file__ == os.path.join(os.getcwd(), "app.py")]

def prints(event, context):
    print("to stdout")
    print("to stderr", file=sys.stderr)
    logging.getLogger("mine").warning("logged")
    return 1

def raises(event, context):
    raise ValueError("too much: é")

class OwnError(Exception):
    pass

def raises_own(event, context):
    raise OwnError({"code": 7})

def calls(event, context):
    return json.loads("{")

def sets(event, context):
    return {1}

def leaves(event, context):
    sys.exit(3)

def sleeps(event, context):
    time.sleep(600)
"""
LAYER = {"dep.py": "NAME = 'layer'"}
BROKEN = {
    "needs.py": "import nowhere\ndef handler(event, context): ...\n",
    "odd.py": "def handler(event, context:\n",
    "fails.py": "raise RuntimeError('no database')\n",
}


@dataclass(frozen=True)
class Row:
    """A handler, its event, and what both say."""

    handler: str
    event: Any = field(default_factory=dict)
    answer: Any = None
    error: tuple[str, str] | None = None
    """Lambda's type and message, without the request id."""
    deviation: tuple[str, str] | None = None
    """MiniStack's, where they are others."""
    timeout: int = 300


HANDLER_ERROR = "Runtime.HandlerError"
"""MiniStack's type for whatever a handler raises."""
EVENTS: tuple[Any, ...] = ({"é": [1, None, {"a": "☃"}]}, [], "text", 17, None)
ANSWERS = [
    *(Row("app.echo", event, event) for event in EVENTS),
    Row(
        "app.values",
        answer={"none": None, "list": [1, 2.5, True], "é": "ü☃", "tuple": [1, 2], "1": {"deep": [{}]}},
    ),
    Row("app.nothing"),
    Row("app.from_layer", answer="layer"),
    Row("app.variables", ["CANARY", "NOWHERE"], {"CANARY": None, "NOWHERE": None}),
    Row(
        "app.own_variables",
        answer={
            **VARIABLES,
            "AWS_LAMBDA_FUNCTION_NAME": NAME,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
        },
    ),
    Row(
        "app.context_fields", answer=[NAME, "$LATEST", 512, f"/aws/lambda/{NAME}", 36, True, True, None, NAME]
    ),
    Row("app.places", answer=[True, True]),
    Row("app.prints", answer=1),
]
ERRORS = [
    Row("app.raises", error=("ValueError", "too much: é"), deviation=(HANDLER_ERROR, "too much: é")),
    Row("app.raises_own", error=("OwnError", "{'code': 7}"), deviation=(HANDLER_ERROR, "{'code': 7}")),
    Row(
        "app.calls",
        error=(
            "JSONDecodeError",
            "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        deviation=(
            HANDLER_ERROR,
            "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
    ),
    Row(
        "app.WORD",
        error=("TypeError", "'str' object is not callable"),
        deviation=(HANDLER_ERROR, "'str' object is not callable"),
    ),
    Row(
        "app.sets",
        error=(
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
        deviation=(HANDLER_ERROR, "Object of type set is not JSON serializable"),
    ),
    Row(
        "app.nope",
        error=("Runtime.HandlerNotFound", "Handler 'nope' missing on module 'app'"),
        deviation=("RuntimeError", "Worker init failed: module 'app' has no attribute 'nope'"),
    ),
    Row(
        "app",
        error=(
            "Runtime.MalformedHandlerName",
            "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
        ),
        deviation=("ValueError", "not enough values to unpack (expected 2, got 1)"),
    ),
    Row(
        "missing.handler",
        error=("Runtime.ImportModuleError", "Unable to import module 'missing': No module named 'missing'"),
        deviation=("RuntimeError", "Worker init failed: No module named 'missing'"),
    ),
    Row(
        "needs.handler",
        error=("Runtime.ImportModuleError", "Unable to import module 'needs': No module named 'nowhere'"),
        deviation=("RuntimeError", "Worker init failed: No module named 'nowhere'"),
    ),
    Row(
        "fails.handler",
        error=("RuntimeError", "no database"),
        deviation=("RuntimeError", "Worker init failed: no database"),
    ),
    Row(
        "app.leaves",
        error=("Runtime.ExitError", "Error: Runtime exited with error: exit status 3"),
        deviation=(HANDLER_ERROR, "Worker process died"),
    ),
    Row(
        "app.sleeps",
        error=("Sandbox.Timedout", "Error: Task timed out after 2.00 seconds"),
        deviation=("Sandbox.Timedout", "Task timed out after 2.00 seconds"),
        timeout=2,
    ),
]


@pytest.fixture(scope="module")
def there(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield a client of a Lambda that has the function and its layer."""
    folder = tmp_path_factory.mktemp("there")
    client = aws.client("lambda")
    layer = client.publish_layer_version(
        LayerName=NAME, Content={"ZipFile": layer_part(folder, LAYER).zip.read_bytes()}
    )
    client.create_function(
        FunctionName=NAME,
        Runtime=f"python{OWN}",
        Role=f"arn:aws:iam::{aws.account}:role/greeter",
        Handler="app.echo",
        Code={"ZipFile": code_part(folder, {"app.py": CODE, **BROKEN}).zip.read_bytes()},
        Layers=[layer["LayerVersionArn"]],
        Environment={"Variables": VARIABLES},
        MemorySize=512,
    )
    yield client
    client.delete_function(FunctionName=NAME)


def ask_there(client: Any, row: Row) -> tuple[Any, bool, str]:  # noqa: ANN401 - a boto3 client
    """Return MiniStack's answer, whether it is an error, and the log."""
    client.update_function_configuration(FunctionName=NAME, Handler=row.handler, Timeout=row.timeout)
    done = client.invoke(FunctionName=NAME, Payload=json.dumps(row.event).encode(), LogType="Tail")
    answer = json.loads(done["Payload"].read())
    return answer, "FunctionError" in done, base64.b64decode(done.get("LogResult", "")).decode()


def ask_here(folder: Path, row: Row, lines: list[str]) -> FunctionAnswer:
    parts = [code_part(folder, {"app.py": CODE, **BROKEN}), layer_part(folder, LAYER)]
    settings = FunctionSettings(row.timeout, 512, VARIABLES, NAME)
    call = HandlerCall(row.handler, json.dumps(row.event).encode())
    return invoke_function(parts, call, Target(OWN), settings, write_line=lines.append)


@pytest.fixture(autouse=True)
def _same_region(monkeypatch: pytest.MonkeyPatch, aws: EmbeddedAws) -> None:
    monkeypatch.setenv("AWS_REGION", aws.region)


@pytest.mark.parametrize("row", ANSWERS, ids=[f"{row.handler} {row.event!r}" for row in ANSWERS])
def test_answers_are_the_same(there: Any, tmp_path: Path, row: Row) -> None:  # noqa: ANN401
    here = ask_here(tmp_path, row, [])
    assert not here.failed, here
    assert json.loads(here.payload) == row.answer
    assert ask_there(there, row)[:2] == (row.answer, False)


@pytest.mark.parametrize("row", ERRORS, ids=[row.handler for row in ERRORS])
def test_errors_are_those_of_lambda(there: Any, tmp_path: Path, row: Row) -> None:  # noqa: ANN401
    """Where MiniStack says something else, the row has it: when it follows Lambda, the row can go."""
    here = ask_here(tmp_path, row, [])
    assert here.failed
    said = json.loads(here.payload)
    message = said["errorMessage"]
    if message.startswith("RequestId: "):
        message = message.split(" ", 2)[2]
    assert (said["errorType"], message) == row.error
    answer, failed, _ = ask_there(there, row)
    assert failed
    assert (answer["errorType"], answer["errorMessage"]) == (row.deviation or row.error)


@pytest.mark.parametrize("version", sorted(interpreters()))
def test_every_python_of_this_machine(tmp_path: Path, version: str) -> None:
    """Handlers, their failures, and apps of both kinds, by the Python of the target."""
    code = (
        "import sys\n"
        "def handler(event, context):\n    return list(sys.version_info[:2]) + [event]\n"
        "def bad(event, context):\n    raise ValueError('x')\n"
        "async def app(scope, receive, send):\n"
        "    assert scope['type'] == 'http'\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': (await receive())['body']})\n"
        "def classic(environ, start_response):\n"
        "    start_response('200 OK', [])\n    return environ['wsgi.input']\n"
    )
    parts = [code_part(tmp_path, {"app.py": code})]
    settings = FunctionSettings(timeout=300, memory=512)

    def ask(call: HandlerCall | WebCall) -> Any:  # noqa: ANN401
        answer = invoke_function(parts, call, Target(version), settings, write_line=lambda _: None)
        return json.loads(answer.payload)

    assert ask(HandlerCall("app.handler", b"1")) == [3, int(version.partition(".")[2]), 1]
    assert ask(HandlerCall("app.bad"))["stackTrace"] == [
        "  File \"/var/task/app.py\", line 5, in bad\n    raise ValueError('x')\n"
    ]
    assert ask(WebCall("app:app", body=b"sent"))["body"] == "sent"
    assert ask(WebCall("app:classic", body=b"sent", protocol="wsgi"))["body"] == "sent"


def test_what_is_printed_is_in_both_logs(there: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """Of a logger Lambda writes level, time, request id and text; MiniStack the text alone."""
    row = Row("app.prints")
    lines: list[str] = []
    ask_here(tmp_path, row, lines)
    assert lines[2:4] == ["to stdout", "to stderr"]
    level, _, request_id, text = lines[4].split("\t")
    assert (level, len(request_id), text) == ("[WARNING]", 36, "logged")
    printed = ["to stdout", "to stderr", "logged"]
    # MiniStack waits some milliseconds for the lines of an invocation; what comes later stands in the next log.
    wait_until(
        lambda: [line for line in ask_there(there, row)[2].splitlines() if line in printed] == printed,
        "the lines are in the log",
    )
