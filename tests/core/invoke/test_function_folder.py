"""Zips laid out as Lambda's file system."""

from __future__ import annotations

import errno
import importlib.util
import zipfile
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.invoke import function_folder
from constructs_lib.core.invoke.function_folder import (
    RUNTIME,
    FunctionFolder,
    FunctionPart,
    find_libraries,
    laid_out,
)
from constructs_lib.core.target import BROUGHT
from tests.support.files.function_zips import code_part, layer_part
from tests.support.files.wheels import Member, zip_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[FunctionFolder]:
    parts = [
        code_part(tmp_path, {"app.py": "code", "pkg/a.txt": ""}),
        layer_part(tmp_path, {"dep.py": "layer"}),
    ]
    with laid_out(parts) as layout:
        yield layout


def test_each_zip_is_where_lambda_has_it(folder: FunctionFolder) -> None:
    assert (folder.code / "app.py").read_text() == "code"
    assert (folder.layers / "python" / "dep.py").read_text() == "layer"
    assert not list(folder.home.iterdir())
    assert not list(folder.temporary.iterdir())


def test_folders_of_code_and_layers_cannot_be_written_to(folder: FunctionFolder) -> None:
    """Those of the function's own files can."""
    closed = (folder.code, folder.code / "pkg", folder.layers, folder.layers / "python")
    assert {path.stat().st_mode & 0o777 for path in closed} == {0o555}
    assert {path.stat().st_mode & 0o222 for path in folder.code.rglob("*")} == {0}
    assert folder.temporary.stat().st_mode & 0o200


def test_the_folder_is_removed_whatever_happens(tmp_path: Path) -> None:
    """Also with folders in it that are closed."""
    with pytest.raises(KeyboardInterrupt), laid_out([code_part(tmp_path, {"a/b.py": ""})]) as layout:  # noqa: PT012
        root = layout.root
        raise KeyboardInterrupt
    assert not root.exists()


def test_boto3_is_there_as_in_lambda(folder: FunctionFolder) -> None:
    """With what it needs, linked from the environment of this program."""
    for module in BROUGHT.values():
        spec = importlib.util.find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        linked = folder.runtime_packages / module
        path = linked / "__init__.py" if linked.is_dir() else linked.with_suffix(".py")
        assert path.samefile(spec.origin)


def test_a_boto3_of_the_lock_comes_first(tmp_path: Path) -> None:
    """The one of this program does not replace it."""
    zipped = tmp_path / "runtime.zip"
    zipped.write_bytes(zip_bytes([("python/boto3/__init__.py", Member(b"mine"))]))
    with laid_out([FunctionPart(zipped, RUNTIME)]) as layout:
        assert (layout.runtime_packages / "boto3" / "__init__.py").read_text() == "mine"


def test_without_boto3_here_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core alone does not need it."""
    monkeypatch.setattr("constructs_lib.core.invoke.function_folder.find_spec", lambda name: None)
    with laid_out([code_part(tmp_path, {"app.py": ""})]) as layout:
        assert not list(layout.runtime_packages.iterdir())


def test_compiled_libraries_are_named(tmp_path: Path) -> None:
    """Extension modules and the libraries beside them."""
    files = {
        "pkg/_a.cpython-313-x86_64-linux-gnu.so": "",
        "pkg.libs/libz-1.so.1.2": "",
        "also.py": "",
        "so.txt": "",
    }
    assert find_libraries([code_part(tmp_path, files)]) == [
        "pkg/_a.cpython-313-x86_64-linux-gnu.so",
        "pkg.libs/libz-1.so.1.2",
    ]


def test_parts_that_are_none(tmp_path: Path) -> None:
    """One line each, before anything is unpacked: a folder of one's own could be anywhere."""
    good = code_part(tmp_path, {"app.py": ""})
    (tmp_path / "no.zip").write_bytes(b"no zip")
    for part, said in (
        (
            FunctionPart(good.zip, "../../home"),
            "folder is '../../home', it must be var/task, opt or var/runtime",
        ),
        (FunctionPart(tmp_path / "none.zip", "opt"), f"{tmp_path / 'none.zip'} does not exist"),
        (FunctionPart(tmp_path / "no.zip", "opt"), f"{tmp_path / 'no.zip'} is not a zip that can be read: "),
    ):
        with pytest.raises(ProjectError) as caught:
            find_libraries([part])
        assert str(caught.value).startswith(said)


def test_a_damaged_part_is_one_line(tmp_path: Path) -> None:
    """The directory of the zip may be whole where a file in it is not."""
    part = FunctionPart(tmp_path / "code.zip", "var/task")
    with zipfile.ZipFile(part.zip, "w") as archive:
        archive.writestr("app.py", "NAME = 'code'")
    part.zip.write_bytes(part.zip.read_bytes().replace(b"NAME", b"MANE"))
    find_libraries([part])
    with pytest.raises(ProjectError) as caught, laid_out([part]):
        pass
    assert str(caught.value) == f"{part.zip} is not a zip that can be read: Bad CRC-32 for file 'app.py'"


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what helps; nothing stays."""

    def full(path: Path, folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(function_folder, "extract_all", full)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with (
        pytest.raises(
            StoreError, match="No space left on device; make room, or set TMPDIR to another folder"
        ),
        laid_out([code_part(tmp_path, {"app.py": ""})]),
    ):
        pass
    assert not list((tmp_path / "temporary").iterdir())
