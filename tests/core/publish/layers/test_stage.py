"""Steps 3 to 5: the zip in its place, and what it was built from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layers.stage import read_manifest, stage_layer
from tests.support.aws.faults import respond
from tests.support.aws.world import PREFIX, World

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from tests.support.aws.faults import Send


def test_the_staged_zip_is_pinned(world: World) -> None:
    staged = stage_layer(world.services, world.layer())
    assert (staged.location, staged.manifest) == (PREFIX / "layer/layer.zip", b"lock of one")
    assert staged.version_id


def test_another_checksum_than_the_builds_is_refused(world: World) -> None:
    """The asset of that name is another file: deploying again uploads nothing until it is deleted."""

    def copied(request: AWSPreparedRequest, _send: Send) -> AWSResponse:
        body = b"<CopyObjectResult><ChecksumSHA256>b3RoZXI=</ChecksumSHA256></CopyObjectResult>"
        return respond(request, 200, {"content-type": "application/xml"}, body)

    world.next("s3.CopyObject", copied)
    with pytest.raises(
        PublishError, match=r"is not the zip that was built: .* b3RoZXI=.*delete the asset"
    ) as info:
        stage_layer(world.services, world.layer())
    assert info.value.id == "asset-changed"


@pytest.mark.parametrize(("in_s3", "remedy"), [(True, "delete the asset"), (False, "build")])
def test_a_manifest_that_is_another_is_refused(world: World, in_s3: bool, remedy: str) -> None:
    """The remedy is where the bytes come from."""
    spec = world.layer(manifest_md5="0" * 32)
    if not in_s3:
        spec = world.layer(manifest_md5="0" * 32, manifest=b"lock of one")
    with pytest.raises(
        PublishError, match=f"inconsistent with the build: .*; {remedy} and deploy again"
    ) as info:
        read_manifest(world.services, spec)
    assert info.value.id == "manifest-inconsistent"
