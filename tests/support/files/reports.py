"""Archives and reports with chosen members."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.archive.writer import Archive, Member
from constructs_lib.core.report.layer_report import LayerReport, report_archive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.inspect.findings import Finding


def archive_of(*members: tuple[str, int, int, str]) -> Archive:
    """Name, size, compressed size and origin of each member."""
    found = tuple(Member(*each) for each in sorted(members))
    size = sum(each.compressed for each in found) + 100 * len(found)
    return Archive(Path("layer.zip"), "ab" * 32, size, sum(each.size for each in found), len(found), found)


def report_of(*members: tuple[str, int, int, str], findings: Sequence[Finding] = ()) -> LayerReport:
    return report_archive(archive_of(*members), "shop 1.2.3", findings)
