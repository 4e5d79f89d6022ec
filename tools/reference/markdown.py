"""A symbol's section of a page: its signature as code, its docstring, its members."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tools.reference.members import Field, ancestry, decorators, fields_of, initializer, methods_of
from tools.reference.symbols import Function, Symbol, is_function, read_module

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH = 100
LONGEST_VALUE = 300
"""Characters of a constant's value; a longer one is left to its docstring."""


def section(symbol: Symbol, public: frozenset[tuple[str, str]]) -> str:
    """Return the section of one name; `public` are module and name of all that have a section of their own."""
    if isinstance(symbol.node, ast.ClassDef):
        parts = list(class_parts(symbol, public))
    elif is_function(symbol.node):
        parts = [code(signature(symbol.name, symbol.node)), prose(symbol.doc)]
    elif isinstance(symbol.node, ast.Module):
        names = ", ".join(f"`{name}`" for name in read_module(symbol.module).exports)
        parts = [prose(symbol.doc), f"A module with {names}." if names else ""]
    else:
        parts = list(constant_parts(symbol))
    return "\n\n".join([f"### {symbol.name}", f"`{symbol.module}`", *filter(None, parts)])


def class_parts(symbol: Symbol, public: frozenset[tuple[str, str]]) -> Iterator[str]:
    """Yield how a class is made, its docstring, fields, properties and methods.

    Members of a public ancestor stand in the section of that one.
    """
    yield code(class_signature(symbol))
    yield prose(symbol.doc)
    if constructor := initializer(symbol):
        yield prose(ast.get_docstring(constructor) or "")
    elsewhere = [ancestor for ancestor in ancestry(symbol)[1:] if ancestor.key in public]
    if elsewhere:
        links = ", ".join(f"[{ancestor.name}](#{ancestor.name.lower()})" for ancestor in elsewhere)
        yield f"Also has the members of {links}."
    yield "\n".join(map(field_line, fields_of(symbol)))
    methods = [node for node, owner in methods_of(symbol) if owner not in elsewhere]
    properties = [node for node in methods if decorators(node) & {"property", "cached_property"}]
    yield "\n".join(map(property_line, properties))
    for node in methods:
        if node not in properties:
            is_bound = "staticmethod" not in decorators(node)
            yield code(signature(f"{symbol.name}.{node.name}", node, bound=is_bound))
            yield prose(ast.get_docstring(node) or "")


def class_signature(symbol: Symbol) -> str:
    """Return how a value of a class is made; its name and bases for enumerations, protocols and the like."""
    if constructor := initializer(symbol):
        return signature(symbol.name, constructor, bound=True)
    bases = {base for ancestor in ancestry(symbol) for base in ancestor.bases}
    if "dataclass" in decorators(symbol) or "NamedTuple" in bases:
        fields = [item for item in fields_of(symbol) if item.annotation and "ClassVar" not in item.annotation]
        keywords = [item.parameter for item in fields if item.keyword_only]
        positional = [item.parameter for item in fields if not item.keyword_only]
        return call(symbol.name, [*positional, *(["*", *keywords] if keywords else [])])
    return f"class {symbol.name}" + (f"({', '.join(symbol.bases)})" if symbol.bases else "")


def constant_parts(symbol: Symbol) -> Iterator[str]:
    """Yield a constant's or alias's value, where it is short, and its docstring."""
    assigned = symbol.node.value if isinstance(symbol.node, ast.Assign | ast.AnnAssign) else None
    value = ast.unparse(assigned) if assigned is not None else ""
    if value and len(value) <= LONGEST_VALUE:
        yield code(f"{symbol.name} = {value}")
    yield prose(symbol.doc)


def field_line(item: Field) -> str:
    """Return a field as an item of a list."""
    value = f" = `{item.default}`" if item.default and not item.annotation else ""
    annotation = f" (`{item.annotation}`)" if item.annotation else ""
    return f"- `{item.name}`{annotation}{value}" + (f": {' '.join(item.doc.split())}" if item.doc else "")


def property_line(node: Function) -> str:
    """Return a property as an item of a list."""
    annotation = ast.unparse(node.returns) if node.returns else ""
    return field_line(Field(node.name, annotation, "", ast.get_docstring(node) or ""))


# --- code ------------------------------------------------------------------------------------------------


def code(text: str) -> str:
    """Return a block of code. `py` and not `python`: the tests run blocks of the latter as examples."""
    return f"```py\n{text}\n```"


def signature(name: str, node: Function, *, bound: bool = False) -> str:
    """Return `name(parameters) -> type`; without the first parameter for a `bound` method."""
    has_result = node.returns is not None and node.name != "__init__"
    result = f" -> {ast.unparse(node.returns)}" if node.returns and has_result else ""
    return call(name, parameters(node.args)[bound:], result)


def call(name: str, arguments: Sequence[str], result: str = "") -> str:
    """Return a call on one line, or with a line for each argument where that would be too long."""
    line = f"{name}({', '.join(arguments)}){result}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {argument}," for argument in arguments), f"){result}"])


def parameters(arguments: ast.arguments) -> list[str]:
    """Return each parameter as code, with `*` where the keywords begin."""
    positional = [*arguments.posonlyargs, *arguments.args]
    without: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    code_parts = [
        parameter(argument, default)
        for argument, default in zip(positional, [*without, *arguments.defaults], strict=True)
    ]
    if arguments.posonlyargs:
        code_parts.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg is not None:
        code_parts.append(f"*{parameter(arguments.vararg, None)}")
    elif arguments.kwonlyargs:
        code_parts.append("*")
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    code_parts += [parameter(argument, default) for argument, default in keywords]
    if arguments.kwarg is not None:
        code_parts.append(f"**{parameter(arguments.kwarg, None)}")
    return code_parts


def parameter(argument: ast.arg, default: ast.expr | None) -> str:
    """Return one parameter as code."""
    annotated = f": {ast.unparse(argument.annotation)}" if argument.annotation is not None else ""
    if default is None:
        return f"{argument.arg}{annotated}"
    return f"{argument.arg}{annotated}{' = ' if annotated else '='}{ast.unparse(default)}"


# --- docstrings ------------------------------------------------------------------------------------------

_PARAM = re.compile(r"^:param (\w+):\s*", re.MULTILINE)
_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):\n((?:[ ]{4}.*\n?|\n)+)", re.MULTILINE)
_ITEM = re.compile(r"^ {4}(\w[\w.*]*): ", re.MULTILINE)


def prose(doc: str) -> str:
    """Return a docstring as Markdown: parameters, in Google's or Sphinx's notation, become a list."""
    text, *pairs = _PARAM.split(f"{doc}\n")
    return "\n\n".join(filter(None, [_SECTION.sub(_google_section, text).strip(), _items(pairs)]))


def _google_section(match: re.Match[str]) -> str:
    text, *pairs = _ITEM.split(match[2])
    return "\n\n".join([*filter(None, [f"{match[1]}:", " ".join(text.split()), _items(pairs)]), ""])


def _items(pairs: Sequence[str]) -> str:
    named = zip(pairs[::2], pairs[1::2], strict=True)
    return "\n".join(f"- `{name}`: {' '.join(meaning.split())}" for name, meaning in named)
