"""Which files belong to a folder of sources, and one hash over them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from constructs_lib.core.errors import ArtifactError
from constructs_lib.core.project.source_files import hash_tree, is_match, source_files, walk


def plant(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def found(root: Path, include: list[str] | None = None, exclude: list[str] | None = None) -> set[str]:
    return {path.as_posix() for path in source_files(root, include, exclude)}


@pytest.mark.parametrize(
    ("path", "include", "exclude", "taken"),
    [
        ("a.py", None, None, True),
        ("a.py", [], [], True),
        ("a.py", ["*.py"], None, True),
        ("a.md", ["*.py"], None, False),
        ("deep/er/a.py", ["*.py"], None, True),
        ("a.py", ["*.py"], ["a.py"], False),
        ("a.py", None, ["a.py"], False),
        ("b.py", None, ["a.py"], True),
        ("tests/a.py", None, ["tests/*"], False),
        ("tests/deep/a.py", None, ["tests/*"], False),
        ("tests/a.py", None, ["tests/**"], False),
        ("tests/deep/er/a.py", None, ["tests/**"], False),
        ("docs/a/b.md", None, ["docs/"], False),
        ("src/docs/b.md", None, ["docs/"], False),
        ("src/docs/b.md", None, ["/docs/"], True),
        ("docs/b.md", ["docs/"], None, True),
        ("docs/deep/b.md", ["docs/**"], ["docs/deep/"], False),
        ("tests", None, ["tests/"], True),
        ("src/mytests/a.py", None, ["tests/*"], True),
        ("src/tests/a.py", None, ["tests/*"], True),
    ],
)
def test_exclude_comes_before_include_and_include_before_everything(
    path: str, include: list[str] | None, exclude: list[str] | None, taken: bool
) -> None:
    """Patterns are those of .gitignore; a folder's pattern takes what is nested in it."""
    assert is_match(path.split("/"), include, exclude) is taken


def test_the_callers_lists_are_not_changed(tmp_path: Path) -> None:
    """They may be constants that another build uses."""
    include, exclude = ["src/"], ["tests/*"]
    found(plant(tmp_path, "src/a.py"), include, exclude)
    is_match(["src", "a.py"], include, exclude)
    assert (include, exclude) == (["src/"], ["tests/*"])


def test_files_are_sorted_by_path(tmp_path: Path) -> None:
    """Not in the order the file system happens to list them."""
    plant(tmp_path, "b.py", "a/z.py", "a.py", "B.py", "a/b/c.py")
    assert [path.as_posix() for path in source_files(tmp_path)] == [
        "B.py",
        "a.py",
        "a/b/c.py",
        "a/z.py",
        "b.py",
    ]


def test_what_tools_make_stays_out(tmp_path: Path) -> None:
    """It differs from machine to machine; what only looks like it is code."""
    made = [".git/HEAD", ".venv/x", "venv/x", "node_modules/x", "cdk.out/x", "build/x", "dist/x", ".tox/x"]
    made += ["a/__pycache__/x.pyc", "x.pyc", "src/x.egg-info/PKG-INFO", ".mypy_cache/x", "a/.pytest_cache/x"]
    made += [".ruff_cache/x", ".DS_Store", "a/.DS_Store", ".idea/x"]
    code = [
        "src/image_cache/__init__.py",
        "src/app/build/x.py",
        "src/app/venv/x.py",
        "lru_cache",
        ".gitignore",
    ]
    assert found(plant(tmp_path, *made, *code)) == set(code)


def test_the_output_of_cdk_stays_out_by_any_name(tmp_path: Path) -> None:
    """While the app runs there are assets alone, and its mark is there when it has ended."""
    asset = f"asset.{'0f' * 32}"
    made = [f"running/{asset}.zip", f"folders/{asset}/x.py", f"nested/running/{asset}.json", "running/x.json"]
    made += ["ended/cdk.out", "ended/manifest.json", "infra/cdk.out/x"]
    code = ["infra/app.py", "asset.py", "assets/asset.abc.zip", f"assets/my-{asset}", "a/assetXyz"]
    assert found(plant(tmp_path, *made, *code)) == set(code)


def test_secrets_stay_out_even_when_asked_for(tmp_path: Path) -> None:
    """What is copied ends in a zip that others may read."""
    secrets = [".env", "src/.env", ".netrc", ".pypirc", "pip.conf"]
    root = plant(tmp_path, *secrets, "a.py", "env.py", ".env.example")
    assert found(root) == {"a.py", "env.py", ".env.example"}
    assert found(root, include=["**"]) == {"a.py", "env.py", ".env.example"}
    assert found(root, include=[".env"]) == set()


def test_links_inside_the_tree_are_followed(tmp_path: Path) -> None:
    """A file or a folder that is a link counts as what it points to."""
    plant(tmp_path, "real/a.py", "real/sub/b.py")
    (tmp_path / "file.py").symlink_to("real/a.py")
    (tmp_path / "folder").symlink_to("real")
    assert found(tmp_path) == {"real/a.py", "real/sub/b.py", "file.py", "folder/a.py", "folder/sub/b.py"}


def net(root: Path, size: int, *, cyclic: bool = False) -> Path:
    """Make folders, each with links to those behind it, or to all others: each folder doubles the ways."""
    for number in range(size):
        plant(root, f"{number}/a.py")
        for other in range(0 if cyclic else number + 1, size):
            if other != number:
                (root / str(number) / f"to{other}").symlink_to(f"../{other}")
    return root


def test_every_way_through_links_counts_unless_there_are_too_many(tmp_path: Path) -> None:
    """Three folders have few ways; twenty would have a million."""
    assert len(found(net(tmp_path / "few", 3))) == 1 + 2 + 4
    root = net(tmp_path / "many", 20)
    with pytest.raises(
        ArtifactError, match=r"lead through each other, more than 1000 ways, one of them 0/to1/"
    ):
        source_files(root)
    with pytest.raises(ArtifactError, match="lead through each other"):
        list(walk(root, is_project=False))


def test_links_in_a_circle_are_refused_at_once(tmp_path: Path) -> None:
    """Not after all ways have been walked, which grow as the factorial."""
    with pytest.raises(ArtifactError, match="/0/to1/to0 is a link to a folder that it lies in"):
        source_files(net(tmp_path / "circles", 20, cyclic=True))


def test_an_excluded_folder_is_not_walked(tmp_path: Path) -> None:
    """Unless a later pattern takes a part of it back."""
    net(plant(tmp_path, "a.py", "docs/b.md") / "vendor", 20)
    assert found(tmp_path, exclude=["vendor/", "docs"]) == {"a.py"}
    assert found(tmp_path, exclude=["vendor/*"]) == {"a.py", "docs/b.md"}
    root = plant(tmp_path / "other", "docs/keep/c.md", "docs/b.md")
    assert found(root, exclude=["docs/", "!docs/keep/"]) == {"docs/keep/c.md"}


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda root: (root / "odd").symlink_to("../outside/secret.py"), "is a link that leaves"),
        (lambda root: (root / "odd").symlink_to("../outside"), "is a link that leaves"),
        (lambda root: (root / "odd").symlink_to("/etc"), "is a link that leaves"),
        (lambda root: (root / "odd").symlink_to("nothing"), "is neither a file nor a folder"),
        (lambda root: (root / "odd").symlink_to("odd"), "is neither a file nor a folder"),
        (lambda root: (root / "odd").symlink_to("."), "is a link to a folder that it lies in"),
        (lambda root: os.mkfifo(root / "odd"), "is neither a file nor a folder"),
    ],
    ids=["file-outside", "folder-outside", "absolute", "dangling", "self", "loop", "pipe"],
)
def test_what_is_no_file_of_the_project_is_refused(tmp_path: Path, make: object, why: str) -> None:
    """At once, in one line with the path; whoever excludes it does not hear of it."""
    root = plant(tmp_path / "root", "a.py")
    plant(tmp_path / "outside", "secret.py")
    make(root)  # type: ignore[operator]
    with pytest.raises(ArtifactError, match=why) as caught:
        source_files(root)
    assert str(root / "odd") in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert found(root, exclude=["odd"]) == {"a.py"}


def test_the_hash_is_independent_of_folder_clock_and_owner(tmp_path: Path) -> None:
    """The same files elsewhere, with other times and other permission bits, have the same hash."""
    hashes = set()
    for name, mode, time in (("one", 0o644, 0), ("two", 0o600, 1_000_000_000)):
        root = plant(tmp_path / name, "a.py", "b/c.py")
        (root / "a.py").chmod(mode)
        os.utime(root / "a.py", (time, time))
        hashes.add(hash_tree(root, source_files(root)))
    assert len(hashes) == 1


def test_every_file_name_content_and_executable_bit_counts(tmp_path: Path) -> None:
    """Also content that moves from one file to the next."""
    root = plant(tmp_path, "a", "b")
    files = source_files(root)
    seen = [hash_tree(root, files)]
    (root / "a").write_text("changed")
    seen.append(hash_tree(root, files))
    (root / "a").chmod(0o755)
    seen.append(hash_tree(root, files))
    (root / "a").rename(root / "c")
    seen.append(hash_tree(root, source_files(root)))
    (root / "b").write_text("")
    (root / "c").write_text("changedb")
    seen.append(hash_tree(root, source_files(root)))
    assert len(set(seen)) == 5


def test_a_folder_that_cannot_be_listed_is_one_line(tmp_path: Path) -> None:
    """A file that vanishes between listing and reading says so too."""
    with pytest.raises(ArtifactError, match=r"/gone cannot be read: No such file or directory$"):
        source_files(tmp_path / "gone")
    with pytest.raises(ArtifactError, match=r"/gone does not exist$"):
        hash_tree(tmp_path, [Path("gone")])


@pytest.mark.parametrize(("include", "exclude"), [(["["], None), (None, ["!"])])
def test_an_invalid_pattern_is_one_line(include: list[str] | None, exclude: list[str] | None) -> None:
    """Named with the argument that has it."""
    with pytest.raises(ArtifactError, match=f"^{'include' if include else 'exclude'} has '") as caught:
        is_match(["a.py"], include, exclude)
    assert caught.value.id == "pattern-invalid"
