"""Builds one layer in a process of its own, as a machine of a team does, and prints what it did as JSON: `entry zip`.

The answer has the layer's hashes, the programs that were started, the lines that were logged, and the seconds.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.log import log
from constructs_lib.core.store import remote_connection
from constructs_lib.core.target import Target
from tests.support.patience import PATIENCE

commands: list[list[str]] = []
lines: list[str] = []


def _count(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen":
        command = arguments[1]
        commands.append(list(map(str, command)) if isinstance(command, (list, tuple)) else [str(command)])


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        lines.append(record.getMessage())


def main(entry: str, path: str) -> None:
    remote_connection.FIRST_ANSWER = remote_connection._CONNECT = remote_connection._READ = PATIENCE
    log.addHandler(_Lines())
    sys.addaudithook(_count)
    begin = time.monotonic()
    target = Target(f"{sys.version_info[0]}.{sys.version_info[1]}")
    layer = build_layer(
        entry, Path(path), target, LayerOptions(compile_bytecode=True, compression="smallest")
    )
    answer = {
        "sha256": layer.archive.sha256,
        "fingerprint": layer.fingerprint,
        "findings": [str(finding) for finding in (*layer.warnings, *layer.notes)],
        "commands": commands,
        "lines": lines,
        "seconds": time.monotonic() - begin,
        "has_boto3": "boto3" in sys.modules,
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
