"""A script that imports modules and writes the outcome of each as a line of JSON.

`smoke` runs it by its path, in the target's interpreter: it may use the standard library only.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback


def main(folder: str, log: str, names: str) -> None:
    """Import from `folder`; write `[module, error, names of modules that were not found]` lines to `log`.

    `names` is a file with a module on each line: there may be more than Linux takes as arguments.
    """
    sys.path.insert(0, folder)
    with open(names, encoding="utf-8") as file:  # noqa: PTH123 - pathlib would be one import more
        modules = file.read().splitlines()
    with open(log, "a", encoding="utf-8", buffering=1) as lines:  # noqa: PTH123 - pathlib would be one import more
        for name in modules:
            error, missing = _try_import(name)
            lines.write(json.dumps([name, error, missing]) + "\n")
    os._exit(0)  # a thread or an exit hook of the modules must not keep the interpreter alive


def _try_import(name: str) -> tuple[str, list[str]]:
    try:
        importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - some modules end the interpreter
        missing = []
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ModuleNotFoundError) and cause.name:
                missing.append(cause.name)
            cause = cause.__cause__ or cause.__context__
        return "".join(traceback.format_exception_only(type(error), error)).strip(), missing
    return "", []


if __name__ == "__main__":
    main(*sys.argv[1:])
