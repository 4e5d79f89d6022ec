"""`python -m tools.bench.deploy`: times `cdk deploy` of one function and its layer on the embedded AWS.

Ours (a layer and a source artifact) beside CDK's own `LayerVersion` and `BucketDeployment` of the same, ready zip. Each
round makes new stacks, one way after the other, so that a busy minute hits all of them. A finished assembly is deployed,
whose assets are uploaded already: the build has a benchmark of its own, and all ways upload the same zip.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from constructs_lib.core import Target, build_layer
from tools.bench.machine import cpu_model
from tools.bench.measure import BenchError, measure
from tools.embedded_aws import EmbeddedAwsError, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.embedded_aws import EmbeddedAws

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
ADDED = '    "python-slugify==8.0.4",\n'
WAYS = {
    "ours": "`PythonLayerArtifact` + `PythonSourceArtifact`",
    "layer-version": "`LayerVersion` of a ready zip + `Code.from_asset`",
    "bucket-deployment": "`BucketDeployment` of the same zip + `LayerVersion`",
}
STEPS = ("first", "unchanged", "changed layer")


@dataclass(frozen=True)
class Lab:
    """A folder with two states of a project, and the embedded AWS that they are deployed to."""

    aws: EmbeddedAws
    folder: Path
    failures: dict[str, str] = field(default_factory=dict)
    """Why a way cannot be deployed here."""

    @property
    def env(self) -> dict[str, str]:
        """The environment variables of every process."""
        return {
            **self.aws.env,
            "CDK_HOME": str(self.folder / "home"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            # The command line looks every five seconds whether a stack is done, which would hide all differences.
            "NODE_OPTIONS": f"--require {ROOT / 'tests/support/aws/look_more_often.cjs'}",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        }

    def prepare(self) -> None:
        """Lock both states, build the zips for CDK's own ways, and prepare the account."""
        for state in ("one", "two"):
            project = self.folder / state
            shutil.copytree(ROOT / "app_example/greeter", project)
            if state == "two":
                manifest = project / "pyproject.toml"
                text = manifest.read_text(encoding="utf-8")
                manifest.write_text(text.replace("dependencies = [\n", f"dependencies = [\n{ADDED}"), "utf-8")
            self.run("uv", "lock", "--project", str(project), "--python", sys.executable)
            build_layer(project, self.folder / f"{state}.zip", Target(PYTHON))
        account = f"aws://{self.aws.account}/{self.aws.region}"
        self.run(*_cdk("bootstrap", account, "--app", ""))

    def run(self, *command: str, **env: str) -> str:
        """Run a command; return its output, or raise a BenchError with its last line."""
        done = subprocess.run(
            command, cwd=ROOT, env={**self.env, **env}, capture_output=True, text=True, check=False
        )
        output = (done.stdout + done.stderr).strip()
        if done.returncode:
            raise BenchError(f"{Path(command[0]).name} failed: {_reason(output)}")
        return output

    def synth(self, way: str, stack: str, state: str) -> Path:
        """Synthesize the app; return its assembly."""
        out = self.folder / "out" / f"{stack}-{state}"
        context = {
            "way": way,
            "stack": stack,
            "runtime": f"python{PYTHON}",
            "project": str(self.folder / state),
            "layer": str(self.folder / f"{state}.zip"),
            "source": str(self.folder / "one/src"),
        }
        app = (sys.executable, "-m", "tools.bench.deploy_app")
        self.run(*app, CDK_OUTDIR=str(out), CDK_CONTEXT_JSON=json.dumps(context))
        return out

    def deploy(self, assembly: Path, stack: str) -> float:
        """Deploy one stack; return the seconds."""
        options = ("--require-approval=never", "--method=direct", "--progress=events")
        log = self.folder / f"{assembly.name}.log"
        command = _cdk("deploy", stack, "--app", str(assembly), *options)
        try:
            return measure(command, cwd=ROOT, env=self.env, log=log).wall
        except BenchError:
            raise BenchError(_reason(log.read_text(encoding="utf-8", errors="replace"))) from None


def run_life(lab: Lab, way: str, number: int) -> dict[str, float]:
    """Deploy a new stack, deploy it again, and deploy it with a changed layer."""
    stack = f"{way}-{number}"
    one, two = lab.synth(way, stack, "one"), lab.synth(way, stack, "two")
    return dict(zip(STEPS, (lab.deploy(assembly, stack) for assembly in (one, one, two)), strict=True))


def run_rounds(lab: Lab, rounds: int) -> dict[str, list[dict[str, float]]]:
    """Run all ways in rounds; the first one uploads the assets and does not count."""
    lives: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for number in range(rounds + 1):
        for way in [way for way in WAYS if way not in lab.failures]:
            print(f"round {number} of {rounds}: {way}", flush=True)
            try:
                life = run_life(lab, way, number)
            except BenchError as error:
                lab.failures[way] = str(error)
                continue
            if number:
                lives[way].append(life)
    return lives


def table(lives: dict[str, list[dict[str, float]]], failures: dict[str, str]) -> str:
    """Return the medians, with the fastest and the slowest run, in Markdown."""
    lines = [f"| `cdk deploy`, s | {' | '.join(STEPS)} |", "|---|--:|--:|--:|"]
    for way, title in WAYS.items():
        runs = lives[way]
        if way in failures or not runs:
            lines.append(f"| {title} | not run | | |")
            continue
        cells = [_cell([run[step] for run in runs]) for step in STEPS]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Time deployments on the embedded AWS.")
    parser.add_argument("--repeat", type=int, default=ROUNDS, help=f"rounds (default: {ROUNDS})")
    rounds = parser.parse_args(arguments).repeat
    try:
        with embedded_aws() as aws:
            lab = Lab(aws, aws.folder / "bench")
            lab.folder.mkdir()
            lab.prepare()
            lives = run_rounds(lab, rounds)
            size = (lab.folder / "one.zip").stat().st_size
    except (BenchError, EmbeddedAwsError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    today = datetime.now(timezone.utc).date()
    print(f"\n{table(lives, lab.failures)}\n")
    for way, reason in lab.failures.items():
        print(f"{way}: {reason}")
    load = os.getloadavg()[0]
    print(
        f"{today}, {platform.system()}, {os.cpu_count()} cores, {cpu_model()}, Python {PYTHON}, load {load:.1f}"
    )
    print(f"layer of {size / 1e6:.1f} MB, median of {rounds} rounds (fastest to slowest)")
    return 0


def _cdk(*arguments: str) -> list[str]:
    cdk = str(ROOT / "tools/cdk/node_modules/.bin/cdk")
    return [cdk, *arguments, "--no-notices", "--no-version-reporting", "--ci"]


def _cell(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"


def _reason(output: str) -> str:
    """Return the line of a command's output that has the reason of its failure."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["it printed nothing"]
    return next((line for line in lines if "FAILED" in line), lines[-1])[:600]


if __name__ == "__main__":
    raise SystemExit(main())
