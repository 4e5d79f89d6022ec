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
_PLAIN = replace(
    report_of(
        ("python/big/lib.so", 30_000_000, 2_000_000, "big-1.0-py3-none-any.whl"),
        ("python/big/core/a.py", 6_000_000, 1_000_000, "big-1.0-py3-none-any.whl"),
        ("python/dense/data.bin", 20_000_000, 19_000_000, "dense-2.0-py3-none-any.whl"),
        (f"python/odd/{EVIL}", 9_000_000, 3_000_000, "odd-3.0-py3-none-any.whl"),
        ("python/needed.py", 400_000, 90_000, "needed-1.0-py3-none-any.whl"),
        ("python/shared.py", 300_000, 80_000, "shared-1.0-py3-none-any.whl"),
    ),
    title="shop 1.2.3",
    direct=("big", "dense"),
)
REQUIRES = {"big": ("needed", "shared"), "dense": ("shared",)}
REPORT = replace(_PLAIN, rows=tuple(replace(row, requires=REQUIRES.get(row.name, ())) for row in _PLAIN.rows))
BOXES = "[...document.querySelectorAll('#chart .box')]"
LABELS = f"{BOXES}.map(box => box.textContent).filter(Boolean)"
AREA = (
    f"(name) => {{ const b = {BOXES}.find(box => box.textContent.startsWith(name)).getBoundingClientRect();"
)
AREA += " return b.width * b.height; }"
NAMES = "[...document.querySelectorAll('#rows tbody tr:not([hidden]) th')].map(cell => cell.textContent)"
PATHS = "[...document.querySelectorAll('#files tbody th')].map(cell => cell.textContent)"
CONTRAST = """(selector) => {
  const shade = (color) => {
    const [r, g, b] = color.match(/[0-9.]+/g).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    const color = getComputedStyle(node).backgroundColor;
    return color.startsWith("rgba") && color.endsWith(", 0)") ? ground(node.parentElement) : color;
  };
  const node = document.querySelector(selector);
  const [dim, bright] = [shade(getComputedStyle(node).color), shade(ground(node))].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}"""
"""The contrast of an element's text and ground (WCAG 2)."""
FOCUSED = "document.activeElement.ariaLabel"


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
        "big 1.0",
        "dense 2.0",
        "odd 3.0",
        "core",
        "lib.so30.0 MB",
        "data.bin20.0 MB",
    ):
        assert any(found.startswith(label) for found in labels), (label, labels)
    assert any(found.startswith(EVIL) for found in labels), labels
    assert page.run("document.getElementById('path').textContent") == "shop 1.2.3"
    assert page.run(f"{BOXES}.length") == len(boxes(REPORT)) - 1


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
    assert page.run(NAMES) == ["big", "dense", "odd", "needed", "shared"]
    page.run("document.querySelectorAll('#rows thead button')[4].focus()")
    page.key("Enter", 13)
    assert page.run(NAMES)[:2] == ["dense", "big"]
    assert page.run("document.querySelectorAll('#rows thead th')[5].ariaSort") == "descending"
    page.key("Enter", 13)
    assert page.run(NAMES)[-2:] == ["big", "dense"] or page.run(NAMES)[-2:] == ["odd", "dense"]


def test_a_dark_system_gets_a_dark_page(page: Page, tmp_path: Path) -> None:
    """Page and tables follow without a reload."""
    ground = "getComputedStyle(document.body).backgroundColor"
    ink = "getComputedStyle(document.querySelector('#files th')).color"
    light = page.run(ground), page.run(ink)
    page.prefer("dark")
    page.wait(f"{ink} !== {light[1]!r}")
    assert page.run(ground) != light[0]
    page.prefer("light")
    page.wait(f"{ink} === {light[1]!r}")


def test_search_finds_distributions_and_files(page: Page) -> None:
    """In both tables and on the map; Escape shows everything again."""
    page.run("document.body.focus()")
    page.key("/", 191)
    assert page.run("document.activeElement.id") == "search"
    page.call("Input.insertText", text="CORE/a")
    assert page.run(NAMES) == ["big"]
    assert page.run(PATHS) == ["big/core/a.py"]
    assert page.run("document.getElementById('found').textContent") == "1 of 5 distributions, 1 file"
    dim = f"{BOXES}.filter(box => box.classList.contains('dim')).map(box => box.textContent)"
    assert any(label.startswith("lib.so") for label in page.run(dim))
    assert not any(label.startswith(("big 1.0", "a.py")) for label in page.run(dim))
    page.key("Escape", 27)
    assert len(page.run(NAMES)) == 5
    assert page.run(dim) == []


def test_a_distribution_can_be_left_out_to_see_the_rest(page: Page) -> None:
    """What only it needs goes with it; what others need stays, and so do those who need it, which is said."""
    hide = "(name) => document.querySelector(`#rows button[aria-label='Hide ${name}']`).click()"
    told = "document.getElementById('without').innerText"
    gone = "[...document.querySelectorAll('#rows tr.gone th')].map(cell => cell.textContent).sort()"
    page.run(f"({hide})('big')")
    assert page.run(gone) == ["big", "needed"]
    assert "Without big 29.3 MB unzipped (11.2 % of the limit)" in page.run(told)
    assert "Only they need needed" in page.run(told)
    assert not any(label.startswith(("big 1.0", "needed")) for label in page.run(LABELS))
    assert not any(path.startswith(("big/", "needed")) for path in page.run(PATHS))
    page.run(f"({hide})('shared')")
    assert page.run(gone) == ["big", "needed", "shared"]
    assert "Still required by dense." in page.run(told)
    page.run("document.getElementById('all').click()")
    assert page.run(gone) == []
    assert page.run("document.getElementById('without').hidden")
    assert any(label.startswith("big 1.0") for label in page.run(LABELS))


def test_the_map_is_walked_by_the_keyboard(page: Page) -> None:
    """Arrows to the neighbors, Enter inside, Escape out; each box has its sizes as a name."""
    page.run("document.querySelector('#chart [tabindex=\"0\"]').focus()")
    assert page.run(FOCUSED).startswith(
        "big 1.0: 36.0 MB unzipped, 13.73 % of the limit, 3.0 MB zipped, 2 files"
    )
    page.key("ArrowRight", 39)
    assert page.run(FOCUSED).startswith("dense 2.0: ")
    page.key("ArrowLeft", 37)
    page.key("Enter", 13)
    assert page.run(FOCUSED).startswith("big: ")
    page.key("Enter", 13)
    assert page.run(FOCUSED).startswith("big/lib.so: ")
    assert (
        page.run("document.getElementById('path').innerText.split(/\\s*\\/?\\n/).join(' ')")
        == "shop 1.2.3 big 1.0 big"
    )
    page.key("Enter", 13)  # a file has nothing inside
    assert page.run(FOCUSED).startswith("big/lib.so: ")
    page.key("Escape", 27)
    page.key("Escape", 27)
    assert page.run(FOCUSED).startswith("big 1.0: ")
    assert page.run("document.querySelectorAll('#chart [tabindex=\"0\"]').length") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1400])
def test_it_fits_each_screen(page: Page, width: int, scheme: str) -> None:
    """Nothing is wider than the window, the map fills its place, and text can be told from its ground."""
    page.resize(width)
    page.prefer(scheme)
    right = f"Math.max(...{BOXES}.map(box => box.offsetLeft + box.offsetWidth))"
    page.wait(f"Math.abs({right} - document.getElementById('chart').clientWidth) < 6")
    assert page.run("document.documentElement.scrollWidth") <= width
    for selector in ("body", ".quiet", "#files th", "#rows .toggle", "#path button"):
        assert page.run(f"({CONTRAST})({selector!r})") >= 4.5, selector
    page.resize(1280)


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
