"""A `World`'s AWS behind HTTP on loopback, for a handler in a process of its own; it can kill that process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders

from tests.support.index.serving import serving
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.aws.world import World

ROOT = Path(__file__).parents[3]

# One process has everything imported and forks for each event: a new one would take a second each time.
_PROGRAM = """
import json, os, sys
import boto3
from constructs_lib.handler import response, sdk_clients
from constructs_lib.handler.index import handler
from tests.support.patience import PATIENCE
response._TIMEOUT = sdk_clients._CONNECT_TIMEOUT = sdk_clients._READ_TIMEOUT = PATIENCE
boto3.client("s3"), boto3.client("lambda")
class Context:
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:handler"
    def get_remaining_time_in_millis(self):
        return 300_000
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        handler(json.loads(line), Context())
        os._exit(0)
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""


@dataclass
class AwsOverHttp:
    """`kill_at` is the number of the call at which the process ends, None for never."""

    world: World
    url: str = ""
    kill_at: int | None = None
    after: bool = False
    calls: list[str] = field(default_factory=list)
    _pid: int = 0
    _started: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[str] | None = None

    def run(self, event: dict[str, Any], kill_at: int | None = None, *, after: bool = False) -> bool:
        """Run the handler on one event; False when it was killed."""
        self.calls.clear()
        self.kill_at, self.after = kill_at, after
        self._started.clear()
        process = self._process or self._start()
        _stream(process.stdin).write(json.dumps(event) + "\n")
        _stream(process.stdin).flush()
        self._pid = int(self._read(process))
        self._started.set()
        status = int(self._read(process))
        assert status in {0, signal.SIGKILL}, status
        return status == 0

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        assert self._started.wait(PATIENCE)
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        service = "lambda" if "/lambda/aws4_request" in handler.headers["Authorization"] else "s3"
        operation = f"{service}.{_operation(service, handler)}"
        headers = HTTPHeaders()
        for name, value in handler.headers.items():
            headers[name] = value
        url = f"https://{service}.eu-west-1.amazonaws.com{handler.path}"
        request = AWSPreparedRequest(handler.command, url, headers, body, stream_output=False)
        self.calls.append(operation)
        dies = len(self.calls) == self.kill_at
        if dies and not self.after:
            os.kill(self._pid, signal.SIGKILL)
            return
        answer = self.world.moto.send(operation, request)
        if dies:
            os.kill(self._pid, signal.SIGKILL)
            return
        content = answer.content
        handler.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection", "date", "server"}:
                handler.send_header(name, str(value))
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def close(self) -> None:
        if self._process is not None:
            with self._process as process:
                _stream(process.stdin).close()

    def _start(self) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self._process

    def _read(self, process: subprocess.Popen[str]) -> str:
        """Read the next line that is not one of the handler's log."""
        while True:
            line = _stream(process.stdout).readline()
            assert line, "the process is gone"
            if re.fullmatch(r"\d+\n", line):
                return line


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _operation(service: str, handler: BaseHTTPRequestHandler) -> str:
    method, path = handler.command, handler.path
    if service == "lambda":
        if re.search(r"/versions/\d+$", path):
            return {"GET": "GetLayerVersion", "DELETE": "DeleteLayerVersion"}[method]
        if "/layers/" in path:
            return {"GET": "ListLayerVersions", "POST": "PublishLayerVersion"}[method]
        return "ListFunctions"
    if method == "GET":
        return "ListObjectsV2" if "list-type=2" in path else "GetObject"
    if method == "PUT":
        return "CopyObject" if "x-amz-copy-source" in handler.headers else "PutObject"
    return {"HEAD": "HeadObject", "DELETE": "DeleteObject"}[method]


@contextmanager
def open_aws_over_http(world: World) -> Iterator[AwsOverHttp]:
    """Serve until the end of the block."""
    served = AwsOverHttp(world)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One segment for each answer: two small ones would wait for each other's acknowledgement.
        wbufsize = 1 << 16

        def handle_expect_100(self) -> bool:
            super().handle_expect_100()
            self.wfile.flush()
            return True

        def do_GET(self) -> None:
            try:
                served.answer(self)
            except ConnectionError:
                self.close_connection = True

        do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the names http.server asks for

    with serving(Handler) as served.url:
        try:
            yield served
        finally:
            served.close()
