"""A project's function: built as it would be deployed, and run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.invoke.function_settings import FunctionSettings, HandlerCall
from constructs_lib.core.invoke.project_function import invoke_project
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.source.source_options import SourceOptions
from tests.core.invoke.conftest import HERE, failure
from tests.support.files.projects import PYPROJECT, lock, make_project, require_boto3
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.invoke.function_settings import FunctionAnswer

PATIENT = FunctionSettings(timeout=300, memory=512)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


def invoke(entry: Path, handler: str = "shop.handler", **options: Any) -> FunctionAnswer:
    return invoke_project(entry, HandlerCall(handler), HERE, PATIENT, write_line=lambda _: None, **options)


def write_handler(root: Path, body: str) -> None:
    text = f"def handler(event, context):\n    {body}\n"
    (root / "src" / "shop" / "__init__.py").write_text(text)


def test_code_and_dependencies_come_together(shop: Path) -> None:
    """The handler imports what the lock file names."""
    assert json.loads(invoke(shop).payload) == 1


def test_only_what_would_be_deployed_is_there(shop: Path) -> None:
    """Not the project's folder, nor what the patterns leave out."""
    write_handler(shop, "import os; return sorted(os.listdir('shop'))")
    (shop / "src" / "shop" / "notes.txt").write_text("")
    assert json.loads(invoke(shop).payload) == ["__init__.py", "notes.txt"]
    without = SourceOptions(exclude=["notes.txt"])
    assert json.loads(invoke(shop, source=without).payload) == ["__init__.py"]


def test_one_zip_holds_both(shop: Path) -> None:
    """With the options of a function the dependencies are beside the code, and there is no layer."""
    write_handler(
        shop, "import cart, os; return [os.path.dirname(cart.__file__), os.path.exists('/opt/python')]"
    )
    folder, _ = json.loads(invoke(shop, options=FunctionOptions()).payload)
    assert folder.endswith("/var/task")
    folder, _ = json.loads(invoke(shop).payload)
    assert folder.endswith("/opt/python")


def test_a_locked_boto3_is_the_runtimes(shop: Path) -> None:
    """The layer leaves it out, Lambda has it: here it is in the locked version, behind the layer."""
    make_wheel(shop / "vendor", "boto3", files={"boto3.py": b"NAME = 'locked'"})
    require = PYPROJECT.replace('["cart"]', '["cart", "boto3"]')
    (shop / "pyproject.toml").write_text(require + 'boto3 = { path = "vendor/boto3-1.0-py3-none-any.whl" }\n')
    (shop / "uv.lock").unlink()
    lock(shop)
    write_handler(
        shop,
        "import boto3, cart; return [boto3.NAME, boto3.__file__.endswith('/var/runtime/python/boto3.py')]",
    )
    assert json.loads(invoke(shop).payload) == ["locked", True]


def test_a_boto3_that_is_all_there_is(shop: Path) -> None:
    """A project that depends on nothing else has no layer."""
    make_wheel(shop / "vendor", "boto3", files={"boto3.py": b"NAME = 'locked'"})
    alone = PYPROJECT.replace('["cart"]', '["boto3"]').replace("cart", "boto3")
    (shop / "pyproject.toml").write_text(alone)
    (shop / "uv.lock").unlink()
    lock(shop)
    write_handler(shop, "import boto3, os; return [boto3.NAME, os.path.exists('../../opt/python')]")
    assert json.loads(invoke(shop).payload) == ["locked", False]


def test_a_boto3_that_nobody_locked(shop: Path) -> None:
    """It is that of this program: in Lambda there is one too."""
    write_handler(shop, "import boto3; return boto3.__name__")
    assert json.loads(invoke(shop).payload) == "boto3"


def test_what_else_is_left_out_is_missing(shop: Path) -> None:
    """Lambda has no pip: what is left out and not in the runtime fails here as there."""
    require_boto3(shop)
    assert failure(invoke(shop, options=LayerOptions(ignore_package_list=["cart"])))[1] == (
        "Unable to import module 'shop': No module named 'cart'"
    )


def test_a_project_without_dependencies(shop: Path) -> None:
    """It has a lock file and no layer."""
    (shop / "pyproject.toml").write_text(
        PYPROJECT.replace('["cart"]', "[]").partition("[tool.uv.sources]")[0]
    )
    (shop / "uv.lock").unlink()
    lock(shop)
    write_handler(shop, "return 'alone'")
    assert json.loads(invoke(shop).payload) == "alone"


def test_what_cannot_be_built_is_an_error(shop: Path) -> None:
    """As for a deployment."""
    (shop / "uv.lock").unlink()
    with pytest.raises(ProjectError) as caught:
        invoke(shop)
    assert caught.value.id == "lock-missing"


def test_an_event_is_checked_before_anything_is_built(tmp_path: Path) -> None:
    call = HandlerCall("shop.handler", b"no json")
    with pytest.raises(ProjectError, match="the event is not JSON"):
        invoke_project(tmp_path / "nowhere", call, HERE, PATIENT, write_line=lambda _: None)


def test_warnings_of_the_build_are_logged(shop: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The function may fail because of them."""
    make_wheel(shop / "vendor", "cart", files={"cart.py": b"TOTAL = 1", "six.py": b""})
    (shop / "uv.lock").unlink()
    lock(shop)
    invoke(shop)
    assert "cart brings the module six of six" in caplog.text
