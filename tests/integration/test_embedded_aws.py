"""The embedded AWS: it works like one, and it leaves nothing behind."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE, wait_until
from tools.embedded_aws import ACCOUNT, REGION, EmbeddedAws, embedded_aws

ROOT = Path(__file__).resolve().parents[2]
HERE = {"LocationConstraint": REGION}

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

FUNCTION = """
import json, os, sys, boto3, borrowed
def handler(event, context):
    boto3.client("s3").put_object(Bucket=event["bucket"], Key="by-function", Body=b"hello")
    return {
        "python": list(sys.version_info[:2]),
        "borrowed": borrowed.VALUE,
        "arn": context.invoked_function_arn,
        "left": context.get_remaining_time_in_millis(),
        "env": {name: os.environ.get(name) for name in ("AWS_REGION", "HTTP_PROXY", "PYTHONPATH")},
    }
"""

# Holds an embedded AWS in which a function's process is waiting for work, says where, and waits for its end.
HOLDER = """
import sys, time
from tests.integration.test_embedded_aws import make_function
from tools.embedded_aws import embedded_aws
with embedded_aws() as aws:
    here = {"LocationConstraint": aws.region}
    aws.client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration=here)
    make_function(aws)
    print(aws.folder, flush=True)
    time.sleep(3600)
"""


def zip_of(name: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def make_function(aws: EmbeddedAws) -> dict[str, Any]:
    """Make a function with a layer, call it once, and return its answer."""
    client = aws.client("lambda")
    content = {"ZipFile": zip_of("python/borrowed.py", "VALUE = 'from the layer'")}
    layer = client.publish_layer_version(LayerName="borrowed", Content=content)["LayerVersionArn"]
    client.create_function(
        FunctionName="probe",
        Runtime=f"python{sys.version_info[0]}.{sys.version_info[1]}",
        Role=f"arn:aws:iam::{aws.account}:role/probe",
        Handler="index.handler",
        Code={"ZipFile": zip_of("index.py", FUNCTION)},
        Layers=[layer],
        Timeout=900,
    )
    response = client.invoke(FunctionName="probe", Payload=json.dumps({"bucket": "bucket"}))
    answer = json.loads(response["Payload"].read())
    assert "FunctionError" not in response, answer
    return dict(answer)


def processes_of(folder: Path) -> list[int]:
    """Everything that runs with `folder` in its environment: MiniStack and the functions it runs."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:  # ended meanwhile, or another user's
            continue
        if os.fsencode(folder) in environment:
            found.append(int(process.name))
    return found


def wait_until_gone(folder: Path) -> None:
    wait_until(lambda: not (folder.exists() or processes_of(folder)), f"nothing is left of {folder}")


def test_objects_come_back_from_s3(aws: EmbeddedAws) -> None:
    """What is put into S3 is there again when asked for."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="objects", CreateBucketConfiguration=HERE)
    s3.put_object(Bucket="objects", Key="a/b", Body=b"\x00\xff")
    assert s3.get_object(Bucket="objects", Key="a/b")["Body"].read() == b"\x00\xff"


def test_a_function_really_runs_with_its_layer(aws: EmbeddedAws) -> None:
    """A function runs under this Python, imports from its layer, and its boto3 talks to the same AWS."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
    answer = make_function(aws)
    assert answer["python"] == list(sys.version_info[:2])
    assert answer["borrowed"] == "from the layer"
    assert answer["arn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:probe"
    assert 0 < answer["left"] <= 900_000
    assert answer["env"] == {
        "AWS_REGION": REGION,
        "HTTP_PROXY": None,
        "PYTHONPATH": None,
    }
    assert s3.get_object(Bucket="bucket", Key="by-function")["Body"].read() == b"hello"


def test_child_processes_reach_it_through_the_environment(
    aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any AWS client started with `env` is in the embedded account, whatever proxy the machine has."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    with embedded_aws() as second:
        assert second.client("sts").get_caller_identity()["Account"] == ACCOUNT
        said = subprocess.run(
            [sys.executable, "-c", code], env=second.env, capture_output=True, text=True, check=True
        )
    assert said.stdout.strip() == ACCOUNT == aws.account


def test_two_at_a_time_know_nothing_of_each_other(aws: EmbeddedAws) -> None:
    """A second one has its own port and its own buckets."""
    aws.client("s3").create_bucket(Bucket="only-in-first", CreateBucketConfiguration=HERE)
    with embedded_aws() as second:
        assert second.endpoint_url != aws.endpoint_url
        assert second.client("s3").list_buckets()["Buckets"] == []


def test_nothing_is_left_when_the_context_ends() -> None:
    """At the end of the context, also by an exception, the server, its functions and its folder are gone."""
    folders = []

    def work() -> None:
        with embedded_aws() as aws:
            folders.append(aws.folder)
            aws.client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
            make_function(aws)
            assert len(processes_of(aws.folder)) == 2  # the server and the function
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert processes_of(folders[0]) == []
    assert not folders[0].exists()


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name
)
def test_nothing_is_left_when_the_holder_is_killed(number: signal.Signals) -> None:
    """Ctrl-C, SIGTERM and even SIGKILL of the process that holds it leave neither process nor folder."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with holder:
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().strip())
        assert len(processes_of(folder)) == 2
        holder.send_signal(number)
        holder.wait(PATIENCE)
        if number == signal.SIGINT:  # Python unwinds: all is gone before the holder is
            assert processes_of(folder) == []
            assert not folder.exists()
        wait_until_gone(folder)
