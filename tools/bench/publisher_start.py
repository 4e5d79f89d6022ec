"""`python -m tools.bench.publisher_start`: CPU time, modules and peak memory of the publisher's first event.

Each event runs in a new process that has the publisher's package, botocore and the standard library, on the embedded AWS.
As in Lambda the package has no bytecode. CPU time counts, not wall time: Lambda gives CPU by memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import sysconfig
import tempfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from constructs_lib.cdk.publisher import handler_archive
from tools.embedded_aws import embedded_aws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.embedded_aws import EmbeddedAws

ROUNDS = 5
MEGABYTES = 60
BUCKET = "bench"

_PROGRAM = """
import json, re, resource, sys, time
started = time.process_time()
event = json.loads(sys.argv[1])
from constructs_lib.handler.index import handler
class Context:
    invoked_function_arn = event["StackId"]
    def get_remaining_time_in_millis(self):
        return 300_000
handler(event, Context())
peak = re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]
print(json.dumps([time.process_time() - started, len(sys.modules), int(peak) / 1000]))
"""


class _Answers(BaseHTTPRequestHandler):
    """Takes the answers that go to CloudFormation otherwise."""

    statuses: list[str] = []  # noqa: RUF012 - of the class, since each request has a handler of its own

    def do_PUT(self) -> None:
        answer = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.statuses.append(f"{answer['Status']} {answer['Reason']}".strip())
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main() -> int:
    """Measure and print; return the exit code."""
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as scratch, embedded_aws() as aws:
        archive = handler_archive(Path(scratch) / "handler.zip")
        package = Path(scratch) / "package"
        with zipfile.ZipFile(archive.path) as zipped:
            zipped.extractall(package)
        print(f"package: {archive.size / 1000:.0f} kB, {len(list(package.rglob('*.py')))} modules")
        properties = _upload(aws)
        for name, kind, resource_type in (
            ("layer, Create", "Create", "Custom::PythonLayerArtifact"),
            ("source, Create", "Create", "Custom::PythonSourceArtifact"),
            ("source, Delete, retained", "Delete", "Custom::PythonSourceArtifact"),
        ):
            rows = []
            for number in range(ROUNDS):
                event = {
                    "RequestType": kind,
                    "RequestId": str(number),
                    "ResponseURL": f"http://127.0.0.1:{server.server_port}/",
                    "StackId": f"arn:aws:cloudformation:{aws.region}:{aws.account}:stack/bench/1",
                    "LogicalResourceId": "Bench",
                    "PhysicalResourceId": "s3://bench/gone" if kind == "Delete" else "",
                    "ResourceType": resource_type,
                    "ResourceProperties": properties
                    | {"LayerName": f"bench{number}", "Prefix": f"bench{number}"},
                }
                rows.append(_run(aws, package, event))
            cpu, modules, peak = (median(column) for column in zip(*rows, strict=True))
            print(f"{name}: {cpu:.2f} s of CPU, {modules:.0f} modules, peak {peak:.0f} MB")
    failed = [status for status in _Answers.statuses if status != "SUCCESS"]
    print("\n".join(failed), file=sys.stderr)
    return 1 if failed else 0


def _upload(aws: EmbeddedAws) -> dict[str, Any]:
    """Upload the assets of an artifact; the zip holds bytes that do not compress. Return the resource's properties."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.region})
    path = aws.folder / "layer.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("python/data.bin", random.Random(1).randbytes(MEGABYTES * 10**6))  # noqa: S311
    body, lock = path.read_bytes(), b"lock"
    # Without a checksum that S3 has of the whole, as after an upload in parts: the worst case, since a source is read.
    s3.put_object(Bucket=BUCKET, Key="layer.zip", Body=body)
    s3.put_object(Bucket=BUCKET, Key="uv.lock", Body=lock)
    sha256 = hashlib.sha256(body).hexdigest()
    return {
        "SchemaVersion": "1",
        "Bucket": BUCKET,
        "AssetBucket": BUCKET,
        "AssetKey": "layer.zip",
        "LayerSha256": sha256,
        "SourceSha256": sha256,
        "SourceVersion": "1.0.0",
        "ManifestName": "uv.lock",
        "ManifestAssetBucket": BUCKET,
        "ManifestAssetKey": "uv.lock",
        "ManifestMd5": hashlib.md5(lock, usedforsecurity=False).hexdigest(),
        "Fingerprint": sha256,
        "CompatibleRuntimes": ["python3.13"],
        "RemovalPolicy": "retain",
    }


def _run(aws: EmbeddedAws, package: Path, event: Mapping[str, Any]) -> list[float]:
    """Run one event in a new process; return CPU seconds, modules and the peak in MB."""
    path = os.pathsep.join([str(package), sysconfig.get_path("purelib")])
    env = {**aws.env, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    # -S: the environment's own start-up files are not in Lambda.
    command = [sys.executable, "-S", "-c", _PROGRAM, json.dumps(event)]
    done = subprocess.run(command, env=env, cwd=package, capture_output=True, text=True, check=True)
    figures: list[float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
