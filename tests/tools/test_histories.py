"""The program of `make histories`, on a few seeds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.histories import main

if TYPE_CHECKING:
    import pytest


def test_histories_without_a_violation_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    """The last line has the number, the first seed and the time."""
    assert main("3", "5") == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"3 histories from seed 5 in \d+ s: 0 violation\(s\)", last)
