"""Write the pages of the documentation that are made from other files: `python -m tools.site_pages`, which `make docs` runs.

Changelog, security and contributing pages are those of the repository's root, with their links made to fit. `llms.txt` lists
all pages with their first sentence, for programs that read documentation. None of them is committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from constructs_lib.core.system.files import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
COPIES = {
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "CONTRIBUTING.md": "contributing/index.md",
}
"""Files of the root, and the pages below `docs` that show them."""

_NO_TEXT = ("#", ">", "|", "!", "- ", "* ", "1. ")
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)")


def copied(name: str) -> str:
    """Return the page of a file of the root."""
    page = Path("docs", COPIES[name])

    def linked(match: re.Match[str]) -> str:
        there = Path("docs", COPIES.get(match[1], match[1].removeprefix("docs/")))
        return f"]({os.path.relpath(there, page.parent)}{match[2] or ''})".replace(os.sep, "/")

    return _LINK.sub(linked, (ROOT / name).read_text(encoding="utf-8"))


def entries(nav: list[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield section, title and file of each page of the navigation."""
    for item in nav:
        [(title, value)] = item.items()
        if isinstance(value, str):
            yield "", title, value
        else:
            yield from ((title, name, page) for _, name, page in entries(value))


def configuration() -> dict[str, Any]:
    """Return the site's configuration."""
    return dict(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8")))


def address(page: str) -> str:
    """Return the address of a page below the site's root."""
    stem = page.removesuffix(".md").removesuffix("index")
    return f"{stem}/" if stem and not stem.endswith("/") else stem or "./"


def first_sentence(text: str) -> str:
    """Return the first sentence of a page's first paragraph, without markup."""
    blocks = re.sub(r"(?ms)^```.*?^```$|<!--.*?-->", "", text).split("\n\n")
    paragraphs = (block.strip() for block in blocks)
    first = next((block for block in paragraphs if block and not block.startswith(_NO_TEXT)), "")
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", " ".join(first.split())).replace("**", "")
    return re.split(r"(?<=\.)\s", plain, maxsplit=1)[0].rstrip(":")


def llms_txt() -> str:
    """Return the list of all pages, by section, in the form of llmstxt.org."""
    site = configuration()
    lines = [f"# {site['site_name']}", "", f"> {site['site_description']}"]
    shown = None
    for section, title, page in entries(site["nav"]):
        if section != shown:
            lines += ["", f"## {section}", ""]
            shown = section
        path = ROOT / "docs" / page
        sentence = first_sentence(path.read_text(encoding="utf-8")) if path.exists() else ""
        lines.append(f"- [{title}]({address(page)})" + (f": {sentence}" if sentence else ""))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the pages, then the list, which reads them."""
    for name, page in COPIES.items():
        _write(page, copied(name))
    _write("llms.txt", llms_txt())


def _write(page: str, text: str) -> None:
    with atomic_write(ROOT / "docs" / page) as file:  # a test may write it while another one reads all pages
        file.write(text.encode())


if __name__ == "__main__":
    main()
