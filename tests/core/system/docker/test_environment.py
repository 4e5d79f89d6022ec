"""What a container gets from the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.system.docker.environment import certificate_settings, certificates, handed_through

if TYPE_CHECKING:
    from pathlib import Path


def test_proxies_and_index_settings_are_handed_through() -> None:
    """In both spellings; an empty one is as good as none, and everything else stays outside."""
    given = {
        "HTTP_PROXY": "a",
        "https_proxy": "b",
        "NO_PROXY": "",
        "PIP_INDEX_URL": "c",
        "PIP_FIND_LINKS": "/a/folder/of/this/machine",
        "AWS_SECRET_ACCESS_KEY": "d",
    }
    assert handed_through(given) == {"HTTP_PROXY": "a", "https_proxy": "b", "PIP_INDEX_URL": "c"}


def test_the_certificate_bundle_is_found(tmp_path: Path) -> None:
    """Pip's own setting first; a folder of certificates is no bundle; a wrong path is said."""
    bundle = tmp_path / "bundle.pem"
    bundle.touch()
    assert certificates({}) is None
    assert certificates({"SSL_CERT_FILE": str(bundle)}) == bundle
    assert certificates({"REQUESTS_CA_BUNDLE": str(tmp_path), "SSL_CERT_FILE": str(bundle)}) == bundle
    with pytest.raises(ToolError, match=r"^PIP_CERT names '/nothing', which is no file"):
        certificates({"PIP_CERT": "/nothing", "SSL_CERT_FILE": str(bundle)})


def test_each_tool_in_the_container_is_given_the_bundle() -> None:
    """Pip, requests and OpenSSL read one variable each."""
    names = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    assert certificate_settings("/bundle.pem") == dict.fromkeys(names, "/bundle.pem")
