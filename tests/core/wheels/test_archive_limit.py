"""Source archives of hostile sizes: what is unpacked is bounded, and everyday ones are opened as before."""

from __future__ import annotations

import io
import tarfile
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.wheels import archive_limit
from constructs_lib.core.wheels.archive_limit import open_tar, open_zip, refuse_large_archive
from constructs_lib.core.wheels.container_sources import SdistSource
from constructs_lib.core.wheels.extension_modules import extensions_of_sdist
from constructs_lib.core.wheels.source_archive import unpacked_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore

MOST = 20_000
NAME = "lib-1.0.tar.gz"
Compression: TypeAlias = Literal["", "gz", "bz2", "xz"]
MODES: dict[Compression, Literal["w:", "w:gz", "w:bz2", "w:xz"]] = {
    "": "w:",
    "gz": "w:gz",
    "bz2": "w:bz2",
    "xz": "w:xz",
}
COMPRESSIONS: tuple[Compression, ...] = tuple(MODES)


@pytest.fixture(autouse=True, scope="module")
def _small_limits() -> Iterator[None]:
    """Replace the limits for this file, so that a bomb is small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive_limit, "MOST_BYTES", MOST)
        patch.setattr(archive_limit, "MOST_FILES", 50)
        yield


def tar_of(members: list[tuple[tarfile.TarInfo, bytes]], compression: Compression = "gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=MODES[compression], format=tarfile.PAX_FORMAT) as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def sparse(size: int) -> bytes:
    """Return a tar archive of one member without data, which claims to unpack to `size` zeros."""
    info = tarfile.TarInfo("lib-1.0/hole")
    info.pax_headers = {"GNU.sparse.map": "0,0", "GNU.sparse.size": str(size), "GNU.sparse.major": "0"}
    return tar_of([(info, b"")])


def long_header(size: int) -> bytes:
    """Return a tar archive whose header alone has `size` bytes."""
    info = tarfile.TarInfo("lib-1.0/x")
    info.pax_headers = {"comment": "x" * size}
    return tar_of([(info, b"")])


def plain_tar(sizes: list[int], compression: Compression = "gz") -> bytes:
    return tar_of(
        [(tarfile.TarInfo(f"lib-1.0/{at}/setup.py"), bytes(size)) for at, size in enumerate(sizes)],
        compression,
    )


def plain_zip(sizes: list[int]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, size in enumerate(sizes):
            archive.writestr(f"lib-1.0/{at}/setup.py", bytes(size))
    return buffer.getvalue()


SIZES = st.lists(st.sampled_from([0, 1, 512, 8_000, MOST, 10 * MOST]), min_size=1, max_size=60)
ARCHIVES = st.one_of(
    st.builds(plain_tar, SIZES, st.sampled_from(COMPRESSIONS)),
    st.builds(plain_zip, SIZES),
    st.builds(sparse, st.sampled_from([10, 2 * MOST, 10**15])),
    st.builds(long_header, st.sampled_from([10, MOST // 2, 20 * MOST])),
)


def sizes_of(content: bytes) -> list[int]:
    """Return the sizes of all members; none for an archive that is refused."""
    with suppress(ProjectError):
        if zipfile.is_zipfile(io.BytesIO(content)):
            with open_zip(content, NAME) as packed:
                return [member.file_size for member in packed.infolist()]
        with open_tar(content, NAME) as opened:
            return [member.size for member in opened.getmembers()]
    return []


@given(ARCHIVES)
def test_work_is_bounded_whatever_an_archive_claims(content: bytes) -> None:
    """Counted: bytes that come out of the decompressor, and bytes and files that would be written."""
    reached = 0
    original = archive_limit._LimitedStream.read

    def counted(stream: archive_limit._LimitedStream, size: int = -1) -> bytes:
        nonlocal reached
        try:
            return original(stream, size)
        finally:
            reached = max(reached, stream.tell())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive_limit._LimitedStream, "read", counted)
        sizes = sizes_of(content)
    assert sum(sizes) <= MOST
    assert len(sizes) <= 50
    # The byte behind the limit is asked for.
    assert reached <= MOST + 1


@pytest.mark.parametrize(
    "content",
    [
        plain_tar([10 * MOST]),
        plain_tar([0] * 60),
        plain_zip([10 * MOST]),
        plain_zip([0] * 60),
        sparse(10**12),
        long_header(20 * MOST),
    ],
)
def test_a_bomb_is_one_line_before_anything_is_unpacked(
    content: bytes, store: WheelStore, tmp_path: Path
) -> None:
    """By the folder of an archive, and by the look into a source distribution before it is built, in a container too."""
    path = tmp_path / NAME
    path.write_bytes(content)
    file = LockedFile("lib", "1.0", NAME, store.add(path, path.suffix), path, subdirectory="pkg")
    for refused in (
        lambda: unpacked_project(file, store).__enter__(),
        lambda: extensions_of_sdist(content, NAME),
        lambda: SdistSource(file, store).prepare(tmp_path),
    ):
        with pytest.raises(ProjectError, match=rf"^{NAME} unpacks to more than 0 MB or 50 files") as caught:
            refused()
        assert caught.value.id == "source-archive-too-large"
        assert len(str(caught.value).splitlines()) == 1


def test_an_archive_that_cannot_be_read_is_left_to_its_reader() -> None:
    """A tool that reads it, pip for instance, names its fault."""
    for content in (b"", b"no archive", plain_zip([10])[:-5], plain_tar([10_000], "gz")[:-20]):
        refuse_large_archive(content, NAME)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_an_archive_within_the_limits_is_read(compression: Compression) -> None:
    with open_tar(plain_tar([10, 10_000], compression), NAME) as archive:
        assert [member.size for member in archive.getmembers()] == [10, 10_000]
        assert [len(archive.extractfile(member).read()) for member in archive.getmembers()] == [10, 10_000]  # type: ignore[union-attr]
