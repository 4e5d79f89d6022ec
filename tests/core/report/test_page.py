"""The HTML page: escaped, self-contained, the same for the same report."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ReportError, StoreError
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.layer.artifact import ExcludedFiles
from constructs_lib.core.report.changes import Change, Changes
from constructs_lib.core.report.page import render_html, write_html
from tests.support.files.reports import report_of

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "</script><img src=x onerror=alert(1)>"
REPORT = replace(
    report_of(
        (f"python/{EVIL}/{EVIL}.py", 500, 100, f"{EVIL}==1.0"),
        ("python/big/a.so", 20_000_000, 9_000_000, "big-1.0-py3-none-any.whl"),
        findings=[Finding("path-conflict", f"{EVIL} & more")],
    ),
    title=EVIL,
    changes=Changes((Change(EVIL, "added", "", EVIL, 500),), 0, 500),
)


class Read(HTMLParser):
    """The elements of a page, and the addresses in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action"}]


PAGE = render_html(REPORT)


def test_no_name_becomes_part_of_the_page() -> None:
    """In the table, the title, findings, changes, and the data of the chart: four scripts' ends, no image."""
    page = Read(PAGE)
    assert "img" not in page.tags
    assert page.tags.count("script") == 3
    assert EVIL not in PAGE
    assert PAGE.count("&lt;/script&gt;&lt;img") >= 6


def test_it_refers_to_nothing_outside() -> None:
    """No address, and a policy that forbids loading anything and running any other script."""
    page = Read(PAGE)
    assert page.addresses == []
    assert {"link", "iframe", "object"}.isdisjoint(page.tags)
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', PAGE)
    assert re.fullmatch(
        r"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src( &#39;sha256-\S{44}&#39;){2}",
        policy,
    )
    assert not re.search(r"url\(|@import", PAGE)


def test_the_same_report_gives_the_same_page() -> None:
    """No clock, no chance."""
    assert render_html(REPORT) == PAGE


def test_it_stays_small() -> None:
    """plotly.js alone has 4.8 MB."""
    assert len(PAGE) < 2_300_000


def test_the_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Folders above it are made; nothing else stays beside it."""
    write_html(REPORT, tmp_path / "build" / "layer.html")
    assert (tmp_path / "build" / "layer.html").read_text(encoding="utf-8") == PAGE
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["layer.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"layer\.html cannot be written: "):
        write_html(REPORT, tmp_path / "file" / "layer.html")


def test_the_limit_has_its_unit() -> None:
    assert "of the 250 MiB (262 144 000 bytes) that a function and all its\n  layers may have" in PAGE


@pytest.mark.parametrize(("module", "library"), [("jinja2", "jinja2"), ("plotly.offline", "plotly")])
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, module: str, library: str) -> None:
    """With the command that brings it."""
    from constructs_lib.core.report.page import _plotly

    _plotly.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ReportError, match=rf"needs {library}, .*pip install 'constructs-lib\[report\]'"):
        render_html(REPORT)


def test_a_page_with_the_same_bytes_is_left_alone(tmp_path: Path) -> None:
    """`cdk watch` sees a file that is written anew as a change, and would deploy for ever."""
    path = tmp_path / "layer.html"
    write_html(REPORT, path)
    before = path.stat()
    write_html(REPORT, path)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    write_html(replace(REPORT, title="another"), path)
    assert "another" in path.read_text(encoding="utf-8")


def test_what_was_left_out_is_shown() -> None:
    """The sum above, and a column of the table; neither where everything is in the layer."""
    page = render_html(replace(REPORT, excluded=(ExcludedFiles("big", 3, 5_000_000),)))
    assert "<dt>Left out</dt><dd>5.0 MB</dd>" in page
    assert '<td class="number" data-value="5000000">5.0 MB</td>' in page
    assert "Left out" not in PAGE
