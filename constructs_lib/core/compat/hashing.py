"""Hex digests by a chosen algorithm."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Hashes:
    """Hex digests by one algorithm. Each `use_…` method returns another value and leaves this one unchanged."""

    algorithm: str = "md5"

    def use_md5(self) -> Hashes:
        return Hashes("md5")

    def use_sha1(self) -> Hashes:
        return Hashes("sha1")

    def use_sha224(self) -> Hashes:
        return Hashes("sha224")

    def use_sha256(self) -> Hashes:
        return Hashes("sha256")

    def use_sha384(self) -> Hashes:
        return Hashes("sha384")

    def use_sha512(self) -> Hashes:
        return Hashes("sha512")

    def of_bytes(self, b: bytes) -> str:
        digest = hashlib.new(self.algorithm, usedforsecurity=False)
        digest.update(b)
        return digest.hexdigest()

    def of_str(self, s: str) -> str:
        """Return the digest of the text as UTF-8."""
        return self.of_bytes(s.encode())

    def of_file(self, abspath: str | Path) -> str:
        """Return the digest of a file of any size; it is read in pieces."""
        digest = hashlib.new(self.algorithm, usedforsecurity=False)
        with Path(abspath).open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()


hashes = Hashes()
"""MD5, as in the metadata of a layer's zip and in `aws_lambda_artifact_builder`; `aws_lbd_art_builder_core` has SHA-256."""
