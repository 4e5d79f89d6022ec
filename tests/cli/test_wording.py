"""Texts in the words of the command line."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re

import pytest

from constructs_lib.cli.wording import in_options
from constructs_lib.core.deploy.deployment import deploy_layer
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.source.source_options import SourceOptions
from tests.test_messages import LIBRARY, QUOTES, TREES, text_of

ARGUMENTS = {
    *(
        field.name
        for options in (LayerOptions, LockOptions, SourceOptions, FunctionOptions)
        for field in dataclasses.fields(options)
    ),
    *inspect.signature(deploy_layer).parameters,
}
# `groups`, `target`, `store` and the like are words of a sentence too; with an underscore or a value they are Python.
PYTHONS = re.compile(
    rf"(?<![\w./-])(?:{'|'.join(name for name in sorted(ARGUMENTS) if '_' in name)})(?![\w/])"
    rf"|(?<![\w./-])(?:{'|'.join(sorted(ARGUMENTS))})=(?!=)"
)
NOT_SAID_HERE = {
    "Other doors, and this one, whose texts name options": ("core/compat", "cdk", "handler", "cli"),
    "Its texts are for people who write a call in Python": (
        "core/argument_types.py",
        "core/layer/layer_options.py",
    ),
}


def texts() -> set[str]:
    """Return the sentences of the core, docstrings left out: what may reach a person on the command line."""
    elsewhere = tuple(LIBRARY / place for places in NOT_SAID_HERE.values() for place in places)
    found = set()
    for path, tree in TREES.items():
        if any(path.is_relative_to(place) for place in elsewhere):
            continue
        documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        inner = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        found |= {
            text
            for node in ast.walk(tree)
            if id(node) not in documents | inner and " " in (text := text_of(node))
        }
    return found


def test_no_text_of_the_core_names_an_argument() -> None:
    """Neither one of the code, nor one of the page of messages, with any value at its gaps."""
    sentences = {*texts(), *QUOTES}
    named = {text for text in sentences if PYTHONS.search(text)}
    assert len(named) > 8
    assert {text: in_options(text) for text in named if PYTHONS.search(in_options(text))} == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "shop has uv.lock and poetry.lock: choose the one that decides with build_tool='uv' or build_tool='poetry'",
            "shop has uv.lock and poetry.lock: choose the one that decides with --tool uv or --tool poetry",
        ),
        ("…, or allow it with allow_extra_index_url=True", "…, or allow it with --allow-extra-index-url"),
        (
            "built in a container: container=True (image, needs Docker)",
            "built in a container: --container (image, needs Docker)",
        ),
        (
            "give a container=, or leave out compile_bytecode",
            "give --container, or leave out --compile-bytecode",
        ),
        (
            "cannot be asked for only_groups=('dev', 'docs'): use groups",
            "cannot be asked for --only-group dev --only-group docs: use --group",
        ),
        (
            "no file to deploy: include=('a*',), exclude=None leave nothing",
            "no file to deploy: --include a* leaves nothing",
        ),
        (
            "no file to deploy: include=None, exclude=('a', 'b') leave nothing",
            "no file to deploy: --exclude a --exclude b leave nothing",
        ),
        (
            "to use the locked one, take it off ignore_package_list",
            "to use the locked one, give --ignore-nothing, or --ignore with the other names",
        ),
        ("entry 'nowhere' does not exist", "PROJECT 'nowhere' does not exist"),
    ],
)
def test_an_argument_becomes_its_option(text: str, told: str) -> None:
    assert in_options(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "greeter/uv.lock is stale: run 'uv lock'",
        "/home/me/build_tool/uv.lock cannot be read",
        "'smoke_test' is not a layer name",
        "compile_bytecode/setup.py cannot be read",
        "my-build_tool cannot be built",
        "/home/me/container=True/uv.lock does not exist",
        "container=True/uv.lock does not exist: run 'uv lock' in 'container=True'",
        "/home/me/build_tool=uv/uv.lock cannot be read",
        "build_tool=uv/uv.lock cannot be read",
        "'build_tool=uv' is not a layer name",
        "the entry of the lock file has no name",
    ],
)
def test_names_that_people_chose_stay(text: str) -> None:
    """A folder, a distribution or a quoted value may be spelled like an argument."""
    assert in_options(text) == text
