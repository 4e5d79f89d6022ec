"""The members of a class: fields, properties and methods, with those of its ancestors in the library."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.reference.symbols import Function, Symbol, assigned_names, is_function, with_docs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True)
class Field:
    """One field of a value, or one member of an enumeration."""

    name: str
    annotation: str
    """Empty for a member of an enumeration."""
    default: str
    """Code; empty for a field that must be given."""
    doc: str
    keyword_only: bool = False

    @property
    def parameter(self) -> str:
        """The field as a parameter of its class."""
        return f"{self.name}: {self.annotation}" + (f" = {self.default}" if self.default else "")


def ancestry(symbol: Symbol) -> list[Symbol]:
    """Return a class and its ancestors in the library, the class first, each once."""
    parents = [parent for base in symbol.bases if (parent := symbol.resolve(base))]
    chain = [symbol, *(ancestor for parent in parents for ancestor in ancestry(parent))]
    return list(dict.fromkeys(chain))


def fields_of(symbol: Symbol) -> list[Field]:
    """Return the fields of a class in the order of its constructor: those of its ancestors first."""
    fields: dict[str, Field] = {}
    for ancestor in reversed(ancestry(symbol)):
        for node, doc in with_docs(ancestor.body):
            for name in assigned_names(node):
                if not name.startswith("_"):
                    fields[name] = read_field(name, node, doc)
    return list(fields.values())


def read_field(name: str, node: ast.stmt, doc: str) -> Field:
    """Return a field as its class states it, by a plain default or by `dataclasses.field`."""
    annotation = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else ""
    value = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
    if not (isinstance(value, ast.Call) and ast.unparse(value.func) == "field"):
        return Field(name, annotation, ast.unparse(value) if value else "", doc)
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in value.keywords}
    default = (
        f"{options['default_factory']}()" if "default_factory" in options else options.get("default", "")
    )
    return Field(name, annotation, default, doc, options.get("kw_only") == "True")


def methods_of(symbol: Symbol) -> list[tuple[Function, Symbol]]:
    """Return public properties and methods, each with the class that defines it; the nearest definition wins."""
    methods: dict[str, tuple[Function, Symbol]] = {}
    for ancestor in ancestry(symbol):
        for node in ancestor.body:
            if is_function(node) and not node.name.startswith("_"):
                methods.setdefault(node.name, (node, ancestor))
    return list(methods.values())


def initializer(symbol: Symbol) -> Function | None:
    """Return the `__init__` of a class or of its nearest ancestor that has one; None for a dataclass."""
    methods = (node for ancestor in ancestry(symbol) for node in ancestor.body if is_function(node))
    return next((method for method in methods if method.name == "__init__"), None)


def decorators(symbol: Symbol | Function) -> set[str]:
    """Return the names of a definition's decorators, without arguments."""
    node = symbol.node if isinstance(symbol, Symbol) else symbol
    expressions = node.decorator_list if isinstance(node, ast.ClassDef) or is_function(node) else []
    return {ast.unparse(expression).partition("(")[0].rpartition(".")[2] for expression in expressions}


# --- the types that members use --------------------------------------------------------------------------


def annotations_of(symbol: Symbol) -> Iterator[tuple[ast.expr | None, Symbol]]:
    """Yield the annotations of a symbol and its public members, each with the symbol whose module names it."""
    functions = methods_of(symbol)
    if constructor := initializer(symbol):
        functions.append((constructor, symbol))
    if is_function(symbol.node):
        functions.append((symbol.node, symbol))
    for ancestor in ancestry(symbol):
        yield from ((node.annotation, ancestor) for node in ancestor.body if isinstance(node, ast.AnnAssign))
    for function, owner in functions:
        arguments = (node for node in ast.walk(function.args) if isinstance(node, ast.arg))
        yield from ((argument.annotation, owner) for argument in arguments)
        yield function.returns, owner


def used_types(symbol: Symbol) -> Iterator[Symbol]:
    """Yield the library's own types in the annotations of a symbol and its public members."""
    for annotation, owner in annotations_of(symbol):
        for node in ast.walk(annotation) if annotation is not None else ():
            if (
                isinstance(node, ast.Name)
                and not node.id.startswith("_")
                and (used := owner.resolve(node.id))
            ):
                yield used


def undocumented_types(symbols: Iterable[Symbol], documented: set[tuple[str, str]]) -> list[Symbol]:
    """Return the types that `symbols` use and no page has yet, with the types that those use."""
    types: dict[tuple[str, str], Symbol] = {}
    waiting = list(symbols)
    while waiting:
        for used in used_types(waiting.pop()):
            if used.key not in documented and used.key not in types:
                types[used.key] = used
                waiting.append(used)
    return sorted(types.values(), key=lambda symbol: symbol.name.casefold())
