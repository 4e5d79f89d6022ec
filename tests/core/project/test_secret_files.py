"""The names of files that hold secrets."""

from __future__ import annotations

import pytest

from constructs_lib.core.project.secret_files import holds_secrets

KEY = b"-----BEGIN RSA PRIVATE KEY-----\n"


def is_secret(path: str, content: bytes = b"") -> bool:
    return holds_secrets(path.split("/"), lambda: content)


@pytest.mark.parametrize(
    "path",
    [
        *(
            ".env",
            "a/.env",
            ".env.local",
            ".env.production",
            ".netrc",
            "_netrc",
            ".pypirc",
            "pip.conf",
            "pip.ini",
        ),
        *(".npmrc", ".git-credentials", ".aws/credentials", "a/.ssh/config", ".docker/config.json"),
        *("id_rsa", "a/id_ed25519", "id_ecdsa_sk", "server.key", "a/terraform.tfstate", "x.tfstate.backup"),
    ],
)
def test_todays_names_are_known(path: str) -> None:
    assert is_secret(path)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "env.py",
            ".env.example",
            ".env.sample",
            ".env.template",
            ".envrc.py",
            "id_rsa.pub",
            "id_generator.py",
        ),
        *(
            "config.json",
            "app/config.json",
            "keys.py",
            "aws/credentials.py",
            "docker/config.json",
            "pip_conf.py",
        ),
    ],
)
def test_other_files_are_not(path: str) -> None:
    """Templates are committed on purpose, and the public half of a key is public."""
    assert not is_secret(path)


def test_the_content_decides_for_certificates() -> None:
    """A function may bring the certificates of a database along; a private key not."""
    assert is_secret("a/server.pem", KEY)
    assert not is_secret("a/global-bundle.pem", b"-----BEGIN CERTIFICATE-----\n")
