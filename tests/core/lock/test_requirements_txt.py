from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.requirements_txt import RequirementsTxt, read_requirements

if TYPE_CHECKING:
    from pathlib import Path

A, B = "a" * 64, "b" * 64


def read(folder: Path, text: str, **others: str) -> RequirementsTxt:
    for name, content in others.items():
        (folder / f"{name}.txt").write_text(content)
    path = folder / "requirements.txt"
    path.write_text(text)
    return read_requirements(path)


def test_hashes_continue_over_lines(tmp_path: Path) -> None:
    """A requirement with its hashes on lines of their own is one requirement, at its first line."""
    text = f"# made by a tool\nOne.Two==1.0 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B.upper()}\n    # via x\n"
    found = read(tmp_path, text)
    [line] = found.requirements
    assert (line.name, line.pinned, line.hashes) == ("one-two", True, frozenset({A, B}))
    assert line.where == f"{tmp_path / 'requirements.txt'}:2"
    assert found.hashed


@pytest.mark.parametrize(
    ("line", "pinned"),
    [
        ("x==1.0", True),
        ("x===1.0", True),
        ("x[extra]==1.0 ; python_version < '3.13'", True),
        ("x @ https://example.org/x-1.0-py3-none-any.whl", True),
        ("./vendor/x-1.0-py3-none-any.whl", True),
        ("-e ../x", True),
        ("x", False),
        ("x>=1.0", False),
        ("x==1.*", False),
        ("x~=1.0  # a comment", False),
    ],
)
def test_pinned_means_one_version(tmp_path: Path, line: str, pinned: bool) -> None:
    """Only a requirement that allows one version, or names a file, is pinned."""
    [found] = read(tmp_path, f"{line}\n").requirements
    assert found.pinned is pinned


def test_included_files_count(tmp_path: Path) -> None:
    """`-r` brings requirements, `-c` brings none; each file is read once, even when it includes itself."""
    text = "-r more.txt\n--constraint=limits.txt\nx==1\n"
    found = read(tmp_path, text, more="-r requirements.txt\ny==2\n", limits="z==3\n")
    assert [line.name for line in found.requirements] == ["y", "x"]
    assert {path.rpartition("/")[2] for path in found.contents} == {
        "requirements.txt",
        "more.txt",
        "limits.txt",
    }


def test_pages_with_links_are_read(tmp_path: Path) -> None:
    """In each spelling, also of an included file."""
    (tmp_path / "more.txt").write_text("--find-links=https://flat.example/page.html\n")
    path = tmp_path / "requirements.txt"
    path.write_text("-r more.txt\n-f ./wheels\nidna==3.7\n")
    assert read_requirements(path).find_links == ["https://flat.example/page.html", "./wheels"]


def test_a_second_index_is_located(tmp_path: Path) -> None:
    """`--extra-index-url` is found in included files too, with file and line; `--index-url` is no second one."""
    found = read(
        tmp_path,
        "--index-url https://one.example/simple\n-r more.txt\n",
        more="\n--extra-index-url https://two.example\n",
    )
    assert found.extra_indexes == [f"{tmp_path / 'more.txt'}:2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"x==1 --hash=sha256:{A}\ny==2\n", "requirements.txt:2: y has no sha256 hash while others have"),
        ("x==1 --hash=md5:0123\n", "requirements.txt:1: only sha256 hashes can be checked"),
        ("-r missing.txt\n", "missing.txt does not exist"),
    ],
    ids=["partly hashed", "weak hash", "missing include"],
)
def test_what_cannot_be_trusted_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Bad input is one line that names file and line."""
    with pytest.raises(ProjectError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_open_quote_is_one_line(tmp_path: Path) -> None:
    """A quote that is never closed is said with file and line, not as a traceback."""
    with pytest.raises(ProjectError, match=r"requirements\.txt:1: .*quot"):
        read(tmp_path, '-r "more.txt\n')


@pytest.mark.parametrize("text", [f"x==1\t--hash=sha256:{A}\n", f"x==1 \\\n  --hash=sha256:{A} \\"])
def test_odd_spacing_loses_no_hash(tmp_path: Path, text: str) -> None:
    """A tab before the hash, or a backslash at the end of the file, must not turn a hash off."""
    [line] = read(tmp_path, text).requirements
    assert (line.name, line.hashes) == ("x", frozenset({A}))
