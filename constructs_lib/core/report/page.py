"""The report as one HTML page: it needs no server, no network, and no library on the reader's machine."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import deflate

from constructs_lib.core.argument_types import typed
from constructs_lib.core.aws_facts import LIMIT_TEXT, UNZIPPED_LIMIT
from constructs_lib.core.progress import readable
from constructs_lib.core.report.extra import import_extra
from constructs_lib.core.report.text import signed
from constructs_lib.core.report.treemap import boxes
from constructs_lib.core.system.files import write_if_changed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from constructs_lib.core.report.layer_report import LayerReport, Row

_HUES = 12
"""Colors of page.css; smaller distributions share one."""
_SCRIPTS = ("treemap.js", "map.js", "tables.js", "page.js")
"""One after the other: the last one begins."""
_HEADERS = 76
"""Bytes of a zip's two headers for a file; the file's name comes to each."""


@typed
def render_html(report: LayerReport) -> str:
    """Render the page: about 35 kB, and 20 bytes more for each file of the layer.

    Names of packages and paths come from strangers. They are escaped or packed, and a Content-Security-Policy lets the
    page run its own script only, and load nothing.
    """
    environment = import_extra("jinja2").Environment(autoescape=True)
    environment.filters |= {"size": readable, "signed": signed, "hue": _hue}
    script = "\n".join(map(_asset, _SCRIPTS))
    page: str = environment.from_string(_asset("page.html")).render(
        report=report,
        limit=UNZIPPED_LIMIT,
        limit_text=LIMIT_TEXT,
        style=_asset("page.css"),
        script=script,
        required_by=_required_by(report),
        data=_packed(_data(report)),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src {_hash(script)}",
    )
    # JSON can write half of a character, which no file can have.
    return page.encode("utf-8", "replace").decode() + "\n"


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


def _hue(position: int) -> str:
    return f"c{position}" if position < _HUES else "rest"


def _required_by(report: LayerReport) -> dict[str, list[str]]:
    """Return for each distribution what requires it: the project first, then other distributions."""
    project = report.title.partition(" ")[0]
    return {
        row.name: [
            *([project] if row.name in (report.direct or ()) else []),
            *(other.name for other in report.rows if row.name in other.requires),
        ]
        for row in report.rows
    }


def _packed(data: dict[str, Any]) -> str:
    """Return the data as base64 of compressed JSON: a fifth of its size, and no name of it is part of the page."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(bytes(deflate.gzip_compress(text.encode("utf-8", "surrogatepass"), 9))).decode()


def _data(report: LayerReport) -> dict[str, Any]:
    """Return what page.js reads; positions stand for distributions, and tables go column by column."""
    positions = {row.name: position for position, row in enumerate(report.rows)}
    direct = positions if report.direct is None else report.direct
    return {
        "limit": UNZIPPED_LIMIT,
        "size": report.archive.size,
        "direct": [positions[name] for name in direct if name in positions],
        "distributions": [_distribution(row, positions) for row in report.rows],
        "boxes": _boxes(report),
        "files": _files(report),
    }


def _distribution(row: Row, positions: Mapping[str, int]) -> dict[str, Any]:
    headers = sum(_HEADERS + 2 * len(member.name.encode("utf-8", "surrogatepass")) for member in row.members)
    return {
        "name": row.name,
        "hue": _hue(positions[row.name]),
        "unzipped": row.unzipped,
        "packed": row.zipped + headers,
        "files": len(row.members),
        "requires": [positions[name] for name in row.requires if name in positions],
    }


def _boxes(report: LayerReport) -> dict[str, Any]:
    tree = boxes(report)
    return {
        "labels": [box.label for box in tree],
        "parents": [box.parent for box in tree],
        "unzipped": [box.unzipped for box in tree],
        "zipped": [box.zipped for box in tree],
        "files": [box.files for box in tree],
    }


def _files(report: LayerReport) -> dict[str, Any]:
    """Return all files, sorted by distribution and path: neighbors are alike, which compresses best."""
    members = [(position, member) for position, row in enumerate(report.rows) for member in row.members]
    return {
        "paths": [report.shown_path(member) for _, member in members],
        "owners": [position for position, _ in members],
        "unzipped": [member.size for _, member in members],
        "zipped": [member.compressed for _, member in members],
    }
