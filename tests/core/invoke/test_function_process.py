"""The limits of an invocation, the ways in which a process ends, and the lines of the log."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest

from constructs_lib.core.aws_facts import ANSWER_LIMIT
from constructs_lib.core.invoke import function_process
from constructs_lib.core.invoke.memory import memory_of
from tests.core.invoke.conftest import Bench, failure
from tests.support.patience import wait_until

ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ON_LINUX = pytest.mark.skipif(not memory_of(1), reason="no /proc")


def test_the_log_is_that_of_cloudwatch(bench: Bench) -> None:
    """Import, START, the function's lines of both streams in their order, END, REPORT."""
    bench.call(
        "import sys\nprint('imported')\n"
        "def handler(event, context):\n    print('one\\ntwo')\n    print('three', file=sys.stderr)\n    print('é', end='')\n"
    )
    report = (
        rf"REPORT RequestId: {ID}\tDuration: [\d.]+ ms\tMemory Size: 512 MB\t"
        r"(Max Memory Used: \d+ MB\t)?Init Duration: [\d.]+ ms"
    )
    patterns = [
        r"INIT_START Runtime Version: python:3\.\d+",
        "imported",
        rf"START RequestId: {ID} Version: \$LATEST",
        "one",
        "two",
        "three",
        "é",
        rf"END RequestId: {ID}",
        report,
    ]
    assert len(bench.lines) == len(patterns), bench.lines
    for line, pattern in zip(bench.lines, patterns, strict=True):
        assert re.fullmatch(pattern, line), line


def test_a_failure_is_logged(bench: Bench) -> None:
    bench.call("def handler(event, context):\n    raise ValueError('too much')\n")
    assert bench.lines[2:6] == [
        "[ERROR] ValueError: too much",
        "Traceback (most recent call last):",
        '  File "/var/task/app.py", line 2, in handler',
        "    raise ValueError('too much')",
    ]
    assert bench.lines[-1].endswith("\tStatus: error\tError Type: ValueError")


def test_a_function_that_takes_too_long_is_stopped(bench: Bench) -> None:
    """With all that it started."""
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
        "print(child.pid)\n"
        "def handler(event, context):\n"
        "    time.sleep(3600)\n"
    )
    error_type, message = failure(bench.call(code, timeout=2))
    assert error_type == "Sandbox.Timedout"
    assert re.fullmatch(rf"RequestId: {ID} Error: Task timed out after 2\.00 seconds", message)
    assert bench.lines[-1].endswith("\tStatus: timeout")
    assert [
        line for line in bench.lines if re.fullmatch(rf"\S+Z {ID} Task timed out after 2\.00 seconds", line)
    ]
    [child] = [int(line) for line in bench.lines if line.isdigit()]
    wait_until(lambda: not memory_of(child), "the killed process is gone")


def test_the_import_has_ten_seconds_of_its_own(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that needs longer is started again, and then it counts as the invocation's, as in Lambda."""
    code = (
        "import time\ntime.sleep(3)\nIMPORTED = time.time()\n"
        "def handler(event, context):\n"
        "    left = context.get_remaining_time_in_millis() / 1000\n"
        "    return left, left + time.time() - IMPORTED\n"
    )
    answer = bench.call(code, timeout=300)
    assert json.loads(answer.payload)[1] > 299.9
    monkeypatch.setattr(function_process, "INIT_LIMIT", 2)
    answer = bench.call(code, timeout=300)
    assert json.loads(answer.payload)[0] < 297.1
    assert re.fullmatch(r"INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: timeout", bench.lines[1])
    assert failure(bench.call(code, timeout=1))[0] == "Sandbox.Timedout"


@ON_LINUX
@pytest.mark.parametrize("where", ["here", "in a child"])
def test_a_function_that_takes_too_much_memory_is_killed(bench: Bench, where: str) -> None:
    """Memory that is used counts; of all processes together."""
    use = "bytearray(400_000_000)"
    line = (
        use
        if where == "here"
        else f'subprocess.run([sys.executable, "-c", "x = {use}; import time; time.sleep(60)"])'
    )
    code = f"import subprocess, sys\ndef handler(event, context):\n    x = {line}\n    return 1\n"
    error_type, message = failure(bench.call(code, memory=128))
    assert error_type == "Runtime.OutOfMemory"
    assert message.endswith("Error: Runtime exited with error: signal: killed")
    assert bench.lines[-1].endswith("\tStatus: error\tError Type: Runtime.OutOfMemory")


@ON_LINUX
def test_memory_that_is_only_reserved_does_not_count(bench: Bench) -> None:
    """Numerical libraries reserve gigabytes."""
    assert bench.value("import mmap\nmmap.mmap(-1, 4_000_000_000)\nreturn 1", memory=128) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("os._exit(4)", "Runtime exited with error: exit status 4"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
        ("raise KeyboardInterrupt", "Runtime exited with error: signal: interrupt"),
    ],
)
def test_a_process_that_ends_by_itself(bench: Bench, body: str, reason: str) -> None:
    """Lambda's words, with the exit code or the signal."""
    answer = bench.call(f"import os, sys\ndef handler(event, context):\n    {body}\n")
    error_type, message = failure(answer)
    assert error_type == "Runtime.ExitError"
    assert re.fullmatch(rf"RequestId: {ID} Error: {re.escape(reason)}", message), message


def test_an_import_that_ends_the_process(bench: Bench) -> None:
    assert failure(bench.call("raise SystemExit(5)"))[1].endswith("exit status 5")


def test_a_thread_keeps_nobody_waiting(bench: Bench) -> None:
    """Lambda freezes the process after the answer."""
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\nreturn 1"
    assert bench.value(code) == 1


def test_a_program_that_left_the_group_keeps_nobody_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the log open, and is not waited for."""
    code = (
        "import subprocess\n"
        "command = [sys.executable, '-c', 'import time; time.sleep(3600)']\n"
        "return subprocess.Popen(command, start_new_session=True).pid"
    )
    monkeypatch.setattr(function_process, "_LAST_LINES", 1.0)
    begun = time.monotonic()
    os.kill(bench.value(code), signal.SIGKILL)
    assert time.monotonic() - begun < 3600


def test_a_function_that_closes_all_files(bench: Bench) -> None:
    """The line of its answer too: it still has its time, and then there is no answer."""
    close = "import os, sys, time\ndef handler(event, context):\n    os.closerange(3, 100)\n    "
    assert failure(bench.call(f"{close}return 1"))[0] == "Runtime.ExitError"
    assert failure(bench.call(f"{close}time.sleep(600)", timeout=2))[0] == "Sandbox.Timedout"


def test_an_answer_that_is_too_large(bench: Bench) -> None:
    answer = bench.call(f"def handler(event, context):\n    return 'x' * {ANSWER_LIMIT}\n")
    assert failure(answer) == (
        "Function.ResponseSizeTooLarge",
        "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    )


def test_a_function_cannot_forge_an_answer_by_printing(bench: Bench) -> None:
    """What it prints, and writes to file 1, is its log."""
    code = 'os.write(1, b\'{"kind": "answer"}\\n\')\nprint(\'{"kind": "ready"}\')\nreturn "mine"'
    assert bench.value(code) == "mine"
    assert '{"kind": "answer"}' in bench.lines
