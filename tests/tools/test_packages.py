"""The sdist and the wheel: complete, the same from the same checkout, and true on an index's page."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from constructs_lib.core.aws_facts import PREVIEWS, RUNTIMES
from tools.packages import ROOMS, Packages, build, check, fault_of

if TYPE_CHECKING:
    from email.message import EmailMessage

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "Programming Language :: Python :: "


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def metadata(packages: Packages) -> EmailMessage:
    with zipfile.ZipFile(packages.wheel) as wheel:
        [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_bytes(wheel.read(name), policy=policy.default)


def sources() -> set[str]:
    """Return what this checkout tracks; for an unpacked sdist, what it holds of the package."""
    if not (ROOT / ".git").exists():
        found = ROOT.glob("constructs_lib/**/*")
        return {
            str(path.relative_to(ROOT))
            for path in found
            if path.is_file() and "__pycache__" not in path.parts
        }
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_the_sdist_is_what_a_checkout_has(packages: Packages) -> None:
    """So that tests, tools and `make demo` run from it."""
    with tarfile.open(packages.sdist) as sdist:
        members = {name.partition("/")[2] for name in sdist.getnames()}
    assert sources() - members == set()
    assert not {name for name in members if name.endswith((".pyc", ".zip", "uv.lock", "poetry.lock"))}


@pytest.mark.wide
def test_the_tests_of_an_unpacked_sdist_can_be_collected(packages: Packages, tmp_path: Path) -> None:
    """Without git and without this checkout."""
    with tarfile.open(packages.sdist) as sdist:
        sdist.extractall(tmp_path, filter="data")
    [folder] = tmp_path.iterdir()
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-n0",
        "-p",
        "no:cacheprovider",
        "tests",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    collected = re.search(r"^(\d+)(?:/\d+)? tests collected", done.stdout, re.MULTILINE)
    assert collected
    assert int(collected[1]) > 3000


def test_the_wheel_holds_the_package_and_its_licence(packages: Packages) -> None:
    """Each module, the page's files and the mark for type checkers; no tests, no tools."""
    with zipfile.ZipFile(packages.wheel) as wheel:
        members = set(wheel.namelist())
    package = {name for name in sources() if name.startswith("constructs_lib/")}
    assert {name for name in members if not name.startswith(f"constructs_lib-{packages.version}.")} == package
    assert {"constructs_lib/py.typed", "constructs_lib/core/report/treemap.js"} <= members
    assert f"constructs_lib-{packages.version}.dist-info/licenses/LICENSE" in members


def test_two_builds_have_the_same_bytes(packages: Packages, tmp_path: Path) -> None:
    """No clock, no order of a folder."""
    again = build(tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in packages]


def test_an_index_takes_them(packages: Packages) -> None:
    """By its own rules for metadata and description."""
    check(packages)


def test_the_page_of_an_index_has_no_dead_link(metadata: EmailMessage) -> None:
    """Links into the checkout are plain text there, and nothing else of the README has changed."""
    page, readme = metadata.get_content(), (ROOT / "README.md").read_text(encoding="utf-8")
    assert [
        link for link in re.findall(r"\]\(([^)]*)\)", page) if not link.startswith(("https://", "#"))
    ] == []
    fenced = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
    assert fenced.findall(page) == fenced.findall(readme)
    assert page.count("\n") == readme.count("\n")


def test_the_declared_pythons_are_those_of_lambda(metadata: EmailMessage) -> None:
    """Each that `requires-python` allows and Lambda has for production."""
    classifiers = metadata.get_all("Classifier", [])
    declared = {name.removeprefix(PREFIX) for name in classifiers if re.fullmatch(rf"{PREFIX}3\.\d+", name)}
    allowed = SpecifierSet(str(metadata["Requires-Python"]))
    assert declared == {version for version in RUNTIMES if version in allowed and version not in PREVIEWS}


def test_each_extra_is_tried(metadata: EmailMessage) -> None:
    """None is forgotten by `make packages`."""
    assert set(metadata.get_all("Provides-Extra", [])) == set(ROOMS) - {"core"}


def test_the_command_line_fits_beside_aws_sam_cli(metadata: EmailMessage) -> None:
    """aws-sam-cli pins click 8.1.8: a narrower range makes resolvers fall back to an old release of it."""
    required = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    [click] = [requirement for requirement in required if requirement.name == "click"]
    assert "8.1.8" in click.specifier
    assert {requirement.name for requirement in required if 'extra == "cli"' in str(requirement.marker)} == {
        "boto3",
        "botocore",
        "click",
        "jinja2",
        "rich",
    }


def test_a_fresh_environment_runs_it(packages: Packages, tmp_path: Path) -> None:
    """Without an extra: the core is there, and the command line names what it needs."""
    assert fault_of("core", packages, tmp_path) == ""


def test_a_fault_of_an_environment_is_told(packages: Packages, tmp_path: Path) -> None:
    """An extra that does not bring what its rooms need."""
    ROOMS["broken"] = ("constructs_lib.cli",)
    try:
        told = fault_of("broken", packages, tmp_path)
    finally:
        del ROOMS["broken"]
    assert told == "not every module can be imported: ModuleNotFoundError: No module named 'click'"
