"""Top-level modules, and distributions that bring another one's."""

from __future__ import annotations

import pytest

from constructs_lib.core.inspect.modules import Modules, check_modules, find_modules
from constructs_lib.core.target import BROUGHT


def test_the_top_level_of_a_wheel() -> None:
    """Modules and packages belong to it; a folder with modules and no `__init__` may be shared; data is neither."""
    names = [
        "six.py",
        "pkg/__init__.py",
        "pkg/sub/__init__.py",
        "native.cpython-312-x86_64-linux-gnu.so",
        "space/demo/__init__.py",
        "share/man/demo.1",
        "demo-1.0.dist-info/METADATA",
        "demo.libs/libz.so",
        "a.pth",
    ]
    assert find_modules(names) == Modules(("native", "pkg", "six"), ("space",), ("a.pth",))
    assert find_modules([]) == Modules()


@pytest.mark.parametrize("module", ["boto3/__init__.py", "six.py", "dateutil/__init__.py"])
def test_a_module_of_the_runtime_under_another_name_is_a_warning(module: str) -> None:
    """It is imported instead of the runtime's, although the ignore list leaves the distribution out."""
    [finding] = check_modules({"demo": find_modules([module])})
    assert (finding.id, finding.level, finding.distribution) == ("foreign-module", "warning", "demo")
    assert finding.text.startswith(
        f"demo brings the module {module.partition('/')[0].removesuffix('.py')} of "
    )
    assert "stands before the runtime's" in finding.text


def test_a_distribution_brings_its_own_modules() -> None:
    """Also one of those that the runtime has; python-dateutil's module has another name."""
    modules = {name: find_modules([f"{module}/__init__.py"]) for name, module in BROUGHT.items()}
    assert check_modules(modules) == []


def test_a_module_of_a_distribution_that_was_left_out_is_a_warning() -> None:
    [finding] = check_modules({"demo": find_modules(["idna/__init__.py"])}, {"idna"})
    assert finding.id == "foreign-module"
    assert check_modules({"idna": find_modules(["idna/__init__.py"])}, {"requests"}) == []


def test_a_part_of_a_namespace_package_stands_before_nothing() -> None:
    """Python takes a package with `__init__` from further along its path."""
    assert check_modules({"demo": find_modules(["google/demo/a.py", "urllib3/util.py"])}, {"google"}) == []


@pytest.mark.parametrize("module", ["sitecustomize", "usercustomize"])
def test_code_that_runs_when_python_starts_is_a_warning(module: str) -> None:
    """As a module or as a package; deeper down it is code like any other."""
    for name in (f"{module}.py", f"{module}/__init__.py"):
        [finding] = check_modules({"demo": find_modules([name])})
        assert (finding.id, finding.level) == ("runs-at-start", "warning")
        assert finding.text.startswith(f"demo brings {module}, which Python imports whenever it starts")
    assert check_modules({"demo": find_modules([f"demo/{module}.py", "demo/__init__.py"])}) == []


def test_a_path_file_is_a_note() -> None:
    [finding] = check_modules({"demo": find_modules(["b.pth", "a.pth"])})
    assert (finding.id, finding.level) == ("path-file", "note")
    assert finding.text.startswith(
        "demo brings a.pth (and 1 more); Python reads such files in site-packages only"
    )


def test_files_in_the_package_of_another_distribution_are_a_note() -> None:
    """Not those of a namespace package, which no distribution owns."""
    requests = find_modules(["requests/__init__.py"])
    [finding] = check_modules({"demo": find_modules(["requests/extra.py"]), "requests": requests})
    assert (finding.id, finding.level, finding.distribution) == ("extends-package", "note", "demo")
    assert finding.text == "demo adds files to the package requests of requests"
    space = {name: find_modules([f"space/{name}/__init__.py"]) for name in ("a", "b")}
    assert check_modules(space) == []
