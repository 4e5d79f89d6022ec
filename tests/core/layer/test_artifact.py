"""A built layer is plain data."""

from __future__ import annotations

import gc
import hashlib
import json
import pickle
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.archive.writer import Archive, Member
from constructs_lib.core.layer.artifact import Distribution, LayerArtifact, ProjectSummary
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.lock.locked import Manifest
from constructs_lib.core.metadata.core_metadata import WheelMetadata
from constructs_lib.core.target import Target
from tests.support.files.elf import AARCH64, X86_64, elf_library
from tests.support.files.projects import lock, make_project, require_boto3
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from constructs_lib.core.store.wheel_store import WheelStore


@pytest.fixture
def layer(tmp_path: Path, store: WheelStore) -> LayerArtifact:
    require_boto3(make_project(tmp_path / "shop"))
    return build_layer(tmp_path / "shop", tmp_path / "layer.zip", Target("3.13", "arm64"), store=store)


def test_it_can_be_pickled(layer: LayerArtifact) -> None:
    """Before and after the SBOM was made, the copy is equal and makes the same SBOM."""
    early = pickle.loads(pickle.dumps(layer))  # noqa: S301 - our own
    assert early == layer
    assert early.sbom == layer.sbom
    late = pickle.loads(pickle.dumps(layer))  # noqa: S301 - our own
    assert (late, late.sbom, late.distributions) == (layer, layer.sbom, ("cart==1.0",))


def test_the_sbom_needs_neither_zip_nor_store_nor_project(layer: LayerArtifact, tmp_path: Path) -> None:
    for name in ("shop", "store"):
        shutil.rmtree(tmp_path / name)
    layer.archive.path.unlink()
    document = json.loads(layer.sbom)
    assert document["metadata"]["component"]["name"] == "shop"
    assert [component["name"] for component in document["components"]] == ["cart"]


def test_it_keeps_no_wheel_open(layer: LayerArtifact, tmp_path: Path) -> None:
    """Wheels are mapped while a layer is built; afterwards a store can be removed, also on Windows."""
    gc.collect()
    assert layer.distributions
    assert str(tmp_path / "store") not in Path("/proc/self/maps").read_text()


def test_the_manifest_is_identified_by_its_md5(layer: LayerArtifact, tmp_path: Path) -> None:
    content = (tmp_path / "shop" / "uv.lock").read_bytes()
    assert layer.manifest_md5 == hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(("machines", "native"), [([X86_64], ("cart",)), ([X86_64, AARCH64], ()), ([], ())])
def test_an_extension_module_makes_a_wheel_native_whatever_its_name_claims(
    tmp_path: Path, store: WheelStore, machines: list[int], native: tuple[str, ...]
) -> None:
    """One that has them for several CPUs runs on these."""
    root = make_project(tmp_path / "shop")
    libraries = {
        f"cart/x{number}/_fast.so": elf_library(number, data=b"PyInit__fast\0") for number in machines
    }
    make_wheel(root / "vendor", "cart", files={"cart/__init__.py": b"TOTAL = 1\n", **libraries})
    (root / "uv.lock").unlink()
    lock(root)
    artifact = build_layer(root, tmp_path / "layer.zip", Target("3.13"), store=store)
    assert artifact.native == native


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
    document = json.loads(layer.sbom)
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
