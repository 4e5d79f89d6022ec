"""Libraries of the extra `report`."""

from __future__ import annotations

import pytest

from constructs_lib.core.errors import ReportError, render
from constructs_lib.core.report.extra import import_extra


def test_a_library_is_imported() -> None:
    assert import_extra("rich.box").SIMPLE_HEAD


def test_a_missing_library_is_named_without_its_submodule() -> None:
    """With the command that installs it."""
    with pytest.raises(ReportError) as caught:
        import_extra("absent_library.part")
    assert render(caught.value) == (
        "error[extra-missing]: the report needs absent_library, which is not installed: pip install "
        "'jinja2>=3.1' 'rich>=13'"
    )
