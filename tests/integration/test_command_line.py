"""The command line as a person uses it: real processes, a real lock, an embedded AWS over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.store.wheel_store import WheelStore
from tests.support.builders.uv import Shop
from tests.support.forked_programs import run_module
from tests.support.index.simple_index import running_index
from tools.embedded_aws import REGION, EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.integration

BUCKET = "artifacts"
SLOW_IMPORTS = ("constructs_lib.cli.app", "boto3", "packaging.pylock", "requests", "rich.table")
LAYER = ("--layer-name", "shop-deps", "--s3", f"s3://{BUCKET}/lambda/shop-deps")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running_index() as index:
        yield Shop(tmp_path, index, WheelStore(tmp_path / "store"))


@pytest.fixture
def bucket(aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """Yield an AWS with an empty bucket and no version of the layer."""
    s3, lambda_ = aws.client("s3"), aws.client("lambda")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield aws
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    s3.delete_bucket(Bucket=BUCKET)
    for version in lambda_.list_layer_versions(LayerName="shop-deps")["LayerVersions"]:
        lambda_.delete_layer_version(LayerName="shop-deps", VersionNumber=version["Version"])


def run(
    shop: Shop, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    settings = {**(env or os.environ), "CONSTRUCTS_LIB_STORE": str(shop.store.root)}
    return run_module("constructs_lib", arguments, cwd=shop.root, env=settings, imports=SLOW_IMPORTS)


def ok(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer(shop: Shop, *arguments: str, env: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
    return json.loads(ok(run(shop, *arguments, "--json", env=env)))


def one_line(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """Return the one line of a refusal."""
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith(("error[", "Error: "))]
    assert "Traceback" not in done.stderr
    return line


def test_a_layer_in_a_folder(shop: Shop) -> None:
    """The zip, what is in it, and what it was built from; progress is on stderr, JSON alone on stdout."""
    shop.serve("acme", files={"acme/__init__.py": b"x = 1\n"})
    shop.locked("acme")
    done = run(shop, "build", "shop", "--out", "out", "--python", "3.12", "--json")
    made = json.loads(ok(done))
    assert made["distributions"] == ["acme==1.0"]
    assert sorted(path.name for path in (shop.root / "out").iterdir()) == [
        "layer.zip",
        "sbom.cdx.json",
        "uv.lock",
    ]
    assert "locked for" in done.stderr
    assert run(shop, "-q", "build", "shop", "--out", "out").stderr == ""


def test_a_source_zip_in_a_folder(shop: Shop) -> None:
    shop.write([])
    (shop.project / "main.py").write_text("x = 1\n")
    made = answer(shop, "build", "shop", "--source", "--out", "out")
    assert made["version"] == "1.0"
    assert (shop.root / "out" / "source.zip").is_file()


def test_plan_publish_and_plan_again(shop: Shop, bucket: EmbeddedAws) -> None:
    """First there is something to do, then there is not, and an architecture is named when it changes."""
    shop.serve("acme", "1.0")
    shop.serve("acme", "2.0")
    shop.locked("acme==1.0")
    here = ("shop", "--python", "3.12", *LAYER)
    first = answer(shop, "plan", *here, env=bucket.env)
    assert not first["unchanged"]
    assert bucket.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    assert run(shop, "plan", *here, "--exit-code", env=bucket.env).returncode == 3

    published = answer(shop, "publish", *here, env=bucket.env)
    assert published["is_new"]

    assert "nothing to do" in ok(run(shop, "plan", *here, "--exit-code", env=bucket.env))
    again = answer(shop, "publish", *here, env=bucket.env)
    assert (again["is_new"], again["layer_version_arn"]) == (False, published["layer_version_arn"])

    told = ok(run(shop, "plan", *here, "--arch", "arm64", env=bucket.env))
    assert "x86_64 → arm64" in told
    shop.locked("acme==2.0")
    assert "acme: 1.0 → 2.0" in ok(run(shop, "plan", *here, env=bucket.env))


def test_versions_diff_and_prune(shop: Shop, bucket: EmbeddedAws) -> None:
    """What is there, what changed between two of them, and the old ones go once that is asked for."""
    shop.serve("acme", "1.0")
    shop.serve("acme", "2.0")
    shop.serve("extra", "1.0")
    here = ("shop", "--python", "3.12", *LAYER)
    for requirements in (["acme==1.0"], ["acme==2.0", "extra"]):
        shop.locked(*requirements)
        ok(run(shop, "publish", *here, env=bucket.env))
    listed = answer(shop, "versions", *LAYER, env=bucket.env)["versions"]
    new, old = (version["version"] for version in listed)
    assert new > old
    assert all(version["used_by"] == [] and version["bytes"] > 0 for version in listed)
    table = ok(run(shop, "versions", *LAYER, env=bucket.env))
    assert "uv.lock" in table

    changes = answer(shop, "diff", f"{old}", f"{new}", *LAYER, env=bucket.env)["changes"]
    assert [(each["name"], each["change"], each["before"], each["after"]) for each in changes] == [
        ("acme", "upgraded", "1.0", "2.0"),
        ("extra", "added", None, "1.0"),
    ]
    assert "upgraded" in ok(run(shop, "diff", f"{old}", f"{new}", *LAYER, env=bucket.env))

    would = answer(shop, "prune", *LAYER, "--keep", "1", "--dry-run", env=bucket.env)["would_delete"]
    assert [arn.rpartition(":")[2] for arn in would] == [f"{old}"]
    assert len(answer(shop, "versions", *LAYER, env=bucket.env)["versions"]) == 2
    assert answer(shop, "prune", *LAYER, "--keep", "1", env=bucket.env)["deleted"] == would
    assert len(answer(shop, "versions", *LAYER, env=bucket.env)["versions"]) == 1


def test_a_version_that_a_function_uses_is_not_pruned(shop: Shop, bucket: EmbeddedAws) -> None:
    shop.serve("acme", "1.0")
    shop.serve("acme", "2.0")
    here = ("shop", "--python", "3.12", *LAYER)
    arns = []
    for requirement in ("acme==1.0", "acme==2.0"):
        shop.locked(requirement)
        arns.append(answer(shop, "publish", *here, env=bucket.env)["layer_version_arn"])
    lambda_ = bucket.client("lambda")
    source = shop.root / "out" / "source.zip"
    (shop.project / "main.py").write_text("def handler(event, context): ...\n")
    answer(shop, "build", "shop", "--source", "--out", "out")
    lambda_.create_function(
        FunctionName="user",
        Runtime="python3.12",
        Role=f"arn:aws:iam::{bucket.account}:role/any",
        Handler="main.handler",
        Code={"ZipFile": source.read_bytes()},
        Layers=[arns[0]],
    )
    try:
        assert answer(shop, "prune", *LAYER, "--keep", "1", env=bucket.env)["deleted"] == []
        listed = answer(shop, "versions", *LAYER, env=bucket.env)["versions"]
        assert [version["used_by"] for version in listed] == [[], ["user"]]
    finally:
        lambda_.delete_function(FunctionName="user")


def test_publish_with_keep_prunes_afterwards(shop: Shop, bucket: EmbeddedAws) -> None:
    shop.serve("acme", "1.0")
    shop.serve("acme", "2.0")
    here = ("shop", "--python", "3.12", *LAYER, "--keep", "1")
    shop.locked("acme==1.0")
    ok(run(shop, "publish", *here, env=bucket.env))
    shop.locked("acme==2.0")
    planned = answer(shop, "plan", *here, env=bucket.env)
    done = answer(shop, "publish", *here, env=bucket.env)
    assert len(planned["deletes"]) == 1
    assert done["deleted"] == planned["deletes"]


def test_a_source_zip_is_laid_out_once(shop: Shop, bucket: EmbeddedAws) -> None:
    shop.write([])
    (shop.project / "main.py").write_text("x = 1\n")
    place = ("shop", "--s3", f"s3://{BUCKET}/shop")
    first = answer(shop, "publish-source", *place, env=bucket.env)
    assert first["s3_uri"] == f"s3://{BUCKET}/shop/source/1.0/{first['source_sha256']}/source.zip"
    assert answer(shop, "publish-source", *place, env=bucket.env) == first


def test_the_store_is_measured_and_emptied(shop: Shop) -> None:
    shop.serve("acme")
    shop.locked("acme")
    ok(run(shop, "build", "shop", "--out", "out"))
    held = answer(shop, "store", "size")
    assert held["files"] > 0
    assert answer(shop, "store", "clear") == held
    assert answer(shop, "store", "size")["files"] == 0


def test_no_project_no_lock(shop: Shop) -> None:
    assert "'nowhere' does not exist" in one_line(run(shop, "build", "nowhere"))
    shop.write(["acme"])
    assert "uv lock" in one_line(run(shop, "build", "shop"))


def test_no_credentials(shop: Shop, bucket: EmbeddedAws) -> None:
    """Said before anything is built."""
    env = {name: value for name, value in bucket.env.items() if name != "AWS_ACCESS_KEY_ID"}
    shop.write(["acme"])
    line = one_line(run(shop, "publish", "shop", *LAYER, env=env))
    assert "no credentials" in line
    assert "--profile" in line


def test_no_region_and_no_such_profile(shop: Shop, bucket: EmbeddedAws) -> None:
    env = {name: value for name, value in bucket.env.items() if "REGION" not in name}
    assert "no region" in one_line(run(shop, "versions", *LAYER, env=env))
    assert "nobody" in one_line(run(shop, "versions", *LAYER, "--profile", "nobody", env=env))


def test_no_bucket(shop: Shop, bucket: EmbeddedAws) -> None:
    shop.serve("acme")
    shop.locked("acme")
    place = ("--layer-name", "shop-deps", "--s3", "s3://not-there/lambda")
    line = one_line(run(shop, "publish", "shop", *place, env=bucket.env))
    assert "not-there" in line
    assert "not-a-location" in one_line(
        run(shop, "versions", "--layer-name", "x", "--s3", "not-a-location", env=bucket.env), code=2
    )


def test_no_network(shop: Shop, bucket: EmbeddedAws) -> None:
    """An endpoint where nobody listens."""
    env = {**bucket.env, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    assert "got no answer" in one_line(run(shop, "versions", *LAYER, env=env))
    assert "got no answer" in one_line(run(shop, "diff", "1", "2", *LAYER, env=env))
    shop.write([])
    (shop.project / "main.py").write_text("x = 1\n")
    assert "got no answer" in one_line(run(shop, "publish-source", "shop", *LAYER[2:], env=env))


def test_versions_that_there_are_not(shop: Shop, bucket: EmbeddedAws) -> None:
    assert "000001 holds nothing to compare" in one_line(run(shop, "diff", "1", "2", *LAYER, env=bucket.env))
    assert "shop-deps has no version" in ok(run(shop, "versions", *LAYER, env=bucket.env))


def test_help_names_every_command_and_the_exit_codes(shop: Shop) -> None:
    told = ok(run(shop, "--help"))
    for command in (
        "build",
        "inspect",
        "plan",
        "publish",
        "publish-source",
        "versions",
        "diff",
        "prune",
        "store",
    ):
        assert command in told
        ok(run(shop, command, "--help"))
    assert "Exit codes" in told


def test_completion_is_a_script_of_the_shell(shop: Shop) -> None:
    script = ok(run(shop, "completion", "bash"))
    done = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
    assert done.returncode == 0
    assert "_CONSTRUCTS_LIB_COMPLETE" in script


def test_no_colour_when_asked(shop: Shop, bucket: EmbeddedAws) -> None:
    """Not even on something that is said to be a terminal."""
    shop.serve("acme")
    shop.locked("acme")
    ok(run(shop, "publish", "shop", *LAYER, env=bucket.env))
    terminal = {**bucket.env, "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    terminal.pop("NO_COLOR", None)
    escape = "\x1b["
    assert escape in ok(run(shop, "versions", *LAYER, env=terminal))
    assert escape not in ok(run(shop, "--no-color", "versions", *LAYER, env=terminal))
    assert escape not in ok(run(shop, "versions", *LAYER, env={**terminal, "NO_COLOR": "1"}))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("completion", "bash"),
        ("store", "size", "--json"),
        ("build", "shop", "--json"),
    ],
    ids=" ".join,
)
def test_a_result_that_cannot_be_written_is_one_line(shop: Shop, arguments: tuple[str, ...]) -> None:
    """On a full disk, or without a stdout: never a traceback, and never success."""
    shop.serve("aa")
    shop.locked("aa")
    program = [sys.executable, "-c", "from constructs_lib.cli import main; main()", *arguments]
    environment = {**os.environ, "CONSTRUCTS_LIB_STORE": str(shop.store.root)}
    for redirection in ("> /dev/full", ">&-"):
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {redirection}', "sh", *program],
            cwd=shop.root,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("error[output-unwritable]: stdout cannot be written: ")
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr
