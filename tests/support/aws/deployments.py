"""Deployments by the real cdk command line to an embedded AWS, and questions about what they left."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.embedded_aws import EmbeddedAws

ROOT = Path(__file__).resolve().parents[3]
CDK = ROOT / "tools" / "cdk" / "node_modules" / "aws-cdk" / "lib"
HOST = Path(__file__).with_name("cdk_host.cjs")

LAYER = "Custom::PythonLayerArtifact"


class Cli:
    """The cdk command line, all of whose commands run in one process; what it says is kept in `transcripts`."""

    def __init__(self, folder: Path, aws: EmbeddedAws) -> None:
        self.transcripts = folder / "transcripts"
        self.transcripts.mkdir()
        self._folder = folder
        self._env = {
            **aws.env,
            "PYTHONPATH": str(ROOT),
            "CDK_HOME": str(folder / "home"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
        }
        self._host = subprocess.Popen(
            ["node", HOST, CDK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.run("bootstrap", f"aws://{aws.account}/{aws.region}", "--app", "")

    def close(self) -> None:
        self._host.communicate()

    def deploy(
        self, app: Path | str, *stacks: str, at_once: int = 4, env: Mapping[str, str] | None = None
    ) -> str:
        """Deploy stacks of an assembly, or of the app that a command runs; what was said."""
        return self.run(*self._deployment(app, stacks), f"--concurrency={at_once}", env=env)

    def deploy_in_vain(self, app: Path, *stacks: str) -> list[str]:
        """Deploy each stack by a command of its own, since the first that fails ends a command."""
        return [self.run(*self._deployment(app, [stack]), code=1) for stack in stacks]

    def destroy(self, app: Path, *stacks: str) -> None:
        self.run("destroy", *stacks, "--force", "--exclusively", "--app", str(app))

    def run(self, *arguments: str, code: int = 0, env: Mapping[str, str] | None = None) -> str:
        """Run one command, which has to end with this exit code; what was said."""
        args = [*arguments, "--no-notices", "--no-version-reporting", "--ci"]
        job = {"args": args, "cwd": str(self._folder), "env": {**self._env, **(env or {})}}
        assert self._host.stdin is not None
        assert self._host.stdout is not None
        self._host.stdin.write(json.dumps(job).encode() + b"\n")
        self._host.stdin.flush()
        said = b""
        while not (ended := re.search(rb"\0(\d+)\n$", said)):
            chunk = os.read(self._host.stdout.fileno(), 1 << 16)
            assert chunk, said.decode()
            said += chunk
        said = said[: ended.start()]
        (self.transcripts / f"{arguments[0]}-{os.urandom(4).hex()}.log").write_bytes(said)
        assert int(ended[1]) == code, said.decode()
        return said.decode()

    def _deployment(self, app: Path | str, stacks: Sequence[str]) -> list[str]:
        how = ["--require-approval=never", "--method=direct", "--progress=events", "--exclusively"]
        return ["deploy", *stacks, *how, "--app", str(app)]


class Account:
    """What is there after a deployment."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.s3 = aws.client("s3")
        self.lambda_ = aws.client("lambda")
        self.cloudformation = aws.client("cloudformation")
        self._logs = aws.client("logs")
        self._iam = aws.client("iam")
        self.region = aws.region
        self.environment = f"aws://{aws.account}/{aws.region}"
        self.staging = f"cdk-hnb659fds-assets-{aws.account}-{aws.region}"
        """The bucket that `cdk bootstrap` made for assets."""

    def status(self, stack: str) -> str:
        """Return the status of the newest stack with this name, which may be deleted."""
        summaries = self.cloudformation.list_stacks()["StackSummaries"]
        newest = max(
            (each for each in summaries if each["StackName"] == stack), key=lambda each: each["CreationTime"]
        )
        return str(newest["StackStatus"])

    def output(self, stack: str, key: str) -> str:
        [described] = self.cloudformation.describe_stacks(StackName=stack)["Stacks"]
        return str({each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}[key])

    def live(self, stack: str) -> str:
        """Return the function's layer version, which must be the one in the stack's outputs."""
        [layer] = self.layers(stack)
        assert layer == self.output(stack, "LayerArn")
        return layer

    def layers(self, stack: str) -> list[str]:
        """Return the layer versions of the stack's function."""
        return [str(each["Arn"]) for each in self._function(stack)["Layers"]]

    def code(self, stack: str) -> str:
        """Return the sha256, in base64, of the code of the stack's function."""
        return str(self._function(stack)["CodeSha256"])

    def inline_policies(self, stack: str) -> list[str]:
        """Return the inline policies of the roles of a stack."""
        rows = self.cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"]
        roles = [row["PhysicalResourceId"] for row in rows if row["ResourceType"] == "AWS::IAM::Role"]
        return [name for role in roles for name in self._iam.list_role_policies(RoleName=role)["PolicyNames"]]

    def versions(self, layer: str) -> list[int]:
        """All live versions of a layer, oldest first."""
        found = self.lambda_.list_layer_versions(LayerName=layer)["LayerVersions"]
        return sorted(each["Version"] for each in found)

    def reasons(self, stack: str, status: str) -> list[str]:
        """Why the stack's layer came to this status, oldest first."""
        return [
            str(each.get("ResourceStatusReason", ""))
            for each in reversed(self._events(stack))
            if each["ResourceType"] == LAYER and each["ResourceStatus"] == status
        ]

    def continue_update_rollback(self, command: str) -> None:
        """Do what a line for the AWS command line says, and wait until it is done."""
        parser = argparse.ArgumentParser()
        parser.add_argument("--stack-name", required=True)
        parser.add_argument("--resources-to-skip", nargs="+", required=True)
        start, arguments = command.split()[:3], command.split()[3:]
        assert start == ["aws", "cloudformation", "continue-update-rollback"]
        said = parser.parse_args(arguments)
        self.cloudformation.continue_update_rollback(
            StackName=said.stack_name, ResourcesToSkip=said.resources_to_skip
        )
        while self.status(said.stack_name).endswith("_IN_PROGRESS"):
            time.sleep(0.1)

    def log(self, stack: str, holding: str = "") -> list[str]:
        """Return the lines of the stack's publisher, without their times, as soon as one holds this text.

        A function answers CloudFormation before its last lines are written.
        """
        group = f"/aws/cloudformation/{stack}/"
        lines: list[str] = []
        for _ in range(int(PATIENCE * 10)):
            groups = self._logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
            lines = [line.partition(" s  ")[2] for line in self._lines(groups) if " s  " in line]
            if any(holding in line for line in lines):
                return lines
            time.sleep(0.1)
        raise AssertionError(f"no line of {stack} holds {holding!r}: {lines}")

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        found = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [each["Key"] for each in found]

    def write_down(self, folder: Path) -> None:
        """Everything that can be read in the account, as files: events, templates, logs, objects."""
        for each in self.cloudformation.list_stacks()["StackSummaries"]:
            stack, path = each["StackId"], folder / f"{each['StackName']}-{each['StackId'][-12:]}"
            events = self._events(stack)
            described = self.cloudformation.describe_stacks(StackName=stack)["Stacks"]
            path.with_suffix(".json").write_text(json.dumps([described, events], default=str))
            template = self.cloudformation.get_template(StackName=stack)["TemplateBody"]
            path.with_suffix(".template").write_text(json.dumps(template))
        groups = self._logs.describe_log_groups()["logGroups"]
        (folder / "logs").write_text("\n".join(self._lines(groups)))
        for bucket in (each["Name"] for each in self.s3.list_buckets()["Buckets"]):
            for number, key in enumerate(self.keys(bucket)):
                body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                (folder / f"{bucket}-{number}").write_bytes(body)

    def _events(self, stack: str) -> list[dict[str, Any]]:
        """Return the stack's events, the newest first."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
        return [event for page in pages for event in page["StackEvents"]]

    def _function(self, stack: str) -> dict[str, Any]:
        name = self.output(stack, "FunctionName")
        return dict(self.lambda_.get_function_configuration(FunctionName=name))

    def _lines(self, groups: Sequence[Any]) -> Iterator[str]:
        for group in groups:
            for event in self._logs.filter_log_events(logGroupName=group["logGroupName"])["events"]:
                yield from str(event["message"]).splitlines()
