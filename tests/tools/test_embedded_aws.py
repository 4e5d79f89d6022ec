"""The embedded AWS's own rules, without starting it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import embedded_aws
from tools.embedded_aws import EmbeddedAwsError, client_environment, end_process_group

FOLDER = Path("/private")


def test_clients_get_nothing_of_the_users_aws_settings() -> None:
    """A profile, a token or a region of the user's cannot lead a client to a real account."""
    mine = {
        "PATH": "/bin",
        "AWS_PROFILE": "work",
        "AWS_SESSION_TOKEN": "t",
        "CDK_DEFAULT_ACCOUNT": "111111111111",
    }
    env = client_environment(mine, "http://127.0.0.1:1", FOLDER)
    assert env["PATH"] == "/bin"
    assert env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert env["AWS_ACCESS_KEY_ID"] == embedded_aws.ACCOUNT
    assert env["AWS_CONFIG_FILE"] == "/private/no-config"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "CDK_DEFAULT_ACCOUNT"} & env.keys()
    assert mine["AWS_PROFILE"] == "work"


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_loopback_is_added_to_the_hosts_without_proxy(name: str) -> None:
    """The user's own exceptions stay, in both spellings, and loopback joins them."""
    env = client_environment({name: "intranet"}, "http://127.0.0.1:1", FOLDER)
    assert env["NO_PROXY"] == env["no_proxy"] == "intranet,127.0.0.1,localhost"


def test_the_server_gets_no_proxy_and_no_python_settings() -> None:
    """Functions inherit the server's environment: what changes imports or routes is left out."""
    mine = {"PATH": "/bin", "http_proxy": "x", "HTTPS_PROXY": "x", "PYTHONPATH": "x", "AWS_PROFILE": "x"}
    env = embedded_aws._server_environment(mine, FOLDER, 4711)
    assert env["PATH"] == "/bin"
    assert env["GATEWAY_PORT"] == "4711"
    assert env["IOT_MTLS_ENABLED"] == "0"
    assert not {"http_proxy", "HTTPS_PROXY", "PYTHONPATH", "AWS_PROFILE"} & env.keys()


def test_a_server_that_cannot_start_is_an_error_with_its_last_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few attempts the error shows the end of the server's log."""
    launched = []

    def launch(folder: Path) -> embedded_aws._Server:
        with (folder / embedded_aws._LOG).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", "print('no luck')"], stdout=log, start_new_session=True
            )
        launched.append(process)
        return embedded_aws._Server(process, "http://127.0.0.1:1")

    monkeypatch.setattr(embedded_aws, "_launch", launch)
    with pytest.raises(EmbeddedAwsError, match="no luck"):
        embedded_aws._start(tmp_path)
    assert len(launched) == 3


def test_a_group_ends_with_all_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ignores SIGTERM, and a child of it, are gone afterwards."""
    monkeypatch.setattr(embedded_aws, "_END_SECONDS", 0.2)
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(60)'])\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        end_process_group(process)
        assert process.stdout.read() == b""  # ends only when nobody holds the other end any more
