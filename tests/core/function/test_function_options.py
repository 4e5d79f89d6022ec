from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.source.source_options import SourceOptions


def test_the_choices_about_the_project_are_those_of_a_source() -> None:
    credentials = [Credentials("private", "https://index.example/simple", "user", "token")]
    options = FunctionOptions(include=["a"], exclude=["b"], credentials=credentials)
    assert options.source == SourceOptions(["a"], ["b"], credentials)


@pytest.mark.parametrize("name", ["exclude", "ignore_package_list", "acknowledge"])
def test_a_text_is_no_list(name: str) -> None:
    """Also for the options of a layer, which it inherits."""
    choices: dict[str, Any] = {name: "tests"}
    with pytest.raises(
        ProjectError, match=f"FunctionOptions: {name} is 'tests' \\(str\\); it must be a list"
    ):
        FunctionOptions(**choices)
