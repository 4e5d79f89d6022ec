"""Other programs: what they get, what they answer, and that none is left."""

from __future__ import annotations

import os
import pickle
import re
import signal
import sys
import threading
from pathlib import Path

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.log import TRACE
from constructs_lib.core.system import process
from tests.support.patience import wait_until

PYTHON = sys.executable
# Starts a grandchild that would sleep for long, writes its process id, and waits.
FAMILY = """\
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
pathlib.Path("pid.new").write_text(str(child.pid))
pathlib.Path("pid.new").rename("pid")
time.sleep(3600)
"""


def wait_for(path: Path) -> str:
    wait_until(path.exists, f"{path} is there")
    return path.read_text()


def is_running(pid: int) -> bool:
    """Return whether it runs: a killed process may stay as a zombie until its exit code is read."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 - no file of ours
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    wait_until(lambda: not is_running(pid), f"process {pid} is gone")


def test_stdout_is_the_answer(tmp_path: Path) -> None:
    """In the folder that was named; stderr of a program that succeeds is not mixed in."""
    code = "import os, sys; print(os.getcwd()); print('noise', file=sys.stderr)"
    assert process.run([PYTHON, "-c", code], cwd=tmp_path) == f"{tmp_path}\n"


def test_nothing_can_ask_a_question(tmp_path: Path) -> None:
    """Stdin is closed: whoever reads from it gets the end of the file at once."""
    assert process.run([PYTHON, "-c", "import sys; print(repr(sys.stdin.read()))"], cwd=tmp_path) == "''\n"


def test_the_environment_is_what_was_given(tmp_path: Path) -> None:
    """Or this process's own, where none is given; it is never changed."""
    code = "import os; print(os.environ.get('COLOUR'))"
    assert process.run([PYTHON, "-c", code], cwd=tmp_path, env={**os.environ, "COLOUR": "red"}) == "red\n"
    assert process.run([PYTHON, "-c", code], cwd=tmp_path) == "None\n"


def test_a_failure_quotes_stderr_in_one_line_without_credentials(tmp_path: Path) -> None:
    """What, where, exit code, and what the program said."""
    code = (
        "import sys; print('error: no luck', file=sys.stderr);"
        "print('  at https://bob:hunter2@host/simple', file=sys.stderr); sys.exit(3)"
    )
    with pytest.raises(ToolError) as caught:
        process.run([PYTHON, "-c", code], cwd=tmp_path)
    text = str(caught.value)
    assert f"failed in {tmp_path} with exit code 3: error: no luck | at https://****@host/simple" in text
    assert len(text.splitlines()) == 1


def test_credentials_in_the_arguments_are_masked(tmp_path: Path) -> None:
    """The command itself is quoted too."""
    with pytest.raises(ToolError) as caught:
        process.run([PYTHON, "-c", "raise SystemExit('https://u:secret@h')"], cwd=tmp_path)
    assert "secret" not in str(caught.value)


def test_a_long_complaint_is_cut_at_its_beginning(tmp_path: Path) -> None:
    """The reason stands at the end."""
    code = "import sys; print('noise ' * 1000, 'the reason', file=sys.stderr); sys.exit(1)"
    with pytest.raises(ToolError, match=r": ….*the reason$") as caught:
        process.run([PYTHON, "-c", code], cwd=tmp_path)
    assert len(str(caught.value)) < 1400


def test_a_program_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """It says which path was tried."""
    with pytest.raises(ToolError, match=r"^nothing export cannot be started: No such file .*/nothing\)$"):
        process.run([str(tmp_path / "nothing"), "export"], cwd=tmp_path)


def test_a_timeout_kills_the_whole_group(tmp_path: Path) -> None:
    """Also the grandchild that the program started, and the error says how long was waited."""
    with process.running([PYTHON, "-c", FAMILY], cwd=tmp_path, timeout=0.5) as answer:
        pid = int(wait_for(tmp_path / "pid"))
        with pytest.raises(ToolError, match=rf"did not end within 0\.5 s in {tmp_path} and was stopped$"):
            answer()
    wait_until_gone(pid)


def test_an_interrupt_kills_the_whole_group(tmp_path: Path) -> None:
    """Ctrl-C reaches only this process, for the program leads a group of its own; nothing stays behind."""

    def interrupt() -> None:
        wait_for(tmp_path / "pid")
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        process.run([PYTHON, "-c", FAMILY], cwd=tmp_path)
    wait_until_gone(int(wait_for(tmp_path / "pid")))


def test_a_tool_beside_the_interpreter_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment that was never activated still has its own tools."""
    for folder in ("venv", "path"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "uv").write_text("#!/bin/sh\n")
        (tmp_path / folder / "uv").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert process.find_tool("uv") == str(tmp_path / "venv" / "uv")
    (tmp_path / "venv" / "uv").unlink()
    assert process.find_tool("uv") == str(tmp_path / "path" / "uv")
    (tmp_path / "path" / "uv").unlink()
    with pytest.raises(ToolError, match=r"^uv was not found beside .*: install it with 'pip install uv'$"):
        process.find_tool("uv")


def test_no_program_is_started_by_another_door() -> None:
    """Only this module knows `subprocess`, so only here a program can be started."""
    root = Path(process.__file__).parents[2]
    # Scripts for another Python, or for a container, are no part of this process.
    elsewhere = ("in_container", "compile_sources.py")
    users = [
        path for path in root.rglob("*.py") if re.search(r"import subprocess|os\.system", path.read_text())
    ]
    here = [path.relative_to(root).as_posix() for path in users if not {*path.parts} & {*elsewhere}]
    assert here == ["core/system/process.py"]


def test_a_program_at_work_is_killed_where_the_block_fails(tmp_path: Path) -> None:
    """With its children, and what the block raised is what is raised."""

    def fail() -> None:
        with process.running([PYTHON, "-c", FAMILY], cwd=tmp_path):
            wait_for(tmp_path / "pid")
            raise ValueError("stale")

    with pytest.raises(ValueError, match="stale"):
        fail()
    wait_until_gone(int((tmp_path / "pid").read_text()))


def test_a_program_that_has_ended_meanwhile_hides_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system, macOS for one, may refuse to signal a group whose only process has ended."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "killpg", refuse)
    with pytest.raises(ValueError, match="stale"), process.running([PYTHON, "-c", ""], cwd=tmp_path):
        raise ValueError("stale")


def test_the_error_of_a_program_travels_between_processes() -> None:
    """A worker process may build a layer: id, text, exit code and stderr come back."""
    error = pickle.loads(pickle.dumps(process.ExitError("tool-failed", "uv failed", 2, "why")))  # noqa: S301
    assert (error.id, str(error), error.code, error.stderr) == ("tool-failed", "uv failed", 2, "why")


def test_an_attached_program_talks_both_ways(tmp_path: Path) -> None:
    """All three streams are pipes, and its environment is the one that was given."""
    code = (
        "import os, sys; print(sys.stdin.read(), os.environ['A'], os.getcwd()); print('log', file=sys.stderr)"
    )
    with process.attached([PYTHON, "-c", code], cwd=tmp_path, env={"A": "b"}) as program:
        out, err = program.communicate(b"in")
    assert (out.decode(), err) == (f"in b {tmp_path}\n", b"log\n")


def test_an_attached_program_ends_with_the_block(tmp_path: Path) -> None:
    """With all that it started, also where it has ended itself."""
    with process.attached([PYTHON, "-c", FAMILY], cwd=tmp_path, env={}) as program:
        child = int(wait_for(tmp_path / "pid"))
    program.communicate()
    wait_until_gone(child)
    (tmp_path / "pid").unlink()
    code = FAMILY.rpartition("time.sleep")[0]
    with process.attached([PYTHON, "-c", code], cwd=tmp_path, env={}) as program:
        program.wait()
        child = int(wait_for(tmp_path / "pid"))
        assert is_running(child)
    program.communicate()
    wait_until_gone(child)


@pytest.mark.parametrize(
    ("env", "reason"),
    [({"A": "hunter2\0"}, "embedded null byte"), ({"A": "hunter2\ud800"}, "surrogates not allowed")],
)
def test_variables_that_no_program_can_be_given(tmp_path: Path, env: dict[str, str], reason: str) -> None:
    """One line, without their values."""
    for start in (process.attached, process.running):
        with (
            pytest.raises(ToolError, match=f"cannot be started: .*{reason}") as caught,
            start([PYTHON, "-c", ""], cwd=tmp_path, env=env),
        ):
            pass
        assert "hunter2" not in str(caught.value)


def test_an_attached_program_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(ToolError, match="nowhere cannot be started: No such file"),
        process.attached([str(tmp_path / "nowhere")], cwd=tmp_path, env={}),
    ):
        pass


def test_a_trace_of_each_program(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a shell takes it, on one line, with its end, without passwords; of whole programs the beginning."""
    monkeypatch.setenv("UV_INDEX_VAULT_PASSWORD", "hunter2")
    caplog.set_level(TRACE, "constructs_lib")
    code = "import sys\nprint('answer')\nsys.exit(3 if sys.argv[1:] else 0)"
    process.run([PYTHON, "-c", code], cwd=tmp_path)
    with pytest.raises(ToolError):
        process.run([PYTHON, "-c", code, "https://bob:hunter2@host/", "hunter2", "x" * 1000], cwd=tmp_path)
    with process.running([PYTHON, "-c", "import time; time.sleep(3600)"], cwd=tmp_path):
        pass
    good, bad, stopped = caplog.messages
    start = f"ran in {tmp_path}: {PYTHON} -c "
    assert re.fullmatch(re.escape(start) + r"'import sys print.*: exit code 0, \d+\.\d\d s", good)
    assert re.search(r" 'https://\*{4}@host/' '\*{4}' 'x{200}…': exit code 3, \d+\.\d\d s$", bad)
    assert re.search(r": stopped, \d+\.\d\d s$", stopped)
    assert "hunter2" not in caplog.text


def test_a_trace_of_a_program_with_pipes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its end is reported by those who wait for it."""
    caplog.set_level(TRACE, "constructs_lib")
    with process.attached([PYTHON, "-c", "pass"], cwd=tmp_path, env=os.environ) as program:
        program.communicate()
    assert caplog.messages == [f"started in {tmp_path}: {PYTHON} -c pass"]
