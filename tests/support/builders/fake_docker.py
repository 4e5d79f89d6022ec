"""A `docker` that answers from a script and writes down how it was called."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

AMD64 = {"Id": f"sha256:{'1' * 64}", "RepoDigests": [], "Os": "linux", "Architecture": "amd64"}

PROGRAM = """\
#!{python} -ES
import json, os, pathlib, re, shutil, sys, time

folder = pathlib.Path({folder!r})
arguments = sys.argv[1:]
verb = " ".join(arguments[:2]) if arguments[0] == "image" else arguments[0]
with (folder / "calls").open("a") as calls:
    print(json.dumps([arguments, dict(os.environ)]), file=calls)
state = json.loads((folder / "state").read_text())
if verb in state["failures"]:
    code, said = state["failures"][verb]
    print(said, file=sys.stderr)
    sys.exit(code)
running = folder / "running"
if verb == "image inspect":
    pulled = state["pulled"] if (folder / "has-pulled").exists() else None
    image = pulled or state["image"]
    if image is None:
        print("Error: No such image: " + arguments[-1], file=sys.stderr)
        sys.exit(1)
    print(json.dumps([image]))
elif verb == "pull":
    (folder / "has-pulled").touch()
elif verb == "info":
    print(json.dumps(state["security"]))
elif verb == "run":
    starting = folder / "starting"
    starting.write_text(arguments[2].removeprefix("--name="))
    starting.rename(running)  # at once: who sees it may kill this program
    time.sleep(state["seconds"])
    running.unlink()
    [out] = re.findall(r"source=([^,]+),target=/constructs-lib/out", " ".join(arguments)) or [None]
    if out and state["wheel"]:
        shutil.copy(state["wheel"], out)
        [given] = re.findall(r"source=([^,]+),target=/constructs-lib/in", " ".join(arguments))
        shutil.copytree(given, folder / "given", dirs_exist_ok=True)
        for tree in re.findall(r"source=([^,]+),target=/constructs-lib/tree", " ".join(arguments)):
            shutil.rmtree(folder / "tree", ignore_errors=True)
            shutil.copytree(tree, folder / "tree", symlinks=True)
elif verb == "ps":
    print(running.read_text() if running.exists() else "")
elif verb == "rm":
    (folder / "removing").touch()
    while state["slow removal"] and not (folder / "removed").exists():
        time.sleep(0.01)
    running.unlink(missing_ok=True)
"""


@dataclass(frozen=True)
class Call:
    arguments: list[str]
    env: dict[str, str]


class FakeDocker:
    """Makes the program in a folder, which a test puts on PATH."""

    def __init__(self, folder: Path, name: str = "docker") -> None:
        self.folder = folder
        self.state: dict[str, Any] = {
            "image": AMD64,
            "pulled": None,
            "failures": {},
            "security": [],
            "seconds": 0,
            "slow removal": False,
            "wheel": None,
        }
        folder.mkdir()
        self.program = folder / name
        self.program.write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
        self.program.chmod(0o755)
        self.set()

    def set(self, **state: Any) -> None:
        self.state |= state
        (self.folder / "state").write_text(json.dumps(self.state))

    def fail(self, verb: str, stderr: str, code: int = 1) -> None:
        self.set(failures={verb: [code, stderr]})

    @property
    def calls(self) -> list[Call]:
        path = self.folder / "calls"
        return [Call(*json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def verbs(self) -> list[str]:
        return [call.arguments[0] for call in self.calls]

    def forget(self) -> None:
        (self.folder / "calls").unlink(missing_ok=True)

    @property
    def ran(self) -> Call:
        """The one call of `run`."""
        [call] = [call for call in self.calls if call.arguments[0] == "run"]
        return call

    @property
    def is_removing(self) -> bool:
        return (self.folder / "removing").exists()

    def finish_removal(self) -> None:
        """End a removal that is slow."""
        (self.folder / "removed").touch()

    @property
    def is_running(self) -> bool:
        return (self.folder / "running").exists()
