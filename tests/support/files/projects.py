"""Small real projects, locked by the real uv without a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.files.wheels import make_wheel

PYPROJECT = """\
[project]
name = "shop"
version = "1.2.3"
requires-python = ">=3.10"
dependencies = ["cart"]

[build-system]
requires = ["uv_build>=0.9"]
build-backend = "uv_build"

[tool.uv.sources]
cart = { path = "vendor/cart-1.0-py3-none-any.whl" }
"""


def make_project(root: Path, pyproject: str = PYPROJECT) -> Path:
    """Make a project `shop` whose one dependency is a wheel in its own `vendor` folder, and lock it."""
    (root / "src" / "shop").mkdir(parents=True)
    (root / "src" / "shop" / "__init__.py").write_text(
        "import cart\n\n\ndef handler(event, context):\n    return cart.TOTAL\n"
    )
    (root / "pyproject.toml").write_text(pyproject)
    write_cart(root, total=1)
    lock(root)
    return root


def write_cart(root: Path, total: int) -> None:
    """Write the wheel of `cart`, with some content."""
    module = f"TOTAL = {total}\n" + "# a line that compresses\n" * 20
    make_wheel(root / "vendor", "cart", files={"cart.py": module.encode()})


def require_boto3(root: Path) -> None:
    """Let `cart` require boto3, which layers leave out, and lock anew."""
    pyproject = PYPROJECT.replace('["cart"]', '["cart", "boto3"]')
    (root / "pyproject.toml").write_text(
        pyproject + 'boto3 = { path = "vendor/boto3-1.0-py3-none-any.whl" }\n'
    )
    make_wheel(root / "vendor", "boto3")
    make_wheel(root / "vendor", "cart", requires=["boto3"])
    (root / "uv.lock").unlink()
    lock(root)


def lock(root: Path) -> None:
    """`uv lock`, offline."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    assert uv is not None
    command = [uv, "lock", "--offline", "--quiet", "--no-python-downloads", f"--python={sys.executable}"]
    subprocess.run(command, cwd=root, check=True)
