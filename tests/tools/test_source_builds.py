"""The measurement of source builds: what it compares, and its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.bench.source_builds import PROJECTS, Times, main, measure_project, write_project

if TYPE_CHECKING:
    from pathlib import Path


def test_one_round(tmp_path: Path) -> None:
    """Both builds are real; an unchanged project starts no backend."""
    root = write_project(tmp_path / "project", PROJECTS["uv_build"])
    times = measure_project(root, tmp_path, 1)
    assert min(times) > 0
    assert [path.name for path in (tmp_path / "out").glob("*.whl")] == ["pkg-1.0-py3-none-any.whl"]
    assert (tmp_path / "source.zip").is_file()


@pytest.mark.parametrize(
    ("times", "met"),
    [
        (Times(1.0, 1.1, 0.3), True),
        (Times(1.0, 1.2, 0.3), False),
        (Times(1.0, 1.0, 0.4), False),
        (Times(0.05, 0.08, 0.01), True),
    ],
)
def test_the_goals(times: Times, met: bool) -> None:
    assert times.met is met


def test_a_missed_goal_ends_with_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the backend."""
    for times, code in ((Times(1, 1, 0.1), 0), (Times(1, 2, 0.1), 1)):
        monkeypatch.setattr("tools.bench.source_builds.measure_project", lambda *_, times=times: times)
        assert main() == code
        assert ("missed" in capsys.readouterr().out) is bool(code)
