"""Builds one layer by each route in a process of its own: `entry tree folder`; prints the two sha256 as JSON.

`UMASK` (octal) and `CPUS` (how many to use) in the environment apply to this process.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(entry: str, tree: str, folder: str) -> None:
    if mask := os.environ.get("UMASK"):
        os.umask(int(mask, 8))
    if count := os.environ.get("CPUS"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(count)])
    from constructs_lib.core.compat.tree.zipper import create_layer_zip_file
    from constructs_lib.core.layer.build_layer import build_layer
    from constructs_lib.core.layer.layer_options import LayerOptions
    from constructs_lib.core.target import Target

    target, everything = Target("3.12"), LayerOptions(ignore_package_list=[])
    archives = {
        "tree": create_layer_zip_file(tree, Path(folder, "tree.zip"), [], target=target, verbose=False),
        "wheels": build_layer(entry, Path(folder, "wheels.zip"), target, everything).archive,
    }
    answer = {route: archive.sha256 for route, archive in archives.items()}
    sys.stdout.write(json.dumps({"python": sys.version.split()[0], "user": str(os.getuid()), **answer}))


if __name__ == "__main__":
    main(*sys.argv[1:])
