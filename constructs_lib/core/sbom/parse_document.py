"""A document that a wheel carries, parsed from its bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_lib.core.sbom.cyclonedx_reader import read_cyclonedx
from constructs_lib.core.sbom.foreign_document import UnreadableDocumentError
from constructs_lib.core.sbom.spdx_reader import read_spdx

if TYPE_CHECKING:
    from constructs_lib.core.sbom.foreign_document import ForeignDocument

_OTHER_FORMAT = "only CycloneDX and SPDX 2, both in JSON, are merged"


def parse_document(content: bytes | bytearray) -> ForeignDocument:
    """Parse CycloneDX in JSON, or SPDX 2 in JSON; raise an UnreadableDocumentError for anything else."""
    document = _parse_json(content)
    if document.get("bomFormat") == "CycloneDX":
        return read_cyclonedx(document)
    if str(document.get("spdxVersion", "")).startswith("SPDX-2."):
        return read_spdx(document)
    raise UnreadableDocumentError(_OTHER_FORMAT)


def _parse_json(content: bytes | bytearray) -> dict[str, Any]:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableDocumentError(f"it is not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise UnreadableDocumentError("its JSON is nested too deeply") from None
    except ValueError as error:
        if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
            raise UnreadableDocumentError(_OTHER_FORMAT) from None
        raise UnreadableDocumentError(f"it is not JSON: {str(error)[:200]}") from None
    if not isinstance(document, dict):
        raise UnreadableDocumentError(_OTHER_FORMAT)
    return document
