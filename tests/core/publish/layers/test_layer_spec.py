from __future__ import annotations

from constructs_lib.core.publish.layers.layer_spec import LayerAttributes, code_sha256


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


def test_lambda_spells_a_sha256_in_base64() -> None:
    """The sha256 of nothing, in both spellings."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert code_sha256(empty) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
