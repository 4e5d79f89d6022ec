"""The report as one HTML page that needs nothing else: no server, no network, no library of the reader's."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import deflate

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.errors import StoreError
from constructs_lib.core.progress import readable
from constructs_lib.core.report.report_error import optional
from constructs_lib.core.report.text import signed
from constructs_lib.core.report.treemap import boxes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.report.layer_report import LayerReport
    from constructs_lib.core.report.treemap import Box

_HUES = 12
"""Colours of page.css; smaller distributions share one."""


def render_html(report: LayerReport) -> str:
    """The page, about 2 MB: nearly all of it is plotly.js, compressed.

    Names of packages and paths are other people's text. They are escaped, and a policy in the page lets no script
    run but its own two, and nothing be loaded.
    """
    environment = optional("jinja2").Environment(autoescape=True)
    environment.filters |= {"size": readable, "signed": signed, "hue": _hue}
    code, packed = _plotly()
    script = _asset("page.js")
    page: str = environment.from_string(_asset("page.html")).render(
        report=report,
        limit=UNZIPPED_LIMIT,
        style=_asset("page.css"),
        script=script,
        plotly=packed,
        boxes=_columns(boxes(report)),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src {_hash(script)} {code}",
    )
    return page + "\n"


def write_html(report: LayerReport, path: Path) -> None:
    """Write the page to `path`, whole or not at all; a StoreError says why it cannot be written."""
    page = render_html(report)
    unfinished = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(page, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        msg = f"{path} cannot be written: {error.strerror}"
        raise StoreError(msg) from None


def _asset(name: str) -> str:
    return (files("constructs_lib.core.report") / name).read_text(encoding="utf-8").rstrip()


def _hash(script: str) -> str:
    """As a Content-Security-Policy names an inline script."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _plotly() -> tuple[str, str]:
    """plotly.js as the policy names it, and as base64 of gzip: 1.9 MB instead of 4.8."""
    code = optional("plotly.offline").get_plotlyjs()
    packed = bytes(deflate.gzip_compress(code.encode(), 9))
    return _hash(code), base64.b64encode(packed).decode()


def _hue(position: int) -> str:
    return f"c{position}" if position < _HUES else "rest"


def _columns(found: Sequence[Box]) -> dict[str, Any]:
    """What page.js reads, column by column. Plotly takes `<b>` and `<a>` in labels for markup, so `<` is escaped."""
    top = iter(range(len(found)))
    return {
        "limit": UNZIPPED_LIMIT,
        "labels": [escape(box.label, quote=False) for box in found],
        "parents": [box.parent for box in found],
        "unzipped": [box.unzipped for box in found],
        "zipped": [box.zipped for box in found],
        "files": [box.files for box in found],
        "hues": [_hue(next(top)) if box.parent == 0 else "" for box in found],
    }
