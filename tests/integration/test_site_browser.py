"""The documentation's site in a real browser: three widths, light and dark."""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import Page, open_page
from tools import site_pages
from tools.reference import __main__ as reference

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.integration, pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = (360, 820, 1400)
PAGES = (
    "",
    "tutorial/",
    "guides/ci/",
    "guides/messages/",
    "reference/api/core/",
    "benchmarks/",
    "changelog/",
)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Build the site, as `make docs` does, into a folder of the test, and serve it."""
    reference.main()
    site_pages.main()
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    configuration = (
        (ROOT / "mkdocs.yml").read_text(encoding="utf-8").replace("site_dir: build/", "site_dir: ")
    )
    (folder / "mkdocs.yml").write_text(configuration, encoding="utf-8")
    program = Path(sys.executable).parent / "zensical"
    command = [str(program), "build", "--strict", "--config-file", "mkdocs.yml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    handler = functools.partial(_Quiet, directory=str(folder / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def page(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with open_page(address, tmp_path_factory.mktemp("browser") / "profile") as opened:
        yield opened


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_complains_of_nothing(page: Page, address: str, name: str) -> None:
    """At each width and in both schemes: nothing to scroll sideways, no console line, no request to another host."""
    grounds = set()
    for scheme in ("light", "dark"):
        page.prefer(scheme)
        page.visit(address + name)
        for width in WIDTHS:
            page.resize(width)
            overflow = page.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, (scheme, width)
        grounds.add(page.run("getComputedStyle(document.body).backgroundColor"))
        assert page.complaints == []
        assert [url for url in page.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert len(grounds) == 2, "light and dark look the same"


def test_the_reader_finds_the_way(page: Page, address: str) -> None:
    """The switch for the scheme, a copy button on code, the next page and the sections are there."""
    page.prefer("light")
    page.resize(1400)
    page.visit(address + "tutorial/")
    page.wait("document.querySelector('form[data-md-component=palette] label:not([hidden])') !== null")
    page.wait("document.querySelector('button.md-code__button, .md-clipboard') !== null")
    assert page.run("document.querySelector('.md-footer__link--next').href").endswith("/how-it-works/")
    sections = page.run(
        "[...document.querySelectorAll('.md-nav__item--section > label, .md-nav__item--section > .md-nav__link')].map(item => item.innerText.trim())"
    )
    for title in ("Guides", "Without CDK", "Come from another tool", "Reference", "Project"):
        assert title in sections
