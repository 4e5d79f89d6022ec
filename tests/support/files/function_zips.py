"""Zips of functions, made of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.invoke.function_folder import CODE, LAYER, FunctionPart
from tests.support.files.wheels import Member, zip_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def code_part(folder: Path, files: Mapping[str, str]) -> FunctionPart:
    """Write the zip of a function's code."""
    return _part(folder / "code.zip", files, CODE)


def layer_part(folder: Path, files: Mapping[str, str]) -> FunctionPart:
    """Write the zip of a layer with these files below `python/`."""
    return _part(folder / "layer.zip", {f"python/{name}": text for name, text in files.items()}, LAYER)


def _part(path: Path, files: Mapping[str, str], folder: str) -> FunctionPart:
    members = ((name, Member(text.encode())) for name, text in files.items())
    path.write_bytes(zip_bytes(members))
    return FunctionPart(path, folder)
