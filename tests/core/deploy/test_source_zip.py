"""A source zip laid out without CDK."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.deploy.source_zip import lay_out
from constructs_lib.core.publish.aws.aws_errors import AwsError
from constructs_lib.core.publish.source import ensure_source
from tests.support.aws.faults import lose_request, refuse
from tests.support.aws.world import PREFIX, World

if TYPE_CHECKING:
    from pathlib import Path

BODY = b"source of one"
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    path = tmp_path / "source.zip"
    path.write_bytes(BODY)
    return path


def test_it_is_uploaded_once(world: World, zipped: Path) -> None:
    first = lay_out(world.services.s3, "1.0.0", SHA256, zipped, PREFIX)
    second = lay_out(world.services.s3, "1.0.0", SHA256, zipped, PREFIX)
    assert (first.is_new, second.is_new) == (True, False)
    assert world.writes == ["s3.PutObject"]
    uri = first.s3path_source_zip.uri
    assert world.lines == [f"uploaded {uri}", f"unchanged: {uri}"]


def test_one_that_a_stack_may_delete_is_written_again(world: World, zipped: Path) -> None:
    """Without an owner it stays when the stack goes."""
    place = ensure_source(world.services, world.source(removal_policy="destroy"))
    done = lay_out(world.services.s3, "1.0.0", SHA256, zipped, PREFIX / "source")
    assert (done.s3path_source_zip, done.is_new) == (place, True)
    assert not lay_out(world.services.s3, "1.0.0", SHA256, zipped, PREFIX / "source").is_new


def test_one_that_may_not_be_read_is_uploaded(world: World, zipped: Path) -> None:
    """The same bytes once more do no harm."""
    world.next("s3.HeadObject", refuse(403, "AccessDenied"))
    assert lay_out(world.services.s3, "1.0.0", SHA256, zipped, PREFIX).is_new


def test_without_an_answer_nothing_is_uploaded(world: World, zipped: Path) -> None:
    world.next("s3.HeadObject", *[lose_request] * 5)
    with pytest.raises(AwsError, match="got no answer"):
        lay_out(world.services.s3, "1.0.0", SHA256, zipped, PREFIX)
    assert world.writes == []
