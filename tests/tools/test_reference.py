"""The generated API reference: every public name, with its signature and its docstring, on one page."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import constructs_lib
from constructs_lib import core
from constructs_lib.core import compat
from tools.reference.__main__ import OUT, PAGES, pages
from tools.reference.markdown import parameters, prose, section, signature
from tools.reference.symbols import (
    PACKAGE,
    Function,
    Symbol,
    assigned_names,
    find,
    public_symbols,
    read_module,
)

TEXTS = pages()
SYMBOLS = {page.file: public_symbols(page.package) for page in PAGES}
FACADES = {"constructs.md": constructs_lib, "core.md": core, "compat.md": compat}
NAMES = [(file, symbol) for file, symbols in SYMBOLS.items() for symbol in symbols]
CODE = re.compile(r"`([A-Za-z_.]+)\([^`]*`")


def function(code: str) -> Function:
    [node] = ast.parse(code).body
    assert isinstance(node, ast.FunctionDef)
    return node


def a_class(code: str) -> Symbol:
    [node] = ast.parse(code).body
    assert isinstance(node, ast.ClassDef)
    return Symbol(node.name, "m", node, ast.get_docstring(node) or "")


@pytest.mark.parametrize("file", list(FACADES))
def test_every_public_name_has_one_section(file: str) -> None:
    """By the names that the package itself offers."""
    names = set(FACADES[file].__all__)
    assert {symbol.name for symbol in SYMBOLS[file]} == names
    headings = re.findall(r"^### (\w+)$", TEXTS[file], re.MULTILINE)
    assert len(headings) == len(set(headings))
    assert names <= set(headings)


@pytest.mark.parametrize(("file", "symbol"), NAMES, ids=[f"{file}-{symbol.name}" for file, symbol in NAMES])
def test_every_public_name_stands_there_with_its_docstring(file: str, symbol: Symbol) -> None:
    assert symbol.doc, f"{symbol.module}.{symbol.name} has no docstring"
    assert prose(symbol.doc) in TEXTS[file]


@pytest.mark.parametrize(
    "name", ["build_layer", "build_source", "deploy_layer", "plan_layer", "report_layer"]
)
def test_a_signature_is_the_one_that_python_sees(name: str) -> None:
    """The same names in the same order, of the same kinds: the source that is read is the code that runs."""
    symbol = find(f"{PACKAGE}.core", name)
    assert symbol is not None
    assert isinstance(symbol.node, ast.FunctionDef)
    printed = ast.parse(f"def f{signature('', symbol.node)}: ...").body[0]
    assert isinstance(printed, ast.FunctionDef)
    seen = inspect.signature(getattr(core, name)).parameters.values()
    positional = [item.name for item in seen if item.kind is item.POSITIONAL_OR_KEYWORD]
    keywords = [item.name for item in seen if item.kind is item.KEYWORD_ONLY]
    assert [argument.arg for argument in printed.args.args] == positional
    assert [argument.arg for argument in printed.args.kwonlyargs] == keywords


def test_types_of_arguments_and_answers_are_explained_too() -> None:
    """A reader of `LayerArtifact.archive` finds what an Archive holds."""
    for name in ("Archive", "Finding", "Runtime", "Manifest"):
        assert f"\n### {name}\n" in TEXTS["core.md"]


def test_every_kind_of_parameter() -> None:
    node = function("def f(a, /, b: int, c: str = 'x', *more: int, d, e: bool = True, **rest: object): ...")
    assert parameters(node.args) == [
        "a",
        "/",
        "b: int",
        "c: str = 'x'",
        "*more: int",
        "d",
        "e: bool = True",
        "**rest: object",
    ]
    assert parameters(function("def f(self, *, a=1): ...").args) == ["self", "*", "a=1"]


def test_the_constructor_of_a_value_is_made_of_its_fields() -> None:
    """Keywords come after `*`, factories are called, and what is private or of the class alone is no argument."""
    text = section(
        a_class(
            "@dataclass(frozen=True)\nclass V:\n    '''A value.'''\n    a: int\n    '''In bytes.'''\n"
            "    b: list[int] = field(default_factory=list)\n    c: str = field(default='x', kw_only=True)\n"
            "    k: ClassVar[int] = 3\n    _hidden: int = 0\n"
        ),
        frozenset(),
    )
    assert "V(a: int, b: list[int] = list(), *, c: str = 'x')" in text
    assert "- `a` (`int`): In bytes." in text
    assert "_hidden" not in text


def test_members_of_a_class() -> None:
    """Properties are a list, methods have a signature each, enumerations have values."""
    text = section(
        a_class(
            "class C:\n    '''A class.'''\n    def __init__(self, a: int) -> None:\n        '''Make it.\n\n        :param a: how many\n"
            "            of them.\n        '''\n    @property\n    def size(self) -> int:\n        '''Bytes.'''\n"
            "    @staticmethod\n    def parse(text: str) -> C:\n        '''Read it.'''\n    def _inner(self): ...\n"
        ),
        frozenset(),
    )
    assert "C(a: int)\n" in text
    assert "- `a`: how many of them." in text
    assert "- `size` (`int`): Bytes." in text
    assert "C.parse(text: str) -> C\n```\n\nRead it." in text
    assert "_inner" not in text
    assert "- `uv` = `'uv'`" in section(a_class("class E(Enum):\n    '''E.'''\n    uv = 'uv'\n"), frozenset())


def test_a_module_lists_its_names() -> None:
    """A public name may be a module of names; a list that is computed is not read."""
    names = read_module(f"{PACKAGE}.core.compat").exports
    assert {symbol.name for symbol in public_symbols(f"{PACKAGE}.core.compat")} == set(names)
    text = section(Symbol("compat", f"{PACKAGE}.core.compat", ast.parse(""), "Names."), frozenset())
    assert text.endswith(f"Names.\n\nA module with {', '.join(f'`{name}`' for name in names)}.")


def test_one_statement_may_give_several_names() -> None:
    assert assigned_names(ast.parse("Old = Older = New").body[0]) == ["Old", "Older"]
    assert assigned_names(ast.parse("size: int").body[0]) == ["size"]
    assert assigned_names(ast.parse("a, b = c").body[0]) == []


def test_sections_of_a_docstring_become_lists() -> None:
    doc = "Do it.\n\nArgs:\n    a: first\n        and more.\n    b: second.\n\nRaises:\n    ProjectError: if not.\n\nEnd."
    assert prose(doc) == (
        "Do it.\n\nArgs:\n\n- `a`: first and more.\n- `b`: second.\n\nRaises:\n\n- `ProjectError`: if not.\n\nEnd."
    )


@pytest.mark.parametrize("page", ["core.md", "constructs.md"])
def test_no_hand_kept_signature_is_left(page: str) -> None:
    """Outside of examples no public name is followed by a list of parameters; those are generated."""
    text = re.sub(
        r"^```.*?^```$", "", (OUT.parent / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    public = {symbol.name for symbols in SYMBOLS.values() for symbol in symbols}
    kept = [line for line in text.splitlines() if set(CODE.findall(line)) & public and "=" in line]
    assert kept == []


def test_no_reference_page_is_committed() -> None:
    """They would grow old; `make docs` writes them."""
    ignored = (Path(OUT).parents[2] / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "/docs/reference/api/" in ignored
