"""The HTML page: escaped, self-contained, the same for the same report."""

from __future__ import annotations

import base64
import gzip
import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import ReportError, StoreError
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.layer.artifact import ExcludedFiles
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.report.changes import Change, Changes
from constructs_lib.core.report.layer_report import Lock, report_layer
from constructs_lib.core.report.page import render_html, write_html
from constructs_lib.core.target import Target
from tests.support.files.projects import make_project
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


def data_of(page: str) -> dict[str, Any]:
    """Unpack what page.js reads."""
    [packed] = re.findall(r'id="data">([^<]*)<', page)
    found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed)))
    return found


def test_no_name_becomes_part_of_the_page() -> None:
    """In the table, the title, findings and changes; the data of the map is packed."""
    page = Read(PAGE)
    assert "img" not in page.tags
    assert page.tags.count("script") == 2
    assert EVIL not in PAGE
    assert PAGE.count("&lt;/script&gt;&lt;img") >= 6


def test_a_name_that_has_no_bytes_is_marked() -> None:
    """JSON can write half of a character, in the SBOM to compare with for instance; no file can."""
    changes = Changes((Change("half \ud800", "removed", "1", "", -5),), 5, 0)
    page = render_html(replace(REPORT, changes=changes))
    assert "half ?" in page.encode().decode()


def test_it_refers_to_nothing_outside() -> None:
    """No address, and a policy that forbids loading anything and running any other script."""
    page = Read(PAGE)
    assert page.addresses == []
    assert {"link", "iframe", "object"}.isdisjoint(page.tags)
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', PAGE)
    assert re.fullmatch(
        r"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-\S{44}&#39;",
        policy,
    )
    assert not re.search(r"url\(|@import", PAGE)


def test_the_same_report_gives_the_same_page() -> None:
    """No clock, no chance."""
    assert render_html(REPORT) == PAGE


def test_it_stays_small() -> None:
    """Style and script, and no library; ten thousand files are two hundred kilobytes more."""
    assert len(PAGE) < 40_000
    many = report_of(
        *(
            (
                f"python/p{number % 30}/d{number % 7}/module_{number}.py",
                100 + number,
                50,
                "p-1-py3-none-any.whl",
            )
            for number in range(10_000)
        )
    )
    assert len(render_html(many)) < len(PAGE) + 200_000


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


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that brings it."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ReportError, match=r"needs jinja2, .*pip install 'jinja2>=3\.1'"):
        render_html(REPORT)


def test_target_and_lock_are_named() -> None:
    """The lock file by name and hash, without the folder of the machine that built."""
    page = render_html(replace(REPORT, subtitle="Python 3.13 on arm64", lock=Lock("uv.lock", "cd" * 32)))
    assert "Python 3.13 on arm64, from <code>uv.lock</code>" in page
    assert f"<dt>sha256 of uv.lock</dt><dd><code>{'cd' * 32}</code>" in page
    assert "from <code>" not in PAGE


def test_it_names_what_requires_a_distribution() -> None:
    """The project first, then distributions, the biggest first."""
    report = report_of(
        ("python/b.py", 9, 1, "b-1-py3-none-any.whl"),
        ("python/c.py", 8, 1, "c-1-py3-none-any.whl"),
        ("python/a.py", 7, 1, "a-1-py3-none-any.whl"),
    )
    b, c, a = report.rows
    rows = (replace(b, requires=("a",)), replace(c, requires=("a", "absent")), a)
    report = replace(report, rows=rows, direct=("a", "b"))
    page = render_html(report)
    assert re.findall(r'<td class="names">(.*)</td>', page) == ["shop", "", "shop, b, c"]
    data = data_of(page)
    assert [row["requires"] for row in data["distributions"]] == [[2], [2], []]
    assert sorted(data["direct"]) == [0, 2]


def test_where_no_graph_is_known_each_distribution_stands_alone() -> None:
    """Hiding one then hides no other."""
    assert data_of(PAGE)["direct"] == [0, 1]


def test_a_distributions_share_of_the_zip_is_exact(tmp_path: Path) -> None:
    """Without all distributions only the zip's end is left, 22 bytes: headers and names are counted."""
    layer = build_layer(make_project(tmp_path / "shop"), tmp_path / "layer.zip", Target("3.13"))
    data = data_of(render_html(report_layer(layer)))
    assert data["size"] - sum(row["packed"] for row in data["distributions"]) == 22
    assert sum(data["files"]["unzipped"]) == layer.archive.unzipped
    assert sorted(data["files"]["paths"]) == sorted(
        member.name.removeprefix("python/") for member in layer.archive.members
    )


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
