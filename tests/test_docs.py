"""The documentation's examples run, and its commands exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from constructs_lib.cli.app import app
from tests.support.files.projects import make_project
from tools.site_pages import COPIES

ROOT = Path(__file__).resolve().parents[1]
GENERATED = (ROOT / "docs" / "reference" / "api", ROOT / "docs" / "benchmarks")
COPIED = {ROOT / "docs" / page for page in COPIES.values()}
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *(
        path
        for path in sorted((ROOT / "docs").rglob("*.md"))
        if path.parent not in GENERATED and path not in COPIED
    ),
]
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _examples() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for number, block in enumerate(_BLOCK.findall(page.read_text()), 1):
            found.append((f"{page.relative_to(ROOT)} {number}", block))
    return found


EXAMPLES = _examples()


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder as the examples assume it: with the locked projects `greeter` and `shop`."""
    folder = tmp_path_factory.mktemp("examples")
    make_project(folder / "greeter")
    make_project(folder / "shop")
    return folder


@pytest.mark.parametrize(("name", "code"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_python_example_runs(
    name: str, code: str, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each example works as it is printed, with names of its own; here CDK has been started already."""
    monkeypatch.chdir(workplace)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    exec(compile(code, name, "exec"), {"__name__": "__main__"})  # noqa: S102 - that is the test


def test_every_shown_program_is_python() -> None:
    """Code for tools that are not installed here (blocks of `py`) can at least be compiled."""
    shown = [
        (page, block)
        for page in PAGES
        for block in re.findall(r"(?ms)^```py\n(.*?)^```$", page.read_text(encoding="utf-8"))
    ]
    assert shown
    for page, block in shown:
        compile(block, str(page), "exec")


def test_every_named_command_and_option_exists() -> None:
    """A line with `constructs-lib` in any block names a command of it, and only options of that command."""
    wrong, context = [], click.Context(app)
    for page in PAGES:
        for fence in re.findall(r"(?ms)^```.*?^```$", page.read_text(encoding="utf-8")):
            for name, rest in re.findall(r"constructs-lib(?: -q)? ([a-z][a-z-]+)([^\n|)]*)", fence):
                command = app.get_command(context, name)
                known = (
                    {option for parameter in command.params for option in parameter.opts}
                    if command
                    else set()
                )
                named = set(re.findall(r"(?<= )--[a-z][a-z0-9-]*", rest))
                if command is None or (not isinstance(command, click.Group) and not named <= known):
                    wrong.append((page.name, name, sorted(named - known)))
    assert wrong == []


def test_an_example_is_a_whole_program(workplace: Path) -> None:
    """The app of the first guide works in a fresh interpreter too, where a warning is an error."""
    code = dict(EXAMPLES)["docs/guides/first-layer.md 1"]
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=workplace, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_there_are_examples() -> None:
    """The pattern above finds them: README, guide and reference each have some."""
    assert len(EXAMPLES) >= 6


def test_every_make_target_that_is_named_exists() -> None:
    """No page tells people to run a target that the Makefile does not have."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        word for page in PAGES for word in re.findall(r"\bmake ([a-z]+)\b(?= *[`#\n])", page.read_text())
    }
    assert named
    assert named <= targets, named - targets


def test_every_path_on_the_architecture_page_exists() -> None:
    """A module that moved is renamed on the page too; paths are below the package or below the root."""
    page = (ROOT / "docs" / "contributing" / "architecture.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:core|cdk|cli|handler|docs|tests|tools)/[\w./-]*)`", page))
    assert len(paths) > 30
    roots = (ROOT / "constructs_lib", ROOT)
    assert [path for path in sorted(paths) if not any((root / path).exists() for root in roots)] == []


def test_the_tree_of_the_architecture_page_is_the_package() -> None:
    """Every room and every package or module of `core` stands in the drawn tree, and nothing else."""
    page = (ROOT / "docs" / "contributing" / "architecture.md").read_text(encoding="utf-8")
    tree = page.partition("```text\n")[2].partition("```")[0]
    drawn = {
        word.rstrip("/")
        for line in tree.splitlines()[1:]
        for word in re.split(r" {3,}", line.strip("│├└─ "), maxsplit=1)[0].split()
    }
    package = ROOT / "constructs_lib"
    present = [*package.iterdir(), *(package / "core").iterdir()]
    names = {
        path.stem for path in present if path.name[:1] != "_" and (path.is_dir() or path.suffix == ".py")
    }
    assert drawn == names


def test_every_decision_is_in_the_table() -> None:
    """A decision is a file with number, title, date and status; the table repeats them."""
    folder = ROOT / "docs" / "decisions"
    table = (folder / "index.md").read_text(encoding="utf-8")
    pages = sorted(folder.glob("[0-9]*.md"))
    for number, page in enumerate(pages, 1):
        text = page.read_text(encoding="utf-8")
        head = re.match(r"# (\d+)\. (.+)\n\n- Date: (\d{4}-\d\d-\d\d)\n- Status: (.+)\n\n", text)
        assert head is not None, page.name
        assert page.name.startswith(f"{number:04d}-")
        assert int(head[1]) == number
        assert f"| {number} | [{head[2]}]({page.name}) | {head[3]} | {head[4]} |" in table
    assert table.count("\n| ") == len(pages) + 1


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_pages_keep_the_words_of_the_field(page: Path) -> None:
    """American spelling, "rollback" and not "way back", and no "whoever" or "nobody" as a subject."""
    without_blocks = re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))
    prose = re.sub(r"`[^`\n]*`", "", without_blocks)
    words = r"\b(whoever|nobody|way back|colours?|licences?|behaviours?|recogni[s]e[sd]?|normalise[sd]?)\b"
    assert re.findall(words, prose, re.IGNORECASE) == []


def test_the_times_of_the_readme_are_those_of_the_benchmark() -> None:
    """README's table has the medians of the benchmark page, rounded, in the order of its projects."""
    page = (ROOT / "docs" / "benchmarks" / "index.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = page.partition("## A lock file becomes a layer")[2].partition("\n## ")[0]
    medians = {
        contender: [float(seconds) for name, seconds in rows if name == contender]
        for rows in [re.findall(r"\| W\d \| ([^|]+) \| \d+ \| ([\d.]+) \|", section)]
        for contender, _ in rows
    }

    def rounded(contender: str) -> list[str]:
        return [f"{median:.1f}" if median < 2 else f"{median:.0f}" for median in medians[contender]]

    assert f"**{', '.join(rounded('ours, full store'))}**" in readme
    assert f"| {', '.join(rounded('sam build'))}, without a zip |" in readme
    assert f"| {', '.join(rounded('uv pip install + zip -9'))} |" in readme
    assert "takes {}, {} and {} s.".format(*rounded("ours, empty store")) in readme
