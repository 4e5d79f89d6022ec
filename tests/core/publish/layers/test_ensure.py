from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes, code_sha256
from constructs_lib.core.publish.layout import S3Location
from constructs_lib.core.publish.ownership import Mark, sign_description
from tests.support.aws.faults import (
    CrashError,
    crash,
    do_and_refuse,
    first,
    lose_request,
    lose_response,
    pass_on,
    refuse,
)
from tests.support.aws.rules import zip_of
from tests.support.aws.world import ARTIFACTS, ASSETS, LAYER, OTHER, OWNER, PREFIX, World, open_world

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from constructs_lib.core.publish.ownership import RemovalPolicy
    from tests.support.aws.faults import Send, Step

BUILD = hashlib.sha256(b"inputs of one").hexdigest()
"""The fingerprint of a world's layer of content "one"."""


def test_a_first_version_is_published_and_recorded(world: World) -> None:
    """Steps 3 to 10: the zip is copied, published from its pinned version, and recorded."""
    wanted = world.layer()
    done = ensure_layer(world.services, wanted)
    assert (done.layer_version, done.is_new, done.layer_sha256) == (1, True, wanted.layer_sha256)
    assert done.s3path_manifest.uri == f"{PREFIX.uri}/layer/000001/uv.lock"
    assert world.published == [done.layer_version_arn]
    record = world.services.s3.get_object(Bucket=ARTIFACTS, Key=f"{PREFIX.key}/layer/000001/uv.lock")
    assert record["Body"].read() == b"lock of one"
    assert record["Metadata"] == {
        "layer_version_arn": done.layer_version_arn,
        "manifest_md5": wanted.manifest_md5,
        "fingerprint": wanted.fingerprint,
        "layer_sha256": wanted.layer_sha256,
        "manifest_sha256": wanted.manifest_sha256,
        "attributes": wanted.attributes.digest,
        "owner": OWNER,
        "removal_policy": "retain",
    }


def test_the_reason_of_a_publication_is_logged(world: World) -> None:
    """The first one has nothing to compare with."""
    for content in ("one", "two", "three"):
        ensure_layer(world.services, world.layer(content))
    assert [line for line in world.lines if line.startswith(("first", "changed"))] == [
        f"first: {LAYER} has no live version",
        f"changed: the live version of {LAYER} is another one",
        f"changed: none of the 2 live versions of {LAYER} is the same",
    ]


def test_the_staged_zip_carries_the_manifests_md5_and_is_pinned(world: World) -> None:
    """Step 4 and 7: REPLACE keeps the metadata, and the version that was checked is published."""
    wanted = world.layer()
    ensure_layer(world.services, wanted)
    staged = world.services.s3.head_object(Bucket=ARTIFACTS, Key=f"{PREFIX.key}/layer/layer.zip")
    assert staged["Metadata"] == {"manifest_md5": wanted.manifest_md5}
    assert staged["ContentType"] == "application/zip"
    assert world.sent["lambda.PublishLayerVersion"][0]["Content"]["S3ObjectVersion"] == staged["VersionId"]


def test_the_last_manifest_is_kept_up_to_date(world: World) -> None:
    """Readers find the newest manifest without knowing a version."""
    ensure_layer(world.services, world.layer("one"))
    ensure_layer(world.services, world.layer("two"))
    last = world.services.s3.get_object(Bucket=ARTIFACTS, Key=f"{PREFIX.key}/layer/last-uv.lock")
    assert last["Body"].read() == b"lock of two"


def test_a_last_manifest_that_cannot_be_written_changes_nothing(world: World) -> None:
    """It decides nothing, so it fails nothing."""
    world.next("s3.PutObject", *[pass_on] * 3, refuse(403, "AccessDenied"))
    assert ensure_layer(world.services, world.layer()).is_new


def test_every_version_names_its_build_and_a_destroyable_one_its_owner(world: World) -> None:
    """The mark comes into being with the version; only what may be deleted some day says by whom."""
    ensure_layer(world.services, world.layer("one"))
    ensure_layer(world.services, world.layer("two", removal_policy="destroy"))
    descriptions = [params["Description"] for params in world.sent["lambda.PublishLayerVersion"]]
    own = "Dependencies of greeter"
    one, two = (hashlib.sha256(f"inputs of {name}".encode()).hexdigest()[:16] for name in ("one", "two"))
    assert descriptions == [f"{own} [build:{one}]", f"{own} [build:{two} owner:{OWNER[:16]}]"]


def test_an_unversioned_bucket_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """D9: there is no version to pin, and CodeSha256 is compared."""
    with open_world(monkeypatch, versioned=False) as world:
        assert ensure_layer(world.services, world.layer()).is_new
        assert "S3ObjectVersion" not in world.sent["lambda.PublishLayerVersion"][0]["Content"]


def test_a_zip_that_lies_in_its_place_already_is_published_without_a_copy(world: World) -> None:
    """Outside CDK the upload puts the zip there, and the manifest is on the disk."""
    wanted = world.layer(zip_asset=None, manifest=b"lock of one", owner="")
    world.put(PREFIX / "layer" / "layer.zip", zip_of("one"), manifest_md5=wanted.manifest_md5)
    assert ensure_layer(world.services, wanted).is_new
    assert "s3.CopyObject" not in world.calls
    assert "S3ObjectVersion" in world.sent["lambda.PublishLayerVersion"][0]["Content"]


@pytest.mark.parametrize(
    ("code", "status", "text"),
    [(None, 404, "does not exist"), ("AccessDenied", 403, "is missing, or may not be read")],
)
def test_an_asset_that_cannot_be_read_is_named(
    world: World, code: str | None, status: int, text: str
) -> None:
    """D1, preflight 1: 404 and 403 name bucket, key and remedy; nothing is written."""
    wanted = world.layer()
    if code is None:
        world.services.s3.delete_object(Bucket=ASSETS, Key="one.zip")
    else:
        world.next("s3.HeadObject", refuse(status, code))
    world.forget_calls()
    with pytest.raises(PublishError, match=rf"bucket {ASSETS} with key one.zip {text}.*deploy again"):
        ensure_layer(world.services, wanted)
    assert world.writes == []


def test_a_missing_destination_bucket_is_named(world: World) -> None:
    """D2."""
    wanted = world.layer(s3dir_lambda=S3Location("no-such-bucket", "p"))
    with pytest.raises(PublishError, match=r"s3://no-such-bucket/p/layer/layer.zip.*NoSuchBucket"):
        ensure_layer(world.services, wanted)


def test_a_bucket_of_another_region_is_named_with_its_region(world: World) -> None:
    """D2: the SDK follows S3 there, Lambda does not."""
    message = (
        "Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: "
        "The bucket is in this region: us-east-2. Please use this region to retry the request"
    )
    world.next("lambda.PublishLayerVersion", refuse(400, "InvalidParameterValueException", message))
    with pytest.raises(PublishError, match=rf"s3://{ARTIFACTS}/.* in this region: us-east-2"):
        ensure_layer(world.services, world.layer())
    assert world.live() == []


def test_a_bucket_of_another_owner_is_named(world: World) -> None:
    """D2: 403, with what would have to be allowed on which key."""
    wanted = world.layer()
    world.next("s3.CopyObject", refuse(403, "AccessDenied", "Access Denied"))
    with pytest.raises(PublishError, match=rf"s3:PutObject on s3://{ARTIFACTS}/.*allow s3:PutObject on it"):
        ensure_layer(world.services, wanted)


def test_s3_slowing_down_is_waited_for(world: World) -> None:
    """D3: two 503 are retried by the SDK; for ever is an error."""
    wanted = world.layer()
    world.next("s3.CopyObject", *[refuse(503, "SlowDown")] * 2)
    assert ensure_layer(world.services, wanted).is_new
    world.next("s3.CopyObject", *[refuse(503, "SlowDown")] * 5)
    with pytest.raises(PublishError, match="SlowDown"):
        ensure_layer(world.services, world.layer("two"))


def test_a_copy_that_answers_200_with_an_error_is_retried(world: World) -> None:
    """D4."""
    world.next("s3.CopyObject", *[refuse(200, "InternalError")] * 2)
    assert ensure_layer(world.services, world.layer()).layer_version == 1
    assert world.calls.count("s3.CopyObject") == 3


def test_a_kms_refusal_names_the_key(world: World) -> None:
    """D6: AWS's own text, which names the key, is kept."""
    message = "not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-west-1:1:key/k"
    world.next("s3.CopyObject", refuse(403, "AccessDenied", message))
    with pytest.raises(AwsError, match=r"arn:aws:kms:eu-west-1:1:key/k") as caught:
        ensure_layer(world.services, world.layer())
    assert caught.value.denied


def test_an_asset_overwritten_between_look_and_copy_is_not_published(world: World) -> None:
    """D7: CopySourceIfMatch."""
    wanted = world.layer()
    overwrite = first(lambda: world.put(S3Location(ASSETS, "one.zip"), b"other bytes"))
    world.next("s3.CopyObject", overwrite)
    with pytest.raises(PublishError, match="PreconditionFailed"):
        ensure_layer(world.services, wanted)
    assert world.live() == []


def test_an_asset_with_other_bytes_is_refused_before_publishing(world: World) -> None:
    """Step 4: the copy's checksum is that of the zip that was built."""
    wanted = world.layer(layer_sha256="0" * 64)
    with pytest.raises(PublishError, match=r"one.zip is not the zip that was built"):
        ensure_layer(world.services, wanted)
    assert world.live() == []


def test_the_pinned_version_is_published_though_the_object_was_overwritten(world: World) -> None:
    """D8, with versions."""
    wanted = world.layer()
    world.next(
        "lambda.PublishLayerVersion", first(lambda: world.put(PREFIX / "layer/layer.zip", zip_of("other")))
    )
    done = ensure_layer(world.services, wanted)
    live = world.services.lambda_.get_layer_version(LayerName=LAYER, VersionNumber=done.layer_version)
    assert live["Content"]["CodeSha256"] == code_sha256(wanted.layer_sha256)


def test_wrong_bytes_that_were_published_are_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """D23, step 8: an unversioned object was overwritten; the version is deleted and the deployment fails."""
    with open_world(monkeypatch, versioned=False) as world:
        overwrite = first(lambda: world.put(PREFIX / "layer/layer.zip", zip_of("other")))
        world.next("lambda.PublishLayerVersion", overwrite)
        with pytest.raises(PublishError, match="was overwritten; deploy again"):
            ensure_layer(world.services, world.layer())
        assert world.live() == []


def test_a_manifest_with_other_bytes_is_final(world: World) -> None:
    """D11, preflight 2: the manifest's bytes are not those of the build."""
    wanted = world.layer()
    world.put(S3Location(ASSETS, "one.lock"), b"edited")
    with pytest.raises(PublishError, match=r"one.lock is inconsistent with the build"):
        ensure_layer(world.services, wanted)
    assert world.live() == []


@pytest.mark.parametrize("metadata", [{}, {"manifest_md5": "0" * 32}], ids=["missing", "other"])
def test_a_staged_zip_with_other_metadata_is_final(world: World, metadata: dict[str, str]) -> None:
    """D10 and D12, preflight 2: the zip in its place belongs to another manifest, or says nothing."""
    wanted = world.layer(zip_asset=None, manifest=b"lock of one")
    world.put(PREFIX / "layer" / "layer.zip", zip_of("one"), **metadata)
    with pytest.raises(PublishError, match=r"layer.zip \(metadata manifest_md5\) is inconsistent"):
        ensure_layer(world.services, wanted)
    assert world.live() == []


def test_throttling_is_waited_out_as_long_as_aws_asks(world: World) -> None:
    """D18: 429 honours retryAfterSeconds, and takes one version to succeed."""
    busy = refuse(429, "TooManyRequestsException", retry_after="7")
    world.next("lambda.PublishLayerVersion", busy, busy)
    assert ensure_layer(world.services, world.layer()).layer_version == 1
    assert world.time.slept == [7.0, 7.0]


def test_throttling_to_the_deadline_is_an_error(world: World) -> None:
    """D18: the work gives up while there is time to answer."""
    world.next(
        "lambda.PublishLayerVersion", *[refuse(429, "TooManyRequestsException", retry_after="100")] * 9
    )
    with pytest.raises(PublishError, match="TooManyRequestsException"):
        ensure_layer(world.services, world.layer())
    assert world.time.reading < 280


@pytest.mark.parametrize("policy", ["retain", "destroy"])
@pytest.mark.parametrize(
    "fate",
    [
        lose_response,
        lose_request,
        do_and_refuse(500, "ServiceException"),
        refuse(500, "ServiceException"),
        do_and_refuse(503, "ServiceUnavailable"),
    ],
    ids=["response lost", "request lost", "500 after", "500 before", "503 after"],
)
def test_an_unknown_outcome_ends_with_one_version(world: World, fate: Step, policy: RemovalPolicy) -> None:
    """D19, D20: look again before publishing again; the SDK itself sends it once."""
    world.next("lambda.PublishLayerVersion", fate)
    done = ensure_layer(world.services, world.layer(removal_policy=policy))
    assert world.live() == [1]
    assert done.is_new
    assert world.published == [done.layer_version_arn]


def test_a_publish_that_takes_effect_late_is_still_one_version(world: World) -> None:
    """D19: the lost publish appears after the second look, the second version is withdrawn."""
    wanted = world.layer()
    signed = sign_description("Dependencies of greeter", wanted.mark)
    late = first(lambda: world.publish_by_hand(wanted, signed))
    world.next("lambda.PublishLayerVersion", lose_request, late)
    done = ensure_layer(world.services, wanted)
    assert world.live() == [1]
    assert done.layer_version == 1


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("CodeStorageExceededException", "share 300 GB: delete versions"),
        ("InvalidParameterValueException", "Unzipped size"),
    ],
)
def test_a_final_refusal_is_not_retried(world: World, code: str, text: str) -> None:
    """D21, D22: the message is kept, with advice for the quota."""
    world.next("lambda.PublishLayerVersion", refuse(400, code, "Unzipped size must be smaller"))
    with pytest.raises(PublishError, match=text):
        ensure_layer(world.services, world.layer())
    assert world.calls.count("lambda.PublishLayerVersion") == 1


def test_a_record_that_cannot_be_written_is_written_by_the_next_try(world: World) -> None:
    """D24: no second version."""
    wanted = world.layer()
    world.next("s3.PutObject", refuse(403, "AccessDenied"))
    with pytest.raises(AwsError, match="allow s3:PutObject"):
        ensure_layer(world.services, wanted)
    assert len(world.published) == 1
    assert ensure_layer(world.services, wanted).layer_version == 1
    assert f"{PREFIX.key}/layer/000001/uv.lock" in world.object_keys()


def test_a_record_whose_answer_was_lost_is_recognised(world: World) -> None:
    """D25, equal: the SDK repeats the Put, gets 412, and what stands there is ours."""
    wanted = world.layer()
    world.next("s3.PutObject", lose_response)
    assert ensure_layer(world.services, wanted).is_new
    assert world.live() == [1]


def test_a_shared_prefix_is_refused(world: World) -> None:
    """D25, different: another layer's record stands there, and nothing of theirs changes.

    Our version stays: another delivery may have answered with it.
    """
    theirs = ensure_layer(world.services, world.layer("one", layer_name="other-layer", owner=OTHER))
    with pytest.raises(PublishError, match="prefix shared with another account, region or layer"):
        ensure_layer(world.services, world.layer("two"))
    assert world.live() == [1]
    assert world.live("other-layer") == [theirs.layer_version]


def test_a_conflicting_write_of_the_record_is_tried_again(world: World) -> None:
    """S3 answers 409 when two conditional writes meet."""
    wanted = world.layer()
    world.next("s3.PutObject", refuse(409, "ConditionalRequestConflict"))
    assert ensure_layer(world.services, wanted).is_new


@pytest.mark.parametrize("policy", ["retain", "destroy"])
@pytest.mark.parametrize(
    "operation",
    [
        "lambda.ListLayerVersions",
        "s3.HeadObject",
        "s3.CopyObject",
        "s3.GetObject",
        "lambda.PublishLayerVersion",
        "s3.PutObject",
    ],
)
def test_a_crash_before_any_call_is_made_good_by_the_next_delivery(
    world: World, operation: str, policy: RemovalPolicy
) -> None:
    """D39: after a crash at any step and a second delivery there is exactly one live version, recorded."""
    wanted = world.layer(removal_policy=policy)
    world.next(operation, crash)
    with pytest.raises(CrashError):
        ensure_layer(world.services, wanted)
    done = ensure_layer(world.services, wanted)
    assert world.live() == [1]
    assert done.s3path_manifest.key in world.object_keys()


def test_two_deliveries_at_a_time_leave_one_version(world: World) -> None:
    """D27: the second one starts and ends while the first publishes; both give the same answer."""
    wanted = world.layer(removal_policy="destroy")
    inner = []
    world.next(
        "lambda.PublishLayerVersion", first(lambda: inner.append(ensure_layer(world.services, wanted)))
    )
    outer = ensure_layer(world.services, wanted)
    assert world.live() == [1]
    assert outer.layer_version_arn == inner[0].layer_version_arn


def test_a_double_that_a_crash_left_over_is_withdrawn_by_the_next_delivery(world: World) -> None:
    """D27 and D39 together: of two deliveries at a time one dies before it withdraws its own version."""
    wanted = world.layer(removal_policy="destroy")

    def other() -> None:
        ensure_layer(world.services, wanted)
        world.next("lambda.ListLayerVersions", crash)

    world.next("lambda.PublishLayerVersion", first(other))
    with pytest.raises(CrashError):
        ensure_layer(world.services, wanted)
    assert world.live() == [1, 2]
    assert ensure_layer(world.services, wanted).layer_version == 1
    assert world.live() == [1]


def test_a_publish_that_takes_effect_last_is_withdrawn_by_the_next_delivery(world: World) -> None:
    """D19: a lost publish appears after everything else; nobody knows of it until the next event."""
    wanted = world.layer(removal_policy="destroy")
    ensure_layer(world.services, wanted)
    world.publish_by_hand(wanted, sign_description("Dependencies of greeter", wanted.mark))
    assert ensure_layer(world.services, wanted).layer_version == 1
    assert world.live() == [1]


def test_what_is_withdrawn_is_adopted_by_nobody(world: World) -> None:
    """D27: between the decision and the deletion another delivery looks; it chooses the older one as well."""
    wanted = world.layer(removal_policy="destroy")
    others = []
    world.next(
        "lambda.DeleteLayerVersion", first(lambda: others.append(ensure_layer(world.services, wanted)))
    )
    world.next(
        "lambda.PublishLayerVersion", first(lambda: others.append(ensure_layer(world.services, wanted)))
    )
    done = ensure_layer(world.services, wanted)
    assert {each.layer_version_arn for each in others} == {done.layer_version_arn}
    assert world.live() == [1]


def test_a_version_under_another_prefix_is_no_double(world: World) -> None:
    """A late event with the old prefix finds the version that the same resource has under the new one."""
    old = world.layer()
    ensure_layer(world.services, old)
    late = replace(old, removal_policy="destroy")
    moved = replace(late, s3dir_lambda=S3Location(ARTIFACTS, "elsewhere"))
    assert ensure_layer(world.services, moved).layer_version == 2
    assert ensure_layer(world.services, late).layer_version == 2
    assert world.live() == [1, 2]


def test_a_lost_publish_beside_another_delivery_is_withdrawn(world: World) -> None:
    """D19 and D27 together: the publish whose answer is lost comes second, and the first one is found."""
    wanted = world.layer(removal_policy="destroy")

    def publish_after_another(request: AWSPreparedRequest, send: Send) -> AWSResponse:
        ensure_layer(world.services, wanted)
        return lose_response(request, send)

    world.next("lambda.PublishLayerVersion", publish_after_another)
    assert ensure_layer(world.services, wanted).layer_version == 1
    assert world.live() == [1]


@pytest.mark.parametrize(
    ("policy", "description"),
    [
        ("destroy", "Dependencies of greeter"),
        ("destroy", sign_description("Dependencies of greeter", Mark.of(BUILD, OTHER))),
        ("destroy", sign_description("Another one", Mark.of(BUILD, OWNER))),
        ("retain", "Dependencies of greeter"),
        ("retain", sign_description("Dependencies of greeter", Mark.of(BUILD, OWNER))),
    ],
    ids=["nobody's", "theirs", "other attributes", "retained", "destroyed before"],
)
def test_only_a_double_of_ours_is_withdrawn(world: World, policy: RemovalPolicy, description: str) -> None:
    """Somebody else's versions, and all in retain mode, stay."""
    wanted = world.layer(removal_policy=policy)
    ensure_layer(world.services, wanted)
    world.publish_by_hand(wanted, description)
    ensure_layer(world.services, wanted)
    assert world.live() == [1, 2]


def test_the_current_version_is_no_double(world: World) -> None:
    """CloudFormation refers to it: it is the answer, though an older one is the same."""
    wanted = world.layer(removal_policy="destroy")
    ensure_layer(world.services, wanted)
    arn = world.publish_by_hand(wanted, sign_description("Dependencies of greeter", wanted.mark))
    assert ensure_layer(world.services, wanted, arn).layer_version == 2
    assert world.live() == [1, 2]


def test_two_layers_with_other_content_are_two_versions(world: World) -> None:
    """D29: two stacks, one layer name, two fingerprints."""
    ours = ensure_layer(world.services, world.layer("one"))
    theirs = ensure_layer(world.services, world.layer("two", owner=OTHER))
    assert [ours.layer_version, theirs.layer_version] == [1, 2]


def test_a_changed_description_is_a_new_version(world: World) -> None:
    """The same bytes with other attributes are not the same layer."""
    wanted = world.layer()
    ensure_layer(world.services, wanted)
    changed = replace(wanted, attributes=LayerAttributes(description="Other"))
    assert ensure_layer(world.services, changed).layer_version == 2
