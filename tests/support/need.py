"""Tests that need what not every machine has: left out with a reason, or, where they have to run, failing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


class Need:
    """A plugin of pytest that deselects the tests marked `marker` where `why_not` has an answer.

    The summary then says so, with that answer. With `CI` or `{MARKER}_TESTS=required` in the environment they run.
    """

    def __init__(self, marker: str, what: str, why_not: Callable[[], str]) -> None:
        self.marker, self.what, self.why_not = marker, what, why_not
        self.left_out = 0

    @property
    def is_required(self) -> bool:
        ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
        return ci or os.environ.get(f"{self.marker.upper()}_TESTS") == "required"

    def insist(self) -> None:
        """Fail the test that asks, with the reason, where it cannot run."""
        if why := self.why_not():
            pytest.fail(f"tests that need {self.what} cannot run here: {why}", pytrace=False)

    @pytest.hookimpl(trylast=True)  # what was not asked for (`-m`, `-k`) is not left out
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        concerned = [item for item in items if item.get_closest_marker(self.marker)]
        if concerned and not self.is_required and self.why_not():
            items[:] = [item for item in items if item not in concerned]
            config.hook.pytest_deselected(items=concerned)
            self.left_out = len(concerned)
            if hasattr(config, "workeroutput"):  # a process of pytest-xdist, which has no summary of its own
                config.workeroutput[f"{self.marker} left out"] = self.left_out

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - a class that pytest-xdist does not type
        """Every process has collected all tests."""
        self.left_out = getattr(node, "workeroutput", {}).get(f"{self.marker} left out", self.left_out)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.left_out:
            terminalreporter.write_sep("=", f"{self.marker} tests did NOT run", yellow=True)
            why = f"{self.left_out} tests that need {self.what} were deselected: {self.why_not()}"
            terminalreporter.write_line(why)
