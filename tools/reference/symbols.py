"""Names of the library and their definitions, read from the source without importing it."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "constructs_lib"

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"


@dataclass(frozen=True)
class Symbol:
    """A name with its definition and the module that holds it."""

    name: str
    module: str
    node: ast.stmt | ast.Module
    doc: str

    @property
    def key(self) -> tuple[str, str]:
        """The module and the name."""
        return self.module, self.name

    @property
    def body(self) -> list[ast.stmt]:
        """The statements of a class; empty for anything else."""
        return self.node.body if isinstance(self.node, ast.ClassDef) else []

    @property
    def bases(self) -> list[str]:
        """The base classes as the class names them."""
        return [ast.unparse(base) for base in self.node.bases] if isinstance(self.node, ast.ClassDef) else []

    def resolve(self, name: str) -> Symbol | None:
        """Return the symbol that `name` means in this symbol's module, where it is one of the library's."""
        return find(self.module, name)


@dataclass(frozen=True)
class Module:
    """The definitions and imports at the top of a module, those for the type checker included."""

    symbols: dict[str, tuple[ast.stmt, str]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    @property
    def exports(self) -> list[str]:
        """The names in the module's `__all__`."""
        node, _ = self.symbols.get("__all__", (None, ""))
        return ast.literal_eval(node.value) if isinstance(node, ast.Assign) else []


@cache
def parse_module(name: str) -> ast.Module | None:
    """Parse a module of the library by its dotted name; None for any other name."""
    folder = ROOT / name.replace(".", "/")
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    if name.partition(".")[0] != PACKAGE or not path.exists():
        return None
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def read_module(name: str) -> Module:
    """Return the definitions and imports of a module; those of another library's module are empty."""
    module, tree = Module(), parse_module(name)
    if tree is not None:
        _collect(tree.body, module)
    return module


def _collect(body: Sequence[ast.stmt], module: Module) -> None:
    for node, doc in with_docs(body):
        if isinstance(node, ast.If):
            _collect([*node.body, *node.orelse], module)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if alias.name == "*":
                    module.stars.append(node.module)
                else:
                    module.imports[alias.asname or alias.name] = (node.module, alias.name)
        elif isinstance(node, ast.ClassDef) or is_function(node):
            module.symbols[node.name] = (node, ast.get_docstring(node) or "")
        else:
            module.symbols.update(dict.fromkeys(assigned_names(node), (node, doc)))


def is_function(node: ast.AST) -> TypeGuard[Function]:
    """Return True for a function or method."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def assigned_names(node: ast.stmt) -> list[str]:
    """Return the names that a statement gives a value or a type; none for another statement."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    elif isinstance(node, ast.Assign):
        targets = node.targets
    return [target.id for target in targets if isinstance(target, ast.Name)]


def with_docs(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """Yield each statement with the text that stands below it, as below a field or a constant."""
    for node, following in zip(body, [*body[1:], None], strict=True):
        value = following.value if isinstance(following, ast.Expr) else None
        is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
        yield node, textwrap.dedent(str(value.value)).strip() if is_text else ""  # type: ignore[union-attr]


@cache
def find(module: str, name: str) -> Symbol | None:
    """Follow a name through the library's imports to its definition."""
    content = read_module(module)
    if name in content.symbols:
        node, doc = content.symbols[name]
        if not doc and isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            doc = f"Another name of `{node.value.id}`." if find(module, node.value.id) else ""
        return Symbol(name, module, node, doc)
    if name in content.imports:
        source, original = content.imports[name]
        submodule = f"{source}.{original}"
        tree = parse_module(submodule)
        if tree is not None:
            return Symbol(name, submodule, tree, ast.get_docstring(tree) or "")
        return find(source, original)
    return next((symbol for star in content.stars if (symbol := find(star, name))), None)


@cache
def public_symbols(package: str) -> tuple[Symbol, ...]:
    """Return what a package re-exports, sorted by name without regard to case."""
    names = sorted(read_module(package).imports, key=str.casefold)
    symbols = (find(package, name) for name in names if name != "on_demand")
    return tuple(symbol for symbol in symbols if symbol)
