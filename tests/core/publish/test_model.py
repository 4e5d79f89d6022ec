from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.publish.model import (
    OWNER_MARK_LENGTH,
    LayerAttributes,
    code_sha256,
    owner_mark,
    read_description,
    sign_description,
)
from tests.support.aws.world import OWNER


def test_the_order_of_runtimes_and_architectures_means_nothing() -> None:
    """They are sets to AWS."""
    one = LayerAttributes(("python3.12", "python3.13"), ("arm64", "x86_64"))
    other = LayerAttributes(("python3.13", "python3.12"), ("x86_64", "arm64"))
    assert one.digest == other.digest


def test_every_attribute_counts() -> None:
    """Five different layers have five different digests."""
    digests = {
        LayerAttributes().digest,
        LayerAttributes(("python3.12",)).digest,
        LayerAttributes((), ("python3.12",)).digest,
        LayerAttributes(description="python3.12").digest,
        LayerAttributes(license_info="python3.12").digest,
    }
    assert len(digests) == 5


@given(st.text(max_size=231))
def test_a_signed_description_gives_both_parts_back(description: str) -> None:
    """The user's own text never changes, and the mark fits into the promised length."""
    mark = owner_mark(OWNER)
    signed = sign_description(description, mark)
    assert len(signed) == len(description) + OWNER_MARK_LENGTH
    assert read_description(signed) == (description, mark)


def test_an_unsigned_description_has_no_mark() -> None:
    """Retained versions carry the user's text alone."""
    assert read_description(sign_description("Deps", "")) == ("Deps", "")
    assert read_description("Deps [owner:nobody]") == ("Deps [owner:nobody]", "")


def test_lambda_spells_a_sha256_in_base64() -> None:
    """The sha256 of nothing, in both spellings."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert code_sha256(empty) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
