"""A requirements file with all that it includes."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.requirements.requirements_txt import (
    MOST_FILES,
    RequirementsTxt,
    read_requirements,
)

A, B = "a" * 64, "b" * 64


def read(folder: Path, text: str, **others: str) -> RequirementsTxt:
    for name, content in others.items():
        (folder / f"{name}.txt").write_text(content)
    path = folder / "requirements.txt"
    path.write_text(text)
    return read_requirements(path, folder)


def refusal(folder: Path, text: str, **others: str) -> str:
    with pytest.raises(ProjectError) as caught:
        read(folder, text, **others)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "")


def test_hashes_continue_over_lines(tmp_path: Path) -> None:
    """A requirement with its hashes on lines of their own is one requirement, at its first line."""
    text = f"# made by a tool\nOne.Two==1.0 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B.upper()}\n    # via x\n"
    document = read(tmp_path, text)
    [line] = document.requirements
    assert (line.name, line.is_pinned, line.hashes) == ("one-two", True, frozenset({A, B}))
    assert line.where == document.hashes_asked == f"{tmp_path / 'requirements.txt'}:2"


@pytest.mark.parametrize(
    "text",
    [f"x==1\t--hash=sha256:{A}\n", f"x==1 \\\n  --hash=sha256:{A} \\", f"\ufeffx==1 --hash sha256:{A}"],
)
def test_odd_spacing_loses_no_hash(tmp_path: Path, text: str) -> None:
    """A tab, a backslash at the end of the file, or a byte order mark must not turn a hash off."""
    [line] = read(tmp_path, text).requirements
    assert (line.name, line.hashes) == ("x", frozenset({A}))


@pytest.mark.parametrize(
    "text", [f"x==1 --hash=sha256:{A}", "--require-hashes\nx", "x\n-r more.txt", "x\n-c more.txt"]
)
def test_anything_in_the_files_asks_for_hashes(tmp_path: Path, text: str) -> None:
    """A line, an option, an included file, a constraint."""
    assert read(tmp_path, text, more=f"y==1 --hash=sha256:{A}").hashes_asked
    assert not read(tmp_path, "x").hashes_asked


def test_included_files_count(tmp_path: Path) -> None:
    """`-r` brings requirements, `-c` brings constraints, also through several files."""
    text = "-r more.txt\n--constraint=limits.txt\nx==1\n"
    document = read(tmp_path, text, more="-c limits.txt\ny==2\n", limits="-c last.txt\nz==3\n", last="w==4")
    assert [line.name for line in document.requirements] == ["y", "x"]
    assert [line.name for line in document.constraints] == ["w", "z", "w", "z"]


def test_includes_start_from_the_file_that_names_them(tmp_path: Path) -> None:
    """Paths of projects start from the folder of the project, as for pip and uv."""
    (tmp_path / "sub" / "pkg").mkdir(parents=True)
    (tmp_path / "sub" / "a.txt").write_text("-r b.txt")
    (tmp_path / "sub" / "b.txt").write_text("x==1\n-f pkg\n")
    document = read(tmp_path, f"-r {(tmp_path / 'sub').as_uri()}/a.txt")
    assert [line.name for line in document.requirements] == ["x"]
    assert document.find_links == [(tmp_path / "sub" / "pkg").as_uri()]


def test_the_last_index_counts_and_further_ones_have_their_place(tmp_path: Path) -> None:
    """A second index may stand in an included file, and a flat one is one too."""
    document = read(
        tmp_path,
        "--index-url https://one.example/simple\n-r more.txt\n-i https://three.example\n",
        more="\n--extra-index-url https://two.example\n--find-links https://links.example\n",
    )
    assert document.index_url == "https://three.example"
    more = tmp_path / "more.txt"
    assert document.extra_indexes == [(f"{more}:2", "--extra-index-url"), (f"{more}:3", "--find-links")]
    assert document.extra_index_urls == ["https://two.example"]


def test_settings(tmp_path: Path) -> None:
    """Those that change what is chosen; three change nothing here."""
    text = "--no-index\n--pre\n--no-binary One,two\n--only-binary=:all:\n--trusted-host h\n--prefer-binary\n"
    document = read(tmp_path, f"{text}--use-feature x\n-i {tmp_path}")
    assert document.is_index_off
    assert document.are_prereleases_allowed
    assert document.binaries == [("--no-binary", "one"), ("--no-binary", "two"), ("--only-binary", ":all:")]
    assert document.index_url == tmp_path.as_uri()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x==1 --hash=md5:0123\n", "requirements.txt:1: only sha256 hashes can be checked"),
        (f"x==1 --hash=sha512:{A}{A}\n", "requirements.txt:1: only sha256 hashes can be checked"),
        ("x==1 --hash=sha256:abc\n", "requirements.txt:1: 'sha256:abc' is no hash"),
        (f"x==1 --hash=sha256:{A}0\n", "is no hash"),
        (f"x==1 --hash ={A}\n", "is no hash"),
        (f"x==1 \\\n# why\n--hash=sha256:{A}\n", "requirements.txt:3: --hash stands alone"),
        ("-r missing.txt\n", "missing.txt does not exist"),
        ("-r ${REQS_NONE}/a.txt\n", "requirements.txt:1: the variable REQS_NONE is not set"),
        (
            "-c https://h.example/c.txt\n",
            "'https://h.example/c.txt' is not followed, since it may change: download",
        ),
        ('-r "more.txt\n', "requirements.txt:1: "),
        ("-r requirements.txt", "requirements.txt includes itself"),
        ("-r loop.txt", "loop.txt:1: requirements.txt includes itself"),
        ("-c nested.txt", "nested.txt:1: -r in a file of constraints"),
        ("-c place.txt", "place.txt:1: a constraint is a name"),
        ("x -r more.txt", "-r, -c and -e are read alone on a line"),
        ("-r more.txt --no-index", "-r, -c and -e are read alone on a line"),
        ("-e . --no-index", "-r, -c and -e are read alone on a line"),
        ("x --no-index", "--no-index stands behind a requirement"),
        ("-i nowhere", "'nowhere' is no index"),
        ("-i https://[x", "'https://[x' is no address"),
        ("-f https://h.example:port/", "is no address"),
        ("-r file://[x", "is no address"),
        ("x @ https://[x/y.whl", "is no address"),
        ("git+https://[x/y", "is no address"),
        ("-f nowhere", "nowhere is no folder"),
        ("-f more.txt", "more.txt is no folder"),
        ("--no-binary -x-", "'-x-' is no name of a distribution"),
        ("--index-url https://me:secret@h.example", "carries a user name or password"),
    ],
)
def test_what_is_not_understood_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    """By file and line: what is passed over may have been a check."""
    monkeypatch.delenv("REQS_NONE", raising=False)
    others = {
        "more": "y",
        "loop": "-r requirements.txt",
        "nested": "-r more.txt",
        "place": "https://h.example/x.zip",
    }
    line = refusal(tmp_path, text, **others)
    assert message in line
    assert "secret" not in line


@pytest.mark.parametrize(
    ("text", "is_alone"),
    [
        ("", False),
        ("--no-binary x", True),
        ("--no-binary X,y", True),
        ("--no-binary y", False),
        ("--no-binary :all:", True),
        ("--no-binary :all:\n--no-binary :none:", False),
        ("--no-binary :all:\n--only-binary x", False),
        ("--only-binary :all:\n--no-binary x", True),
        ("--no-binary x\n--only-binary :all:", False),
    ],
)
def test_no_binary(tmp_path: Path, text: str, is_alone: bool) -> None:
    """The last option for a name counts, as for pip."""
    assert read(tmp_path, text).is_source_alone("x") is is_alone


def test_files_that_include_each_other_twice_come_to_an_end(tmp_path: Path) -> None:
    """Twenty of them would be read a million times."""
    for number in range(20):
        (tmp_path / f"f{number}.txt").write_text(f"-r f{number + 1}.txt\n" * 2)
    (tmp_path / "f20.txt").touch()
    assert refusal(tmp_path, "-r f0.txt").startswith(
        f"requirements.txt includes more than {MOST_FILES} files"
    )


_WORDS = st.sampled_from(
    [
        *(
            "x",
            "x==1",
            "x[y]",
            "./x",
            "https://h.example/x-1-py3-none-any.whl",
            "; os_name == 'posix'",
            "#",
            "\\\n",
        ),
        *(
            "--hash",
            f"--hash=sha256:{A}",
            f"sha256:{A}",
            "--hash=sha256:",
            "\n",
            "\ufeff",
            "\t",
            "=",
            '"',
            "-r",
            "-c",
        ),
        *(
            "-e",
            ".",
            "more.txt",
            "--require-hashes",
            "--extra-index-url",
            "https://two.example",
            "--pre",
            "${HOME}",
        ),
    ]
)


@given(st.lists(_WORDS, max_size=12), st.sampled_from(["", " "]))
def test_no_file_is_half_understood(words: list[str], joint: str) -> None:
    """It is refused in one line; else each hash that it holds counts, and each further index is known."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").touch()
        (folder / "more.txt").write_text("more==1\n")
        (folder / "requirements.txt").write_text(joint.join(words))
        document: RequirementsTxt | None
        refusal = ""
        try:
            document = read_requirements(folder / "requirements.txt", folder)
        except ProjectError as error:
            document, refusal = None, str(error)
    assert "\n" not in refusal
    assert len(refusal) < 500
    if document is None:
        return
    text = re.sub(r"(?m)(^|\s)#.*$", "", joint.join(words).replace("\\\n", ""))
    if re.search(r"(^|\s)--(hash|require-hashes)", text):
        assert document.hashes_asked
    if re.search(r"(^|\s)--extra-index-url", text):
        assert document.extra_indexes
