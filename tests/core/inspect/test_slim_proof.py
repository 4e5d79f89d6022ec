"""The comparison of imports with and without files that were left out."""

from __future__ import annotations

import platform
import sys

import pytest

from constructs_lib.core.archive.entry import Entry, compress
from constructs_lib.core.inspect import slim_proof, smoke
from constructs_lib.core.inspect.slim_proof import find_broken, modules_to_prove
from constructs_lib.core.target import FUNCTION_PLACE, LAYER_PLACE, Place, Target
from tests.support.builders.hosts import OWN

TARGET = Target(OWN, {"aarch64": "arm64"}.get(platform.machine(), "x86_64"))
WHEEL = "demo-1.0-py3-none-any.whl"


@pytest.fixture(autouse=True)
def own_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this interpreter import, whatever the C library of this machine."""
    monkeypatch.setattr(smoke, "find_obstacle", lambda target: "")
    monkeypatch.setattr(smoke, "find_python", lambda target: sys.executable)


def files(place: Place = LAYER_PLACE, origin: str = WHEEL, /, **sources: str) -> list[Entry]:
    """Return modules by their dotted names with `__` for the dots; `x__init` is a package."""
    return [
        compress(
            f"{place.root}{name.replace('__', '/')}.py".replace("/init.py", "/__init__.py"),
            text.encode(),
            origin,
        )
        for name, text in sources.items()
    ]


def test_modules_at_the_top_and_in_packages_are_proved() -> None:
    """Private ones too; no programs, tests, data, or what lies in a folder that is no package."""
    paths = [
        "one.py",
        "demo/__init__.py",
        "demo/_private.py",
        "demo/fast.cpython-312-x86_64-linux-gnu.so",
        "demo/__main__.py",
        "demo/tests/__init__.py",
        "demo/tests/a.py",
        "demo/templates/page.py",
        "demo/testing/__init__.py",
        "google/auth/__init__.py",
        "google/auth/a.py",
        "bin/run.py",
        "demo/py.typed",
        "demo/a-b.py",
    ]
    kept = [compress(f"python/{path}", b"", WHEEL) for path in paths]
    assert list(modules_to_prove(kept, [], "python/")) == [
        "demo",
        "demo._private",
        "demo.fast",
        "demo.testing",
        "google.auth",
        "google.auth.a",
        "one",
    ]


def test_a_package_whose_init_is_left_out_is_still_one() -> None:
    """Its modules are proved: they would become those of a namespace."""
    [module] = modules_to_prove(files(demo__sub__a=""), files(demo__init="", demo__sub__init=""), "python/")
    assert module == "demo.sub.a"


def test_a_module_that_needs_a_left_out_one_is_an_error() -> None:
    """With the reason and the pattern that takes it back; one finding for each distribution."""
    kept = files(demo__init="", demo__a="import demo.tests.data", demo__b="from demo import a", demo__c="")
    excluded = files(demo__tests__init="", demo__tests__data="")
    [finding] = find_broken(kept, excluded, TARGET)
    assert (finding.id, finding.level, finding.distribution) == ("exclude-files-breaks", "error", "demo")
    assert finding.text == (
        f"{WHEEL}: demo.a (and 1 more) cannot be imported without the files that exclude_files leaves out: "
        f"ModuleNotFoundError: No module named 'demo.tests'; add the pattern '!demo/tests/', which takes back what it needs"
    )


def test_a_file_that_is_read_while_a_module_is_imported_counts_too() -> None:
    """If the error does not name it, the remedy does not either; the temporary folder is never shown."""
    kept = files(demo__init="import pathlib\npathlib.Path(__file__).with_name('x.py').read_text()\n")
    [finding] = find_broken(kept, files(demo__x=""), TARGET)
    assert finding.text.partition(": Fi")[2] == (
        "leNotFoundError: [Errno 2] No such file or directory: 'demo/x.py'; add the pattern '!demo/x.py', which takes back "
        "what it needs"
    )
    kept = files(demo__init="import pathlib\nassert pathlib.Path(__file__).with_name('x.py').exists()\n")
    [finding] = find_broken(kept, files(demo__x=""), TARGET)
    assert finding.text.endswith("narrow the patterns, or add '!' and the path of the file that it needs")


def test_for_a_file_of_another_kind_the_pattern_takes_back_all_of_the_package() -> None:
    """Packages that read one type stub when they are imported read all of theirs, one after the other."""
    read = "import pathlib\npathlib.Path(__file__).with_suffix('.pyi').read_text()\n"
    kept = files(demo__init=read, demo__sub__init=read)
    excluded = [compress(f"python/demo/{path}__init__.pyi", b"", WHEEL) for path in ("", "sub/")]
    [finding] = find_broken(kept, excluded, TARGET)
    assert finding.text.endswith("; add the pattern '!demo/**/*.pyi', which takes back what it needs")


def test_what_fails_with_all_files_is_no_finding() -> None:
    """Another system's modules, optional requirements, programs that end the interpreter."""
    kept = files(
        demo__init="", demo__a="import nowhere", demo__b="import os; os._exit(3)", demo__c="import demo.x"
    )
    assert find_broken(kept, files(demo__y=""), TARGET) == []


def test_a_module_that_only_another_import_spoils_is_no_finding() -> None:
    """It fails among all modules, and not among those that failed."""
    kept = files(
        a_spoils="import sys; sys.spoiled = True", b="import sys\nassert not hasattr(sys, 'spoiled')"
    )
    assert find_broken(kept, files(left_out=""), TARGET) == []


def test_the_projects_own_modules_are_proved_too() -> None:
    """They are no distribution."""
    kept = [
        *files(FUNCTION_PLACE, "shop", handler="import demo.x"),
        *files(FUNCTION_PLACE, WHEEL, demo__init=""),
    ]
    [finding] = find_broken(kept, files(FUNCTION_PLACE, WHEEL, demo__x=""), TARGET, FUNCTION_PLACE)
    assert finding.distribution == ""
    assert finding.text.startswith("shop: handler cannot be imported")
    assert finding.text.endswith("add the pattern '!demo/x.py', which takes back what it needs")


def test_left_out_files_that_do_not_fit_together_are_passed_over() -> None:
    """One wheel's file where another one has a folder, or where a file is kept: the zip has neither."""
    excluded = files(tests__a="", tests__a__b="", demo__init="raise RuntimeError", demo__c="")
    excluded.append(compress("python/tests/a.py/c", b"", WHEEL))
    kept = files(demo__init="", demo__d="import demo.c")
    [finding] = find_broken(kept, excluded, TARGET)
    assert finding.text.startswith(f"{WHEEL}: demo.d cannot be imported")


def test_when_the_time_is_over_a_note_names_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is claimed about a module that was not imported."""
    monkeypatch.setattr(slim_proof, "PROOF_LIMIT", 0.0)
    [note] = find_broken(files(a="", b=""), files(left_out=""), TARGET)
    assert (note.id, note.level) == ("smoke-test-skipped", "note")
    assert note.text == (
        "the imports took 0 s, so there was no time to import a (and 1 more) of the layer without the files that "
        "exclude_files leaves out"
    )


def test_an_import_that_the_end_of_the_time_cuts_off_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all files the module does not end: whether it could be imported is unknown."""
    monkeypatch.setattr(slim_proof, "PROOF_LIMIT", 3.0)
    kept, excluded = files(a="import left_out"), files(left_out="import time; time.sleep(3600)")
    [note] = find_broken(kept, excluded, TARGET)
    assert note.id == "smoke-test-skipped"


@pytest.mark.parametrize("missing", ["find_obstacle", "find_python"])
def test_elsewhere_nothing_is_imported(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The smoke test has the note about it."""
    monkeypatch.setattr(smoke, missing, lambda target: "CPU" if missing == "find_obstacle" else None)
    assert find_broken(files(a="import b"), files(b=""), TARGET) == []
