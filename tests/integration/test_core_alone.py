"""The core in an environment that has its own dependencies and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.builders.uv import must, uv
from tests.support.files.projects import make_project

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
STRANGERS = ("aws_cdk", "jsii", "constructs", "boto3", "botocore")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a fresh environment with the checkout and no extras; return its interpreter."""
    folder = tmp_path_factory.mktemp("alone")
    must(uv("venv", "--quiet", f"--python={sys.executable}", "env", cwd=folder))
    path = folder / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    must(uv("pip", "install", "--quiet", f"--python={path}", ROOT, cwd=folder))
    return path


def run(python: Path, code: str, folder: Path) -> object:
    """Run the program outside of the checkout; return the JSON that it prints."""
    done = subprocess.run(
        [python, "-I", "-W", "error", "-c", f"import json, sys\n{code}"],
        cwd=folder,
        env={"PATH": "", "HOME": str(folder)},  # neither Node nor anybody's tools
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: object = json.loads(done.stdout)
    return found


def test_every_name_of_the_core_can_be_imported(python: Path, tmp_path: Path) -> None:
    """Those of publishing included, though a call of theirs needs a boto3 client."""
    found = run(
        python,
        "import importlib.util, constructs_lib.core as lib\n"
        "names = [name for name in dir(lib) if getattr(lib, name) is not None]\n"
        f"strangers = [name for name in {STRANGERS!r} if importlib.util.find_spec(name)]\n"
        "print(json.dumps([len(names) == len(dir(lib)) > 50, strangers]))",
        tmp_path,
    )
    assert found == [True, []]


def test_importing_the_core_loads_nothing_that_is_not_used(python: Path, tmp_path: Path) -> None:
    """Not even its own modules, but the one by which names are loaded when they are asked for."""
    found = run(
        python,
        "import constructs_lib.core\n"
        "ours = [name for name in sys.modules if name.startswith('constructs_lib')]\n"
        "others = {'packaging', 'requests', 'deflate', 'pathspec', 'uv', 'subprocess', 'asyncio'} & set(sys.modules)\n"
        "print(json.dumps([sorted(ours), sorted(others)]))",
        tmp_path,
    )
    assert found == [["constructs_lib", "constructs_lib.core", "constructs_lib.core.on_demand"], []]


def test_a_layer_and_a_source_are_built(python: Path, tmp_path: Path) -> None:
    """With the uv that came as a dependency."""
    make_project(tmp_path / "shop")
    found = run(
        python,
        "from pathlib import Path\n"
        "from constructs_lib.core import Target, WheelStore, build_layer, build_source\n"
        "store = WheelStore(Path('store'))\n"
        "layer = build_layer('shop', Path('layer.zip'), Target('3.13', 'arm64'), store=store)\n"
        "source = build_source('shop', Path('source.zip'), store=store)\n"
        "print(json.dumps([layer.distributions, source.version]))",
        tmp_path,
    )
    assert found == [["cart==1.0"], "1.2.3"]
