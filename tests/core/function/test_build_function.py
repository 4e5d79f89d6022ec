"""The recipe of a function in one zip: what its choices change, and what it refuses."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ArtifactError, InspectionError, ProjectError
from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.target import LAYER_ROOT, Target
from tests.support.files.elf import AARCH64, elf_library
from tests.support.files.projects import PYPROJECT, lock, make_project, require_boto3
from tests.support.files.wheels import make_wheel, unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.function.artifact import FunctionArtifact
    from constructs_lib.core.store.wheel_store import WheelStore

TARGET = Target("3.13")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Make a project `shop` with a build backend, which needs the distribution `cart`."""
    return make_project(tmp_path / "package")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make the same as a folder of modules without a backend."""
    root = make_project(tmp_path / "shop", PYPROJECT.replace("[build-system]", "[tool.unused]"))
    (root / "src" / "shop" / "__init__.py").rename(root / "handler.py")
    return root


def function(shop: Path, store: WheelStore, target: Target = TARGET, **options: object) -> FunctionArtifact:
    path = shop.parent / "function.zip"
    return build_function(shop, path, target, FunctionOptions(**options), store=store)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["package", "shop"])
def test_it_holds_what_source_and_layer_hold(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, store: WheelStore
) -> None:
    """Byte for byte, both at the root of the zip."""
    root: Path = request.getfixturevalue(kind)
    one = unpacked(function(root, store).archive.path)
    source = unpacked(build_source(root, tmp_path / "source.zip", store=store).archive.path)
    layer = unpacked(build_layer(root, tmp_path / "layer.zip", TARGET, store=store).archive.path)
    assert one == source | {name.removeprefix(LAYER_ROOT): file for name, file in layer.items()}


def test_the_artifact_describes_both(package: Path, store: WheelStore) -> None:
    """The version is the project's, the distributions are its dependencies, less what the runtime brings."""
    require_boto3(package)
    built = function(package, store)
    assert (built.version, built.distributions, built.ignored) == ("1.2.3", ("cart==1.0",), ("boto3==1.0",))
    assert built.project.name == "shop"
    assert [note.id for note in built.notes] == ["ignored-dependency"]


def test_a_project_without_dependencies_is_a_function(shop: Path, store: WheelStore) -> None:
    """A layer would be empty; a function has its own code."""
    built = function(shop, store, ignore_package_list=["cart"])
    assert built.distributions == ()
    assert "handler.py" in {member.name for member in built.archive.members}


def test_the_fingerprint_follows_code_dependencies_and_target(shop: Path, store: WheelStore) -> None:
    """And nothing else: neither the compression nor the time."""
    first = function(shop, store).fingerprint
    assert function(shop, store, compression="smallest").fingerprint == first
    assert function(shop, store, Target("3.12")).fingerprint != first
    assert function(shop, store, ignore_package_list=["cart"]).fingerprint != first
    with (shop / "handler.py").open("a") as file:
        file.write("# more\n")
    assert function(shop, store).fingerprint != first


def test_include_and_exclude_choose_the_projects_files(shop: Path, store: WheelStore) -> None:
    """Files of dependencies stay."""
    (shop / "tests").mkdir()
    (shop / "tests" / "cart.py").write_text("")
    built = function(shop, store, exclude=["tests/", "cart.py", "vendor/", "*.toml", "*.lock"])
    names = {member.name for member in built.archive.members}
    assert {"handler.py", "cart.py"} <= names
    assert not any(name.startswith(("tests/", "vendor/")) for name in names)
    with pytest.raises(ArtifactError, match=r"has no file to deploy: include=\['\*\.js'\]"):
        function(shop, store, include=["*.js"])


@pytest.mark.parametrize(
    ("path", "what"),
    [("cart.py", "cart.py"), ("cart/__init__.py", "the module cart")],
    ids=["path", "module beside package"],
)
def test_a_file_of_project_and_dependency_is_an_error(
    shop: Path, store: WheelStore, path: str, what: str
) -> None:
    """Both are named; nothing is written."""
    (shop / path).parent.mkdir(exist_ok=True)
    (shop / path).write_text("TOTAL = 0\n")
    with pytest.raises(InspectionError) as caught:
        function(shop, store, exclude=["vendor/"])
    assert str(caught.value) == (
        f"the project and cart-1.0-py3-none-any.whl both bring {what} with different content, and one would hide the "
        f"other: rename it in the project, or leave cart out with ignore_package_list [project-conflict]"
    )
    assert not (shop.parent / "function.zip").exists()


def test_the_projects_own_files_are_inspected(shop: Path, store: WheelStore) -> None:
    """A library in the folder that is for another CPU."""
    (shop / "fast.so").write_bytes(elf_library(AARCH64))
    with pytest.raises(
        InspectionError, match=r"shop: fast.so is for aarch64, the build is for Python 3.13 on x86_64"
    ):
        function(shop, store)


def test_a_password_in_the_code_is_refused(shop: Path, store: WheelStore) -> None:
    from constructs_lib.core.index.credentials import Credentials

    (shop / "settings.py").write_text("TOKEN = 's3cret-token'\n")
    credentials = [Credentials("private", "https://index.example/simple", "user", "s3cret-token")]
    with pytest.raises(ArtifactError, match=r"settings\.py") as caught:
        function(shop, store, credentials=credentials)
    assert "s3cret" not in str(caught.value)


def test_bytecode_names_the_place_in_lambda(shop: Path, store: WheelStore) -> None:
    """For the project's modules too, also at the root of the zip; test suites have none there either."""
    (shop / "tests").mkdir()
    (shop / "tests" / "test_handler.py").write_text("")
    built = function(shop, store, Target("3.11"), compile_bytecode=True, exclude=["vendor/"])
    files = unpacked(built.archive.path)
    content, _ = files["__pycache__/handler.cpython-311.pyc"]
    assert b"/var/task/handler.py" in content
    assert b"/var/task/cart.py" in files["__pycache__/cart.cpython-311.pyc"][0]
    assert [name for name in files if name.startswith("tests/")] == ["tests/test_handler.py"]


def test_the_smoke_test_imports_both(shop: Path, store: WheelStore) -> None:
    (shop / "broken.py").write_text("import nothing_of_this_name\n")
    built = function(shop, store, Target("3.11"), smoke_test=True, exclude=["vendor/"])
    [warning] = built.warnings
    assert (
        warning.text
        == "broken cannot be imported: ModuleNotFoundError: No module named 'nothing_of_this_name'"
    )


@pytest.mark.parametrize("folder", ["out", "."])
def test_a_zip_in_the_project_is_not_taken_into_the_next_one(
    folder: str, shop: Path, store: WheelStore
) -> None:
    """Nor into another kind of zip in the same folder."""
    path = shop / folder / "function.zip"
    first = build_function(shop, path, TARGET, store=store).archive.sha256
    assert build_function(shop, path, TARGET, store=store).archive.sha256 == first
    built = build_source(shop, shop / folder / "source.zip", store=store).archive
    names = {member.name for member in built.members}
    assert "handler.py" in names
    assert not any(name.endswith(".zip") for name in names)


def test_a_folder_without_a_lock_file_is_refused(shop: Path, store: WheelStore) -> None:
    (shop / "uv.lock").unlink()
    with pytest.raises(ProjectError, match="uv lock"):
        function(shop, store)


def test_one_zip_is_the_same_from_another_folder(shop: Path, tmp_path: Path, store: WheelStore) -> None:
    first = function(shop, store).archive.sha256
    copy = tmp_path / "elsewhere" / "shop"
    subprocess.run(["cp", "-r", str(shop), str(tmp_path / "elsewhere-shop")], check=True)
    copy.parent.mkdir()
    (tmp_path / "elsewhere-shop").rename(copy)
    assert function(copy, store).archive.sha256 == first


def test_files_of_wheels_are_left_out_and_the_projects_stay(shop: Path, store: WheelStore) -> None:
    """Those have include and exclude."""
    (shop / "tests").mkdir()
    (shop / "tests" / "handler_data.py").write_text("")
    make_wheel(shop / "vendor", "cart", files={"cart/__init__.py": b"", "cart/tests/a.py": b""})
    (shop / "uv.lock").unlink()
    lock(shop)
    built = function(shop, store, exclude_files=["tests/", "*.toml"])
    names = {member.name for member in built.archive.members}
    assert {"cart/__init__.py", "tests/handler_data.py", "pyproject.toml"} <= names
    assert "cart/tests/a.py" not in names
    assert [(row.name, row.files) for row in built.excluded] == [("cart", 1)]
    assert [note.text.partition(",")[0] for note in built.notes if note.id == "exclude-files-unused"] == [
        "exclude_files has '*.toml'"
    ]


def test_a_copy_of_a_dependencys_module_is_no_conflict(shop: Path, store: WheelStore) -> None:
    """The same bytes under the same name: a vendored file."""
    (shop / "cart.py").write_bytes(unpacked(shop / "vendor" / "cart-1.0-py3-none-any.whl")["cart.py"][0])
    names = [member.name for member in function(shop, store, exclude=["vendor/"]).archive.members]
    assert names.count("cart.py") == 1


def test_a_folder_with_the_name_of_its_dependency_counts_beside_it(
    tmp_path: Path, store: WheelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a folder, without a pyproject.toml, has no other name; together they may be too large."""
    root = tmp_path / "cart"
    wheel = make_wheel(root / "vendor", "cart", files={"cart.py": b"#" * 6_000})
    (root / "app.py").write_bytes(b"#" * 6_000)
    (root / "requirements.txt").write_text(f"./vendor/{wheel.name}\n")
    monkeypatch.setattr("constructs_lib.core.inspect.layer_checks.UNZIPPED_LIMIT", 10_000)
    with pytest.raises(InspectionError, match="too-large"):
        function(root, store, exclude=["vendor/"])
