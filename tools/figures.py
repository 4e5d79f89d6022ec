"""`make figures`: the figures of the code that reviews look at, for `constructs_lib` or the given files and folders.

`python tools/figures.py constructs_lib/core tools` measures other code. Nothing is judged: the figures replace guesses.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
SHARED_NAMES = frozenset({"__init__.py", "__main__.py"})
"""File names that Python asks for in many folders."""
OPENINGS = frozenset({"What", "Who", "Whom", "Where", "Whether", "Whoever", "Whatever", "Those", "Let"})
"""First words of docstrings that hide the subject."""
GENERIC_NAMES = frozenset(
    {
        *("each", "found", "own", "why", "what", "made", "given"),
        *("told", "one", "other", "others", "wanted", "standing", "chosen"),
        *("asked", "known", "left", "kept", "seen", "whole", "rest"),
        *("thing", "things", "it", "both", "there", "here", "way"),
    }
)
"""Local names that do not say which thing of the domain they hold."""
MANY_PARAMETERS = 6

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Tally:
    """The counts of one or more files."""

    lines: list[int] = field(default_factory=list)
    """Of each file."""
    function_lines: list[int] = field(default_factory=list)
    """Of each function: from `def`, without decorators, to its last line."""
    parameters: list[int] = field(default_factory=list)
    """Of each function, without `self` and `cls`."""
    docstrings: int = 0
    """Of modules, classes and functions, and those below an attribute or constant."""
    hidden_subjects: int = 0
    """Docstrings that open with one of `OPENINGS`."""
    bindings: Counter[str] = field(default_factory=Counter)
    """How often each local name is bound: assigned, a target of a loop or comprehension, an alias."""
    import_lines: int = 0
    comment_lines: int = 0
    inner_imports: int = 0
    """Import statements inside functions."""
    lambdas: int = 0

    def add_file(self, source: str) -> None:
        """Count the figures of one file."""
        self.lines.append(len(source.splitlines()))
        self.comment_lines += _comment_lines(source)
        self._visit(ast.parse(source), inside_function=False)

    def _visit(self, node: ast.AST, *, inside_function: bool) -> None:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            self._count_docstring(node.value.value)
        elif isinstance(node, _Function):
            self._count_function(node)
        elif isinstance(node, ast.Lambda):
            self.lambdas += 1
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self.import_lines += (node.end_lineno or node.lineno) - node.lineno + 1
            self.inner_imports += inside_function
        elif inside_function:
            self.bindings.update(_bound_names(node))
        inside_function = inside_function or isinstance(node, _Function | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            self._visit(child, inside_function=inside_function)

    def _count_docstring(self, value: object) -> None:
        if isinstance(value, str) and (words := value.split()):
            self.docstrings += 1
            self.hidden_subjects += words[0].rstrip(",:;.") in OPENINGS

    def _count_function(self, node: _Function) -> None:
        self.function_lines.append((node.end_lineno or node.lineno) - node.lineno + 1)
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        if positional and positional[0].arg in {"self", "cls"}:
            del positional[0]
        stars = filter(None, [arguments.vararg, arguments.kwarg])
        self.parameters.append(len([*positional, *arguments.kwonlyargs, *stars]))


def _comment_lines(source: str) -> int:
    """Count the lines that hold a comment and nothing else."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(
        token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip() for token in tokens
    )


def _bound_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name


def python_files(paths: Iterable[Path]) -> list[Path]:
    """Return the Python files among the paths and below them, sorted."""
    folders = [path.rglob("*.py") if path.is_dir() else [path] for path in paths]
    return sorted(file for files in folders for file in files)


def repeated_names(files: Iterable[Path]) -> dict[str, int]:
    """Return how often a file name occurs, for those that occur more than once."""
    names = Counter(file.name for file in files)
    return {name: count for name, count in sorted(names.items()) if count > 1 and name not in SHARED_NAMES}


def count(files: Iterable[Path]) -> Tally:
    """Return the counts of all files together."""
    tally = Tally()
    for file in files:
        tally.add_file(file.read_text(encoding="utf-8"))
    return tally


def render(files: Sequence[Path], tally: Tally) -> str:
    """Return the figures as aligned lines, a name and a value each."""
    total = sum(tally.lines)
    repeated = ", ".join(f"{name} {times}" for name, times in repeated_names(files).items())
    generic = sum(times for name, times in tally.bindings.items() if name in GENERIC_NAMES)
    many = sum(number >= MANY_PARAMETERS for number in tally.parameters)
    rows = {
        "files": f"{len(files)}",
        "lines": f"{total}",
        "base names more than once": repeated or "none",
        "lines per file, largest": f"{_ratio(total, len(files)):.0f}, {max(tally.lines, default=0)}",
        "functions": f"{len(tally.function_lines)}",
        "function length, median / p95 / longest": _spread(tally.function_lines),
        "docstrings": f"{tally.docstrings}",
        "docstrings that open with What, Who, ...": _share(tally.hidden_subjects, tally.docstrings),
        "generic local names": _share(generic, tally.bindings.total()),
        "import lines": _share(tally.import_lines, total),
        "comment lines": _share(tally.comment_lines, total),
        f"functions with {MANY_PARAMETERS} or more parameters": (
            f"{_share(many, len(tally.parameters))}, most {max(tally.parameters, default=0)}"
        ),
        "imports inside functions": _per_thousand(tally.inner_imports, total),
        "lambdas": _per_thousand(tally.lambdas, total),
    }
    width = max(map(len, rows))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows.items())


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _share(part: int, whole: int) -> str:
    return f"{100 * _ratio(part, whole):.1f} % ({part} of {whole})"


def _per_thousand(number: int, lines: int) -> str:
    return f"{number} ({1000 * _ratio(number, lines):.1f} per 1000 lines)"


def _spread(lengths: Sequence[int]) -> str:
    if not lengths:
        return "none"
    p95 = quantiles(lengths, n=20, method="inclusive")[-1] if len(lengths) > 1 else lengths[0]
    return f"{median(lengths):g} / {p95:.0f} / {max(lengths)}"


def main(arguments: Sequence[str]) -> int:
    """Print the figures of the given paths, or of `constructs_lib`; return the exit code."""
    paths = [Path(argument) for argument in arguments] or [ROOT / "constructs_lib"]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        print(f"figures: {', '.join(missing)} does not exist", file=sys.stderr)
        return 1
    files = python_files(paths)
    print(render(files, count(files)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
