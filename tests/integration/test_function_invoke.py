"""`invoke` and MiniStack's Lambda run a project that was built in one zip: the same answers and errors.

The table of handlers is in `test_invoke.py`; this is about what the build puts where a function finds it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.invoke.function_settings import HandlerCall
from constructs_lib.core.invoke.project_function import invoke_project
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.target import Target
from tests.support.builders.hosts import OWN
from tests.support.files.projects import PYPROJECT, make_project
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.integration

CODE = """\
import os
from importlib.metadata import version
from importlib.resources import files

import cart


def handler(event, context):
    here = os.path.relpath(__file__, os.getcwd())
    return [event, cart.TOTAL, here, version("shop"), version("cart"), files("shop").joinpath("text.txt").read_text()]


def post(event, context):
    import mail

    return mail.NAME
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project with a handler that needs the group `post`."""
    root = tmp_path_factory.mktemp("shop")
    make_wheel(root / "vendor", "mail")
    pyproject = PYPROJECT.replace("[build-system]", '[dependency-groups]\npost = ["mail"]\n\n[build-system]')
    make_project(root, f'{pyproject}mail = {{ path = "vendor/mail-1.0-py3-none-any.whl" }}\n')
    (root / "src" / "shop" / "__init__.py").write_text(CODE)
    (root / "src" / "shop" / "text.txt").write_text("ü☃")
    return root


@pytest.mark.parametrize(
    ("handler", "groups", "answer", "error"),
    [
        (
            "shop.handler",
            (),
            [{"é": 1}, 1, "shop/__init__.py", "1.2.3", "1.0", "ü☃"],
            None,
        ),
        ("shop.post", ("post",), "mail", None),
        ("shop.post", (), None, ("ModuleNotFoundError", "No module named 'mail'")),
    ],
    ids=["handler", "with its group", "without its group"],
)
def test_one_zip_runs_alike(
    aws: EmbeddedAws,
    shop: Path,
    tmp_path: Path,
    handler: str,
    groups: tuple[str, ...],
    answer: Any,  # noqa: ANN401 - JSON
    error: tuple[str, str] | None,
) -> None:
    """Code, data and metadata of project and dependencies are found; a group that was not chosen is not there.

    MiniStack has one type of error for whatever a handler raises.
    """
    options, target = FunctionOptions(LockOptions(groups=groups)), Target(OWN)
    event = json.dumps({"é": 1}).encode()
    here = invoke_project(
        shop, HandlerCall(handler, event), target, options=options, write_line=lambda _: None
    )
    client = aws.client("lambda")
    client.create_function(
        FunctionName="shop",
        Runtime=f"python{OWN}",
        Role=f"arn:aws:iam::{aws.account}:role/shop",
        Handler=handler,
        Code={"ZipFile": build_function(shop, tmp_path / "f.zip", target, options).archive.path.read_bytes()},
    )
    done = client.invoke(FunctionName="shop", Payload=event)
    client.delete_function(FunctionName="shop")
    answers = [json.loads(here.payload), json.loads(done["Payload"].read())]
    assert [here.failed, "FunctionError" in done] == [error is not None] * 2
    if error is None:
        assert answers == [answer, answer]
    else:
        assert (answers[0]["errorType"], answers[0]["errorMessage"]) == error
        assert answers[1]["errorMessage"] == error[1]
