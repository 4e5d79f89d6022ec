from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.handler import dispatch, index, sdk_clients
from constructs_lib.handler.index import handler
from tests.support.aws.events import FakeContext
from tests.support.aws.faults import crash, first, refuse
from tests.support.aws.response_url import SIGNATURE

if TYPE_CHECKING:
    from tests.support.aws.events import Stack
    from tests.support.aws.world import World

ROOT = Path(__file__).parents[2]
SHIPPED = (
    "constructs_lib/__init__.py",
    "constructs_lib/core/__init__.py",
    "constructs_lib/core/aws_facts.py",
    "constructs_lib/core/errors.py",
    "constructs_lib/core/log.py",
    "constructs_lib/core/on_demand.py",
    "constructs_lib/core/publish",
    "constructs_lib/handler",
)


def test_a_failing_import_is_answered(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """D47: FAILED, not silence."""
    monkeypatch.setitem(sys.modules, "constructs_lib.handler.dispatch", None)
    answer = stack.send(stack.layer_event("Create"))
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("ModuleNotFoundError: ")


def test_the_entry_point_needs_only_the_standard_library() -> None:
    """D47: neither it nor what it imports at the top reaches boto3 or core."""
    for name in ("index.py", "response.py", "cloudwatch.py", "__init__.py"):
        tree = ast.parse((ROOT / "constructs_lib" / "handler" / name).read_text())
        for node in tree.body:
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            for imported in names:
                ours = imported in {"constructs_lib.handler.response", "constructs_lib.handler.cloudwatch"}
                assert ours or imported.split(".")[0] in sys.stdlib_module_names, (name, imported)


def test_the_shipped_files_import_alone(tmp_path: Path) -> None:
    """Lambda gets these files, its own boto3 and nothing else of the library."""
    for name in SHIPPED:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target)
        else:
            shutil.copy(ROOT / name, target)
    code = (
        "import sys, constructs_lib.handler.index as i, constructs_lib.handler.dispatch\n"
        "assert i.__file__.startswith(sys.argv[1]), i.__file__\n"
        "loaded = {m.split('.')[0] for m in sys.modules}\n"
        "assert not loaded & {'aws_cdk', 'jsii', 'uv', 'packaging', 'requests'}, loaded\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_unforeseen_exception_is_answered_without_a_stack_trace(stack: Stack, world: World) -> None:
    """Type and message reach CloudFormation, the place only the log."""
    world.next("lambda.ListLayerVersions", crash)
    reason = stack.send(stack.layer_event("Create"))["Reason"]
    assert reason.startswith("CrashError")
    assert ".py" not in reason
    assert "Traceback" not in reason


def test_the_reason_begins_with_type_and_id(stack: Stack, world: World) -> None:
    """The id is what the page of messages is searched for."""
    world.next("lambda.PublishLayerVersion", refuse(400, "CodeStorageExceededException"))
    reason = stack.send(stack.layer_event("Create"))["Reason"]
    assert reason.startswith("AwsError[code-storage-full]: lambda:PublishLayerVersion on layer ")


def test_request_ids_are_in_the_reason(stack: Stack, world: World) -> None:
    """What AWS support asks for first."""
    refused = refuse(400, "InvalidParameterValueException", x_amzn_RequestId="abc-123")
    world.next("lambda.PublishLayerVersion", refused)
    assert "request abc-123" in stack.send(stack.layer_event("Create"))["Reason"]


def test_logs_hold_no_secrets(stack: Stack, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """D50: one line per step with its time; no signature, no property that is not a name of a thing."""
    canary = "c4n4ry-s3cr3t"
    stack.send(stack.layer_event("Create", Description=canary))
    world.next("lambda.PublishLayerVersion", refuse(400, "InvalidParameterValueException"))
    stack.send(stack.layer_event("Update", "two", physical_id="x", Description=canary))
    stack.send(stack.layer_event("Delete", physical_id="x", Description=canary))
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) > 8
    assert all(" s  " in line for line in printed.out.splitlines())
    for secret in (canary, SIGNATURE, "ResponseURL"):
        assert secret not in printed.out + printed.err


def test_a_dead_response_url_is_raised(stack: Stack) -> None:
    """Lambda's asynchronous retry then answers."""
    stack.response_url.statuses = [403]
    with pytest.raises(Exception, match="could not be delivered: HTTP 403"):
        handler(stack.layer_event("Create"), FakeContext())


def test_the_work_stops_before_the_watchdog(stack: Stack, world: World) -> None:
    """D18, D38: throttled with 40 s left, it gives up in time and says why itself."""
    world.next("lambda.PublishLayerVersion", *[refuse(429, "TooManyRequestsException", retry_after="9")] * 9)
    answer = stack.send(stack.layer_event("Create"), remaining=40)
    assert "TooManyRequestsException" in answer["Reason"]
    assert world.time.reading <= 25


def test_a_late_answer_is_logged_as_such(
    stack: Stack, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """D38: the watchdog answers while a call hangs; the answer that comes after it is not sent."""

    def hang() -> None:
        while not stack.response_url.arrived:
            time.sleep(0.005)

    world.next("lambda.ListLayerVersions", first(hang))
    answer = stack.send(stack.layer_event("Create"), remaining=10.05)
    assert answer["Status"] == "FAILED"
    assert "too late" in capsys.readouterr().out


def test_no_client_is_made_at_import() -> None:
    """Clients are made inside the guarded region, so that their failure is answered."""
    for module in (index, dispatch, sdk_clients):
        assert not [name for name, value in vars(module).items() if hasattr(value, "meta")]
