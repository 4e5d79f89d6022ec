"""The report's page in a real browser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.report.page import render_html
from constructs_lib.core.report.treemap import boxes
from tests.support.browser import Page, open_page
from tests.support.files.reports import report_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.integration, pytest.mark.browser]

EVIL = "<b>x &amp; <img src=x onerror=alert(1)>"
REPORT = replace(
    report_of(
        ("python/big/lib.so", 30_000_000, 2_000_000, "big-1.0-py3-none-any.whl"),
        ("python/big/core/a.py", 6_000_000, 1_000_000, "big-1.0-py3-none-any.whl"),
        ("python/dense/data.bin", 20_000_000, 19_000_000, "dense-2.0-py3-none-any.whl"),
        (f"python/odd/{EVIL}", 9_000_000, 3_000_000, "odd-3.0-py3-none-any.whl"),
    ),
    title="shop 1.2.3",
)
BOXES = "[...document.querySelectorAll('#chart .treemaplayer .slice')]"
LABELS = f"{BOXES}.map(slice => slice.textContent).filter(Boolean)"
AREA = "(name) => { const b = [...document.querySelectorAll('#chart .treemaplayer .slice')]"
AREA += (
    ".find(s => s.textContent.startsWith(name)).querySelector('path').getBBox(); return b.width * b.height; }"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("page")
    path = folder / "layer.html"
    path.write_text(render_html(REPORT), encoding="utf-8")
    with open_page(path, folder / "profile") as opened:
        opened.prefer("light")
        opened.wait("document.getElementById('chart').dataset.state")
        yield opened


def area(page: Page, name: str) -> float:
    return float(page.run(f"({AREA})({name!r})"))


def test_the_boxes_are_those_of_the_layer(page: Page) -> None:
    """Every distribution, folder and file is drawn with its size; another's markup is text."""
    assert page.run("document.getElementById('chart').dataset.state") == "drawn"
    labels = page.run(LABELS)
    for label in (
        "shop 1.2.3",
        "big 1.0",
        "dense 2.0",
        "odd 3.0",
        "core",
        "lib.so30.0 MB",
        "data.bin20.0 MB",
    ):
        assert any(found.startswith(label) for found in labels), (label, labels)
    assert any(found.startswith(EVIL) for found in labels), labels
    assert page.run(f"{BOXES}.length") == len(boxes(REPORT))


def test_areas_follow_the_chosen_size(page: Page) -> None:
    """Unzipped `big` is bigger than `dense`; zipped it is the other way round. The keyboard is enough."""
    assert area(page, "big 1.0") > area(page, "dense 2.0")
    page.run("document.querySelector('input[value=unzipped]').focus()")
    page.key("ArrowRight", 39)
    page.wait("document.querySelector('input[value=zipped]').checked")
    page.wait(f"({AREA})('dense 2.0') > ({AREA})('big 1.0')")
    assert any(label.startswith("lib.so2.0 MB") for label in page.run(LABELS))
    page.key("ArrowLeft", 37)
    page.wait(f"({AREA})('dense 2.0') < ({AREA})('big 1.0')")


def test_the_table_is_sorted_by_the_keyboard(page: Page) -> None:
    """Each heading is a button, and says how the rows are sorted."""
    names = "[...document.querySelectorAll('#rows tbody th')].map(cell => cell.textContent)"
    assert page.run(names) == ["big", "dense", "odd"]
    page.run("document.querySelectorAll('#rows thead button')[4].focus()")
    page.key("Enter", 13)
    assert page.run(names) == ["dense", "big", "odd"]
    assert page.run("document.querySelectorAll('#rows thead th')[4].ariaSort") == "descending"
    page.key("Enter", 13)
    assert page.run(names) == ["big", "odd", "dense"] or page.run(names) == ["odd", "big", "dense"]


def test_a_dark_system_gets_a_dark_page(page: Page, tmp_path: Path) -> None:
    """Page and chart follow without a reload."""
    ground = "getComputedStyle(document.body).backgroundColor"
    root = f"getComputedStyle({BOXES}[0].querySelector('text')).fill"
    light = page.run(ground), page.run(root)
    page.prefer("dark")
    page.wait(f"{root} !== {light[1]!r}")
    assert page.run(ground) != light[0]
    page.prefer("light")
    page.wait(f"{root} === {light[1]!r}")


def test_it_asks_for_nothing_and_complains_of_nothing(page: Page) -> None:
    """After all of the above: no request but the file itself, no error, no breach of its own policy."""
    assert [address.partition(":")[0] for address in page.requests] == ["file"]
    assert page.complaints == []


def test_the_policy_stops_what_it_did_not_bring(page: Page) -> None:
    """A script or a request that got in after all would not run; the browser says so."""
    page.run(
        "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert page.run("window.ran === undefined")
    assert page.run("fetch('https://127.0.0.1:9/').then(() => 'sent', () => 'refused')") == "refused"
    assert any("Content Security Policy" in each for each in page.complaints)
