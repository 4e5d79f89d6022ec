"""The signatures of the earlier tools, from the files in `signatures`: names alone, as code."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "signatures"
RELEASES = [
    "aws_lambda_artifact_builder-0.1.8",
    "aws_lbd_art_builder_core-1.0.0",
    "aws_lbd_art_builder_uv-1.0.0",
]


class Earlier(NamedTuple):
    """One function, method, property or constructor of an earlier tool."""

    owner: str
    """The class; empty for a function."""
    name: str
    arguments: tuple[str, ...]
    required: frozenset[str]
    is_callable: bool

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}" if self.owner else self.name


def read(release: str) -> list[Earlier]:
    """Read one file of signatures."""
    tree = ast.parse((FOLDER / f"{release}.txt").read_text())
    return [earlier for node in tree.body for earlier in _members(node)]


def _members(node: ast.stmt, owner: str = "") -> Iterator[Earlier]:
    if isinstance(node, ast.ClassDef):
        yield Earlier("", node.name, (), frozenset(), is_callable=False)
        for child in node.body:
            yield from _members(child, node.name)
    elif isinstance(node, ast.Assign):
        yield Earlier(owner, ast.unparse(node.targets[0]), (), frozenset(), is_callable=False)
    elif isinstance(node, ast.FunctionDef):
        positional = node.args.args
        first = len(positional) - len(node.args.defaults)
        defaults = [*[None] * first, *node.args.defaults, *node.args.kw_defaults]
        names = [argument.arg for argument in [*positional, *node.args.kwonlyargs]]
        rows = [row for row in zip(names, defaults, strict=True) if row[0] not in ("self", "cls")]
        required = {name for name, default in rows if default is None or ast.unparse(default) == "REQ"}
        is_property = any(ast.unparse(decorator) == "property" for decorator in node.decorator_list)
        arguments = tuple(name for name, _ in rows)
        yield Earlier(owner, node.name, arguments, frozenset(required), is_callable=not is_property)
