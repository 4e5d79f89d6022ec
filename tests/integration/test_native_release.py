"""A package that publishes wheels per platform is never built on this machine, whichever tool locked it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.lock.locked import LockOptions
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.uv import Shop
from tests.support.files.sources import write_sdist
from tests.support.files.wheels import unpacked
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

OLD = "manylinux2014_x86_64"
SETUP = """\
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class MayFail(build_ext):
    def run(self):
        try:
            super().run()
        except Exception:
            self.extensions = []


setup(ext_modules=[Extension("_nat", ["nat.c"], optional=True)], cmdclass={"build_ext": MayFail})
"""
PYPROJECT = """\
[project]
name = "nat"
version = "1.0"

[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Serve `nat`: wheels with native code for Python 3.11 and 3.12, and a source with a fallback in Python."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with running_index() as index:
        shop = Shop(tmp_path, index, WheelStore(tmp_path / "store"))
        files = {"nat.py": "x = 1\n", "nat.c": "int nat;\n", "setup.py": SETUP}
        index.add("nat-1.0.tar.gz", write_sdist("nat", files, PYPROJECT))
        for tag in ("cp311-cp311-manylinux_2_24_x86_64", f"cp312-cp312-{OLD}"):
            shop.serve("nat", files={"nat.py": tag.encode()}, tag=tag)
        yield shop


def requires(shop: Shop, *, hashed: bool = False) -> None:
    shop.write([])
    hashes = ""
    if hashed:
        files = [shop.index.add(name, content) for name, content in dict(shop.index.files).items()]
        hashes = "".join(f" --hash=sha256:{file.sha256}" for file in files)
    text = f"--index-url {shop.index.simple}\nnat==1.0{hashes}\n"
    (shop.project / "requirements.txt").write_text(text)


def refused(shop: Shop) -> str:
    with pytest.raises(ArtifactError) as caught:
        shop.build()
    assert caught.value.id == "wheel-missing"
    return str(caught.value)


@pytest.mark.parametrize("compiler", ["cc", "/bin/false"], ids=["compiler", "none"])
@pytest.mark.parametrize("hashed", [True, False], ids=["hashed", "open"])
def test_a_requirements_file(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, compiler: str, *, hashed: bool
) -> None:
    """One line, with a compiler and without, with an empty store and a full one."""
    monkeypatch.setenv("CC", compiler)
    shop.target = Target("3.13")
    requires(shop, hashed=hashed)
    first = refused(shop)
    assert first.startswith(
        f"nat 1.0 in {shop.project / 'requirements.txt'} has no wheel for Python 3.13 on x86_64 (glibc 2.34): "
        f"its wheels are for cp311-cp311-manylinux_2_24_x86_64, cp312-cp312-manylinux2014_x86_64. "
    )
    assert "container=True" in first
    assert refused(shop) == first


@pytest.mark.parametrize(
    "tag", [f"cp312-cp312-{OLD}", "cp311-cp311-manylinux_2_24_x86_64", "cp310-cp310-manylinux_2_28_x86_64"]
)
def test_the_hash_of_a_wheel_for_others(shop: Shop, tag: str) -> None:
    """That nothing fits is the reason, not that the source distribution has another hash."""
    shop.target = Target("3.10")
    shop.serve("nat", files={"nat.py": b"late"}, tag="cp310-cp310-manylinux_2_28_x86_64")
    name = f"nat-1.0-{tag}.whl"
    sha256 = shop.index.add(name, shop.index.files[name]).sha256
    shop.write([])
    lines = f"--index-url {shop.index.simple}\nnat==1.0 --hash=sha256:{sha256}\n"
    (shop.project / "requirements.txt").write_text(lines)
    line = refused(shop)
    assert tag in line
    assert "o source distribution to build one from" in line


def test_a_lock_for_later_pythons_alone(shop: Shop) -> None:
    """uv.lock names no wheel of a Python below `requires-python`: the release still has them."""
    shop.target = Target("3.13")
    shop.write(["nat==1.0"])
    manifest = shop.project / "pyproject.toml"
    text = manifest.read_text().replace('requires-python = ">=3.10"', 'requires-python = ">=3.13"')
    manifest.write_text(text)
    (shop.project / "uv.lock").write_text(
        'version = 1\nrevision = 3\nrequires-python = ">=3.13"\n\n[[package]]\nname = "nat"\nversion = "1.0"\n'
        f'source = {{ registry = "{shop.index.simple}" }}\n'
        f'sdist = {{ url = "{shop.index.url}/files/nat-1.0.tar.gz", hash = "sha256:{sha(shop)}" }}\n\n'
        '[[package]]\nname = "shop"\nversion = "1.0"\nsource = { virtual = "." }\n'
        'dependencies = [{ name = "nat" }]\n\n'
        '[package.metadata]\nrequires-dist = [{ name = "nat", specifier = "==1.0" }]\n'
    )
    assert "its wheels are for cp311-cp311-manylinux_2_24_x86_64" in refused(shop)


def sha(shop: Shop) -> str:
    return shop.index.add("nat-1.0.tar.gz", shop.index.files["nat-1.0.tar.gz"]).sha256


@pytest.mark.parametrize("hashed", [True, False], ids=["hashed", "open"])
def test_a_wheel_between_the_platforms_that_uv_knows(shop: Shop, *, hashed: bool) -> None:
    """Python 3.11 has glibc 2.26: a wheel for 2.24 is taken, though uv asks for 2.17 or 2.28."""
    shop.target = Target("3.11")
    requires(shop, hashed=hashed)
    layer = shop.build()
    assert unpacked(layer.archive.path)["python/nat.py"][0] == b"cp311-cp311-manylinux_2_24_x86_64"


def test_the_page_is_asked_with_the_credentials_of_the_index(shop: Shop) -> None:
    """Those of the environment too."""
    shop.target = Target("3.13")
    requires(shop)
    shop.index.credentials = "me:secret"
    with pytest.raises(ArtifactError) as caught:
        shop.build(credentials=[Credentials("vault", shop.index.simple, "me", "secret")])
    assert caught.value.id == "wheel-missing"
    assert "secret" not in str(caught.value)


def test_a_full_store_needs_no_index(shop: Shop) -> None:
    """A pure source distribution is built once; then neither it nor its release's list is fetched again."""
    shop.index.files.clear()
    shop.index.add("old-1.0.tar.gz", write_sdist("old", {"src/old/__init__.py": "x = 1\n"}))
    sha256 = shop.index.add("old-1.0.tar.gz", shop.index.files["old-1.0.tar.gz"]).sha256
    shop.write([])
    text = f"--index-url {shop.index.simple}\nold==1.0 --hash=sha256:{sha256}\n"
    (shop.project / "requirements.txt").write_text(text)
    first = shop.build()
    shop.index.credentials = "nobody:knows"
    assert shop.build().archive.sha256 == first.archive.sha256


@pytest.mark.parametrize("compiler", ["cc", "/bin/false"], ids=["compiler", "none"])
@pytest.mark.parametrize("by_path", [True, False], ids=["path", "address"])
def test_a_source_that_no_index_lists(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, compiler: str, *, by_path: bool
) -> None:
    """Its optional C module would be there or not, as this machine is; nothing is built, with one line."""
    monkeypatch.setenv("CC", compiler)
    shop.write([])
    place = f"{shop.index.url}/files/nat-1.0.tar.gz"
    if by_path:
        place = "nat-1.0.tar.gz"
        (shop.project / place).write_bytes(shop.index.files[place])
        place = f"./{place}"
    (shop.project / "requirements.txt").write_text(f"nat @ {place}\n" if "http" in place else f"{place}\n")
    for _ in range(2):  # with an empty store and a full one
        with pytest.raises(ArtifactError) as caught:
            shop.build()
        assert str(caught.value).startswith(
            "nat-1.0.tar.gz declares extension modules (nat.c): a wheel from this machine holds code for this machine, "
            "or lacks them where there is no compiler. Let it be built in a container: container=True ("
        )
    assert not shop.zip.exists()


def test_a_pure_source_with_an_example_in_c_is_built(shop: Shop) -> None:
    """What nobody compiles is no native code."""
    shop.write([])
    files = {"src/old/__init__.py": "x = 1\n", "docs/example.c": "int main;\n"}
    (shop.project / "old-1.0.tar.gz").write_bytes(write_sdist("old", files))
    (shop.project / "requirements.txt").write_text("./old-1.0.tar.gz\n")
    assert "python/old/__init__.py" in unpacked(shop.build().archive.path)


@pytest.mark.parametrize("tool", ["uv", "requirements"])
@pytest.mark.parametrize("place", ["folder", "page"])
def test_a_flat_index_is_asked_for_its_list(shop: Shop, tool: str, place: str) -> None:
    """A folder, or a page with links: the wheels beside the source decide."""
    flat = shop.root / "flat"
    flat.mkdir()
    for name, content in shop.index.files.items():
        (flat / name).write_bytes(content)
    url = "../flat" if place == "folder" else shop.index.flat
    shop.settings = f'find-links = ["{url}"]\nno-index = true\n'
    shop.target = Target("3.13")
    shop.write(["nat"])
    if tool == "uv":
        manifest = shop.project / "pyproject.toml"
        manifest.write_text(manifest.read_text().replace(">=3.10", ">=3.13"))
        name = "nat-1.0.tar.gz"
        file = (
            f'path = "{name}"'
            if place == "folder"
            else f'url = "{shop.index.url}/files/{name}", hash = "sha256:{sha(shop)}"'
        )
        (shop.project / "uv.lock").write_text(
            'version = 1\nrevision = 3\nrequires-python = ">=3.13"\n\n[[package]]\nname = "nat"\nversion = "1.0"\n'
            f'source = {{ registry = "{url}" }}\nsdist = {{ {file} }}\n\n'
            '[[package]]\nname = "shop"\nversion = "1.0"\nsource = { virtual = "." }\n'
            'dependencies = [{ name = "nat" }]\n\n[package.metadata]\nrequires-dist = [{ name = "nat" }]\n'
        )
    else:
        (shop.project / "requirements.txt").write_text(f"--no-index\n--find-links {url}\nnat==1.0\n")
    # A page with links is a second index, which a requirements file may name only if that is allowed.
    lock = LockOptions(allow_extra_index_url=tool == "requirements")
    with pytest.raises(
        ArtifactError, match="its wheels are for cp311-cp311-manylinux_2_24_x86_64, cp312-cp312-"
    ):
        shop.build(lock=lock)


def test_an_index_that_cannot_be_asked(shop: Shop) -> None:
    """Nothing is built rather than something else than elsewhere."""
    shop.index.files.clear()
    sdist = shop.index.add("old-1.0.tar.gz", write_sdist("old", {"src/old/__init__.py": "x = 1\n"}))
    shop.write([])
    (shop.project / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "test"\n\n[[packages]]\nname = "old"\nversion = "1.0"\n'
        f'index = "{shop.index.url}/nowhere"\n'
        f'sdist = {{ url = "{sdist.location}", hashes = {{ sha256 = "{sdist.sha256}" }} }}\n'
    )
    with pytest.raises(
        ArtifactError,
        match=r"^old 1\.0 in .*/pylock\.toml has no wheel there, and no index is known that lists",
    ):
        shop.build()
    assert not shop.zip.exists()
