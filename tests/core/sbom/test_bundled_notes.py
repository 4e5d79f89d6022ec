"""The software inside wheels: noted in the store, and no part of a layer's identity."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

from constructs_lib.core.fingerprint import fingerprint
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.report.changes import compare_sboms
from constructs_lib.core.report.layer_report import report_layer
from constructs_lib.core.sbom.bundled import Unmerged
from constructs_lib.core.sbom.bundled_notes import check_documents, read_bundled
from constructs_lib.core.sbom.merge_documents import merge_documents
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.contents import wheel_contents
from tests.support.cyclonedx_library import validator
from tests.support.files.boms import carried, crate, cyclonedx
from tests.support.files.projects import lock, make_project
from tests.support.files.wheels import make_wheel, unpacked, wheel_bytes, wheel_of

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.store.wheel_store import WheelStore

LIBRARY = "demo.libs/libz-00000000.so.1"


def documents() -> dict[str, object]:
    edges = [{"ref": crate("a")["bom-ref"], "dependsOn": [crate("b")["bom-ref"]]}]
    row = crate("a", licenses=[{"license": {"id": "MIT"}}, {"license": {"name": "x"}}])
    return {"x.json": cyclonedx(row, crate("b"), dependencies=edges), "x.xml": b"<bom/>"}


def test_the_note_holds_the_same(store: WheelStore) -> None:
    """Equal, frozen values before and after; the second look reads no document."""
    wheel = wheel_of(wheel_bytes(files=carried(documents(), LIBRARY)))
    contents = wheel_contents(wheel)
    first = read_bundled(wheel, store, contents)
    assert first == merge_documents(wheel, contents)
    noted = read_bundled(wheel, store, contents._replace(members=[]))
    assert noted == first
    assert hash(noted) == hash(first)
    assert [component.name for component in noted.components] == ["a", "b", "libz"]


def test_a_note_that_another_wrote_does_not_count(store: WheelStore) -> None:
    """It is sealed, like all that is derived from files."""
    wheel = wheel_of(wheel_bytes(files=carried(documents())))
    contents = wheel_contents(wheel)
    first = read_bundled(wheel, store, contents)
    path = store.root / "v1" / "bundled" / wheel.sha256[:2] / f"{wheel.sha256}.json"
    path.write_bytes(path.read_bytes().replace(b"pkg:cargo/a@1.0.0", b"pkg:cargo/z@9.9.9"))
    assert read_bundled(wheel, store, contents) == first


def test_documents_that_are_not_merged_are_one_note() -> None:
    rows = [Unmerged("demo-1.0.dist-info/sboms/a\n.xml", "a reason"), Unmerged("b", "another")]
    assert check_documents("demo", "demo.whl", []) == []
    assert check_documents("demo", "demo.whl", rows) == [
        Finding(
            "sbom-not-merged",
            r"demo.whl: 'demo-1.0.dist-info/sboms/a\n.xml' (and 1 more) is not merged into the SBOM: a reason; scan it "
            "by itself, or tell the publisher of demo",
            "demo",
        )
    ]


def build(root: Path, name: str, store: WheelStore | None = None) -> LayerArtifact:
    return build_layer(root, root / name, Target("3.13"), store=store)


def layered(root: Path, **extra: object) -> Path:
    """Make the project `shop` with a `cart` that carries documents."""
    make_project(root)
    files = {"cart.py": b"TOTAL = 1\n", "cart.libs/libz-00000000.so.1": b"no ELF"}
    for name, document in {**documents(), **extra}.items():
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        files[f"cart-1.0.dist-info/sboms/{name}"] = content
    make_wheel(root / "vendor", "cart", files=files)
    (root / "uv.lock").unlink()
    lock(root)
    return root


def test_a_layer_of_such_a_wheel(tmp_path: Path, store: WheelStore) -> None:
    """Nested in its SBOM; the build ends with a note, and a full store gives the same."""
    root = layered(tmp_path / "shop")
    layer = build(root, "a.zip", store)
    assert validator().validate_str(layer.sbom.decode()) is None
    [cart] = json.loads(layer.sbom)["components"]
    assert [row["name"] for row in cart["components"]] == ["libz", "a", "b"]
    assert [finding.id for finding in layer.notes] == ["sbom-not-merged"]
    again = build(root, "b.zip", store)
    assert again.sbom == layer.sbom
    assert again.archive.sha256 == layer.archive.sha256
    assert pickle.loads(pickle.dumps(again)).sbom == layer.sbom  # noqa: S301 - our own


def test_documents_are_no_part_of_the_identity(tmp_path: Path, store: WheelStore) -> None:
    """The fingerprint is that of the wheels' hashes, and the layer has the wheel's files as they are."""
    layer = build(layered(tmp_path / "shop", **{"odd.json": b"\xff"}), "a.zip", store)
    [cart] = layer.contents
    assert layer.fingerprint == fingerprint(
        kind="layer", python_version="3.13", architecture="x86_64", wheels=[["cart", cart.sha256]]
    )
    wheel = unpacked(tmp_path / "shop" / "vendor" / "cart-1.0-py3-none-any.whl")
    del wheel["cart-1.0.dist-info/RECORD"]
    assert unpacked(layer.archive.path) == {f"python/{path}": file for path, file in wheel.items()}


def test_nested_components_are_no_distributions(tmp_path: Path, store: WheelStore) -> None:
    """For comparisons and reports."""
    plain = build(make_project(tmp_path / "plain"), "a.zip", store)
    layer = build(layered(tmp_path / "shop"), "b.zip", store)
    assert {row.name for row in compare_sboms(plain.sbom, layer.sbom).rows} == {"cart"}
    assert compare_sboms(layer.sbom, layer.sbom).rows == ()
    report = report_layer(layer, against=plain.sbom)
    assert [row.name for row in report.rows] == ["cart"]
    assert layer.distributions == ("cart==1.0",)
