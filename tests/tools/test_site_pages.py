"""The pages of the site that are made from other files, and the site's navigation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.site_pages import COPIES, address, configuration, copied, entries, first_sentence, llms_txt

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {*COPIES.values(), *(f"reference/api/{name}.md" for name in ("constructs", "core", "compat"))}


def test_every_page_has_a_place_in_the_navigation() -> None:
    """No page is an orphan, but for single decisions, which their index lists; and no entry leads nowhere."""
    docs = ROOT / "docs"
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    pages = {page for page in pages if not re.match(r"decisions/\d", page)} | GENERATED
    listed = [page for _, _, page in entries(configuration()["nav"])]
    assert len(listed) == len(set(listed))
    assert set(listed) == pages


@pytest.mark.parametrize("name", COPIES)
def test_links_of_a_copied_page_lead_to_pages(name: str) -> None:
    """Links of the root's file are made relative to the page's folder."""
    page = ROOT / "docs" / COPIES[name]
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", copied(name))
    there = {(page.parent / link).resolve().relative_to(ROOT / "docs").as_posix() for link in links}
    assert [link for link in there - GENERATED if not (ROOT / "docs" / link).exists()] == []


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("index.md", "./"),
        ("tutorial.md", "tutorial/"),
        ("guides/ci.md", "guides/ci/"),
        ("migrate/index.md", "migrate/"),
    ],
)
def test_a_page_has_an_address(page: str, expected: str) -> None:
    assert address(page) == expected


def test_the_first_sentence_is_of_the_first_paragraph() -> None:
    text = "# Title\n\n```toml\na = 1\n```\n\n**A layer** is [pure](x.md), as\nlocked. More.\n"
    assert first_sentence(text) == "A layer is pure, as locked."
    assert first_sentence("# Title\n\n| a |\n|---|\n") == ""


def test_llms_txt_lists_every_page() -> None:
    """One line for each page of the navigation, below the heading of its section; a page that is not made yet has no sentence."""
    lines = llms_txt().splitlines()
    assert lines[0] == "# constructs_lib"
    nav = configuration()["nav"]
    assert [line[3:] for line in lines if line.startswith("## ")] == [next(iter(section)) for section in nav]
    assert sum(line.startswith("- [") for line in lines) == len(list(entries(nav)))


YAML = re.compile(r"(?ms)^```yaml\n(.*?)^```$")


_Any: Any = type("_Any", (yaml.SafeLoader,), {})
"""Reads tags of CloudFormation as plain values."""


_Any.add_multi_constructor("!", lambda _loader, _suffix, node: node.value)


@pytest.mark.parametrize(
    "page",
    ["guides/ci.md", "guides/sam.md", "guides/serverless.md", "migrate/sam.md", "migrate/serverless.md"],
)
def test_the_yaml_of_a_page_can_be_read(page: str) -> None:
    blocks = YAML.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert blocks
    for block in blocks:
        assert isinstance(yaml.load(block, Loader=_Any), dict)  # noqa: S506 - a safe loader
