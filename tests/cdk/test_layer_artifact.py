from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import zipfile
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from constructs_lib import PythonLayerArtifact, PythonSourceArtifact
from constructs_lib.core.publish.layout import LayerS3Layout
from constructs_lib.core.publish.ownership import OWNED_MARK_LENGTH
from tests.support.files.projects import make_project, write_cart
from tests.support.files.templates import (
    actions,
    errors,
    infos,
    of_type,
    one,
    referred,
    staged,
    statements,
    template,
    warnings,
)
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

LAYER = "Custom::PythonLayerArtifact"
PYTHON = lambda_.Runtime.PYTHON_3_13


def test_it_goes_straight_into_a_function(stack: cdk.Stack, shop: Path) -> None:
    """`layers=[deps]` is the published version's ARN as an attribute of the custom resource, never an export."""
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    code = lambda_.Code.from_inline("def handler(event, context): pass")
    lambda_.Function(stack, "F", runtime=PYTHON, handler="index.handler", code=code, layers=[deps])
    document = template(stack)
    [function] = [
        each for each in of_type(document, "AWS::Lambda::Function") if "Layers" in each["Properties"]
    ]
    [layer] = function["Properties"]["Layers"]
    logical_id, attribute = referred(layer)
    assert document["Resources"][logical_id]["Type"] == LAYER
    assert attribute == "LayerVersionArn"


def test_what_is_staged_is_the_built_layer(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """The staged zip holds the locked wheels below python/, and the template names its sha256."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    properties = one(template(stack), LAYER)["Properties"]
    path = staged(app, properties["AssetKey"])
    assert hashlib.sha256(path.read_bytes()).hexdigest() == properties["LayerSha256"]
    with zipfile.ZipFile(path) as layer:
        assert layer.read("python/cart.py").startswith(b"TOTAL = 1")


def test_the_manifest_travels_with_its_md5(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """uv.lock is staged byte for byte, named and with the MD5 that the consistency check compares."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    properties = one(template(stack), LAYER)["Properties"]
    content = staged(app, properties["ManifestAssetKey"]).read_bytes()
    assert content == (shop / "uv.lock").read_bytes()
    assert properties["ManifestName"] == "uv.lock"
    assert properties["ManifestMd5"] == hashlib.md5(content, usedforsecurity=False).hexdigest()


def test_every_option_reaches_the_handler(stack: cdk.Stack, shop: Path) -> None:
    """Name, description, licence, runtime, architecture, bucket and prefix are the handler's properties."""
    bucket = s3.Bucket.from_bucket_name(stack, "Given", "given-bucket")
    PythonLayerArtifact(
        stack,
        "Deps",
        entry=str(shop),
        runtime=lambda_.Runtime.PYTHON_3_12,
        architecture=lambda_.Architecture.ARM_64,
        layer_version_name="shop-deps",
        description="What shop needs",
        license="MIT",
        bucket=bucket,
        prefix="/artifacts/shop/",
    )
    document = template(stack)
    properties = one(document, LAYER)["Properties"]
    wanted = {
        "SchemaVersion": "1",
        "LayerName": "shop-deps",
        "Description": "What shop needs",
        "LicenseInfo": "MIT",
        "CompatibleRuntimes": ["python3.12"],
        "CompatibleArchitectures": ["arm64"],
        "Bucket": "given-bucket",
        "Prefix": "artifacts/shop",
        "RemovalPolicy": "retain",
        "ServiceTimeout": 900,
    }
    assert {name: properties[name] for name in wanted} == wanted
    assert of_type(document, "AWS::S3::Bucket") == []


def test_versions_are_kept_unless_asked_otherwise(stack: cdk.Stack, shop: Path) -> None:
    """RETAIN is the default, for CloudFormation too, and then nothing may be deleted in S3."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    document = template(stack)
    resource = one(document, LAYER)
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert "s3:DeleteObject" not in actions(document)


def test_destroy_reaches_handler_and_policy(stack: cdk.Stack, shop: Path) -> None:
    """DESTROY lets CloudFormation send the Delete, tells the handler, and allows deleting records."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, removal_policy=cdk.RemovalPolicy.DESTROY)
    document = template(stack)
    resource = one(document, LAYER)
    assert resource["DeletionPolicy"] == "Delete"
    assert resource["Properties"]["RemovalPolicy"] == "destroy"
    assert "s3:DeleteObject" in actions(document)


def test_the_role_may_do_only_what_the_handler_does(stack: cdk.Stack, shop: Path) -> None:
    """The actions are the least-privilege table's, and no statement allows `*` or an action pattern."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    document = template(stack)
    assert actions(document) == {
        "lambda:DeleteLayerVersion",
        "lambda:GetLayerVersion",
        "lambda:ListLayerVersions",
        "lambda:PublishLayerVersion",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:PutObject",
    }
    for statement in statements(document):
        resources = statement["Resource"]
        assert "*" not in (resources if isinstance(resources, list) else [resources])


def test_a_prefix_of_its_own_for_every_layer(stack: cdk.Stack, shop: Path) -> None:
    """Two layers of one stack never share an S3 folder, and share bucket and handler."""
    PythonLayerArtifact(stack, "A", entry=shop, runtime=PYTHON)
    PythonLayerArtifact(stack, "B", entry=shop, runtime=PYTHON)
    document = template(stack)
    first, second = (each["Properties"] for each in of_type(document, LAYER))
    assert first["Prefix"] != second["Prefix"]
    for each in (first, second):
        assert each["Prefix"].endswith(each["LayerName"])
    assert first["ServiceToken"] == second["ServiceToken"]
    assert len(of_type(document, "AWS::S3::Bucket")) == 1
    assert len(of_type(document, "AWS::Lambda::Function")) == 1


def test_two_stacks_do_not_know_each_other(app: cdk.App, shop: Path) -> None:
    """Each stack has a handler, a bucket and a layer name of its own."""
    stacks = [cdk.Stack(app, name) for name in ("One", "Two")]
    for stack in stacks:
        PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    one_, two = (one(template(stack), LAYER)["Properties"]["LayerName"] for stack in stacks)
    assert one_ != two
    assert all(len(of_type(template(stack), "AWS::S3::Bucket")) == 1 for stack in stacks)


def test_the_publisher_may_act_before_it_is_asked(stack: cdk.Stack, shop: Path) -> None:
    """The custom resource waits for its policy; otherwise the first deployment would be denied."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    document = template(stack)
    [policy_id] = [
        name for name, each in document["Resources"].items() if each["Type"] == "AWS::IAM::ManagedPolicy"
    ]
    assert policy_id in one(document, LAYER)["DependsOn"]


def test_a_permission_is_for_the_published_version(stack: cdk.Stack, shop: Path) -> None:
    """`add_permission` allows GetLayerVersion on the ARN that publishing returns."""
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    deps.add_permission("Everyone", account_id="*", organization_id="o-12345")
    permission = one(template(stack), "AWS::Lambda::LayerVersionPermission")["Properties"]
    assert permission["LayerVersionArn"]["Fn::GetAtt"][1] == "LayerVersionArn"
    assert (permission["Principal"], permission["OrganizationId"]) == ("*", "o-12345")


def test_a_function_of_another_python_is_refused(stack: cdk.Stack, shop: Path) -> None:
    """CDK itself refuses a function whose runtime is not the layer's, since the layer names its own."""
    deps = PythonLayerArtifact(stack, "Deps", entry=shop, runtime=lambda_.Runtime.PYTHON_3_12)
    code = lambda_.Code.from_inline("def handler(event, context): pass")
    with pytest.raises(RuntimeError, match="incompatible with this layer"):
        lambda_.Function(stack, "F", runtime=PYTHON, handler="index.handler", code=code, layers=[deps])


@pytest.mark.parametrize(
    ("requires_python", "runtime"),
    [(">=3.10", "python3.14"), (">=3.10,<3.13", "python3.12"), (">=4", "python3.14")],
)
def test_the_default_runtime_is_the_newest_allowed(
    stack: cdk.Stack, tmp_path: Path, requires_python: str, runtime: str
) -> None:
    """Without `runtime`, `requires-python` decides; where it allows none, building says so."""
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "x"\nrequires-python = "{requires_python}"\n'
    )
    deps = PythonLayerArtifact(stack, "Deps", entry=tmp_path)
    assert [each.name for each in deps.compatible_runtimes] == [runtime]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"layer_version_name": "with.dot"}, "Shop/Deps: layer_version_name 'with.dot' is not a layer name"),
        ({"layer_version_name": "x" * 141}, "up to 140 letters"),
        ({"description": "x" * 257}, "Shop/Deps: description has 257 characters, 231 are allowed"),
        (
            {"description": "x" * 256, "removal_policy": cdk.RemovalPolicy.DESTROY},
            f"description has 256 characters, {256 - OWNED_MARK_LENGTH} are allowed",
        ),
        ({"license": "x" * 513}, "Shop/Deps: license has 513 characters, 512 are allowed"),
        (
            {"runtime": lambda_.Runtime.NODEJS_22_X},
            "Shop/Deps: runtime 'nodejs22.x' must be one of python3.10",
        ),
        ({"runtime": lambda_.Runtime.PYTHON_3_9}, "runtime 'python3.9' must be one of python3.10"),
        ({"prefix": "/"}, "Shop/Deps: prefix '/' is empty"),
        (
            {"removal_policy": cdk.RemovalPolicy.SNAPSHOT},
            "must be one of RemovalPolicy.RETAIN, RemovalPolicy.DESTROY, RemovalPolicy.RETAIN_ON",
        ),
    ],
    ids=[
        "name",
        "long name",
        "description",
        "destroy",
        "license",
        "runtime",
        "old runtime",
        "prefix",
        "removal",
    ],
)
def test_misuse_raises(stack: cdk.Stack, shop: Path, options: dict[str, object], text: str) -> None:
    """What Lambda would refuse at deploy time is refused at once, naming the construct and the value."""
    with pytest.raises(ValueError, match=text.replace(".", r"\.")):
        PythonLayerArtifact(stack, "Deps", **{"entry": shop, "runtime": PYTHON, **options})  # type: ignore[arg-type]


def test_a_name_known_only_at_deploy_time_passes(stack: cdk.Stack, shop: Path) -> None:
    """A token is not a bad name: it is resolved when the stack is deployed."""
    name = cdk.CfnParameter(stack, "Name").value_as_string
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON, layer_version_name=name)
    properties = one(template(stack), LAYER)["Properties"]
    assert properties["LayerName"] == {"Ref": "Name"}
    assert json.dumps(properties["Prefix"]).count("Ref") == 1


def test_a_broken_project_is_an_error_of_its_own_stack(app: cdk.App, tmp_path: Path, shop: Path) -> None:
    """A missing lock is one line at the construct's path; the app's other stack is synthesized whole."""
    project = make_project(tmp_path / "broken")
    (project / "uv.lock").unlink()
    broken, healthy = cdk.Stack(app, "Broken"), cdk.Stack(app, "Healthy")
    PythonLayerArtifact(broken, "Deps", entry=project, runtime=PYTHON)
    PythonLayerArtifact(healthy, "Deps", entry=shop, runtime=PYTHON)
    [(path, text)] = errors(broken)
    assert path == "/Broken/Deps"
    assert text.startswith(f"{project / 'uv.lock'} does not exist")
    assert text.endswith(f"run 'uv lock' in {project} and commit it")
    assert "\n" not in text
    assert errors(healthy) == []
    assert "AssetKey" in one(template(healthy), LAYER)["Properties"]
    assert "AssetKey" not in one(template(broken), LAYER)["Properties"]


def test_an_entry_that_is_no_folder_is_said_in_one_line(stack: cdk.Stack, tmp_path: Path) -> None:
    """A wrong `entry` names the value that was given and the folder it meant."""
    PythonLayerArtifact(stack, "Deps", entry=tmp_path / "nowhere", runtime=PYTHON)
    [(_, text)] = errors(stack)
    assert text.startswith(f"entry '{tmp_path / 'nowhere'}' does not exist")
    assert "\n" not in text


def test_warnings_are_annotations(stack: cdk.Stack, tmp_path: Path) -> None:
    """What deserves a second look is shown by the CLI at the construct's path and does not stop the build."""
    project = make_project(tmp_path / "double")
    other = make_wheel(project / "vendor", "basket", files={"cart.py": b"TOTAL = 99\n"})
    manifest = project / "pyproject.toml"
    text = manifest.read_text().replace('["cart"]', '["cart", "basket"]')
    manifest.write_text(f'{text}basket = {{ path = "vendor/{other.name}" }}\n')
    from tests.support.files.projects import lock

    lock(project)
    PythonLayerArtifact(stack, "Deps", entry=project, runtime=PYTHON)
    [warning] = [text for path, text in warnings(stack) if path == "/Shop/Deps"]
    assert "cart-1.0-py3-none-any.whl and basket-1.0-py3-none-any.whl both bring python/cart.py" in warning
    assert errors(stack) == []


def test_notes_are_infos(stack: cdk.Stack, tmp_path: Path) -> None:
    """What is good to know is shown as such, and neither a warning nor an error."""
    project = make_project(tmp_path / "noted")
    make_wheel(project / "vendor", "boto3")
    make_wheel(project / "vendor", "basket", files={}, requires=["boto3"])
    manifest = project / "pyproject.toml"
    text = manifest.read_text().replace('["cart"]', '["cart", "basket", "boto3"]')
    sources = (
        f'{name} = {{ path = "vendor/{name}-1.0-py3-none-any.whl" }}\n' for name in ("basket", "boto3")
    )
    manifest.write_text(text + "".join(sources))
    from tests.support.files.projects import lock

    lock(project)
    PythonLayerArtifact(stack, "Deps", entry=project, runtime=PYTHON)
    [info] = [text for path, text in infos(stack) if path == "/Shop/Deps"]
    assert info.startswith("boto3==1.0 is left out, basket uses the version that the runtime")
    assert warnings(stack) == errors(stack) == []


def test_only_content_counts(tmp_path: Path) -> None:
    """The same project in another folder gives the same properties; another wheel gives another fingerprint."""
    found = []
    for number, total in enumerate((1, 1, 2)):
        project = make_project(tmp_path / f"copy{number}")
        if total != 1:
            write_cart(project, total)
            from tests.support.files.projects import lock

            (project / "uv.lock").unlink()
            lock(project)
        stack = cdk.Stack(cdk.App(outdir=str(tmp_path / f"out{number}")), "Stack")
        PythonLayerArtifact(
            stack, "Deps", entry=project, runtime=PYTHON, layer_version_name="same", prefix="same"
        )
        properties = one(template(stack), LAYER)["Properties"]
        found.append(
            {name: properties[name] for name in ("LayerSha256", "Fingerprint", "AssetKey", "ManifestMd5")}
        )
    assert found[0] == found[1]
    assert all(found[0][name] != found[2][name] for name in found[0])


def test_nothing_stays_in_the_temporary_folder(
    stack: cdk.Stack, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was built lies in cdk.out alone once the construct is made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=PYTHON)
    assert list(tmp_path.glob("constructs-lib-*")) == []


def test_the_prefix_is_where_the_handler_lays_out(stack: cdk.Stack, shop: Path) -> None:
    """What the policy allows covers every object of the layered layout below the construct's prefix."""
    deps = PythonLayerArtifact(
        stack, "Deps", entry=shop, runtime=PYTHON, layer_version_name="n", prefix="some/dir"
    )
    layout = LayerS3Layout(f"s3://bucket/{deps.prefix}")
    for location in (
        layout.s3path_temp_layer_zip,
        layout.get_s3path_layer_uv_lock(1),
        layout.s3path_last_uv_lock,
    ):
        assert location.key.startswith("some/dir/")


@pytest.mark.parametrize("line", ["project = 1", "[project]\nname = 'x'\nrequires-python = 3"])
def test_a_project_that_makes_no_sense_is_one_line(stack: cdk.Stack, tmp_path: Path, line: str) -> None:
    """Valid TOML with the wrong types is an annotation of one line too, also without `runtime`."""
    (tmp_path / "pyproject.toml").write_text(f"{line}\n")
    (tmp_path / "uv.lock").write_text('version = 1\nrequires-python = ">=3.10"\n')
    PythonLayerArtifact(stack, "Deps", entry=tmp_path)
    PythonSourceArtifact(stack, "Code", entry=tmp_path)
    found = [text for _, text in errors(stack)]
    assert len(found) == 2
    assert all("\n" not in text for text in found)


def test_an_acknowledged_finding_is_an_info(stack: cdk.Stack, tmp_path: Path) -> None:
    """The error of a wheel for another CPU does not stop the stack then, and the construct shows it."""
    from tests.support.files.elf import AARCH64, elf_library
    from tests.support.files.projects import lock

    project = make_project(tmp_path / "unfit")
    library = elf_library(AARCH64, data=b"PyInit__cart")
    make_wheel(project / "vendor", "cart", files={"cart/__init__.py": b"", "cart/_cart.so": library})
    (project / "uv.lock").unlink()
    lock(project)
    PythonLayerArtifact(stack, "Deps", entry=project, runtime=PYTHON, acknowledge=["wrong-cpu:cart"])
    assert errors(stack) == warnings(stack) == []
    [(path, text)] = infos(stack)
    assert path == "/Shop/Deps"
    assert text.startswith("acknowledged: cart-1.0-py3-none-any.whl: cart/_cart.so is for aarch64")


def test_the_smoke_test_is_asked_for(stack: cdk.Stack, tmp_path: Path) -> None:
    """What cannot be imported is a warning then; without the option no code of the packages runs."""
    project = make_project(tmp_path / "broken")
    make_wheel(project / "vendor", "cart", files={"cart.py": b"import nothing_like_it\n"})
    from tests.support.files.projects import lock

    (project / "uv.lock").unlink()
    lock(project)
    runtime = getattr(lambda_.Runtime, f"PYTHON_{sys.version_info[0]}_{sys.version_info[1]}")
    PythonLayerArtifact(stack, "Quiet", entry=project, runtime=runtime)
    assert warnings(stack) == []
    PythonLayerArtifact(stack, "Tried", entry=project, runtime=runtime, smoke_test=True)
    [(path, text)] = warnings(stack)
    assert path == "/Shop/Tried"
    assert "nothing_like_it" in text
