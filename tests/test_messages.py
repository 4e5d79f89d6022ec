"""The pages of messages: a section for each error and each finding, and only lines that the library writes."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import constructs_lib
from constructs_lib.core.inspect.findings import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = Path(constructs_lib.__file__).parent
GUIDE = LIBRARY.parent / "docs" / "guides" / "messages.md"
FINDINGS = LIBRARY.parent / "docs" / "reference" / "findings.md"
VALUE = "…"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(LIBRARY.rglob("*.py"))}


# --- the page --------------------------------------------------------------------------------------------


def sections(page: str) -> list[tuple[str, str]]:
    """Return id and text of each `### id` section."""
    parts = re.split(r"^### (.+)$", page, flags=re.MULTILINE)
    texts = [re.split(r"^## ", text, flags=re.MULTILINE)[0] for text in parts[2::2]]
    return list(zip(parts[1::2], texts, strict=True))


def quoted_lines(page: str) -> list[str]:
    """Return the paragraphs that are one back-ticked line, and the first cells of tables."""
    lines = re.findall(r"^`([^`\n]+)`$", page, re.MULTILINE)
    cells = re.findall(r"^\| (`.*?) \| ", page, re.MULTILINE)
    return [*lines, *(quote for cell in cells for quote in re.findall(r"`(.+?)`", cell))]


PAGE = GUIDE.read_text(encoding="utf-8")
SECTIONS = sections(PAGE)
QUOTES = quoted_lines(PAGE)

# --- the code --------------------------------------------------------------------------------------------


def name_of(node: ast.expr) -> str:
    """Return the last part of `a.b.Name`; empty for other expressions."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def error_classes(trees: dict[Path, ast.Module]) -> set[str]:
    """Return the names of ArtifactError and of all classes below it."""
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    names = {"ArtifactError"}
    while more := {node.name for node in classes if names & set(map(name_of, node.bases))} - names:
        names |= more
    return names


def factories(trees: dict[Path, ast.Module]) -> dict[str, int]:
    """Return the functions with a parameter `error_id`, each with its position in a call."""
    places = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name != "__init__":
                names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
                names = names[1:] if names[:1] in (["self"], ["cls"]) else names
                if "error_id" in names:
                    places[node.name] = names.index("error_id")
                elif "error_id" in {argument.arg for argument in node.args.kwonlyargs}:
                    places[node.name] = len(names)
    return places


def raised_ids(trees: dict[Path, ast.Module]) -> Iterator[tuple[str, Path]]:
    """Yield every id that an error is made with, and the file.

    An id is a literal: the first argument of an error of ours (also of a class in a variable `error` or `cls`) or of its
    `super().__init__`, or the argument `error_id` of a function that makes errors.
    """
    classes, places = error_classes(trees), factories(trees)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = name_of(node.func)
            given = [keyword.value for keyword in node.keywords if keyword.arg == "error_id"]
            if name in classes or name in {"error", "cls"} or ast.unparse(node.func) == "super().__init__":
                given += node.args[:1]
            elif name in places:
                given += node.args[places[name] : places[name] + 1]
            literals = (
                part for value in given if not isinstance(value, ast.JoinedStr) for part in ast.walk(value)
            )
            for part in literals:
                if (
                    isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and ID.fullmatch(part.value)
                ):
                    yield part.value, path


def text_of(node: ast.AST) -> str:
    """Return a string of the code, with `…` for each inserted value; empty for other expressions."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or VALUE for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def pattern(quote: str) -> re.Pattern[str]:
    """Return a pattern that finds the quote's fixed parts in one line, in order."""
    return re.compile(".*".join(map(re.escape, quote.split(VALUE))))


TEXTS = [text for tree in TREES.values() for node in ast.walk(tree) if (text := text_of(node))]
RAISED = {error_id for error_id, _ in raised_ids(TREES)}
# Misuse of a construct is Python's ValueError or TypeError, as CDK's own constructs raise it: it has no id.
MISUSE = [
    text
    for path, tree in TREES.items()
    if path.is_relative_to(LIBRARY / "cdk")
    for node in ast.walk(tree)
    if isinstance(node, ast.Call) and name_of(node.func) in {"ValueError", "TypeError"} and node.args
    if (text := text_of(node.args[0]))
]


# --- the tests -------------------------------------------------------------------------------------------


def test_every_error_has_one_section() -> None:
    """What `error[lock-stale]: …` means is found by its id, in one place."""
    names = [name for name, _ in SECTIONS]
    assert sorted(names) == sorted(set(names))
    assert RAISED - set(names) == set()


def test_no_section_is_left_over() -> None:
    """An error that nothing raises is not explained."""
    assert {name for name, _ in SECTIONS} - RAISED == set()


def test_a_section_quotes_a_line_and_explains_it() -> None:
    """A section has at least one quoted line, and a paragraph of words."""
    for name, text in SECTIONS:
        assert ID.fullmatch(name), name
        assert re.search(r"^`[^`\n]+`$", text, re.MULTILINE), f"{name} quotes no line"
        words = re.sub(r"^`[^`\n]+`$", "", text, flags=re.MULTILINE).strip()
        assert words.endswith((".", "|")), f"{name} explains nothing"


def test_every_quoted_line_is_in_the_code() -> None:
    """A text that is reworded is reworded on the page too, and a quote has words of its own."""
    assert [quote for quote in QUOTES if not quote.strip(f"{VALUE} :,;()")] == []
    texts = "\n".join(TEXTS)
    assert [quote for quote in QUOTES if not pattern(quote).search(texts)] == []


def test_misuse_of_a_construct_is_on_the_page() -> None:
    """Also an error without an id is explained where people look for it."""
    patterns = [pattern(quote) for quote in QUOTES]
    assert [text for text in MISUSE if not any(quoted.search(text) for quoted in patterns)] == []


def test_every_finding_has_an_anchor() -> None:
    """The id that a warning is acknowledged by leads to its section."""
    names = [name for name, _ in sections(FINDINGS.read_text(encoding="utf-8"))]
    assert sorted(names) == sorted(set(names))
    assert set(names) == set(LEVELS)


def test_ids_are_collected_from_every_kind_of_call() -> None:
    """The collector above can be trusted: errors, their subclasses, factories, keywords and choices."""
    code = """
class LateError(ProjectError):
    def __init__(self): super().__init__("too-late", "x")
def refused(self, path, error_id): raise ProjectError(error_id, "x")
def failed(path, *, error_id): ...
ProjectError("first-id", "x")
errors.LateError("second-id")
refused("p", "third-id")
failed("p", error_id="fourth-id")
raise error("eighth-id", "x")
cls("ninth-id", "x")
ToolError("fifth-id" if a else "sixth-id", "x")
ValueError("not-ours")
other("not-ours", "nor-this")
"""
    builtin = "class ProjectError(ArtifactError): ...\nclass ToolError(ArtifactError): ..."
    trees = {Path("a.py"): ast.parse(code.replace("self, path", "path")), Path("b.py"): ast.parse(builtin)}
    assert sorted(error_id for error_id, _ in raised_ids(trees)) == [
        "eighth-id",
        "fifth-id",
        "first-id",
        "fourth-id",
        "ninth-id",
        "second-id",
        "sixth-id",
        "third-id",
        "too-late",
    ]
