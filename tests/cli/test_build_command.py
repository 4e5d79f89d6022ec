"""`build` and `inspect`, with a real project and its lock."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import pytest

from constructs_lib.cli.app import app
from tests.support.click_runner import CliRunner
from tests.support.files.projects import PYPROJECT, lock, make_project, require_boto3
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["-q", *(str(each) for each in arguments)])


def refused(done: Result, code: int = 1) -> str:
    """Return the line on stderr."""
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["layer.zip", "sbom.cdx.json", "uv.lock"])
def test_a_file_that_cannot_be_written_is_said(name: str, shop: Path, tmp_path: Path) -> None:
    """Whichever of the three it is."""
    (tmp_path / "out" / name).mkdir(parents=True)
    line = refused(run("build", shop, "--out", tmp_path / "out"))
    assert (
        re.sub(r"\[[a-z-]+\]", "", line)
        == f"error: {tmp_path / 'out' / name} cannot be written: Is a directory"
    )


def test_a_page_that_cannot_be_written_is_said(shop: Path, tmp_path: Path) -> None:
    """One line, and nothing half-written."""
    (tmp_path / "file").touch()
    line = refused(run("inspect", shop, "--html", tmp_path / "file" / "layer.html"))
    assert f": {tmp_path / 'file' / 'layer.html'} cannot be written: " in line
    assert line.startswith("error[")


def test_a_page_is_written_with_the_folders_above_it(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "layer.html"
    assert run("inspect", shop, "--html", path).stdout == f"{path}\n"
    assert path.read_text().startswith("<!doctype html>")


def test_a_preview_is_built_with_a_note(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--python 3.15`, while Lambda has it in public preview; a runtime that has ended is a warning."""
    monkeypatch.setattr("constructs_lib.core.layer.build_layer.current_day", lambda: date(2026, 11, 28))
    assert json.loads(run("inspect", shop, "--python", "3.15", "--json").stdout)["python"] == "3.15"
    done = run("build", shop, "--out", tmp_path, "--python", "3.15")
    assert "python3.15 was a public preview of Lambda on 20" in done.output
    ended = run("build", shop, "--out", tmp_path, "--python", "3.10")
    assert "python3.10 has ended: from 2026-10-31 on Lambda no longer patches it" in ended.output
    assert "python3" not in run("build", shop, "--out", tmp_path, "--python", "3.13").output


def test_notes_are_told_beside_the_warnings(shop: Path, tmp_path: Path) -> None:
    """In the document of both commands, and by `build` to a person, as the construct tells them at synth."""
    require_boto3(shop)
    for command in (("build", shop, "--out", tmp_path), ("inspect", shop)):
        [finding] = json.loads(run(*command, "--json").stdout)["findings"]
        assert (finding["id"], finding["level"]) == ("ignored-dependency", "note")
    assert run("build", shop, "--out", tmp_path).stdout.startswith("note: boto3==1.0 is left out")


def test_a_note_is_shown_once(shop: Path, tmp_path: Path) -> None:
    """On stdout with the result; the progress on stderr does not repeat it."""
    require_boto3(shop)
    done = CliRunner().invoke(app, ["build", str(shop), "--out", str(tmp_path)])
    assert (done.stdout.count("is left out"), done.stderr.count("is left out")) == (1, 0)


def test_an_sbom_that_is_not_there_is_said_before_anything_is_built(shop: Path, tmp_path: Path) -> None:
    (shop / "uv.lock").unlink()
    assert "none.json" in refused(run("inspect", shop, "--against", tmp_path / "none.json"), code=2)


def test_an_option_of_layers_is_not_ignored_for_a_source(shop: Path, tmp_path: Path) -> None:
    """Neither that of a default value, which somebody has written down."""
    line = refused(run("build", shop, "--source", "--out", tmp_path, "--arch", "x86_64"), code=2)
    assert line == "Error: --arch is about layers and means nothing with --source: leave it out"
    assert run("build", shop, "--source", "--out", tmp_path, "--json").exit_code == 0


def test_a_source_has_findings_too(shop: Path, tmp_path: Path) -> None:
    """As lines before the result, and in the JSON."""
    (shop / "src" / "shop" / ".npmrc").write_text("token")
    command = ("build", shop, "--source", "--out", tmp_path)
    [finding] = json.loads(run(*command, "--json").stdout)["findings"]
    assert (finding["id"], finding["level"]) == ("secret-files", "note")
    assert run(*command).stdout.startswith(f"note: {finding['text']}\n")


def test_a_function_is_one_zip_with_lock_file_and_sbom_beside_it(shop: Path, tmp_path: Path) -> None:
    done = json.loads(run("build", shop, "--function", "--out", tmp_path / "out", "--json").stdout)
    assert (done["version"], done["distributions"]) == ("1.2.3", ["cart==1.0"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "function.zip",
        "sbom.cdx.json",
        "uv.lock",
    ]
    with zipfile.ZipFile(done["path"]) as archive:
        assert {"cart.py", "shop/__init__.py"} <= set(archive.namelist())


def test_results_in_a_folder_of_the_project_are_no_files_of_it(tmp_path: Path) -> None:
    """Each build gives the same bytes, also where another kind of zip was built into the same folder."""
    shop = make_project(tmp_path / "shop", PYPROJECT.replace("[build-system]", "[tool.unused]"))

    def built(kind: str) -> str:
        done = run("build", shop, f"--{kind}", "--out", shop / "out", "--json")
        return str(json.loads(done.stdout)["sha256"])

    first = [built("source"), built("function")]
    (shop / "out" / "layer.zip").write_bytes(b"")
    assert [built("source"), built("function")] == first


def test_patterns_choose_files_of_the_project(shop: Path, tmp_path: Path) -> None:
    """Of sources and functions; a layer has none of its files."""
    (shop / "src" / "shop" / "notes.txt").write_text("x")
    for kind in ("source", "function"):
        done = run("build", shop, f"--{kind}", "--out", tmp_path, "--exclude", "*.txt", "--json")
        with zipfile.ZipFile(json.loads(done.stdout)["path"]) as archive:
            assert "shop/notes.txt" not in archive.namelist()
    line = refused(run("build", shop, "--out", tmp_path, "--exclude", "*.txt"), code=2)
    assert line == "Error: --exclude means nothing for a layer, which holds dependencies alone: leave it out"


def test_a_zip_is_of_one_kind(shop: Path, tmp_path: Path) -> None:
    line = refused(run("build", shop, "--out", tmp_path, "--source", "--function"), code=2)
    assert line == "Error: --source and --function are two kinds of zip: choose one"


def test_the_document_has_what_was_left_out(shop: Path, tmp_path: Path) -> None:
    """The sum, and each distribution; zero for a build with all files."""
    make_wheel(shop / "vendor", "cart", files={"cart.py": b"", "tests/a.py": b"12345"})
    (shop / "uv.lock").unlink()
    lock(shop)
    document = json.loads(run("inspect", shop, "--exclude-files", "tests/", "--json").stdout)
    assert (document["excluded_bytes"], document["excluded_files"]) == (5, 1)
    assert document["excluded"] == [{"name": "cart", "files": 1, "unzipped_bytes": 5}]
    document = json.loads(run("inspect", shop, "--json").stdout)
    assert (document["excluded_bytes"], document["excluded_files"], document["excluded"]) == (0, 0, [])


def test_a_name_that_left_out_nothing_is_told(shop: Path, tmp_path: Path) -> None:
    """A misspelled `--ignore` would go unseen."""
    require_boto3(shop)
    command = ["build", str(shop), "--out", str(tmp_path), "--ignore", "boto3", "--ignore", "Crat"]
    for kind in ([], ["--function"]):
        done = CliRunner().invoke(app, [*command, *kind])
        assert done.stderr.count("--ignore") == 1
        assert "note: --ignore Crat leaves out nothing" in done.stderr


def test_a_report_is_written_beside_the_zip(shop: Path, tmp_path: Path) -> None:
    """As the construct's `report` does."""
    assert run("build", shop, "--out", tmp_path, "--report", tmp_path / "layer.html").exit_code == 0
    assert "<html" in (tmp_path / "layer.html").read_text()


def test_patterns_that_leave_nothing_are_told_as_options(shop: Path, tmp_path: Path) -> None:
    """In the words of the person who gave them."""
    line = refused(run("build", shop, "--source", "--out", tmp_path, "--include", "nothing*"))
    assert "--include nothing* leaves nothing" in line


def test_a_second_index_has_an_option(shop: Path, tmp_path: Path) -> None:
    """The refusal names it, and it lets the file through."""
    (shop / "uv.lock").unlink()
    (shop / "requirements.txt").write_text("--extra-index-url https://index.example/simple\n")
    out = ("--out", tmp_path)
    assert "allow it with --allow-extra-index-url" in refused(run("build", shop, *out))
    assert "extra-index-refused" not in run("build", shop, *out, "--allow-extra-index-url").stderr
