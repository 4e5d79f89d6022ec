"""The SBOM of a layer whose real wheels carry documents and copied libraries."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.sbom.reading import read_sbom
from constructs_lib.core.target import Target
from tests.support.builders.uv import must, uv
from tests.support.cyclonedx_library import by_the_library, in_one_order, references, validator

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.layer.artifact import LayerArtifact

pytestmark = pytest.mark.integration

# Pinned, since each release has other crates; pydantic pins pydantic-core.
PROJECT = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["pydantic==2.14.4", "cryptography==50.0.2", "orjson==3.13.0", "numpy==2.5.5"]

[tool.uv]
environments = ["python_full_version >= '3.13' and python_full_version < '3.14'"]
"""
COUNTED = {"cryptography": 40, "numpy": 1, "orjson": 20, "pydantic": 0, "pydantic-core": 101}
"""Cryptography has one document for its crates and one for OpenSSL; numpy has a copied library, and no document."""


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> LayerArtifact:
    folder: Path = tmp_path_factory.mktemp("shop")
    (folder / "pyproject.toml").write_text(PROJECT)
    must(uv("lock", f"--python={sys.executable}", cwd=folder))
    return build_layer(folder, folder / "layer.zip", Target("3.13"))


@pytest.fixture(scope="module")
def document(layer: LayerArtifact) -> dict[str, Any]:
    return dict(json.loads(layer.sbom))


def test_every_component_of_the_wheels_is_listed(document: dict[str, Any]) -> None:
    """Below the distribution that brings it: 161 of the documents, and the library in numpy."""
    nested = {row["name"]: row.get("components", []) for row in document["components"]}
    assert {name: len(nested[name]) for name in COUNTED} == COUNTED
    purls = Counter(
        row["purl"].partition("/")[0] for name in COUNTED for row in nested[name] if "purl" in row
    )
    assert purls == {"pkg:cargo": 160, "pkg:generic": 1}
    # The library itself, beside the crate of that name.
    assert [row["version"] for row in nested["cryptography"] if row["name"] == "openssl"] == [
        "0.10.81",
        "4.0.3",
    ]
    assert [row["name"] for row in nested["numpy"]] == ["libscipy_openblas64_"]


def test_the_graph_reaches_into_the_wheels(document: dict[str, Any]) -> None:
    """From the project to a crate, by references of the document."""
    rows = {row["ref"]: row.get("dependsOn", []) for row in document["dependencies"]}
    assert {*rows, *(ref for refs in rows.values() for ref in refs)} <= set(references(document))
    reached, waiting = set(), ["layer"]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += rows.get(ref, [])
    assert sum("#pkg:cargo/" in ref for ref in reached) >= 150


def test_the_library_of_cyclonedx_reads_it_and_writes_the_same(
    layer: LayerArtifact, document: dict[str, Any]
) -> None:
    """Apart from a character in some package URLs, which it escapes, and which may stay as it is."""
    assert validator().validate_str(layer.sbom.decode()) is None
    written = json.dumps(in_one_order(by_the_library(document))).replace("%2B", "+")
    assert json.loads(written) == in_one_order(document)


def test_distributions_are_those_of_the_lock(layer: LayerArtifact) -> None:
    """A crate is none, for comparisons and plans."""
    contents = read_sbom(layer.sbom) or {}
    assert [f"{name}=={row.version}" for name, row in sorted(contents.items())] == list(layer.distributions)
    assert layer.notes == layer.warnings == ()
