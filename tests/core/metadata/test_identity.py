"""A wheel's file name, METADATA and dist-info give one distribution."""

from __future__ import annotations

import pytest

from constructs_lib.core.errors import WheelError
from constructs_lib.core.metadata.identity import refuse_other_identity
from constructs_lib.core.wheels.contents import wheel_contents
from tests.support.files.wheels import Member, wheel_of, zip_bytes


def check(metadata: str, filename: str = "demo-1.0-py3-none-any.whl", **files: str) -> None:
    stem = "-".join(filename.split("-")[:2])
    members = {
        f"{stem}.dist-info/METADATA": metadata,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\n",
        **files,
    }
    wheel = wheel_of(zip_bytes((name, Member(text.encode())) for name, text in members.items()), filename)
    refuse_other_identity(wheel, wheel_contents(wheel, "python/"))


def metadata(name: str = "demo", version: str = "1.0") -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


@pytest.mark.parametrize(
    ("text", "filename"),
    [
        (metadata(), "demo-1.0-py3-none-any.whl"),
        (metadata("Demo", "1.0.0"), "demo-1.0-py3-none-any.whl"),
        (metadata("My.Demo"), "my_demo-1.0-py3-none-any.whl"),
        (metadata("my_demo"), "My.Demo-1.0-py3-none-any.whl"),
        (metadata(version="1.0+cu118.x"), "demo-1.0+cu118.x-py3-none-any.whl"),
        (metadata(version="1.0.post1"), "demo-1.0_1-py3-none-any.whl"),
        (metadata(version="v1.0"), "demo-1.0-1-py3-none-any.whl"),
        (metadata() + "\nName: evil\n", "demo-1.0-py3-none-any.whl"),
    ],
)
def test_other_spellings_of_one_name_and_version_are_accepted(text: str, filename: str) -> None:
    """Normalized or not, as pip and uv compare them; the description may hold any text."""
    check(text, filename)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (metadata("evil"), "name is evil in its METADATA and demo in its file name"),
        (metadata(version="9.9"), "version is 9.9 in its METADATA and 1.0 in its file name"),
        (metadata(version="1.0+local"), "version is 1.0+local in its METADATA"),
        ("", "name is none in its METADATA"),
        ("Name: demo\n", "version is none in its METADATA"),
        (metadata() + "Name: evil\n", "name is demo and evil in its METADATA"),
        (metadata("ev\x1bil"), r"name is 'ev\x1bil' in its METADATA"),
        (metadata(version="x" * 5000), "version is 'xxx"),
    ],
)
def test_another_name_or_version_is_refused(text: str, problem: str) -> None:
    """Also two of them, and none: other programs would read another one. The line is short."""
    with pytest.raises(WheelError) as caught:
        check(text)
    assert caught.value.id == "wheel-invalid"
    line = str(caught.value)
    assert line.startswith("demo-1.0-py3-none-any.whl is not the distribution that its file name gives: ")
    assert problem in line
    assert len(line) < 500
    assert line.isprintable()


@pytest.mark.parametrize("folder", ["demo-1.0.data/purelib/requests-2.0.dist-info", "requests-2.0.DIST-INFO"])
def test_a_second_distribution_is_refused(folder: str) -> None:
    """`importlib.metadata` would report a distribution that is not locked; it takes other cases too."""
    top = folder.rpartition("/")[2]
    with pytest.raises(WheelError, match=f"it installs {top} beside demo-1.0.dist-info"):
        check(metadata(), **{f"{folder}/METADATA": metadata("requests", "2.0")})
