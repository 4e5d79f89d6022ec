from __future__ import annotations

import pytest

from constructs_lib.core.archive.merge import Conflict
from constructs_lib.core.inspect.project_checks import check_project

WHEEL = "cart-1.0-py3-none-any.whl"


def test_paths_of_a_wheel_are_one_finding() -> None:
    """Conflicts between two wheels are another check's."""
    conflicts = [
        Conflict("a.py", "shop", WHEEL),
        Conflict("b.py", "shop", WHEEL),
        Conflict("c.py", WHEEL, "d.whl"),
    ]
    [finding] = check_project(conflicts, "shop", ["a.py"], {WHEEL: ["a.py"]})
    assert finding.text.startswith(
        f"the project and {WHEEL} both bring a.py (and 1 more) with different content"
    )


@pytest.mark.parametrize(
    ("module", "package", "name"),
    [
        ("cart.py", "cart/__init__.py", "cart"),
        ("cart.py", "cart.cpython-313-x86_64-linux-gnu.so", "cart"),
        ("cart.py", "cart/total.py", "cart"),
        ("cart/total.py", "cart/total/__init__.py", "cart.total"),
    ],
    ids=["package", "extension module", "namespace", "below a package"],
)
def test_a_module_in_two_places_is_hidden(module: str, package: str, name: str) -> None:
    """Python takes the package, the extension module, or before a namespace the module: wherever it comes from."""
    for project, wheel in ((module, package), (package, module)):
        [finding] = check_project([], "shop", [project], {WHEEL: [wheel]})
        assert f"both bring the module {name} with" in finding.text


@pytest.mark.parametrize(
    ("project", "wheel"),
    [
        (["cart/__init__.py", "cart/a.py"], ["cart/__init__.py"]),
        (["cart/a.py"], ["cart/b.py"]),
        (["cart/a.py"], ["cart/__init__.py"]),
        (["cart.py"], ["cart.py"]),
        (["cart.py"], ["cart.py", "cart.cpython-313-x86_64-linux-gnu.so"]),
        (["cart/a.txt", "cart-x/cart.py"], ["cart.py"]),
        (["cart.py"], ["other.py", "cart.pth"]),
    ],
    ids=["package", "namespace", "its part", "copied module", "one of two", "no modules", "nothing"],
)
def test_parts_of_one_package_and_copies_are_fine(project: list[str], wheel: list[str]) -> None:
    """A path that both have has the same content, or it would be a conflict of paths."""
    assert check_project([], "shop", project, {WHEEL: wheel}) == []
