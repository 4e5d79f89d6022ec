"""What an earlier build wrote into the project stays out of the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.core.lock.resolve import TOOLS
from constructs_lib.core.report.page import render_html
from constructs_lib.core.source.earlier_results import without_results
from tests.support.files.reports import report_of

OWN = [Path(name) for name in ("app.py", "uv.lock", "data/function.zip", "data/requirements.txt")]


@pytest.mark.parametrize("folder", ["out", "out/lambda", "."])
def test_zips_and_documents_of_the_results_folder_stay_out(folder: str, tmp_path: Path) -> None:
    """Those of each kind of zip: a folder may hold several. Files of these names elsewhere are the project's."""
    names = ["mine.zip", "layer.zip", "source.zip", "function.zip", "sbom.cdx.json"]
    results = [Path(folder, name) for name in names]
    files = without_results(tmp_path, [*OWN, *results], tmp_path / folder / "mine.zip")
    assert files == OWN


@pytest.mark.parametrize("tool", TOOLS)
def test_the_copy_of_a_lock_file_stays_out_beside_an_sbom(tool: str, tmp_path: Path) -> None:
    """Without an SBOM beside it, it is the project's."""
    copy = Path("out", TOOLS[tool].manifest)
    files = without_results(
        tmp_path, [*OWN, copy, Path("out/sbom.cdx.json")], tmp_path / "out" / "source.zip"
    )
    assert files == OWN
    assert without_results(tmp_path, [*OWN, copy], tmp_path / "out" / "source.zip") == [*OWN, copy]


def test_a_zip_outside_the_project_changes_nothing(tmp_path: Path) -> None:
    files = [*OWN, Path("function.zip")]
    assert without_results(tmp_path / "shop", files, tmp_path / "function.zip") == files


def test_another_way_to_the_folder_is_the_same_folder(tmp_path: Path) -> None:
    """By a link, or relative to the working directory."""
    (tmp_path / "shop" / "out").mkdir(parents=True)
    (tmp_path / "link").symlink_to("shop")
    files = [*OWN, Path("out/function.zip")]
    assert without_results(tmp_path / "shop", files, tmp_path / "link" / "out" / "function.zip") == OWN


def test_reports_stay_out_wherever_they_are(tmp_path: Path) -> None:
    """They list the zip's files, so that the next report, and with it the next zip, would be another one."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "layer.html").write_text(render_html(report_of(("python/a.py", 1, 1, "a==1"))))
    (tmp_path / "own.html").write_text("<!doctype html>\n<title>layer report</title>")
    files = [Path("docs/layer.html"), Path("own.html")]
    assert without_results(tmp_path, files, tmp_path.parent / "function.zip") == [Path("own.html")]
