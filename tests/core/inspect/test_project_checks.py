from __future__ import annotations

from constructs_lib.core.archive.merge import Conflict
from constructs_lib.core.inspect.project_checks import Brought, check_project

WHEEL = "cart-1.0-py3-none-any.whl"


def test_paths_of_a_wheel_are_one_finding() -> None:
    """Conflicts between two wheels are another check's."""
    conflicts = [
        Conflict("a.py", "shop", WHEEL),
        Conflict("b.py", "shop", WHEEL),
        Conflict("c.py", WHEEL, "d.whl"),
    ]
    [finding] = check_project(conflicts, "shop", Brought(["a"], ["a.py"]), {WHEEL: Brought(["a"], ["a.py"])})
    assert finding.text.startswith(
        f"the project and {WHEEL} both bring a.py (and 1 more) with different content"
    )


def test_a_module_beside_a_package_is_hidden() -> None:
    """Python takes the package, wherever it comes from."""
    module, package = Brought(["cart"], ["cart.py"]), Brought(["cart"], ["cart/__init__.py"])
    for project, wheel in ((module, package), (package, module)):
        [finding] = check_project([], "shop", project, {WHEEL: wheel})
        assert "both bring the module cart" in finding.text


def test_parts_of_one_package_are_fine() -> None:
    """Both have the same `__init__.py`, or it would be a conflict of paths."""
    one, two = Brought(["cart"], ["cart/__init__.py", "cart/a.py"]), Brought(["cart"], ["cart/__init__.py"])
    assert check_project([], "shop", one, {WHEEL: two}) == []
