"""The driver of the demo: commands, each with a log, and queries of the embedded AWS."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.embedded_aws import EmbeddedAws, end_process_group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STACK = "Greeter"
_COMMAND_SECONDS = 1800.0


class Surprise(Exception):  # noqa: N818 - a failed promise more often than an error
    """A promise of the demo that was broken."""

    def __init__(self, message: str, look_at: str = "ministack.log") -> None:
        """Create the surprise; `look_at` is a file among the demo's logs."""
        super().__init__(message)
        self.look_at = look_at


class Driver:
    """The example in a scratch copy, the cdk command line, and the account they deploy to."""

    def __init__(self, root: Path, aws: EmbeddedAws) -> None:
        self._root = root
        self._aws = aws
        # In the private folder of the embedded AWS, which is removed even when this process is killed.
        self._scratch = aws.folder / "demo"
        self.logs = self._scratch / "logs"
        self.greeter = self._scratch / "greeter"
        excluded = shutil.ignore_patterns("uv.lock", "dist", ".venv", "__pycache__")
        shutil.copytree(root / "app_example" / "greeter", self.greeter, ignore=excluded)
        for name in ("logs", "tmp", "home"):
            (self._scratch / name).mkdir()
        self._env = {
            **aws.env,
            **_with_home(aws.env, self._scratch / "home"),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), aws.env.get("PATH", os.defpath)]),
            "TMPDIR": str(self._scratch / "tmp"),
            "UV_CACHE_DIR": str(self._scratch / "uv"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            # Unpacking aws-cdk-lib takes seconds, so it is cached in the project.
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(root / ".cache" / "jsii"),
        }

    def lock(self) -> None:
        """Resolve the scratch copy's dependencies anew."""
        command = ["uv", "lock", "--python", sys.executable, "--no-python-downloads"]
        self._run("uv-lock", command, cwd=self.greeter)

    def bootstrap(self) -> None:
        """Prepare the account for CDK, as every real account is once."""
        self._cdk("bootstrap", f"aws://{self._aws.account}/{self._aws.region}", "--app", "")

    def deploy(self) -> str:
        """Deploy the example; return the ARN of the layer that is live then."""
        self._cdk(*self._deploy_arguments())
        return self.live_arn()

    def deploy_broken(self) -> str:
        """Deploy the stack that cannot succeed; return its state after that."""
        broken = ["--app", "python -m tools.demo_app"]
        with contextlib.suppress(CommandFailed):
            self._cdk(*self._deploy_arguments(), *broken)
            raise Surprise("the broken stack was deployed without an error")
        return str(self._stack()["StackStatus"])

    def destroy(self) -> None:
        """Delete the stack."""
        # The app need not run for that: what was synthesized last names the stack.
        self._cdk("destroy", STACK, "--force", "--app", str(self._scratch / "cdk.out"))
        if self._stack()["StackStatus"] != "DELETE_COMPLETE":
            raise Surprise("the stack is still there after cdk destroy")

    def live_arn(self) -> str:
        """Return the layer version that the function uses; a Surprise if the stack's output differs."""
        output = self._output("LayerArn")
        function = self._aws.client("lambda").get_function_configuration(
            FunctionName=self._output("FunctionName")
        )
        attached = [layer["Arn"] for layer in function.get("Layers", [])]
        if attached != [output]:
            raise Surprise(f"the stack's output is {output}, the function uses {attached}")
        return output

    def published(self, arn: str) -> list[int]:
        """Return the numbers of all live versions of the ARN's layer, oldest first."""
        pages = self._aws.client("lambda").get_paginator("list_layer_versions")
        layer = arn.split(":")[6]
        return sorted(
            item["Version"] for page in pages.paginate(LayerName=layer) for item in page["LayerVersions"]
        )

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the function's answer; a Surprise unless its packages came from the layer."""
        name = self._output("FunctionName")
        response = self._aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        answer = json.loads(response["Payload"].read())
        if "FunctionError" in response or "imported_from" not in answer:
            raise Surprise(f"the function failed: {json.dumps(answer)[:300]}", "functions.log")
        # MiniStack unpacks a function's first layer there; AWS does so in /opt.
        if Path(answer["imported_from"]).parts[-2:] != ("layer_0", "python"):
            raise Surprise(f"the function imported from {answer['imported_from']}, not from the layer")
        return dict(answer)

    def keep_logs(self, folder: Path) -> None:
        """Copy all logs to a folder: those of the commands, of the embedded AWS and of its functions."""
        shutil.copytree(self.logs, folder, dirs_exist_ok=True)
        shutil.copy(self._aws.log, folder)
        logs = self._aws.client("logs")
        with (folder / "functions.log").open("w", encoding="utf-8") as file:
            for group in logs.describe_log_groups()["logGroups"]:
                file.write(f"== {group['logGroupName']}\n")
                for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]:
                    file.write(event["message"].rstrip("\n") + "\n")

    def _deploy_arguments(self) -> list[str]:
        """Return the arguments for a stack that MiniStack can run: it uses its own Python, on this CPU."""
        context = {
            "greeter": str(self.greeter),
            "runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
            "architecture": "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
        }
        choices = [word for name, value in context.items() for word in ("--context", f"{name}={value}")]
        output = ["--output", str(self._scratch / "cdk.out")]
        return ["deploy", STACK, "--require-approval", "never", "--progress", "events", *output, *choices]

    def _cdk(self, *arguments: str) -> None:
        cdk = self._root / "tools" / "cdk" / "node_modules" / ".bin" / "cdk"
        if not cdk.exists():
            raise Surprise("the cdk command line is missing: `make setup` brings it")
        quiet = ["--no-notices", "--no-version-reporting", "--ci"]
        self._run(f"cdk-{arguments[0]}", [str(cdk), *arguments, *quiet], cwd=self._root)

    def _run(self, name: str, command: Sequence[str], cwd: Path) -> None:
        log = self.logs / f"{len(list(self.logs.iterdir())) + 1:02}-{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that it can be ended with all its children
            )
        try:
            code = process.wait(_COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            raise Surprise(f"{name} took over {_COMMAND_SECONDS:.0f} s", log.name) from None
        finally:
            end_process_group(process)
        if code != 0:
            raise CommandFailed(f"{name} ended with exit code {code}: {_last_line(log)}", log.name)

    def _stack(self) -> dict[str, Any]:
        # By id: a deleted stack is not found by its name.
        client = self._aws.client("cloudformation")
        stacks = [item for item in client.list_stacks()["StackSummaries"] if item["StackName"] == STACK]
        stack = max(stacks, key=lambda item: item["CreationTime"])
        return dict(client.describe_stacks(StackName=stack["StackId"])["Stacks"][0])

    def _output(self, key: str) -> str:
        outputs = {item["OutputKey"]: item["OutputValue"] for item in self._stack().get("Outputs", [])}
        if key not in outputs:
            raise Surprise(f"the stack has no output {key}")
        return str(outputs[key])


def _with_home(env: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return variables for another home folder, since CDK writes into it; caches, settings, logins stay."""
    user = Path.home()
    folders = {
        "XDG_CACHE_HOME": user / ".cache",
        "XDG_CONFIG_HOME": user / ".config",
        "XDG_DATA_HOME": user / ".local" / "share",
        "NETRC": user / ".netrc",
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": user / ".cache" / "aws" / "jsii" / "package-cache",
    }
    return {"HOME": str(home)} | {name: env.get(name, str(default)) for name, default in folders.items()}


class CommandFailed(Surprise):
    """A command ended with another exit code than 0."""


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return re.sub(r"\x1b\[[0-9;]*m", "", lines[-1])[:200] if lines else "it printed nothing"
