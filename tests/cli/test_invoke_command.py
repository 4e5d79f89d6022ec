"""`constructs-lib invoke`: answer on stdout, log on stderr, and an exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.commands import document, run
from tests.support.builders.hosts import OWN
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

APP = """\
import os, time

def echo(event, context):
    print("printed")
    return {"event": event, "stage": os.environ.get("STAGE"), "name": context.function_name}

def bad(event, context):
    raise ValueError("too much")

def slow(event, context):
    print("begun")
    time.sleep(600)

async def web(scope, receive, send):
    assert scope["type"] == "http"
    body = (await receive())["body"].decode()
    text = [scope["method"], scope["path"], body, dict(scope["headers"]).get(b"x-a", b"").decode()]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": " ".join(text).encode()})

def classic(environ, start_response):
    start_response("404 Not Found", [])
    return [environ["PATH_INFO"].encode()]
"""


@pytest.fixture(autouse=True)
def _app(shop: Path) -> None:
    (shop / "src" / "shop" / "app.py").write_text(APP)


def invoke(shop: Path, *arguments: object) -> Result:
    return run("-q", "invoke", str(shop), "--python", OWN, "--timeout", 300, "--memory", 512, *arguments)


def test_the_answer_is_on_stdout_and_the_log_on_stderr(shop: Path, tmp_path: Path) -> None:
    """So that the answer can be piped on."""
    event = tmp_path / "event.json"
    event.write_text('{"n": 1}')
    done = invoke(shop, "--handler", "shop.app.echo", "--event", event, "--env", "STAGE=a=b")
    assert document(done) == {"event": {"n": 1}, "stage": "a=b", "name": "shop"}
    assert "printed\nEND RequestId: " in done.stderr


def test_a_failure_is_the_answer_and_exit_code_1(shop: Path) -> None:
    """In Lambda's words; not in the form of this library's errors."""
    done = invoke(shop, "--handler", "shop.app.bad")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["errorMessage"] == "too much"
    assert "error[" not in done.stderr


def test_apps(shop: Path, tmp_path: Path) -> None:
    """One request, of which everything can be chosen."""
    body = tmp_path / "body"
    body.write_text("content")
    options = ("--path", "/x", "--method", "put", "--header", "X-A: b", "--body", body)
    assert document(invoke(shop, "--asgi", "shop.app:web", *options))["body"] == "PUT /x content b"
    answer = document(invoke(shop, "--wsgi", "shop.app:classic"))
    assert (answer["statusCode"], answer["body"]) == (404, "/")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give one of --handler, --asgi and --wsgi"),
        (("--handler", "a.b", "--asgi", "a:b"), "give one of --handler, --asgi and --wsgi"),
        (("--asgi", "a:b", "--wsgi", "a:b"), "give one of --handler, --asgi and --wsgi"),
        (("--handler", "a.b", "--path", "/x"), "--path means nothing without --asgi or --wsgi: leave it out"),
        (("--asgi", "a:b", "--event", "-"), "--event means nothing without --handler: leave it out"),
        (
            ("--handler", "a.b", "--env", "STAGE"),
            "value 1 is no NAME=VALUE: write --env STAGE=test for instance",
        ),
        (("--handler", "a.b", "--env", "A=b", "--env", "=x"), "value 2 is no NAME=VALUE"),
        (("--handler", "a.b", "--env", "TOKEN: hunter2"), "value 1 is no NAME=VALUE"),
        (
            ("--asgi", "a:b", "--header", "X"),
            "a header has a colon: write --header 'Accept: text/html' for instance",
        ),
        (("--handler", "a.b", "--timeout", "901"), "901.0 is not in the range"),
        (("--handler", "a.b", "--memory", "64"), "64 is not in the range"),
    ],
)
def test_wrong_usage(shop: Path, arguments: tuple[str, ...], said: str) -> None:
    """Exit code 2 and what to write instead; nothing is built."""
    done = run("invoke", shop, "--python", OWN, *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not done.stdout


def test_events_that_are_none(shop: Path, tmp_path: Path) -> None:
    """One line each."""
    (tmp_path / "event.json").write_text("{")
    done = invoke(shop, "--handler", "shop.app.echo", "--event", tmp_path / "event.json")
    assert done.exit_code == 1
    assert done.stderr.startswith("error[event-unfit]: the event is not JSON (")
    done = invoke(shop, "--handler", "shop.app.echo", "--event", tmp_path / "none.json")
    assert done.stderr == f"error[file-missing]: {tmp_path / 'none.json'} does not exist\n"


@pytest.mark.parametrize(
    ("stdin", "reason"), [("<&-", "it is closed"), ("0>/dev/null", "Bad file descriptor")]
)
def test_an_event_from_a_stdin_that_is_none(shop: Path, stdin: str, reason: str) -> None:
    """One line, as for a file."""
    command = f'exec "$@" {stdin}'
    arguments = ["-q", "invoke", str(shop), "--python", OWN, "--handler", "shop.app.echo", "--event", "-"]
    done = subprocess.run(
        ["bash", "-c", command, "bash", sys.executable, "-m", "constructs_lib", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == f"error[file-unreadable]: stdin cannot be read: {reason}: name a file instead of -\n"
    )


def started(shop: Path, *arguments: str, temporary: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "constructs_lib", "-q", "invoke", str(shop), "--python", OWN, *arguments]
    return subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_event_from_stdin(shop: Path, tmp_path: Path) -> None:
    command = ("--handler", "shop.app.echo", "--timeout", "300", "--event", "-")
    with started(shop, *command, temporary=tmp_path) as process:
        answer, _ = process.communicate('["é"]')
    assert json.loads(answer)["event"] == ["é"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_function(shop: Path, tmp_path: Path, number: signal.Signals) -> None:
    """Without a traceback, and with nothing left behind."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with started(shop, "--handler", "shop.app.slow", "--timeout", "600", temporary=temporary) as process:
        assert process.stderr is not None
        while "begun" not in process.stderr.readline():
            pass
        process.send_signal(number)
        begun = time.monotonic()
        _, said = process.communicate()
    assert process.returncode == 128 + number
    assert time.monotonic() - begun < PATIENCE
    assert "Traceback" not in said
    assert not list(temporary.iterdir())
