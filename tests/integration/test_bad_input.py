"""What people get wrong, each with one clear line: what, where, and how to mend it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.uv import Shop
from tests.support.files.elf import X86_64, elf_library
from tests.support.files.sources import project_toml, write_files, write_sdist, write_src_project
from tests.support.files.wheels import Member
from tests.support.index.simple_index import running_index, swapped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

MANYLINUX = "manylinux2014_x86_64"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running_index() as index:
        yield Shop(tmp_path, index, WheelStore(tmp_path / "store"))


def refuses(shop: Shop, **options: object) -> str:
    """Return the one line of the error; no zip is written and nothing temporary stays beside it."""
    with pytest.raises(ArtifactError) as caught:
        shop.build(**options)  # type: ignore[arg-type]
    assert not shop.zip.parent.exists() or list(shop.zip.parent.iterdir()) == []
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_no_lock(shop: Shop) -> None:
    """The file that is missing and the command that makes it; no store is made."""
    shop.write(["aa"])
    text = refuses(shop)
    assert text.startswith(f"{shop.project}/uv.lock does not exist")
    assert text.endswith(f"run 'uv lock' in {shop.project} and commit it")
    assert not shop.store.root.exists()


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
def test_invalid_toml(shop: Shop, name: str) -> None:
    """File, line and column."""
    shop.serve("aa")
    shop.locked("aa")
    path = shop.project / name
    lines = len(path.read_text().splitlines())
    with path.open("a") as file:
        file.write("name = = 1\n")
    assert refuses(shop).startswith(
        f"{path} is not valid TOML: Invalid value (at line {lines + 1}, column 8)"
    )


def test_a_lock_of_a_newer_schema(shop: Shop) -> None:
    """It says which one, and that this library has to be newer."""
    shop.serve("aa")
    shop.locked("aa")
    path = shop.project / "uv.lock"
    path.write_text(path.read_text().replace("version = 1\n", "version = 9\n", 1))
    assert "schema version 9, this release reads 1: upgrade constructs-lib" in refuses(shop)


def test_a_pyproject_that_makes_no_sense(shop: Shop) -> None:
    """Wrong types and specifiers that nobody can read are no traceback."""
    shop.serve("aa")
    shop.locked("aa")
    path = shop.project / "pyproject.toml"
    text = path.read_text()
    for old, new in {
        'requires-python = ">=3.10"': 'requires-python = "banana"',
        "'''aa''',": "'''aa''', '''!!''',",
        "dependencies = [": "dependencies = [1, ",
        "[project]": "[[project]]",
        "[tool.uv]\n": "[tool.uv]\nsources = 7\n",
    }.items():
        assert old in text
        path.write_text(text.replace(old, new))
        assert str(path) in refuses(shop), new


def test_uv_missing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any folder is made; with the command that installs it."""
    shop.serve("aa")
    shop.locked("aa")
    monkeypatch.setattr(sys, "executable", str(shop.root / "python"))
    monkeypatch.setenv("PATH", str(shop.root))
    assert refuses(shop) == (
        f"uv was not found beside {shop.root}/python nor on PATH: install it with 'pip install uv'"
    )
    assert not shop.store.root.exists()


def test_an_entry_that_is_no_project(shop: Shop) -> None:
    """Missing, and a file."""
    assert f"entry '{shop.project}' does not exist" in refuses(shop)
    shop.project.write_text("")
    assert f"entry '{shop.project}' is not a folder" in refuses(shop)


def test_nothing_to_put_into_a_layer(shop: Shop) -> None:
    """No dependency at all, or only ignored ones: an error, never an empty zip."""
    shop.serve("boto3")
    shop.locked()
    assert "uv.lock locks no package for this target: a layer needs at least one" in refuses(shop)
    shop.locked("boto3")
    assert "uv.lock locks only packages that are ignored" in refuses(shop)
    assert shop.build(ignore_package_list=[]).distributions == ("boto3==1.0",)


def test_no_wheel_for_the_target(shop: Shop) -> None:
    """Package, target, glibc, what there is, and what helps; the sdist beside it is not built here."""
    for tag in (
        f"cp312-cp312-{MANYLINUX}",
        "cp312-cp312-macosx_11_0_arm64",
        "cp313-cp313-manylinux_2_28_aarch64",
    ):
        shop.serve("aa", files={}, tag=tag)
    shop.index.add("aa-1.0.tar.gz", write_sdist("aa", {"src/aa/__init__.py": ""}))
    shop.target = Target("3.12", "arm64")
    text = refuses(shop.locked("aa"))
    assert text.startswith(
        f"aa 1.0 in {shop.project}/uv.lock has no wheel for Python 3.12 on arm64 (glibc 2.34): its wheels are for "
        f"cp312-cp312-manylinux2014_x86_64, cp312-cp312-macosx_11_0_arm64, cp313-cp313-manylinux_2_28_aarch64. "
    )
    assert "container" in text
    assert sum(shop.index.asked.values()) == 0


def test_a_wheel_that_is_too_new_for_the_runtimes_glibc(shop: Shop) -> None:
    """manylinux_2_28 installs on 3.12 and not on 3.11, by its name alone."""
    for version in ("cp311", "cp312"):
        shop.serve("aa", files={}, tag=f"{version}-{version}-manylinux_2_28_x86_64")
    assert shop.locked("aa").build().distributions == ("aa==1.0",)
    shop.zip.unlink()
    shop.target = Target("3.11")
    assert "has no wheel for Python 3.11 on x86_64 (glibc 2.26)" in refuses(shop)


@pytest.mark.parametrize("tag", ["cp310-cp310-manylinux2014_x86_64", "cp312-cp312-manylinux2014_aarch64"])
def test_a_wheel_by_path_that_is_for_another_target(shop: Shop, tag: str) -> None:
    """A direct file is the only choice there is, so nothing else would notice that it does not fit."""
    name = shop.serve("aa", files={}, tag=tag)
    (shop.root / name).write_bytes(shop.index.files[name])
    shop.settings = f'[tool.uv.sources]\naa = {{ path = "../{name}" }}\n'
    text = refuses(shop.locked("aa"))
    assert f"aa 1.0 in {shop.project}/uv.lock has no wheel for Python 3.12 on x86_64" in text
    assert tag in text


def test_bytes_that_do_not_match_the_lock(shop: Shop) -> None:
    """Nothing of the file stays in the store, and the file that was right does."""
    right, wrong = shop.serve("aa"), shop.serve("bb")
    shop.locked("aa", "bb")
    shop.index.faults[wrong] = [swapped] * 9
    text = refuses(shop)
    assert text.startswith(
        f"{wrong} from {shop.index.url}/files/{wrong} is not the locked file: its sha256 is "
    )
    kept = {path.stem for path in shop.store.root.rglob("files/*/*")}
    assert kept <= {shop.index.add(right, shop.index.files[right]).sha256}
    assert list(shop.store.root.rglob("tmp/*")) == []


def test_a_file_that_was_removed_from_the_index(shop: Shop) -> None:
    """The index answers 404; the remedy is a new lock."""
    name = shop.serve("aa")
    shop.locked("aa")
    del shop.index.files[name]
    assert "HTTP 404 Not Found; was it removed from the index? Lock again. " in refuses(shop)


def test_a_store_that_cannot_be_written(shop: Shop) -> None:
    """The folder and the variable that names another."""
    shop.serve("aa")
    shop.locked("aa")
    (shop.root / "file").write_text("")
    shop.store = WheelStore(shop.root / "file" / "store")
    assert refuses(shop).startswith(
        f"the wheel store {shop.root}/file/store cannot be written: Not a directory; {shop.root}/file is in the way: "
    )


def test_an_output_folder_that_cannot_be_written(shop: Shop) -> None:
    """The path of the zip and the reason."""
    shop.serve("aa")
    shop.locked("aa")
    (shop.root / "file").write_text("")
    shop.zip = shop.root / "file" / "layer.zip"
    with pytest.raises(ArtifactError, match=rf"^{shop.zip} cannot be written: "):
        shop.build()


def test_too_large_for_lambda(shop: Shop) -> None:
    """The sum and the ten biggest packages, in order; near the limit it is a warning."""
    each = UNZIPPED_LIMIT // 11
    for number in range(12):
        shop.serve(f"p{number:02}", files={f"p{number:02}.bin": Member(bytes(each + number * 1_000_000))})
    text = refuses(shop.locked(*(f"p{number:02}" for number in range(12))))
    assert (
        " bytes) unzipped of the 250 MiB (262 144 000 bytes) that a function and all its layers may have; leave out one of the largest: "
        in text
    )
    named = [part.split()[0] for part in text.partition("leave out one of the largest: ")[2].split(", ")]
    assert named == [f"p{number:02}" for number in range(11, 1, -1)]
    [warning] = shop.locked(*(f"p{number:02}" for number in range(8))).build().warnings
    assert (warning.id, warning.level) == ("nearly-too-large", "warning")


@pytest.mark.parametrize(
    ("library", "text"),
    [
        (
            elf_library(183, []),
            "demo.so is for aarch64, the build is for Python 3.12 on x86_64; lock a wheel for x86",
        ),
        (
            elf_library(X86_64, ["GLIBC_2.39"]),
            "demo.so needs glibc 2.39, Python 3.12 runs on Amazon Linux 2023 with",
        ),
    ],
    ids=["cpu", "glibc"],
)
def test_a_wheel_whose_name_promises_too_much(shop: Shop, library: bytes, text: str) -> None:
    """What is inside counts: each library's CPU and glibc."""
    name = shop.serve("aa", files={"demo.so": library}, tag=f"cp312-cp312-{MANYLINUX}")
    assert refuses(shop.locked("aa")).startswith(f"{name}: {text}")


def test_a_wheel_that_is_damaged_inside(shop: Shop) -> None:
    """Its hash is the locked one, but one of its files is not what the wheel says."""
    name = shop.serve("aa", files={"aa.py": b"x = 1\n" * 50})
    content = bytearray(shop.index.files[name])
    for checksum in (14, content.index(b"PK\1\2") + 16):
        content[checksum] ^= 1
    shop.index.add(name, bytes(content))
    assert refuses(shop.locked("aa")).startswith(f"{name}: aa.py is damaged inside its archive")


@pytest.mark.parametrize("kind", ["sdist", "path"])
def test_a_source_that_compiles(shop: Shop, kind: str) -> None:
    """Its wheel would hold this machine's CPU and glibc: refused, with the container as the remedy."""
    files = {"setup.py": "from setuptools import setup\nsetup(ext_modules=[])\n"}
    backend = {
        "pyproject.toml": project_toml("cc").partition("[build-system]")[0]
        + '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": (
            "import zipfile\n"
            "def build_wheel(folder, settings=None, metadata=None):\n"
            "    name = 'cc-1.0-cp312-cp312-linux_x86_64.whl'\n"
            "    with zipfile.ZipFile(f'{folder}/{name}', 'w') as wheel:\n"
            "        wheel.writestr('cc-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: cc\\nVersion: 1.0\\n')\n"
            "        wheel.writestr('cc-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\n')\n"
            "        wheel.writestr('cc-1.0.dist-info/RECORD', '')\n"
            "    return name\n"
        ),
    }
    if kind == "sdist":
        shop.index.add("cc-1.0.tar.gz", write_sdist("cc", {**files, **backend}, backend["pyproject.toml"]))
    else:
        write_files(shop.root / "cc", backend)
        shop.settings = '[tool.uv.sources]\ncc = { path = "../cc" }\n'
    text = refuses(shop.locked("cc"))
    assert "became cc-1.0-cp312-cp312-linux_x86_64.whl, which holds code compiled on this machine" in text
    assert "container" in text


def test_a_source_that_cannot_be_built(shop: Shop) -> None:
    """The backend's own reason in one line, with the project's path."""
    write_src_project(shop.root / "lib", "lib")
    shop.settings = '[tool.uv.sources]\nlib = { path = "../lib" }\n'
    shop.locked("lib")
    (shop.root / "lib" / "src" / "lib" / "__init__.py").unlink()
    text = refuses(shop)
    assert text.startswith(f"{shop.root / 'lib'} cannot be built: ")
    assert "src/lib/__init__.py" in text


def test_two_wheels_that_cannot_lie_in_one_folder(shop: Shop) -> None:
    """One brings a file where the other has a folder; names that differ only in case."""
    shop.serve("aa", files={"thing": b""})
    shop.serve("bb", files={"thing/x.py": b""})
    assert "aa-1.0-py3-none-any.whl contains 'python/thing' as a file" in refuses(shop.locked("aa", "bb"))
    shop.serve("cc", files={"Thing": b""})
    assert "they differ only in case" in refuses(shop.locked("aa", "cc"))
