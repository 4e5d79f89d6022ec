"""Poetry, without the half second that each start of it takes.

`poetry_program` gives a program that asks a *mother* to do its work: a process that has Poetry imported, and forks for
each command, with the program's own arguments, folder, environment and standard streams. When the program is killed,
so is the fork.
"""

from __future__ import annotations

import atexit
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_PROGRAM = """\
#!{python} -ISE
import json, os, socket, sys

with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as mother:
    mother.connect({address!r})
    job = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(mother, [job], [0, 1, 2])
    code = mother.recv(16)
sys.exit(int(code) if code else 70)
"""

_MOTHER = """\
import json, os, runpy, select, signal, socket, sys

import poetry.console.application
import poetry.console.commands.install
import poetry.console.commands.lock
import poetry.console.commands.sync
import poetry.installation.installer
import poetry.puzzle.solver
import poetry_plugin_export.command
import poetry_plugin_export.plugins


def work(arguments, folder, environment, streams):
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["poetry", *arguments]
    sys.exit(poetry.console.application.main())


def attend(client):
    data, streams, _, _ = socket.recv_fds(client, 1 << 20, 3)
    worker = os.fork()
    if worker == 0:
        client.close()
        work(*json.loads(data), streams)
    ended = os.pidfd_open(worker)
    ready, _, _ = select.select([client, ended], [], [])
    if ended not in ready:  # nobody waits any more
        os.kill(worker, signal.SIGKILL)
    status = os.waitpid(worker, 0)[1]
    client.send(str(os.waitstatus_to_exitcode(status) & 255).encode())


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.bind(sys.argv[1])
    server.listen()
    print("ready", flush=True)
    while server in select.select([server, sys.stdin], [], [])[0]:
        client = server.accept()[0]
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            server.close()
            try:
                attend(client)
            except BrokenPipeError:
                pass
            os._exit(0)
        client.close()
"""


@cache
def poetry_program() -> Path:
    """Start the mother, which ends with this process; return the program."""
    folder = tempfile.TemporaryDirectory(prefix="poetry-")
    address = str(Path(folder.name) / "mother")
    mother = subprocess.Popen(
        [sys.executable, "-c", _MOTHER, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert mother.stdin is not None
    assert mother.stdout is not None

    def end() -> None:
        mother.communicate()
        folder.cleanup()

    atexit.register(end)
    assert mother.stdout.readline() == "ready\n"
    program = Path(folder.name) / "poetry"
    program.write_text(_PROGRAM.format(python=sys.executable, address=address))
    program.chmod(0o755)
    return program
