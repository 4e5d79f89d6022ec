from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.metadata.core_metadata import WheelMetadata, parse_metadata, wheel_metadata
from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.files.wheels import wheel_bytes, wheel_of

if TYPE_CHECKING:
    from pathlib import Path

OSI = "License :: OSI Approved :: "


def headers(*lines: str) -> WheelMetadata:
    return parse_metadata(
        "\n".join(["Metadata-Version: 2.4", "Name: demo", *lines, "", "The README"]).encode()
    )


@pytest.mark.parametrize(
    ("lines", "expression", "names"),
    [
        (["License-Expression: mit"], "MIT", []),
        (["License-Expression: mit or  apache-2.0"], "MIT OR Apache-2.0", []),
        (["License-Expression: MIT", "License: other", f"Classifier: {OSI}BSD License"], "MIT", []),
        (["License-Expression: LicenseRef-Ours"], "LicenseRef-Ours", []),
        (["License-Expression: Our own words"], "", ["Our own words"]),
        ([f"Classifier: {OSI}MIT License", "License: whatever"], "", ["MIT License"]),
        (
            [f"Classifier: {OSI}MIT License", f"Classifier: {OSI}BSD License"],
            "",
            ["BSD License", "MIT License"],
        ),
        (["Classifier: License :: OSI Approved", "License: MIT"], "", ["MIT"]),
        (["Classifier: License :: Public Domain"], "", ["Public Domain"]),
        (["Classifier: Topic :: Utilities"], "", []),
        (["License: BSD-3-Clause"], "", ["BSD-3-Clause"]),
        (["License: UNKNOWN"], "", []),
        (["License: Copyright (c)\n        All rights reserved"], "", ["Copyright (c)"]),
        ([f"License: {'x' * 5000}"], "", ["x" * 120]),
        ([], "", []),
    ],
    ids=str,
)
def test_licenses(lines: list[str], expression: str, names: list[str]) -> None:
    """PEP 639: an expression says it all; else the classifiers, else the first line of the free text."""
    found = headers(*lines)
    assert (found.expression, list(found.licenses)) == (expression, names)


def test_requirements_are_those_of_the_headers() -> None:
    """What the README says further down is no header; a folded line is one line."""
    text = b"Name: demo\r\nRequires-Dist: a>=1\r\nRequires-Dist: b;\r\n python_version<'3'\r\n\r\nRequires-Dist: c\r\n"
    assert parse_metadata(text).requires == ("a>=1", "b; python_version<'3'")


def test_a_folded_requires_python_is_one_line() -> None:
    assert headers("Requires-Python: >=3.9,\n  <4").requires_python == ">=3.9, <4"


def test_bytes_that_are_no_text_are_no_error() -> None:
    """A wheel with odd METADATA installs, so it has a document too."""
    assert parse_metadata(b"License: \xff\xfe").licenses == ("\ufffd\ufffd",)
    assert parse_metadata(b"") == WheelMetadata()


def test_a_wheel_is_read_once(store: WheelStore) -> None:
    """The note says the same as the wheel, and a note of another schema is not believed."""
    wheel = wheel_of(wheel_bytes(requires=["other>=2"]))
    found = wheel_metadata(wheel, store)
    assert found == WheelMetadata("", (), ("other>=2",))
    note = store.read_note("sbom", wheel.sha256)
    assert note is not None
    assert wheel_metadata(wheel, store) == found
    store.write_note("sbom", wheel.sha256, {**note, "requires": ["noted"]})
    assert wheel_metadata(wheel, store).requires == ("noted",)
    store.write_note("sbom", wheel.sha256, {**note, "schema": 0, "requires": ["older"]})
    assert wheel_metadata(wheel, store) == found


def test_a_store_that_cannot_be_written_is_not_missed(tmp_path: Path) -> None:
    """The document is asked for after the layer was built: it must not fail then for want of a note."""
    (tmp_path / "file").write_bytes(b"")
    store = WheelStore(tmp_path / "file" / "store")
    found = wheel_metadata(wheel_of(wheel_bytes(requires=["other>=2"])), store)
    assert found.requires == ("other>=2",)
