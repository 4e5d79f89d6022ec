"""The name of a layer version's content: the same in every template, another for another version."""

from __future__ import annotations

import pytest

from constructs_lib.core.publish.layers.content_name import DECISIVE, content_name

PROPERTIES = {name: f"a {name}" for name in DECISIVE}


@pytest.mark.parametrize("name", DECISIVE)
def test_what_publishes_another_version_changes_the_name(name: str) -> None:
    """Also where the property is left out."""
    without = {key: value for key, value in PROPERTIES.items() if key != name}
    names = {content_name(each) for each in (PROPERTIES, {**PROPERTIES, name: "another"}, without)}
    assert len(names) == 3


def test_nothing_else_does() -> None:
    """Neither the place of the files nor the order of the properties: functions would be deployed for nothing."""
    turned = {"Bucket": "x", **dict(reversed(PROPERTIES.items()))}
    assert content_name(turned) == content_name(PROPERTIES)


def test_the_name_is_that_of_earlier_releases() -> None:
    """With another one, the first deployment with a new release would change every function."""
    name = content_name({"LayerName": "deps", "Fingerprint": "0" * 64, "CompatibleRuntimes": ["python3.13"]})
    assert name == "2f4748da21f46801376a0cb118bc976efa9f85b44add8f877a0c2a8259db111c"
