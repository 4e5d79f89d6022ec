"""The document of a layer."""

from __future__ import annotations

import json
from pathlib import Path

from constructs_lib.core.archive.writer import Archive, Member
from constructs_lib.core.layer.artifact import Distribution, LayerArtifact, ProjectSummary
from constructs_lib.core.layer.describe import describe_layer
from constructs_lib.core.lock.locked import Manifest
from constructs_lib.core.metadata.core_metadata import WheelMetadata
from constructs_lib.core.target import Target


def test_the_files_of_a_distribution_are_those_of_its_wheel() -> None:
    """Sizes and number by the members' origin; no hash for a wheel that was built here."""
    members = (
        Member("python/aa.py", 10, 5, "aa.whl"),
        Member("python/aa2.py", 20, 7, "aa.whl"),
        Member("python/bb.py", 40, 9, "bb.whl"),
    )
    contents = (
        Distribution("aa", "1.0", "aa.whl", "ab" * 32, WheelMetadata(expression="MIT", requires=("bb",))),
        Distribution("bb", "2.0", "bb.whl", "", WheelMetadata()),
    )
    layer = LayerArtifact(
        Archive(Path("layer.zip"), "00", 1, 70, 3, members),
        Manifest(Path("uv.lock"), b""),
        "fingerprint",
        Target("3.13"),
        contents,
        ProjectSummary("shop", "", ("aa",)),
        (),
        (),
        (),
    )
    document = json.loads(describe_layer(layer))
    sizes = {
        component["name"]: {row["name"].partition(":")[2]: row["value"] for row in component["properties"]}
        for component in document["components"]
    }
    assert sizes == {
        "aa": {"files": "2", "unzipped": "30", "zipped": "12"},
        "bb": {"files": "1", "unzipped": "40", "zipped": "9"},
    }
    assert ["hashes" in component for component in document["components"]] == [True, False]
    assert "version" not in document["metadata"]["component"]
    needs = {row["ref"]: row.get("dependsOn", []) for row in document["dependencies"]}
    assert needs == {
        "layer": ["pkg:pypi/aa@1.0"],
        "pkg:pypi/aa@1.0": ["pkg:pypi/bb@2.0"],
        "pkg:pypi/bb@2.0": [],
    }
