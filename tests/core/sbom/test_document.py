"""The document, compared with CycloneDX's own library and schema."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.metadata.core_metadata import WheelMetadata
from constructs_lib.core.sbom.document import Part, Subject, render_sbom
from constructs_lib.core.target import Target
from tests.support.cyclonedx_library import by_the_library, validator
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from pathlib import Path

SHA = "ab" * 32
ARM = Target("3.13", "arm64")


def part(name: str, version: str = "1.0", sha256: str = SHA, **metadata: Any) -> Part:
    return Part(name, version, sha256, WheelMetadata(**metadata), unzipped=30, zipped=10, files=2)


versions = st.from_regex(r"([1-9]!)?[0-9]{1,3}(\.[0-9]{1,2}){0,2}(rc1)?(\+[a-z0-9]{1,5})?", fullmatch=True)
metadata = st.builds(
    WheelMetadata, expression=st.sampled_from(["MIT", "MIT OR Apache-2.0", "LicenseRef-Ours"])
) | st.builds(
    WheelMetadata, licenses=st.lists(st.text(min_size=1), unique=True).map(lambda each: tuple(sorted(each)))
)
parts = st.builds(
    Part,
    name=st.from_regex(r"[a-z0-9]{1,4}(-[a-z0-9]{1,4})?", fullmatch=True),
    version=versions,
    sha256=st.sampled_from(["", SHA]),
    metadata=metadata,
    unzipped=st.integers(0, 10**9),
    zipped=st.integers(0, 10**9),
    files=st.integers(0, 10**5),
)


@given(
    st.lists(parts, min_size=1, max_size=6, unique_by=lambda each: each.name), st.text(), st.text(max_size=3)
)
def test_the_library_reads_it_and_writes_the_same(found: list[Part], name: str, version: str) -> None:
    """Field for field and in the same order; and the schema allows it."""
    text = render_sbom(Subject(name, version, ARM, ()), found)
    assert validator().validate_str(text.decode()) is None
    document = json.loads(text)
    assert by_the_library(document) == document


@given(parts)
def test_purls_are_those_of_the_purl_library(each: Part) -> None:
    """`1.0+cpu` and `1!2` need quoting."""
    assert each.purl == PackageURL("pypi", None, each.name, each.version).to_string()


def test_components_graph_and_subject() -> None:
    """Components, hashes, licences, sizes, the graph, and what the layer is for."""
    needy = part("web", requires=("core>=1", "absent"), expression="MIT")
    document = json.loads(
        render_sbom(
            Subject("shop", "1.2.3", ARM, ("web",)), [needy, part("core", sha256="", licenses=("BSD",))]
        )
    )
    core, web = document["components"]
    assert web["purl"] == web["bom-ref"] == "pkg:pypi/web@1.0"
    assert web["hashes"] == [{"alg": "SHA-256", "content": SHA}]
    assert web["licenses"] == [{"expression": "MIT"}]
    assert core["licenses"] == [{"license": {"name": "BSD"}}]
    assert "hashes" not in core
    assert {each["name"]: each["value"] for each in web["properties"]} == {
        "constructs-lib:files": "2",
        "constructs-lib:unzipped": "30",
        "constructs-lib:zipped": "10",
    }
    subject = document["metadata"]["component"]
    assert (subject["name"], subject["version"]) == ("shop", "1.2.3")
    assert {each["value"] for each in subject["properties"]} == {"arm64", "3.13"}
    assert document["dependencies"] == [
        {"ref": "layer", "dependsOn": ["pkg:pypi/web@1.0"]},
        {"ref": "pkg:pypi/core@1.0"},
        {"ref": "pkg:pypi/web@1.0", "dependsOn": ["pkg:pypi/core@1.0"]},
    ]


def test_the_serial_number_is_made_of_the_content() -> None:
    """The same layer, the same number, whatever the order; another size, another number."""
    subject = Subject("shop", "", ARM, ())
    first = json.loads(render_sbom(subject, [part("a"), part("b")]))
    again = json.loads(render_sbom(subject, [part("b"), part("a")]))
    other = json.loads(render_sbom(subject, [part("a"), part("b", "1.1")]))
    assert first == again
    assert first["serialNumber"] != other["serialNumber"]
    assert "timestamp" not in first["metadata"]


def test_a_layer_has_one(tmp_path: Path) -> None:
    """Its sizes add up to the archive's, and it is no part of the layer's identity."""
    layer = build_layer(make_project(tmp_path / "shop"), tmp_path / "layer.zip", ARM)
    document = json.loads(layer.sbom)
    assert validator().validate_str(layer.sbom.decode()) is None
    [cart] = document["components"]
    sizes = {each["name"].partition(":")[2]: int(each["value"]) for each in cart["properties"]}
    assert sizes == {
        "files": layer.archive.files,
        "unzipped": layer.archive.unzipped,
        "zipped": sum(member.compressed for member in layer.archive.members),
    }
    assert document["metadata"]["component"]["name"] == "shop"
    again = build_layer(tmp_path / "shop", tmp_path / "again.zip", ARM)
    assert again.sbom == layer.sbom


def test_building_imports_no_library_for_it() -> None:
    """Importing cyclonedx-python-lib takes longer than the build of a layer."""
    program = "import sys, constructs_lib.core.layer.build_layer; sys.exit('cyclonedx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
