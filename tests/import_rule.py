"""The import rule as code: four rooms, and inside `core` arrows that only run downward."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

When: TypeAlias = Literal["at once", "when called", "for types"]
PACKAGE = "constructs_lib"
CORE, CDK, HANDLER, COMPAT = (f"{PACKAGE}.{room}" for room in ("core", "cdk", "handler", "core.compat"))
MAY_IMPORT = {
    "core": {"core"},
    "cdk": {"cdk", "core"},
    "cli": {"cli", "core"},
    "handler": {"handler", "core"},
}
# Lowest first. Packages on one floor do not know each other.
LAYERS = (
    ("aws_facts", "errors", "extras", "log", "on_demand", "progress", "fingerprint"),
    ("argument_types",),
    ("publish",),
    ("system", "target"),
    ("project", "archive"),
    ("store",),
    ("index",),
    ("lock",),
    ("wheels",),
    ("metadata",),
    ("inspect",),
    ("sbom",),
    ("layer", "source"),
    ("function",),
    ("invoke",),
    ("report",),
    ("deploy",),
    ("compat",),
)
FACADES = {PACKAGE, CORE}  # what these import inside a function is loaded on demand, by the name's user
FLOOR = {name: floor for floor, names in enumerate(LAYERS) for name in names}
CDK_ONLY = {"aws_cdk", "constructs", "jsii"}
IN_LAMBDA = {"boto3", "botocore"}
STDLIB = sys.stdlib_module_names | {"tomllib"}  # Python 3.10, which runs this test too, has no tomllib
DEPENDENCIES = {
    "click",
    "deflate",
    "jinja2",
    "packaging",
    "pathspec",
    "platformdirs",
    "requests",
    "rich",
    "tomli",
    "uv",
}
NOT_IN_LAMBDA = CDK_ONLY | DEPENDENCIES


@dataclass(frozen=True)
class Import:
    """One arrow: `source` imports `target`, at once, when called, or for the type checker only."""

    source: str
    target: str
    line: int
    when: When

    @property
    def runs(self) -> bool:
        """Whether a program that imports `source` needs `target`."""
        return self.when == "at once" or (self.when == "when called" and self.source not in FACADES)

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


# --- reading ---------------------------------------------------------------------------------------------


def module_name(path: str) -> str:
    """`constructs_lib/core/publish/__init__.py` is the module `constructs_lib.core.publish`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_of(path: str, text: str, modules: set[str]) -> list[Import]:
    """Every import in one file, also those inside functions; `modules` tells a submodule from a name."""
    source = module_name(path)
    package = source if path.endswith("/__init__.py") else source.rpartition(".")[0]
    return [
        Import(source, target, node.lineno, when)
        for node, when in walk(ast.parse(text, path), "at once")
        for target in targets(node, package, modules)
    ]


def walk(node: ast.AST, when: When) -> Iterator[tuple[ast.stmt | ast.expr, When]]:
    """All statements and expressions, and when they run."""
    if isinstance(node, ast.stmt | ast.expr):
        yield node, when
    is_guard = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for field, value in ast.iter_fields(node):
        inner = when
        if field == "body" and when != "for types":
            inner = "for types" if is_guard else "when called" if is_function else when
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from walk(child, inner)


def targets(node: ast.AST, package: str, modules: set[str]) -> list[str]:
    """Return the modules (or `module.name`, where no such module exists) that one node imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parents = package.split(".")
            base = ".".join([*parents[: len(parents) - node.level + 1], *filter(None, [base])])
        full = [f"{base}.{alias.name}" for alias in node.names]
        return [name if name in modules or base == PACKAGE else base for name in full]
    if isinstance(node, ast.Call) and ast.unparse(node.func) in {"import_module", "importlib.import_module"}:
        name = node.args[0] if node.args else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and name.value[:1] != ".":
            return [name.value]
    return []


def all_imports(files: Mapping[str, str]) -> list[Import]:
    modules = {module_name(path) for path in files}
    return [arrow for path, text in files.items() for arrow in imports_of(path, text, modules)]


# --- judging ---------------------------------------------------------------------------------------------


def room_of(module: str) -> str:
    """`core`, `cdk`, `cli` or `handler`; empty for the package itself and for everybody else's modules."""
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 and parts[1] in MAY_IMPORT else ""


def part_of(module: str) -> str:
    """Return the file or folder below `core` that a module belongs to; empty for `core` itself."""
    return module.removeprefix(CORE).strip(".").partition(".")[0]


def is_inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def wrong_rooms(arrows: list[Import]) -> Iterator[str]:
    for arrow in arrows:
        here, there = room_of(arrow.source), room_of(arrow.target)
        if here and there and there not in MAY_IMPORT[here]:
            yield f"{arrow}: {here} must not know {there}"
        elif here and not there and is_inside(arrow.target, PACKAGE) and "__" not in arrow.target:
            yield f"{arrow}: import it from the module that defines it"
        elif (
            here
            and arrow.target.startswith(COMPAT)
            and not arrow.source.startswith(COMPAT)
            and arrow.source != CORE
        ):
            yield f"{arrow}: compat is for names of earlier tools, nothing of ours needs it"
        elif not here and there == "cdk" and arrow.runs:
            yield f"{arrow}: Lambda imports the package too, and has no aws_cdk"
        elif here in {"core", "handler"} and arrow.target == CORE and arrow.source != CORE:
            yield f"{arrow}: import it from the module that defines it, core's own names are loaded lazily"


def wrong_floors(arrows: list[Import]) -> Iterator[str]:
    for arrow in arrows:
        if arrow.source == CORE or not (is_inside(arrow.source, CORE) and is_inside(arrow.target, CORE)):
            continue
        here, there = part_of(arrow.source), part_of(arrow.target)
        missing = [name for name in (here, there) if name and name not in FLOOR]
        if missing:
            yield f"{arrow}: {missing[0]} has no layer, give it one in LAYERS"
        elif there and there not in (here, "compat") and not may_see(here, there):
            yield f"{arrow}: {here} stands below or beside {there}"


def may_see(here: str, there: str) -> bool:
    return FLOOR[there] < FLOOR[here]


def wrong_strangers(arrows: list[Import]) -> Iterator[str]:
    """Third-party modules where they are not welcome, also those the handler reaches through core."""
    running = [arrow for arrow in arrows if arrow.runs]
    in_lambda = reachable(running, {arrow.source for arrow in running if is_inside(arrow.source, HANDLER)})
    for arrow in running:
        stranger = arrow.target.partition(".")[0]
        if stranger in STDLIB or stranger == PACKAGE:
            continue
        if stranger in CDK_ONLY and room_of(arrow.source) != "cdk":
            yield f"{arrow}: only cdk may"
        elif arrow.source in in_lambda and stranger not in IN_LAMBDA:
            yield f"{arrow}: the handler reaches it, and Lambda does not have {stranger}"


def reachable(arrows: list[Import], start: set[str]) -> set[str]:
    """Every module that runs when `start` is imported; a module's packages run before it."""
    found: set[str] = set()
    waiting = set(start)
    while waiting:
        module = waiting.pop()
        if module and module not in found:
            found.add(module)
            waiting.add(module.rpartition(".")[0])
            waiting.update(arrow.target for arrow in arrows if arrow.source == module)
    return found


def cycles(arrows: list[Import]) -> Iterator[str]:
    inner = [arrow for arrow in arrows if arrow.runs and is_inside(arrow.target, PACKAGE)]
    follows: dict[str, set[str]] = {}
    for arrow in inner:
        follows.setdefault(arrow.source, set()).add(arrow.target)
    for arrow in inner:
        seen: set[str] = set()
        waiting = [arrow.target]
        while waiting:
            module = waiting.pop()
            if module not in seen:
                seen.add(module)
                waiting.extend(follows.get(module, ()))
        if arrow.source in seen and arrow.source != CORE:
            yield f"{arrow}: that comes back to {arrow.source}"


def problems(files: Mapping[str, str]) -> list[str]:
    """Every breach of the rule in these files (path below the root → text), one line each."""
    arrows = all_imports(files)
    return [*wrong_rooms(arrows), *wrong_floors(arrows), *wrong_strangers(arrows), *cycles(arrows)]
