"""Checks of a construct's arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact, configure_publisher
from constructs_lib.cdk import arguments
from constructs_lib.core.aws_facts import RUNTIMES
from tests.support.files.templates import errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PYTHON = lambda_.Runtime.PYTHON_3_13


def test_a_prefix_is_a_folder_without_slashes_at_its_ends(stack: cdk.Stack) -> None:
    """Or a folder of the artifact's own."""
    assert arguments.s3_prefix(stack, "/deps/", "name") == "deps"
    assert arguments.s3_prefix(stack, None, "name") == "lambda/name"
    with pytest.raises(ValueError, match=r"Shop: prefix 'x{60}' has 701 characters, 700 are allowed"):
        arguments.s3_prefix(stack, "x" * 701, "name")


def test_a_token_passes_every_check(stack: cdk.Stack) -> None:
    """Its value is known at deploy only."""
    token = cdk.CfnParameter(stack, "Given").value_as_string
    assert arguments.check_layer_name(stack, token) == token
    assert arguments.check_length(stack, "description", token, 1) == token
    arguments.check_parameter_name(stack, token)


def test_the_number_of_versions_is_a_property(stack: cdk.Stack) -> None:
    """A text, as CloudFormation hands it to the handler; a token keeps its reference."""
    assert arguments.check_keep_versions(stack, None, "retain") is None
    assert arguments.check_keep_versions(stack, 3, "destroy") == "3"
    number = cast("int", cdk.CfnParameter(stack, "Keep", type="Number").value_as_number)
    assert stack.resolve(arguments.check_keep_versions(stack, number, "destroy")) == {"Ref": "Keep"}


@pytest.mark.parametrize("name", ["", "a b", "/a//b", "/", "x" * 1012])
def test_what_is_no_name_of_a_parameter_is_refused(stack: cdk.Stack, name: str) -> None:
    with pytest.raises(ValueError, match="is not a parameter's name"):
        arguments.check_parameter_name(stack, name)


def test_names_differ_by_the_constructs_path(app: cdk.App) -> None:
    """The same at every synth."""
    stacks = [cdk.Stack(app, name) for name in ("One", "Two")]
    names = [arguments.unique_name(stack) for stack in stacks]
    assert names == [arguments.unique_name(stack) for stack in stacks]
    assert len(set(names)) == 2


@pytest.mark.parametrize(
    ("prefix", "fault"),
    [
        ("*", r"'\*' has '\*': use ASCII characters other than"),
        ("a?", r"has '\?'"),
        ("${aws:username}", r"has '\$'"),
        ("a//b", "a part that is empty"),
        ("../x", "a part that is empty, '.' or '..'"),
        ("a/./b", "a part that is empty, '.' or '..'"),
        ("\u00fc", "has '.xfc'"),
        ("a\n", r"has '\\n'"),
    ],
    ids=ascii,
)
def test_a_prefix_with_a_meaning_in_iam_or_s3_is_refused(stack: cdk.Stack, prefix: str, fault: str) -> None:
    """It would be a wildcard or a variable in the role's policy, or a second spelling of another key."""
    with pytest.raises(ValueError, match=f"Shop: prefix .*{fault}"):
        arguments.s3_prefix(stack, prefix, "name")


@pytest.mark.parametrize(("one", "other"), [("team", "team"), ("team", "team/a"), ("team/a/b", "team/a")])
def test_artifacts_of_an_app_have_folders_apart(app: cdk.App, one: str, other: str) -> None:
    """Also in two stacks: the role of the one could write the records of the other."""
    stacks = [cdk.Stack(app, name) for name in ("One", "Two")]
    buckets = [s3.Bucket.from_bucket_name(stack, "Given", "given") for stack in stacks]
    arguments.claim_prefix(stacks[0], buckets[0], one)
    with pytest.raises(ValueError, match=f"Two: prefix '{other}' and '{one}' of One are in one bucket"):
        arguments.claim_prefix(stacks[1], buckets[1], other)


def test_folders_in_two_buckets_or_apps_are_apart(app: cdk.App) -> None:
    stacks = [cdk.Stack(app, "One"), cdk.Stack(app, "Two"), cdk.Stack(cdk.App(), "Three")]
    for stack in stacks:
        arguments.claim_prefix(stack, s3.Bucket(stack, "Own"), "team")
    arguments.claim_prefix(stacks[0], cast("s3.IBucket", stacks[0].node.find_child("Own")), "team-b")
    token = cdk.CfnParameter(stacks[0], "Prefix").value_as_string
    for _ in range(2):
        arguments.claim_prefix(stacks[0], cast("s3.IBucket", stacks[0].node.find_child("Own")), token)


def test_a_stack_without_an_app_is_an_app_of_its_own() -> None:
    stack = cdk.Stack()
    bucket = s3.Bucket(stack, "Own")
    arguments.claim_prefix(stack, bucket, "team")
    with pytest.raises(ValueError, match="prefix 'team/a' and 'team' of Default are in one bucket"):
        arguments.claim_prefix(stack, bucket, "team/a")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"extras": "dev"}, "extras is 'dev' (str); it must be a list of str: write extras=['dev']"),
    ({"groups": "dev"}, "groups is 'dev' (str); it must be a list of str: write groups=['dev']"),
    ({"only_groups": ["dev", 3]}, "only_groups[1] is 3 (int); it must be str"),
    (
        {"ignore_package_list": "boto3"},
        "ignore_package_list is 'boto3' (str); it must be a list of str or None: ",
    ),
    ({"runtime": "python3.13"}, "runtime is 'python3.13' (str); it must be lambda_.Runtime or None"),
    ({"architecture": "arm64"}, "architecture is 'arm64' (str); it must be lambda_.Architecture or None"),
    ({"architecture": PYTHON}, "architecture is of type Runtime; it must be lambda_.Architecture or None"),
    ({"runtime": RUNTIMES["3.13"]}, "runtime is of type Runtime; it must be lambda_.Runtime or None"),
    ({"entry": 3}, "entry is 3 (int); it must be str or Path"),
    ({"bucket": "shelf"}, "bucket is 'shelf' (str); it must be s3.IBucket or None"),
    ({"removal_policy": "destroy"}, "removal_policy is 'destroy' (str); it must be cdk.RemovalPolicy"),
    ({"keep_versions": "3"}, "keep_versions is '3' (str); it must be int or None"),
    ({"keep_versions": True}, "keep_versions is True (bool); it must be int or None"),
    ({"compile_bytecode": "no"}, "compile_bytecode is 'no' (str); it must be bool"),
    ({"container": 1}, "container is 1 (int); it must be Container or bool or str or None"),
    ({"credentials": "user:secret"}, "credentials is of type str; it must be a list of Credentials"),
    ({"credentials": ["user:secret"]}, "credentials[0] is of type str; it must be Credentials"),
    ({"description": b"x"}, "description is of type bytes; it must be str or None"),
    ({"extras": (name for name in "ab")}, "extras is of type generator; it must be a list of str"),
    ({"extras": {"dev": True}}, "extras is of type dict; it must be a list of str"),
]


@pytest.mark.parametrize(("wrong", "text"), WRONG, ids=[text[:50] for _, text in WRONG])
def test_a_wrong_type_is_an_error_that_names_construct_and_argument(
    stack: cdk.Stack, shop: Path, wrong: dict[str, Any], text: str
) -> None:
    """Before anything is made: a string is never read letter by letter, and no secret is shown."""
    with pytest.raises(TypeError) as caught:
        PythonLayerArtifact(stack, "Deps", **{"entry": shop, **wrong})
    assert str(caught.value).startswith(f"Shop/Deps: {text}")
    assert "secret" not in str(caught.value)
    assert stack.node.children == []


def test_the_other_constructs_and_calls_check_too(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """Include patterns of a source, accounts as numbers, runtimes as text."""
    with pytest.raises(
        TypeError, match=r"Shop/Code: include is 'src' \(str\); it must be a list of str or None: write"
    ):
        PythonSourceArtifact(stack, "Code", entry=shop, include=cast("Any", "src"))
    with pytest.raises(
        TypeError, match=r"App: configure_publisher: runtime is 'python3\.13' \(str\); it must be"
    ):
        configure_publisher(app, runtime=cast("Any", "python3.13"))
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    with pytest.raises(
        TypeError, match=r"Shop/Deps: add_permission: account_id is 111122223333 \(int\); it must be str"
    ):
        deps.add_permission("Share", account_id=cast("Any", 111122223333))


def test_every_fitting_type_is_accepted(stack: cdk.Stack, shop: Path) -> None:
    """Lists and tuples; paths and texts; buckets made and imported; numbers that tokens stand for."""
    bucket = s3.Bucket.from_bucket_name(stack, "Given", "given-bucket")
    number = cast("int", cdk.CfnParameter(stack, "Keep", type="Number").value_as_number)
    lists: list[Any] = [[], ()]
    for count, names in enumerate(lists):
        PythonLayerArtifact(
            stack,
            f"Deps{count}",
            entry=shop if count else str(shop),
            extras=names,
            runtime=PYTHON,
            bucket=bucket if count else s3.Bucket(stack, "Own"),
            removal_policy=cdk.RemovalPolicy.DESTROY,
            keep_versions=number,
            container=False,
        )
    assert errors(stack) == []


def test_what_python_refuses_stays_with_python(stack: cdk.Stack, shop: Path) -> None:
    """An unknown or missing argument, and a scope that is none, which jsii refuses."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'extra'"):
        PythonLayerArtifact(stack, "Deps", entry=shop, **cast("Any", {"extra": "dev"}))
    with pytest.raises(TypeError, match="'entry'"):
        PythonLayerArtifact(stack, "Deps", **cast("Any", {}))


@pytest.mark.parametrize(
    "function",
    [
        PythonLayerArtifact.__init__,
        PythonSourceArtifact.__init__,
        PythonLayerArtifact.add_permission,
        configure_publisher,
    ],
    ids=lambda function: function.__qualname__,
)
def test_every_argument_has_a_test(function: Callable[..., None]) -> None:
    """No annotation that would refuse everything: each name in one has a test, or is a class of the core."""
    classes = {"Container", "Credentials"}
    for name, annotation in function.__annotations__.items():
        for alternative in annotation.split(" | "):
            inner = alternative.removeprefix("Sequence[").removesuffix("]")
            assert inner in arguments._TESTS or inner in classes, f"{name}: {annotation}"
