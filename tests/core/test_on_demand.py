"""Names that are loaded when first used."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from constructs_lib.core.on_demand import on_demand


def test_a_name_comes_from_its_module() -> None:
    """Loaded when it is asked for; another name is the usual error."""
    load = on_demand("json", {"JSONDecoder": "decoder"})
    assert load("JSONDecoder") is importlib.import_module("json.decoder").JSONDecoder
    with pytest.raises(AttributeError, match="module 'json' has no attribute 'nothing'"):
        load("nothing")


MODULES_HANDED_OUT = {"layer_api", "source_api"}  # earlier tools have them as modules too


@pytest.mark.parametrize("name", ["core", "core.compat"])
def test_no_name_is_a_modules_as_well(name: str) -> None:
    """Once the module is imported, its name would stand for it."""
    package = importlib.import_module(f"constructs_lib.{name}")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name in MODULES_HANDED_OUT:
            continue
        with pytest.raises(AttributeError):
            package.__getattr__(module.name)
