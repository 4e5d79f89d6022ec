"""Errors carry an id beside their line, and survive a process border."""

from __future__ import annotations

import pickle
import re

import pytest

from constructs_lib.core import errors
from constructs_lib.core.errors import ArtifactError, ProjectError, render

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ArtifactError) and kind is not ArtifactError
]


def test_an_error_reads_as_its_text_and_is_shown_with_its_id() -> None:
    """Scripts match the text; people look the id up."""
    error = ProjectError("lock-stale", "uv.lock is stale")
    assert str(error) == "uv.lock is stale"
    assert error.id == "lock-stale"
    assert render(error) == "error[lock-stale]: uv.lock is stale"


def test_an_error_without_an_id_cannot_be_made() -> None:
    with pytest.raises(TypeError):
        ProjectError("uv.lock is stale")  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_crosses_a_process_border(kind: type[ArtifactError]) -> None:
    """Workers of a process pool hand their errors over by pickle."""
    copy = pickle.loads(pickle.dumps(kind("file-missing", "x does not exist")))  # noqa: S301 - our own bytes
    assert type(copy) is kind
    assert (copy.id, str(copy)) == ("file-missing", "x does not exist")


def test_the_tree_of_errors_is_drawn_in_the_module() -> None:
    """The docstring names every kind, and no other."""
    named = set(re.findall(r"`(\w+Error)`", errors.__doc__ or ""))
    assert named == {kind.__name__ for kind in KINDS} | {"ArtifactError"}
