"""Dates of runtimes, held against any day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.aws_facts import CHECKED, PREVIEWS, RUNTIMES
from constructs_lib.core.inspect.runtime_dates import NEAR, check_runtime, current_day
from constructs_lib.core.layer.build_layer import LayerBuild
from constructs_lib.core.layer.layer_options import LAYER_DEFAULTS
from constructs_lib.core.progress import QUIET
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)


@pytest.mark.parametrize("version", [version for version in RUNTIMES if version not in PREVIEWS])
def test_the_warning_begins_with_the_first_day_that_is_near(version: str) -> None:
    """And stays."""
    runtime = RUNTIMES[version]
    assert runtime.end is not None
    first = runtime.end.deprecated - NEAR
    assert check_runtime(runtime, first - DAY) == []
    for day in (first, runtime.end.deprecated, runtime.end.update_blocked, date(2099, 1, 1)):
        [finding] = check_runtime(runtime, day)
        assert finding.id == "runtime-ending"
        assert all(str(end) in finding.text for end in runtime.end)


def test_the_text_tells_what_ends_when() -> None:
    [soon], [ended] = (check_runtime(RUNTIMES["3.10"], date(2026, 10, day)) for day in (30, 31))
    assert soon.text.startswith(
        "python3.10 ends soon: from 2026-10-31 on Lambda no longer patches it, from 2026-11-30 on no function can be "
        "created with it, from 2027-01-15 on no function that uses it can be updated (as AWS announced by "
    )
    assert ended.text.startswith("python3.10 has ended: from 2026-10-31 on")


@pytest.mark.parametrize("version", PREVIEWS)
def test_a_preview_is_a_note(version: str) -> None:
    """It is accepted."""
    [finding] = check_runtime(RUNTIMES[version], date(2026, 12, 1))
    assert (finding.id, finding.level) == ("runtime-preview", "note")
    assert finding.text.startswith(f"python{version} was a public preview of Lambda on 20")


def test_a_build_compares_with_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with any day that a caller names."""
    project = Project.at(make_project(tmp_path))
    target = Target("3.13")
    assert current_day() >= CHECKED
    monkeypatch.setattr("constructs_lib.core.layer.build_layer.current_day", lambda: date(2029, 6, 30))
    build = LayerBuild(project, target, LAYER_DEFAULTS, WheelStore.default(), QUIET)
    assert [finding.id for finding in build.resolve().warnings] == ["runtime-ending"]
    build = LayerBuild(project, target, LAYER_DEFAULTS, WheelStore.default(), QUIET, today=date(2028, 6, 30))
    assert build.resolve().warnings == []
