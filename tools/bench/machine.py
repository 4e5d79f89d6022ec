"""The facts of machine and tools, without the machine's name or folders."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PEERS = {
    "peers.txt": ("aws-lbd-art-builder-uv", "aws-lbd-art-builder-core"),
    "peers-pex.txt": ("pex",),
    "peers-sam.txt": ("aws-sam-cli", "aws-lambda-builders", "pip"),
    "peers-cdk.txt": ("aws-cdk-aws-lambda-python-alpha", "aws-cdk-lib"),
}


def machine_facts(env: Mapping[str, str], root: Path, python: str) -> tuple[str, ...]:
    """Return the lines on the machine and the tools; `python` is the interpreter that is measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cdk = f"cdk {_output_of(env, 'cdk', '--version').partition(' ')[0]}"
    node = f"node {_output_of(env, 'node', '--version')}"
    tools = (
        _output_of(env, python, "--version"),
        _output_of(env, "uv", "--version").partition(" (")[0],
        _zip_version(env),
        cdk,
        node,
    )
    return (
        f"{platform.system()} on {platform.machine()}, {cores} cores, {cpu_model()}",
        ", ".join(tools),
        ", ".join(peer_versions(root / "tools/bench")),
        f"load average before the first run: {os.getloadavg()[0]:.1f}",
    )


def peer_versions(folder: Path) -> Iterator[str]:
    """Yield the pinned peers with their versions, from the files of pins."""
    for file, names in _PEERS.items():
        pins = (folder / file).read_text(encoding="utf-8")
        for name in names:
            yield " ".join(re.findall(rf"^({re.escape(name)})==(\S+)", pins, re.MULTILINE)[0])


def cpu_model() -> str:
    """Return the CPU's name, from Linux if possible, else from Python."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _zip_version(env: Mapping[str, str]) -> str:
    for line in _output_of(env, "zip", "-v").splitlines():
        if line.startswith("This is "):
            return "Info-ZIP " + line.removeprefix("This is ").partition(" (")[0]
    return "no zip"


def _output_of(env: Mapping[str, str], *argv: str) -> str:
    try:
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
