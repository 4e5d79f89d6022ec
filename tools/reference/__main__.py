"""Write the API reference: signatures, fields and docstrings of every public name, from the code.

`python -m tools.reference` writes one page for each façade into `docs/reference/api`; `make docs` runs it first. The
pages are not committed. The source is read, not imported, so annotations and defaults appear as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.core.system.files import atomic_write
from tools.reference.markdown import section
from tools.reference.members import undocumented_types
from tools.reference.symbols import PACKAGE, ROOT, public_symbols

OUT = ROOT / "docs" / "reference" / "api"


@dataclass(frozen=True)
class Page:
    """One page of the reference, for the names that one package re-exports."""

    file: str
    package: str
    title: str
    introduction: str


PAGES = (
    Page(
        "constructs.md",
        PACKAGE,
        "API: constructs",
        "The names of `constructs_lib`. [Constructs](../constructs.md) explains them with examples.",
    ),
    Page(
        "core.md",
        f"{PACKAGE}.core",
        "API: core",
        "The library's own names in `constructs_lib.core`. [Core, without CDK](../core.md) has examples.",
    ),
    Page(
        "compat.md",
        f"{PACKAGE}.core.compat",
        "API: names of earlier tools",
        "These names are also importable from `constructs_lib.core`. [Names of earlier tools](../seed-names.md) lists "
        "the differences from those tools.",
    ),
)


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    documented = {symbol.key for page in PAGES for symbol in public_symbols(page.package)}
    public = frozenset(documented)
    texts = {}
    for page in PAGES:
        symbols = public_symbols(page.package)
        types = undocumented_types(symbols, documented)
        documented.update(symbol.key for symbol in types)
        parts = [f"# {page.title}", page.introduction, "## Names"]
        parts += [section(symbol, public) for symbol in symbols]
        if types:
            parts += ["## Types they use", *(section(symbol, public) for symbol in types)]
        texts[page.file] = "\n\n".join(parts) + "\n"
    return texts


def main() -> None:
    """Write the pages and remove those of packages that are gone."""
    texts = pages()
    OUT.mkdir(parents=True, exist_ok=True)
    for path in set(OUT.glob("*.md")) - {OUT / name for name in texts}:
        path.unlink()
    for name, text in texts.items():
        with atomic_write(OUT / name) as file:  # a test may write them while another one reads all pages
            file.write(text.encode())


if __name__ == "__main__":
    main()
