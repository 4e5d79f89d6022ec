"""Programs in processes of their own that need not import everything anew.

A *mother* process has imported what is slow to import, and forks for each program: with its own folder, environment,
standard streams and exit code, as a fresh interpreter would have them. Only what an interpreter reads when it starts
(its options, `PYTHON…` variables) is the mother's.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]

_MOTHER = """\
import atexit, json, os, runpy, sys, traceback

for name in sys.argv[1:]:
    __import__(name)


def run(job):
    for number, path in enumerate(job["streams"], 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    sys.path.insert(0, job["cwd"])
    sys.argv = [job["module"], *job["arguments"]]
    code = 0
    try:
        runpy.run_module(job["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        run(json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class _Mother:
    process: subprocess.Popen[str]
    requests: IO[str]
    answers: IO[str]

    def end(self) -> None:
        self.requests.close()
        self.answers.close()
        self.process.wait()


@cache
def _mother(imports: tuple[str, ...]) -> _Mother:
    """Start it; it ends with this process, however that ends: its standard input does."""
    process = subprocess.Popen(
        [sys.executable, "-c", _MOTHER, *imports],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    mother = _Mother(process, process.stdin, process.stdout)
    atexit.register(mother.end)
    return mother


def run_module(
    module: str, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], imports: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """Run `python -m module` to its end in a process that has the `imports` already."""
    mother = _mother(tuple(imports))
    with tempfile.TemporaryDirectory() as folder:
        streams = [str(Path(folder, name)) for name in ("stdout", "stderr")]
        job = {"module": module, "arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}
        mother.requests.write(json.dumps({**job, "streams": streams}) + "\n")
        mother.requests.flush()
        code = int(mother.answers.readline())
        stdout, stderr = (Path(path).read_text() for path in streams)
    return subprocess.CompletedProcess([module, *arguments], code, stdout, stderr)
