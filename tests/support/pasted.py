"""A shell into which the blocks of a page are pasted, one after another, as a reader would."""

from __future__ import annotations

import re
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "@@ pasted block ended with"


class Answer(NamedTuple):
    """The output of one block, and its time."""

    block: str
    text: str
    seconds: float


def blocks(page: Path, section: str = "") -> list[str]:
    """Return the console blocks of a page, or of its section with this heading."""
    text = page.read_text(encoding="utf-8")
    if section:
        text = re.split(r"(?m)^## ", text.partition(f"\n## {section}\n")[2], maxsplit=1)[0]
    found = _BLOCK.findall(text)
    assert found, f"{page.name} has no console block"
    return found


def paste(pasted: list[str], folder: Path, env: Mapping[str, str]) -> list[Answer]:
    """Paste the blocks into one bash; the first command that fails fails the test, with its output.

    As in a person's shell, variables, the folder and an activated environment go on to the next block. Each block is
    one piece of input, so that a program which reads the terminal would swallow the lines after it.
    """
    shell = subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        cwd=folder,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert shell.stdin is not None
    assert shell.stdout is not None
    answers = []
    try:
        shell.stdin.write("set -E; trap 'code=$?; echo; echo \"" + _MARK + " $code\"; exit 1' ERR\n")
        for block in pasted:
            started = time.monotonic()
            with suppress(BrokenPipeError):  # the shell has ended: its last lines say why
                shell.stdin.write(block + f"echo; echo '{_MARK} 0'\n")
                shell.stdin.flush()
            lines: list[str] = []
            while not (line := shell.stdout.readline()).startswith(_MARK):
                assert line, "".join(lines)
                lines.append(line)
            text = "".join(lines)
            assert line.split()[-1] == "0", f"{block}\n{text}"
            answers.append(Answer(block, text, time.monotonic() - started))
    finally:
        with suppress(BrokenPipeError):
            shell.stdin.close()
        shell.stdout.close()
        shell.wait()
    return answers
