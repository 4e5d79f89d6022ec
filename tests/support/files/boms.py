"""Documents (SBOMs) as wheels carry them, and wheels that carry them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_lib.core.sbom.merge_documents import merge_documents
from constructs_lib.core.wheels.contents import wheel_contents
from tests.support.files.wheels import wheel_bytes, wheel_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.core.sbom.bundled import Bundled

FOLDER = "demo-1.0.dist-info/sboms/"
HASH = "0f" * 32


def cyclonedx(*components: Any, **keys: Any) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": list(components), **keys}


def spdx(*packages: Any, **keys: Any) -> dict[str, Any]:
    return {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": list(packages), **keys}


def crate(name: str, version: str = "1.0.0", **keys: Any) -> dict[str, Any]:
    """Return a component as cargo-cyclonedx writes it."""
    return {
        "type": "library",
        "bom-ref": f"registry+https://crates.example/index#{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:cargo/{name}@{version}",
        **keys,
    }


def carried(documents: Mapping[str, Any], *others: str) -> dict[str, bytes]:
    """Return the files of a wheel of `demo` with these documents (texts of JSON values) and other files."""
    files = {"demo.py": b"", **dict.fromkeys(others, b"\x7fELF")}
    for name, document in documents.items():
        files[FOLDER + name] = document if isinstance(document, bytes) else json.dumps(document).encode()
    return files


def merged(documents: Mapping[str, Any], *others: str) -> Bundled:
    """Return what is read of a wheel of `demo` with these documents and other files."""
    wheel = wheel_of(wheel_bytes(files=carried(documents, *others)))
    return merge_documents(wheel, wheel_contents(wheel))
