"""The recipe of a layer: what its choices change, and what it refuses."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.errors import InspectionError, ProjectError
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.progress import Progress
from constructs_lib.core.report.layer_report import report_layer
from constructs_lib.core.target import Target
from tests.support.files.elf import AARCH64, elf_library
from tests.support.files.projects import PYPROJECT, lock, make_project, require_boto3
from tests.support.files.wheels import Member, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore

TARGET = Target("3.13")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_project(tmp_path / "shop")


def test_left_out_packages_are_named_with_a_note(shop: Path, tmp_path: Path, store: WheelStore) -> None:
    """boto3 by default, nothing for an empty list."""
    require_boto3(shop)
    layer = build_layer(shop, tmp_path / "layer.zip", TARGET, store=store)
    assert (layer.distributions, layer.ignored) == (("cart==1.0",), ("boto3==1.0",))
    assert [note.id for note in layer.notes] == ["ignored-dependency"]
    everything = LayerOptions(ignore_package_list=[])
    layer = build_layer(shop, tmp_path / "layer.zip", TARGET, everything, store=store)
    assert (layer.distributions, layer.ignored) == (("boto3==1.0", "cart==1.0"), ())


def test_the_ignore_list_takes_any_spelling(shop: Path, tmp_path: Path, store: WheelStore) -> None:
    """Names are compared normalized; a layer without packages is refused, with the reason."""
    path = tmp_path / "layer.zip"
    with pytest.raises(
        ProjectError, match=r"uv\.lock locks only packages that are ignored \(cart\) for"
    ) as caught:
        build_layer(shop, path, TARGET, LayerOptions(ignore_package_list=["Cart"]), store=store)
    assert caught.value.id == "layer-empty"
    assert not path.exists()


def test_an_unknown_compression_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    """Also where there is no project."""
    options = LayerOptions(compression="best")  # type: ignore[arg-type]
    with pytest.raises(ProjectError, match="compression is 'best'"):
        build_layer(tmp_path / "none", tmp_path / "layer.zip", TARGET, options)


@pytest.fixture
def unfit(tmp_path: Path) -> Path:
    """Return a project whose one wheel has an extension module for another CPU alone."""
    project = make_project(tmp_path / "unfit")
    library = elf_library(AARCH64, data=b"PyInit__cart")
    make_wheel(project / "vendor", "cart", files={"cart/__init__.py": b"", "cart/_cart.so": library})
    (project / "uv.lock").unlink()
    lock(project)
    return project


def test_an_error_can_be_acknowledged_for_one_distribution(
    unfit: Path, tmp_path: Path, store: WheelStore
) -> None:
    """The layer is then built, with a note; its fingerprint and bytes do not know of it."""
    path = tmp_path / "layer.zip"
    for options in (LayerOptions(), LayerOptions(acknowledge=["wrong-cpu:other"])):
        with pytest.raises(InspectionError, match=r"cart/_cart\.so is for aarch64.* \[wrong-cpu\]$"):
            build_layer(unfit, path, TARGET, options, store=store)
    assert not path.exists()
    options = LayerOptions(acknowledge=["wrong-cpu:Cart", "musl:cart"])
    layer = build_layer(unfit, path, TARGET, options, store=store)
    assert layer.warnings == ()
    used, unused = layer.notes
    assert (used.id, used.acknowledged) == ("wrong-cpu", True)
    assert used.text.startswith("acknowledged: cart-1.0-py3-none-any.whl: cart/_cart.so is for aarch64")
    assert unused.text == "acknowledge has musl:cart, but this build has no such finding: take it out"
    assert [finding.text for finding in report_layer(layer).findings] == [used.text, unused.text]


def test_an_unknown_acknowledgement_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    options = LayerOptions(acknowledge=["wrong-cpus:cart"])
    with pytest.raises(ProjectError, match="acknowledge has 'wrong-cpus'"):
        build_layer(tmp_path / "none", tmp_path / "layer.zip", TARGET, options)


def test_a_distribution_that_replaces_a_left_out_one_is_named(tmp_path: Path, store: WheelStore) -> None:
    """Its module is imported instead of the runtime's; code that runs at every start is named as well."""
    project = make_project(tmp_path / "shop")
    files: dict[str, bytes | Member] = {"boto3/__init__.py": b"", "sitecustomize.py": b"", "cart.py": b""}
    make_wheel(project / "vendor", "cart", files=files)
    (project / "uv.lock").unlink()
    lock(project)
    layer = build_layer(project, tmp_path / "layer.zip", TARGET, store=store)
    assert [(finding.id, finding.distribution) for finding in layer.warnings] == [
        ("foreign-module", "cart"),
        ("runs-at-start", "cart"),
    ]


def test_the_fingerprint_is_of_the_files(shop: Path, tmp_path: Path, store: WheelStore) -> None:
    """Another target is another layer; the same files in fewer bytes are not."""
    path = tmp_path / "layer.zip"
    plain = build_layer(shop, path, TARGET, store=store).fingerprint
    smallest = LayerOptions(compression="smallest")
    assert build_layer(shop, path, TARGET, smallest, store=store).fingerprint == plain
    others = {
        build_layer(shop, path, target, store=store).fingerprint
        for target in (Target("3.12"), Target("3.13", "arm64"))
    }
    assert len({plain, *others}) == 3


def test_a_build_with_a_full_store_imports_only_what_it_needs(
    shop: Path, tmp_path: Path, store: WheelStore
) -> None:
    """No HTTP client, builder or SBOM, each of which is 4 to 100 ms, and nothing of options that were not chosen."""
    path = tmp_path / "layer.zip"
    build_layer(shop, path, TARGET, store=store)
    code = (
        "import sys; from pathlib import Path\n"
        "from constructs_lib.core import Target, WheelStore, build_layer\n"
        f"build_layer({str(shop)!r}, Path({str(path)!r}), Target('3.13'), store=WheelStore(Path({str(store.root)!r})))\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    modules = set(done.stdout.split())
    assert "constructs_lib.core.layer.build_layer" in modules
    unneeded = {
        "boto3",
        "constructs_lib.core.lock.pylock",
        "constructs_lib.core.project.dependency_groups",
        "constructs_lib.core.project.ignore_patterns",
        "constructs_lib.core.sbom.document",
        "constructs_lib.core.store.packs",
        "constructs_lib.core.wheels.builder",
        "constructs_lib.core.wheels.container",
        "constructs_lib.core.wheels.recompress",
        "packaging.dependency_groups",
        "packaging.licenses",
        "random",
        "requests",
        "tempfile",
        "unicodedata",
    }
    assert modules & unneeded == set()


@pytest.mark.parametrize(
    ("line", "version"),
    [('version = "1.2.3"', "1.2.3"), ('dynamic = ["version"]', "")],
    ids=["static", "dynamic"],
)
def test_the_project_is_summarized(
    shop: Path, tmp_path: Path, store: WheelStore, line: str, version: str
) -> None:
    """Name, version if it is static, and its own requirements, for the SBOM."""
    (shop / "pyproject.toml").write_text(PYPROJECT.replace('version = "1.2.3"', line))
    layer = build_layer(shop, tmp_path / "layer.zip", TARGET, store=store)
    assert layer.project == ("shop", version, ("cart",))


@pytest.fixture
def tested(tmp_path: Path) -> Path:
    """Return a project whose one wheel brings tests, stubs, and a helper program for another CPU."""
    project = make_project(tmp_path / "tested")
    files: dict[str, bytes | Member] = {
        "cart/__init__.py": b"TOTAL = 1\n" * 50,
        "cart/__init__.pyi": b"TOTAL: int\n",
        "cart/tests/__init__.py": b"",
        "cart/tests/test_total.py": b"assert True\n" * 50,
        "cart/bin/helper": elf_library(AARCH64),
    }
    make_wheel(project / "vendor", "cart", files=files)
    (project / "uv.lock").unlink()
    lock(project)
    return project


def test_excluded_files_are_left_out_and_told(tested: Path, tmp_path: Path, store: WheelStore) -> None:
    """Zip, sizes, SBOM and artifact agree; what was left out is told by distribution."""
    full = build_layer(tested, tmp_path / "full.zip", TARGET, store=store)
    options = LayerOptions(exclude_files=["tests/", "*.pyi", "cart/bin/"])
    lines = io.StringIO()
    slim = build_layer(
        tested, tmp_path / "slim.zip", TARGET, options, store=store, progress=Progress(stream=lines)
    )
    names = {member.name for member in full.archive.members} - {
        member.name for member in slim.archive.members
    }
    assert names == {
        "python/cart/__init__.pyi",
        "python/cart/tests/__init__.py",
        "python/cart/tests/test_total.py",
        "python/cart/bin/helper",
    }
    [row] = slim.excluded
    assert (row.name, row.files, row.unzipped) == ("cart", 4, slim.excluded_bytes)
    assert full.archive.unzipped - slim.archive.unzipped == slim.excluded_bytes
    assert f'"{slim.archive.unzipped}"' in slim.sbom.decode()
    assert re.search(r"zipped 1 wheel, .*, 4 files with \S+ kB left out  ", lines.getvalue())
    assert (full.excluded, full.excluded_bytes) == ((), 0)


def test_the_fingerprint_is_that_of_the_files(tested: Path, tmp_path: Path, store: WheelStore) -> None:
    """The same without a match as without patterns; another one for other files."""

    def fingerprint(*patterns: str) -> str:
        options = LayerOptions(exclude_files=patterns)
        return build_layer(tested, tmp_path / "layer.zip", TARGET, options, store=store).fingerprint

    plain = build_layer(tested, tmp_path / "layer.zip", TARGET, store=store).fingerprint
    assert fingerprint() == fingerprint("nowhere/") == plain
    assert fingerprint("tests/") == fingerprint("*.tmp", "**/tests/*") != plain
    assert fingerprint("tests/", "*.pyi") not in {plain, fingerprint("tests/")}


def test_a_foreign_program_that_is_left_out_is_no_finding(
    tested: Path, tmp_path: Path, store: WheelStore
) -> None:
    """A warning with it, nothing without it."""
    layer = build_layer(tested, tmp_path / "layer.zip", TARGET, store=store)
    assert [warning.id for warning in layer.warnings] == ["foreign-cpu"]
    options = LayerOptions(exclude_files=["cart/bin/helper"])
    assert build_layer(tested, tmp_path / "layer.zip", TARGET, options, store=store).warnings == ()


def test_an_extension_module_for_another_cpu_can_be_left_out(
    unfit: Path, tmp_path: Path, store: WheelStore
) -> None:
    """An error does not stop a build for a file that is not in it."""
    layer = build_layer(
        unfit, tmp_path / "layer.zip", TARGET, LayerOptions(exclude_files=["*.so"]), store=store
    )
    assert (layer.warnings, layer.native) == ((), ())


def test_a_pattern_without_a_file_is_a_note(tested: Path, tmp_path: Path, store: WheelStore) -> None:
    options = LayerOptions(exclude_files=["python/cart/tests/", "cart/bin/"])
    [note] = build_layer(tested, tmp_path / "layer.zip", TARGET, options, store=store).notes
    assert note.id == "exclude-files-unused"
    assert note.text.startswith("exclude_files has 'python/cart/tests/', which matches no file")


def test_a_distribution_is_not_emptied_unless_that_is_accepted(
    tested: Path, tmp_path: Path, store: WheelStore
) -> None:
    path = tmp_path / "layer.zip"
    with pytest.raises(
        InspectionError, match=r"leaves cart without any module: .* \[exclude-files-empties\]$"
    ):
        build_layer(tested, path, TARGET, LayerOptions(exclude_files=["cart/"]), store=store)
    assert not path.exists()
    accepted = LayerOptions(exclude_files=["cart/"], acknowledge=["exclude-files-empties:cart"])
    layer = build_layer(tested, path, TARGET, accepted, store=store)
    assert [note.id for note in layer.notes] == ["exclude-files-empties"]


def test_an_invalid_pattern_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    """A text instead of a list, too: its letters would be patterns."""
    with pytest.raises(ProjectError, match=r"^exclude_files has '!', which is no valid pattern"):
        build_layer(
            tmp_path / "none", tmp_path / "layer.zip", TARGET, LayerOptions(exclude_files=["tests/", "!"])
        )
    with pytest.raises(ProjectError, match=r"exclude_files is 'tests/' .*: write exclude_files=\['tests/'\]"):
        LayerOptions(exclude_files="tests/")


@pytest.mark.parametrize("options", [{"compression": "smallest"}, {"compile_bytecode": True}], ids=str)
def test_kept_packs_are_those_of_the_files(
    options: dict[str, Any], tested: Path, tmp_path: Path, store: WheelStore
) -> None:
    """Builds with and without the files alternate on one store; each has its own members."""
    target = Target("{}.{}".format(*sys.version_info[:2]))
    sha256 = set()
    for patterns in (["tests/"], [], ["tests/"], []):
        layer = build_layer(
            tested,
            tmp_path / "layer.zip",
            target,
            LayerOptions(exclude_files=patterns, **options),
            store=store,
        )
        sha256.add((bool(patterns), layer.archive.sha256))
        assert any("/tests/" in member.name for member in layer.archive.members) is not bool(patterns)
        compiled = any(member.name.endswith(".pyc") for member in layer.archive.members)
        assert compiled is options.get("compile_bytecode", False)
    assert len(sha256) == 2
