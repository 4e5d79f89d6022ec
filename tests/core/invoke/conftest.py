"""Functions of texts, invoked by the interpreter that runs the tests."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.invoke.function_settings import (
    FunctionAnswer,
    FunctionSettings,
    HandlerCall,
    WebCall,
)
from constructs_lib.core.invoke.run_function import invoke_function
from constructs_lib.core.target import MACHINES, Target
from tests.support.builders.hosts import OWN
from tests.support.files.function_zips import code_part, layer_part

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ARCHITECTURES = {machine: name for name, machine in MACHINES.items()}
HERE = Target(OWN, _ARCHITECTURES.get(platform.machine(), "x86_64"))


@dataclass
class Bench:
    """A place to invoke functions; `lines` is the log of the last one."""

    folder: Path
    lines: list[str] = field(default_factory=list)

    def call(
        self,
        code: str,
        call: HandlerCall | WebCall | str = "app.handler",
        *,
        layer: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> FunctionAnswer:
        """Invoke a function with this text in `app.py`; the time limit is one that a busy machine keeps."""
        self.lines.clear()
        parts = [code_part(self.folder, {"app.py": code})]
        parts += [layer_part(self.folder, layer)] if layer is not None else []
        configuration = FunctionSettings(**{"timeout": 300, "memory": 512, **settings})
        call = HandlerCall(call) if isinstance(call, str) else call
        return invoke_function(parts, call, HERE, configuration, write_line=self.lines.append)

    def value(self, code: str, **settings: Any) -> Any:  # noqa: ANN401 - any JSON
        """Return the answer of a handler whose body is `code`."""
        body = "".join(f"    {line}\n" for line in code.splitlines())
        answer = self.call(f"import os, sys\ndef handler(event, context):\n{body}", **settings)
        assert not answer.failed, answer
        return json.loads(answer.payload)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def failure(answer: FunctionAnswer) -> tuple[str, str]:
    """Return type and message of a failed invocation."""
    assert answer.failed, answer
    document = json.loads(answer.payload)
    return document["errorType"], document["errorMessage"]
