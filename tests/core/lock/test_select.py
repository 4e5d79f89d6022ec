"""The files that one target installs of a pylock.toml (PEP 751)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import Exported, Locked, LockedDirectory, LockedFile
from constructs_lib.core.lock.select import parse_pylock, select
from constructs_lib.core.target import MACHINES, Target
from tests.support.files.toml import toml_text

MANIFEST = Path("/project/uv.lock")
SHA = "A" * 64


def file(filename: str, **more: object) -> dict[str, Any]:
    return {"url": f"https://index.invalid/{filename}", "hashes": {"sha256": SHA}, **more}


def chosen(*packages: dict[str, Any], target: Target | None = None, **top: object) -> tuple[Locked, ...]:
    pylock = {"lock-version": "1.0", "created-by": "test", "packages": list(packages), **top}
    exported = Exported(parse_pylock(toml_text(pylock), MANIFEST), Path("/project"))
    return select(exported, MANIFEST, target or Target("3.12"))


def native(*versions: str) -> dict[str, Any]:
    """Return a package with a wheel for each of these Pythons on each CPU, and on a Mac."""
    tags = [f"cp{each}-cp{each}" for each in versions]
    platforms = ["manylinux2014_x86_64", "manylinux2014_aarch64", "macosx_11_0_arm64", "musllinux_1_2_x86_64"]
    wheels = [file(f"aa-1.0-{tag}-{platform}.whl") for tag in tags for platform in platforms]
    return {"name": "aa", "version": "1.0", "wheels": wheels, "sdist": file("aa-1.0.tar.gz")}


def test_a_file_of_this_machine_may_be_named_by_its_address() -> None:
    """As uv names those of a flat index."""
    address = {"url": "file:///flat/my%20wheels/aa-1.0.tar.gz", "hashes": {"sha256": SHA}}
    [locked] = chosen({"name": "aa", "version": "1.0", "sdist": address})
    assert isinstance(locked, LockedFile)
    assert locked.location == Path("/flat/my wheels/aa-1.0.tar.gz")


@pytest.mark.parametrize("architecture", MACHINES)
@pytest.mark.parametrize("version", RUNTIMES)
def test_each_cell_gets_its_own_wheel(version: str, architecture: str) -> None:
    """One for the right Python and CPU, whatever this machine is."""
    target = Target(version, architecture)
    [locked] = chosen(native(*(each.replace(".", "") for each in RUNTIMES)), target=target)
    tag = f"cp{version.replace('.', '')}"
    filename = f"aa-1.0-{tag}-{tag}-manylinux2014_{target.machine}.whl"
    assert locked == LockedFile("aa", "1.0", filename, "a" * 64, f"https://index.invalid/{filename}")
    assert isinstance(locked, LockedFile)
    assert locked.is_wheel


def test_markers_decide_and_names_are_sorted() -> None:
    """What does not apply to the target is not there."""
    rows = [("zz", None), ("bb", "sys_platform == 'win32'"), ("aa", "python_version < '3.13'")]
    packages = [
        {"name": name, "version": "1.0", "wheels": [file(f"{name}-1.0-py3-none-any.whl")]}
        | ({"marker": marker} if marker else {})
        for name, marker in rows
    ]
    assert [str(each) for each in chosen(*packages)] == ["aa==1.0", "zz==1.0"]
    assert [str(each) for each in chosen(*packages, target=Target("3.13"))] == ["zz==1.0"]


def test_directories_and_files_are_relative_to_the_project() -> None:
    """Path dependencies have no version and no hash; a file has both."""
    wheel = {"path": "../aa-1.0-py3-none-any.whl", "hashes": {"sha256": SHA}}
    locked = chosen({"name": "lib", "directory": {"path": "../libs/lib"}}, {"name": "aa", "archive": wheel})
    assert locked == (
        LockedFile("aa", "1.0", "aa-1.0-py3-none-any.whl", "a" * 64, Path("/aa-1.0-py3-none-any.whl")),
        LockedDirectory("lib", Path("/libs/lib")),
    )


def test_a_directory_may_be_one_in_a_repository() -> None:
    """`subdirectory` names the project; the folder above is another one."""
    directory = {"path": "../mono", "subdirectory": "packages/lib"}
    assert chosen({"name": "lib", "directory": directory}) == (
        LockedDirectory("lib", Path("/mono/packages/lib")),
    )


def test_only_a_source_of_an_index_has_a_release_to_ask_for() -> None:
    """Not one at an address of its own, nor one whose other wheels are known."""
    packages: dict[str, tuple[dict[str, Any], bool]] = {
        "sdist": ({"sdist": file("aa-1.0.tar.gz")}, True),
        "pure": ({"sdist": file("aa-1.0.tar.gz"), "wheels": [file("aa-1.0-py2-none-any.whl")]}, True),
        "archive": ({"archive": file("aa-1.0.tar.gz")}, False),
        "folder": ({"sdist": {"path": "aa-1.0.tar.gz", "hashes": {"sha256": SHA}}}, True),
        "wheels": (native("310"), False),
    }
    for package, expected in packages.values():
        [locked] = chosen({"name": "aa", "version": "1.0", **package})
        assert isinstance(locked, LockedFile)
        assert locked.is_release_open is expected


def test_a_pure_sdist_passes() -> None:
    """Without any wheel, or with wheels that are pure but for another Python, it may become one here."""
    sdist = file("aa-1.0.tar.gz")
    for wheels in ([], [file("aa-1.0-py2-none-any.whl")]):
        [locked] = chosen(
            {"name": "aa", "version": "1.0", "sdist": sdist, "wheels": wheels}
            if wheels
            else {
                "name": "aa",
                "version": "1.0",
                "sdist": sdist,
            }
        )
        assert isinstance(locked, LockedFile)
        assert (locked.filename, locked.is_wheel) == ("aa-1.0.tar.gz", False)


def refuses(*packages: dict[str, Any], target: Target | None = None, **top: Any) -> str:
    with pytest.raises(ProjectError) as caught:
        chosen(*packages, target=target, **top)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_a_package_without_a_wheel_for_the_target_is_refused() -> None:
    """What there is comes first that is nearest to the target, and the rest is counted."""
    package = native("310", "311", "313")
    del package["sdist"]
    text = refuses(package, target=Target("3.12", "arm64"))
    assert text.startswith(
        "aa 1.0 in /project/uv.lock has no wheel for Python 3.12 on arm64 (glibc 2.34): its wheels are for "
        "cp310-cp310-manylinux2014_aarch64, cp311-cp311-manylinux2014_aarch64, cp313-cp313-manylinux2014_aarch64, "
    )
    assert " and 6 more. " in text


def test_tags_of_any_length_are_cut() -> None:
    """A lock's file name can be as long as the lock."""
    package = native("3" + "9" * 5000, "311", "313")
    del package["sdist"]
    assert len(refuses(package, target=Target("3.12", "arm64"))) < 500


@pytest.mark.parametrize(
    ("packages", "top", "text"),
    [
        (
            (),
            {"requires-python": ">=3.13"},
            "is for Python >=3.13, not for Python 3.12 on x86_64: choose a runtime",
        ),
        ((), {"environments": ["sys_platform == 'win32'"]}, "does not fit Python 3.12 on x86_64: "),
        ((), {"lock-version": "x"}, "gave a pylock.toml that is not valid: "),
        (
            ({"name": "aa", "vcs": {"type": "hg", "url": "https://u:secret@h/x", "commit-id": "1"}},),
            {},
            "aa in /project/uv.lock comes from version control by 'hg': of that only git is read",
        ),
        (
            (
                {
                    "name": "aa",
                    "archive": {"url": "https://h/aa-1.0-py3-none-any.whl", "hashes": {"md5": "1"}},
                },
            ),
            {},
            "has no sha256",
        ),
        (
            ({"name": "aa", "archive": {"url": "https://h/main.zip?x=1#y", "hashes": {"sha256": SHA}}},),
            {},
            "neither a wheel nor a source distribution: 'main.zip'",
        ),
        (
            ({"name": "aa", "archive": file("aa-1.0-cp310-cp310-manylinux2014_x86_64.whl")},),
            {},
            "aa 1.0 in /project/uv.lock has no wheel for Python 3.12 on x86_64: it is locked to the file aa-1.0-cp310",
        ),
    ],
    ids=["python", "environment", "invalid", "hg", "no-sha256", "odd-file", "unfit-file"],
)
def test_a_lock_that_cannot_be_used_is_one_line(
    packages: tuple[dict[str, Any], ...], top: dict[str, Any], text: str
) -> None:
    """With the lock's path or the package's name, and no secret."""
    assert text in refuses(*packages, **top)
    assert "secret" not in refuses(*packages, **top)


@pytest.mark.parametrize("marker", ["os_name ~= 'x'", "'x' in extra"])
def test_a_marker_that_cannot_be_evaluated_is_one_line(marker: str) -> None:
    package = {"name": "aa", "version": "1.0", "wheels": [file("aa-1.0-py3-none-any.whl")], "marker": marker}
    with pytest.raises(ProjectError, match=r"^/project/uv\.lock ") as caught:
        chosen(package)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ({"wheels": [file("aa-1.0-py3-none-any.whl", hashes={"sha256": "../../victim"})]}, "64 hex digits"),
        ({"wheels": [file("aa-1.0-py3-none-any.whl", hashes={"sha256": "a" * 5000})]}, "64 hex digits"),
        ({"archive": file("x.conf")}, "neither a wheel nor a source distribution"),
        ({"archive": {**file("x.whl"), "url": "https://[x/aa.whl"}}, "has no usable address"),
        ({"archive": {"path": "a\x00b.whl", "hashes": {"sha256": SHA}}}, "has no usable path"),
        ({"directory": {"path": "a\x00b"}}, "has no usable path"),
    ],
)  # fmt: skip
def test_a_value_that_is_none_is_refused_before_it_is_used(source: dict[str, Any], text: str) -> None:
    """A digest becomes a name in the store, a path is read, an address is asked."""
    with pytest.raises(ProjectError) as caught:
        chosen({"name": "aa", "version": "1.0", **source})
    assert text in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 500


def test_an_address_is_decoded_for_the_name() -> None:
    """As the local versions of PyTorch are addressed."""
    filename = "aa-1.0%2Bcpu-py3-none-any.whl"
    [locked] = chosen({"name": "aa", "archive": file(filename)})
    assert isinstance(locked, LockedFile)
    assert (locked.filename, locked.version) == ("aa-1.0+cpu-py3-none-any.whl", "1.0+cpu")
    assert locked.location == f"https://index.invalid/{filename}"


def test_a_file_address_is_a_path() -> None:
    """As uv writes it for a folder of wheels."""
    wheel = {"url": "file:///links/aa-1.0-py3-none-any.whl", "hashes": {"sha256": SHA}}
    [locked] = chosen({"name": "aa", "version": "1.0", "wheels": [wheel]})
    assert isinstance(locked, LockedFile)
    assert locked.location == Path("/links/aa-1.0-py3-none-any.whl")


@pytest.mark.parametrize(
    "marker",
    ["extra == 'x'", "sys_platform === 'linux'", "sys_platform ~= 'linux'", "python_version >", "(" * 4000],
)
def test_every_odd_marker_is_one_short_line(marker: str) -> None:
    """Its parser draws a picture of three lines."""
    with pytest.raises(ProjectError) as caught:
        chosen(
            {"name": "aa", "version": "1.0", "marker": marker, "wheels": [file("aa-1.0-py3-none-any.whl")]}
        )
    assert caught.value.id == "lock-invalid"
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 500
