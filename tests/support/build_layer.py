"""Build one layer, or function in one zip, in a process of its own and print the result as JSON.

Arguments: `entry zip python architecture [layer | function]`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_lib.core.layer.artifact import LayerArtifact

connections: list[str] = []


def _count(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.getaddrinfo"}:
        connections.append(repr(arguments[-1]))


def main(entry: str, path: str, python_version: str, architecture: str, product: str = "layer") -> None:
    sys.addaudithook(_count)
    if mask := os.environ.get("UMASK"):
        os.umask(int(mask, 8))
    from constructs_lib.core.errors import ArtifactError
    from constructs_lib.core.function.build_function import build_function
    from constructs_lib.core.function.function_options import FunctionOptions
    from constructs_lib.core.layer.build_layer import build_layer
    from constructs_lib.core.layer.layer_options import LayerOptions
    from constructs_lib.core.target import Target

    answer: dict[str, object] = {"python": sys.version}
    try:
        target = Target(python_version, architecture)
        built: LayerArtifact
        if product == "function":
            built = build_function(entry, Path(path), target, FunctionOptions(ignore_package_list=[]))
        else:
            built = build_layer(entry, Path(path), target, LayerOptions(ignore_package_list=[]))
        answer |= {"sha256": built.archive.sha256, "fingerprint": built.fingerprint}
    except ArtifactError as error:
        answer["error"] = str(error)
    sys.stdout.write(json.dumps(answer | {"connections": connections}))


if __name__ == "__main__":
    main(*sys.argv[1:])
