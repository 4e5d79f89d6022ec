"""The package keeps the import rule of CONTRIBUTING.md, and the checker of that rule can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.import_rule import CORE, IN_LAMBDA, NOT_IN_LAMBDA, PACKAGE, module_name, problems

ROOT = Path(__file__).parent.parent


def test_the_package_keeps_the_rule() -> None:
    files = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
    }
    assert files, "nothing to check"
    assert problems(files) == []


def loaded_by(*names: str) -> set[str]:
    """Top-level modules that a fresh interpreter has after importing `names`."""
    code = f"import {', '.join(names)}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return set(run.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by(PACKAGE, CORE) & (NOT_IN_LAMBDA | IN_LAMBDA) == set()


def test_importing_the_handler_loads_nothing_that_lambda_lacks() -> None:
    files = (ROOT / PACKAGE / "handler").glob("*.py")
    names = [module_name(path.relative_to(ROOT).as_posix()) for path in files]
    if not names:
        pytest.skip("no handler yet")
    assert loaded_by(*names) & NOT_IN_LAMBDA == set()


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("core/lock.py", "import constructs_lib.cdk.layer", "core must not know cdk"),
        ("core/lock.py", "import constructs_lib.cli.app", "core must not know cli"),
        ("cdk/layer.py", "from constructs_lib.cli.app import X", "cdk must not know cli"),
        ("cli/app.py", "from constructs_lib.cdk.layer import X", "cli must not know cdk"),
        ("cli/app.py", "from constructs_lib.core.compat.logger import X", "nothing of ours needs it"),
        ("core/deploy.py", "from .compat.logger import X", "nothing of ours needs it"),
        ("core/compat/logger.py", "import constructs_lib.cdk", "core must not know cdk"),
        ("core/lock.py", "from constructs_lib import handler", "core must not know handler"),
        ("core/lock.py", "from constructs_lib import lock_it", "import it from the module that defines it"),
        ("core/lock.py", "from constructs_lib.core import Lock", "core's own names are loaded lazily"),
        ("core/lock.py", "from ..cdk import layer", "core must not know cdk"),
        ("handler/index.py", "from constructs_lib.cdk.layer import X", "handler must not know cdk"),
        ("cdk/layer.py", "from constructs_lib.handler.index import X", "cdk must not know handler"),
        ("__init__.py", "from constructs_lib.cdk.layer import X", "Lambda imports the package too"),
        ("core/lock.py", "from constructs_lib.core.wheels import Wheel", "below or beside wheels"),
        ("core/lock.py", "from .wheels import Wheel", "below or beside wheels"),
        ("core/lock.py", "if TYPE_CHECKING:\n    from .wheels import Wheel", "below or beside wheels"),
        ("core/lock.py", "def f():\n    from .wheels import Wheel", "below or beside wheels"),
        ("core/publish/keys.py", "from constructs_lib.core.deploy import x", "below or beside deploy"),
        ("core/publish/keys.py", "from ..deploy import x", "below or beside deploy"),
        ("core/errors.py", "import_module('constructs_lib.core.lock')", "below or beside lock"),
        ("core/novelty.py", "from .errors import E", "novelty has no layer"),
        ("core/lock.py", "import aws_cdk.aws_lambda", "only cdk may"),
        ("core/lock.py", "def f():\n    from constructs import Construct", "only cdk may"),
        ("handler/index.py", "import packaging.tags", "Lambda does not have packaging"),
    ],
)
def test_a_breach_is_named(path: str, text: str, expected: str) -> None:
    found = problems({f"{PACKAGE}/{path}": text})
    assert len(found) == 1
    assert expected in found[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("core/wheels.py", "from constructs_lib.core.lock import Lock\nimport packaging.tags"),
        ("core/store.py", "from .errors import E"),
        ("core/publish/keys.py", "from .records import Record\nfrom ..errors import E"),
        ("core/__init__.py", "if TYPE_CHECKING:\n    from constructs_lib.core.compat import W"),
        ("core/lock.py", "if typing.TYPE_CHECKING:\n    import aws_cdk"),
        ("__init__.py", "if TYPE_CHECKING:\n    from constructs_lib.cdk.layer import X"),
        ("__init__.py", "def __getattr__(name):\n    import constructs_lib.cdk"),
        ("cdk/layer.py", "import aws_cdk, jsii\nfrom constructs_lib.core.lock import Lock"),
        ("handler/index.py", "import boto3, json, tomllib\nfrom botocore.exceptions import ClientError"),
        ("handler/index.py", "from constructs_lib import __version__"),
    ],
)
def test_what_the_rule_allows_passes(path: str, text: str) -> None:
    assert problems({f"{PACKAGE}/{path}": text}) == []


def test_an_else_branch_of_type_checking_runs() -> None:
    text = "if TYPE_CHECKING:\n    pass\nelse:\n    import aws_cdk"
    assert len(problems({f"{PACKAGE}/core/lock.py": text})) == 1


def test_the_handler_is_held_to_what_its_imports_import() -> None:
    files = {
        f"{PACKAGE}/handler/index.py": "from constructs_lib.core.publish.records import Record",
        f"{PACKAGE}/core/publish/__init__.py": "import requests",
        f"{PACKAGE}/core/publish/records.py": "from constructs_lib.core import errors",
        f"{PACKAGE}/core/errors.py": "def f():\n    import platformdirs",
        f"{PACKAGE}/core/lock.py": "import packaging.pylock",
    }
    assert [line.rpartition(" ")[2] for line in problems(files)] == ["requests", "platformdirs"]


def test_a_cycle_inside_a_package_is_found() -> None:
    files = {
        f"{PACKAGE}/core/lock/uv.py": "from .select import P",
        f"{PACKAGE}/core/lock/select.py": "from .stale import R",
        f"{PACKAGE}/core/lock/stale.py": "from .uv import L",
    }
    assert len(problems(files)) == len(files)
    broken = files | {f"{PACKAGE}/core/lock/uv.py": "if TYPE_CHECKING:\n    from .select import L"}
    assert problems(broken) == []
