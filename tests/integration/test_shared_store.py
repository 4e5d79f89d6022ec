"""Machines that share a remote store on the embedded S3: what one has built, the next one does not build again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.builders.uv import ROOT, UV_BUILD, Shop
from tests.support.files.sources import write_sdist
from tests.support.files.wheels import wheel_bytes
from tests.support.index.simple_index import Index, running_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

SCRIPT = ROOT / "tests" / "support" / "builders" / "shared_machine.py"
BUCKET = "wheels"
MODULE = b"value = 1\n" * 500
WRITE = {"CONSTRUCTS_LIB_REMOTE_STORE_WRITE": "1"}


@dataclass(frozen=True)
class Team:
    """A project, the index that it is locked to, and a bucket."""

    folder: Path
    index: Index
    aws: EmbeddedAws

    def build(self, name: str, **variables: str) -> dict[str, Any]:
        """Build on a machine with a home and a checkout of its own; a name stands for the same machine."""
        home, checkout = self.folder / "homes" / name, self.folder / f"work of {name}"
        home.mkdir(parents=True, exist_ok=True)
        if not checkout.exists():
            shutil.copytree(self.folder / "origin", checkout)
        done = subprocess.run(
            [sys.executable, SCRIPT, checkout / "shop", self.folder / f"{name}.zip"],
            env={**self.environment, "HOME": str(home), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    @property
    def environment(self) -> Mapping[str, str]:
        unwanted = ("XDG_", "CONSTRUCTS_LIB_")
        kept = {name: value for name, value in self.aws.env.items() if not name.startswith(unwanted)}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CONSTRUCTS_LIB_STORE_KEY": "a key that the team shares",
            "CONSTRUCTS_LIB_REMOTE_STORE": f"s3://{BUCKET}/team",
        }

    def store(self, name: str) -> Path:
        return self.folder / "homes" / name / ".cache" / "constructs-lib" / "v1"

    @property
    def objects(self) -> dict[str, bytes]:
        s3 = self.aws.client("s3")
        listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {row["Key"]: s3.get_object(Bucket=BUCKET, Key=row["Key"])["Body"].read() for row in listed}

    def forge(self, content: bytes) -> None:
        for key in self.objects:
            self.aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)


@pytest.fixture
def team(tmp_path: Path, aws: EmbeddedAws) -> Iterator[Team]:
    """Lock a wheel of the index, a source distribution, and a path dependency."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.region})
    with running_index() as index:
        shop = Shop(tmp_path / "origin", index, WheelStore(tmp_path / "unused"))
        shop.serve("aa", files={"aa/__init__.py": MODULE})
        index.add("old-1.0.tar.gz", write_sdist("old", {"src/old/__init__.py": MODULE.decode()}))
        near = tmp_path / "origin" / "near" / "src" / "near"
        near.mkdir(parents=True)
        (near / "__init__.py").write_bytes(MODULE)
        (near.parents[1] / "pyproject.toml").write_text(
            f'[project]\nname = "near"\nversion = "1"\n{UV_BUILD}'
        )
        shop.settings = '[tool.uv.sources]\nnear = { path = "../near" }\n'
        shop.locked("aa", "old", "near")
        yield Team(tmp_path, index, aws)
    for key in [row["Key"] for row in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]:
        s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_bucket(Bucket=BUCKET)


def builds(answer: Mapping[str, Any]) -> list[str]:
    """Return the builds of wheels and of bytecode among the started programs."""
    return [
        name
        for command in answer["commands"]
        for name in ("build", "compile_sources.py")
        if any(Path(argument).name == name for argument in command[1:])
    ]


def test_the_second_clean_machine_builds_nothing(team: Team) -> None:
    """No wheel, no bytecode, no compression; its layer is the same, in another folder and another home."""
    first = team.build("first", **WRITE)
    assert sorted(builds(first)) == ["build", "build", "compile_sources.py"]
    filled = team.objects
    kinds = sorted(key.split("/")[2] for key in filled)
    assert kinds == ["built"] * 2 + ["files"] * 2 + ["packs"] * 6
    second = team.build("second")
    assert builds(second) == []
    for field in ("sha256", "fingerprint", "findings", "lines"):
        assert second[field] == first[field]
    assert team.objects == filled
    for kind in ("built", "packs"):
        names = [
            {path.name for path in (team.store(name) / kind).rglob("*.*")} for name in ("first", "second")
        ]
        assert names[0] == names[1]
    # What is in the wheel store is not asked for again.
    assert not team.build("second", AWS_ENDPOINT_URL="http://127.0.0.1:9")["has_boto3"]


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", wheel_bytes("near", "1", {"near/__init__.py": b"evil"})]
)
def test_forged_objects_are_found_out_and_replaced(team: Team, content: bytes) -> None:
    """A reader builds by itself, a machine that may write repairs the store, and the third builds nothing."""
    genuine = team.build("first", **WRITE)
    filled = team.objects
    team.forge(content)
    for name, choice in (("reader", {}), ("writer", WRITE)):
        answer = team.build(name, **choice)
        assert answer["sha256"] == genuine["sha256"]
        [line] = answer["lines"]
        assert "is damaged or forged, and is not used" in line
    # A file is replaced only where a build gives the same bytes again; no note names a wrong one.
    wrong = {key for key, value in team.objects.items() if value == content}
    assert {key.split("/")[2] for key in wrong} <= {"files"}
    assert wrong <= filled.keys()
    third = team.build("third")
    assert (builds(third), third["lines"]) == ([], [])


def test_machines_may_fill_it_at_the_same_time(team: Team) -> None:
    """Each has its layer, no line is logged, and what is there in the end is whole."""
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda name: team.build(name, **WRITE), ("first", "second")))
    assert len({answer["sha256"] for answer in answers}) == 1
    assert [answer["lines"] for answer in answers] == [[], []]
    third = team.build("third")
    assert (builds(third), third["lines"]) == ([], [])


def test_without_a_network_there_is_a_local_build_and_one_warning(team: Team) -> None:
    """Nobody listens at the address of S3."""
    genuine = team.build("first", CONSTRUCTS_LIB_REMOTE_STORE="")
    alone = team.build("second", AWS_ENDPOINT_URL="http://127.0.0.1:9", **WRITE)
    assert alone["sha256"] == genuine["sha256"]
    [line] = alone["lines"]
    assert line.startswith(f"the remote store s3://{BUCKET}/team ")
    assert line.endswith("; this run goes on without it")


def test_machines_with_other_keys_do_not_meet(team: Team) -> None:
    """Each has its own entries in one bucket; neither is called damaged."""
    first = team.build("first", **WRITE)
    other = team.build("second", CONSTRUCTS_LIB_STORE_KEY="the key of another team", **WRITE)
    assert sorted(builds(other)) == ["build", "build", "compile_sources.py"]
    assert (other["sha256"], other["lines"]) == (first["sha256"], [])
    names = [key.split("/")[2] for key in team.objects]
    assert names.count("built") == 4


def test_nothing_of_a_machine_is_in_the_bucket(team: Team) -> None:
    """No path, no address, no key of an account: neither in names nor in notes and tables."""
    team.build("first", **WRITE)
    for key, content in team.objects.items():
        for secret in (str(team.folder), team.index.simple, "a key that the team shares", "embedded"):
            assert secret not in key
            assert secret.encode() not in content
