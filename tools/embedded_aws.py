"""An embedded AWS on loopback: MiniStack, started for a while and removed without trace.

    with embedded_aws() as aws:
        aws.client("s3").create_bucket(Bucket="demo")
        subprocess.run(["cdk", "deploy"], env=aws.env)

Three processes take part. The *holder* enters the context. It starts a *guard*, and the guard starts MiniStack. The
guard runs until its standard input ends, which the kernel ensures however the holder ends: at the end of the context,
by an exception, Ctrl-C, SIGTERM or SIGKILL. Then the guard ends MiniStack's process group (with the subprocesses in
which it runs Lambda functions) and removes its folder.

Run as a script, it serves until Ctrl-C or the end of its input. It needs process groups: Linux or macOS.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACCOUNT = "000000000042"
REGION = "eu-central-1"

_LOOPBACK = "127.0.0.1"
_LOG = "ministack.log"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_START_SECONDS = 600.0
_END_SECONDS = 3.0
_ATTEMPTS = 3
# MiniStack waits 50 ms for the first line of an invocation's log and 5 ms for each further one, in all at most 250 ms. On a
# busy machine lines come later, and then they are missing until the function's next invocation.
_PROGRAM = """
import runpy
from ministack.core.lambda_runtime import Worker
Worker._drain_stderr_bounded.__defaults__ = (0.2, 0.05, 5.0)
runpy.run_module("ministack", run_name="__main__")
"""


class EmbeddedAwsError(RuntimeError):
    """MiniStack did not start."""


@dataclass(frozen=True)
class EmbeddedAws:
    """A running embedded AWS."""

    endpoint_url: str
    account: str
    region: str
    folder: Path
    """The folder of all files that MiniStack writes; removed when the context ends."""
    log: Path
    env: dict[str, str] = field(repr=False)
    """A copy of the environment in which AWS clients of any kind connect to this AWS and to no other."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a boto3 client of this AWS, untouched by the user's own configuration and proxies."""
        from botocore.config import Config

        # An empty mapping means "no proxy", None would mean "as the environment says".
        direct = Config(proxies={}, retries={"total_max_attempts": 1}, read_timeout=900)
        return self._session.client(service, endpoint_url=self.endpoint_url, config=direct)

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401 - boto3 is imported when it is needed
        """One session for all clients: each reads botocore's large models anew."""
        import boto3  # slow to import, and the guard does without
        from botocore.session import Session

        nothing = (None, None, None, None)
        files = {
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
        return boto3.session.Session(
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            region_name=self.region,
            botocore_session=Session(session_vars={"profile": nothing, **files}),
        )


@contextlib.contextmanager
def embedded_aws() -> Iterator[EmbeddedAws]:
    """Start MiniStack on a free port and yield it once it answers.

    Several may run at a time. Raises an EmbeddedAwsError, with the end of the log, if it does not start.
    """
    guard = subprocess.Popen(
        # -I: the guard must not pick up modules from the caller's folder or PYTHONPATH.
        [sys.executable, "-I", str(Path(__file__).resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # a terminal's Ctrl-C is for the holder, and the guard must still clean up
    )
    try:
        line = guard.stdout.readline() if guard.stdout else b""
        answer = json.loads(line) if line else {"error": "the guard of MiniStack ended at once"}
        if "error" in answer:
            raise EmbeddedAwsError(answer["error"])
        folder = Path(answer["folder"])
        yield EmbeddedAws(
            endpoint_url=answer["endpoint_url"],
            account=ACCOUNT,
            region=REGION,
            folder=folder,
            log=folder / _LOG,
            env=client_environment(os.environ, answer["endpoint_url"], folder),
        )
    finally:
        # Not `with guard`: at a KeyboardInterrupt that would not wait for the guard's end.
        for stream in (guard.stdin, guard.stdout):
            if stream:
                stream.close()
        guard.wait()


def client_environment(environ: Mapping[str, str], endpoint_url: str, folder: Path) -> dict[str, str]:
    """Return a copy of `environ` for AWS clients: this endpoint, dummy keys, none of the user's AWS settings."""
    env = {name: value for name, value in environ.items() if not name.startswith(("AWS_", "CDK_DEFAULT_"))}
    not_proxied = ",".join(filter(None, [env.get("NO_PROXY") or env.get("no_proxy"), _LOOPBACK, "localhost"]))
    return {
        **env,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,  # MiniStack takes a 12-digit key id for the account id
        "AWS_SECRET_ACCESS_KEY": "embedded",
        "AWS_CONFIG_FILE": str(folder / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": not_proxied,
        "no_proxy": not_proxied,
    }


# The guard: runs in a process of its own, with the standard library alone.


@dataclass
class _Server:
    process: subprocess.Popen[bytes]
    url: str


def _guard() -> int:
    """Serve until standard input ends, then leave nothing behind."""
    # Resolved: MiniStack compares real paths, and macOS' temp folder is behind a symlink.
    folder = Path(tempfile.mkdtemp(prefix="embedded-aws-")).resolve()
    server: _Server | None = None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        server = _start(folder)
        _answer({"endpoint_url": server.url, "folder": str(folder)})
        sys.stdin.buffer.read()
    except EmbeddedAwsError as error:
        _answer({"error": str(error)})
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if server is not None:
            end_process_group(server.process)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _stop(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _answer(answer: Mapping[str, str]) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(answer), flush=True)


def _start(folder: Path) -> _Server:
    # Between choosing a free port and binding it another process may take it: then try the next one.
    for _ in range(_ATTEMPTS):
        server = _launch(folder)
        try:
            if _answers(server):
                return server
        except BaseException:
            end_process_group(server.process)
            raise
        end_process_group(server.process)
    lines = (folder / _LOG).read_text(errors="replace").strip().splitlines()
    raise EmbeddedAwsError("\n".join(["MiniStack did not start; the end of its log:", *lines[-8:]]))


def _launch(folder: Path) -> _Server:
    port = _free_port()
    for name in ("tmp", "home", "state", "s3"):
        (folder / name).mkdir(exist_ok=True)
    with (folder / _LOG).open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            cwd=folder / "home",
            env=_server_environment(os.environ, folder, port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return _Server(process, f"http://{_LOOPBACK}:{port}")


def _server_environment(environ: Mapping[str, str], folder: Path, port: int) -> dict[str, str]:
    """Return MiniStack's environment, which functions inherit, without the user's AWS, Python, proxy settings."""
    env = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("AWS_", "PYTHON", "MINISTACK_", "LAMBDA_")) and name.upper() not in _PROXIES
    }
    return {
        **env,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": _LOOPBACK,
        "IOT_MTLS_ENABLED": "0",  # would take port 8883, so that only one could run
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": f"unix://{folder}/no-docker",  # it would sweep "its" containers from the user's Docker
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "TMPDIR": str(folder / "tmp"),
        "HOME": str(folder / "home"),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(server: _Server) -> bool:
    """Wait until the server answers; False when it ended or took too long."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(OSError):
            direct.open(server.url + "/_ministack/health", timeout=60).close()
            # The answer may come from the server of another process, on a port that ours could not take.
            return server.process.poll() is None
        time.sleep(0.05)
    return False


def end_process_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children: by SIGTERM first, then by SIGKILL."""
    _signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: EPERM for a group of zombies
        os.killpg(group, number)


if __name__ == "__main__":
    raise SystemExit(_guard())
