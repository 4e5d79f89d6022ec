"""What fills a layer, and what has changed: for a terminal, or as a page of its own."""

from constructs_lib.core.report.changes import Change, Changes, compare
from constructs_lib.core.report.model import LayerReport, ReportError, Row, report_archive, report_layer
from constructs_lib.core.report.page import render_html, write_html
from constructs_lib.core.report.text import render_text

__all__ = [
    "Change",
    "Changes",
    "LayerReport",
    "ReportError",
    "Row",
    "compare",
    "render_html",
    "render_text",
    "report_archive",
    "report_layer",
    "write_html",
]
