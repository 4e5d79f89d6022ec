from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact
from tests.support.files.templates import errors, template

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk
    import pytest

PYTHON = lambda_.Runtime.PYTHON_3_13


def test_the_page_is_written_at_synth(
    stack: cdk.Stack, shop: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where it is asked for, folders included, with a line of progress; the template does not change by it."""
    page = tmp_path / "build" / "layer.html"
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, report=page)
    assert "cart" in page.read_text(encoding="utf-8")
    assert [each.name for each in page.parent.iterdir()] == ["layer.html"]
    assert f"Shop/Deps: wrote {page}  " in capfd.readouterr().err
    assert str(page) not in str(template(stack))


def test_what_stands_in_its_way_is_said_in_one_line(
    stack: cdk.Stack, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing library, and a place that cannot be written."""
    (tmp_path / "file").write_text("")
    PythonLayerArtifact(
        stack, "Deps", entry=shop, runtime=PYTHON, report=str(tmp_path / "file" / "layer.html")
    )
    monkeypatch.setitem(sys.modules, "jinja2", None)
    PythonLayerArtifact(stack, "Other", entry=shop, runtime=PYTHON, report=tmp_path / "layer.html")
    [unwritable, missing] = errors(stack)
    assert "layer.html cannot be written: " in unwritable[1]
    assert "the report needs jinja2, which is not installed: pip install 'jinja2" in missing[1]
    assert not (tmp_path / "layer.html").exists()
