"""The report as one HTML page: it needs no server, no network, and no library on the reader's machine."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import deflate

from constructs_lib.core.argument_types import typed
from constructs_lib.core.aws_facts import LIMIT_TEXT, UNZIPPED_LIMIT
from constructs_lib.core.progress import readable
from constructs_lib.core.report.extra import import_extra
from constructs_lib.core.report.text import signed
from constructs_lib.core.report.treemap import OUTERMOST, boxes
from constructs_lib.core.system.files import write_if_changed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.report.layer_report import LayerReport
    from constructs_lib.core.report.treemap import Box

_HUES = 12
"""Colors of page.css; smaller distributions share one."""


@typed
def render_html(report: LayerReport) -> str:
    """Render the page, about 2 MB: nearly all of it is plotly.js, compressed.

    Names of packages and paths come from strangers. They are escaped, and a Content-Security-Policy lets the page run
    its two scripts only, and load nothing.
    """
    environment = import_extra("jinja2").Environment(autoescape=True)
    environment.filters |= {"size": readable, "signed": signed, "hue": _hue}
    code, packed = _plotly()
    script = _asset("page.js")
    page: str = environment.from_string(_asset("page.html")).render(
        report=report,
        limit=UNZIPPED_LIMIT,
        limit_text=LIMIT_TEXT,
        style=_asset("page.css"),
        script=script,
        plotly=packed,
        boxes=_columns(boxes(report)),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src {_hash(script)} {code}",
    )
    return page + "\n"


def write_html(report: LayerReport, path: Path) -> None:
    """Write the page to `path`, whole or not at all; a StoreError if it cannot be written.

    A file that has these bytes already is left alone: `cdk watch` would take it for a change.
    """
    write_if_changed(path, render_html(report).encode())


def _asset(name: str) -> str:
    return (files("constructs_lib.core.report") / name).read_text(encoding="utf-8").rstrip()


def _hash(script: str) -> str:
    """Return the hash by which a Content-Security-Policy allows an inline script."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _plotly() -> tuple[str, str]:
    """Return the hash of plotly.js for the policy, and its code as base64 of gzip: 1.9 MB instead of 4.8."""
    code = import_extra("plotly.offline").get_plotlyjs()
    packed = bytes(deflate.gzip_compress(code.encode(), 9))
    return _hash(code), base64.b64encode(packed).decode()


def _hue(position: int) -> str:
    return f"c{position}" if position < _HUES else "rest"


def _columns(tree: Sequence[Box]) -> dict[str, Any]:
    """Return the boxes as page.js reads them, column by column.

    Plotly takes `<b>` and `<a>` in labels for markup, so `<` is escaped.
    """
    positions = iter(range(len(tree)))
    return {
        "limit": UNZIPPED_LIMIT,
        "labels": [escape(box.label, quote=False) for box in tree],
        "parents": [box.parent for box in tree],
        "unzipped": [box.unzipped for box in tree],
        "zipped": [box.zipped for box in tree],
        "files": [box.files for box in tree],
        "hues": [_hue(next(positions)) if box.parent == OUTERMOST else "" for box in tree],
    }
