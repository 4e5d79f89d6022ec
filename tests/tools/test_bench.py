"""The bench's figures and promises, from samples made up here; and one process really measured."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from tools import bench
from tools.bench_contenders import BUILDER, CONTENDERS, DOWNLOAD, OURS, UV_AND_ZIP, Place
from tools.bench_measure import Archive, BenchError, Result, Sample, measure
from tools.bench_page import page
from tools.bench_report import HEAD, broken_promises, table, text_table
from tools.bench_setup import clean_environment

FILES = frozenset({"python/a.py"})


def result(
    contender: str, *walls: float, size: int | None = None, files: frozenset[str] = FILES, note: str = ""
) -> Result:
    samples = tuple(Sample(wall, wall / 2, 30_000_000) for wall in walls)
    return Result("W2", contender, samples, Archive(size, files) if size else None, note)


def kept() -> dict[str, Result]:
    return {
        OURS: result(OURS, 0.3, 0.1, 0.2, size=1000),
        BUILDER: result(BUILDER, 2.0, 2.0, 9.0, size=1010),
        UV_AND_ZIP: result(UV_AND_ZIP, 2.0, size=1000),
    }


def test_ten_times_faster_and_no_byte_larger_is_as_promised() -> None:
    assert broken_promises(list(kept().values())) == []


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (result(BUILDER, 1.9, 1.9, 9.0), f"W2: 9.5 times faster than {BUILDER}, not 10"),
        (result(OURS, 0.2, size=1001), "W2: the archive has 1001 bytes, zip -9's has 1000"),
        (result(OURS, 0.2), "W2: an archive is missing"),
        (
            result(OURS, 0.2, size=900, files=frozenset({"python/b.py"})),
            "W2: the installed tree lacks files of ours: python/b.py",
        ),
        (result(UV_AND_ZIP, note="not run: no zip"), f"W2: no figure for {UV_AND_ZIP}"),
    ],
    ids=["slower", "larger", "no archive", "other files", "not measured"],
)
def test_a_broken_promise_is_named(changed: Result, text: str) -> None:
    assert broken_promises(list((kept() | {changed.contender: changed}).values())) == [text]


def test_a_row_holds_medians_and_ratios_to_ours_and_to_zip() -> None:
    rows = table(list(kept().values()))
    assert rows[1] == (
        "W2",
        BUILDER,
        "2.000",
        "2.000, 9.000",
        "10.0",
        "1.00",
        "30",
        "0.00 MB",
        "1.0100",
    )


def test_a_contender_without_an_archive_or_without_a_run_has_its_row() -> None:
    rows = table([result(DOWNLOAD, 0.1), result(BUILDER, note="not run: `zip` is not installed")])
    assert rows[0][-2:] == ("", "")
    assert rows[1][2] == "not run: `zip` is not installed"
    assert len(list(text_table(rows))) == 3


def test_the_page_holds_the_table_every_contender_and_the_verdict() -> None:
    rows = table(list(kept().values()))
    text = page(rows, {"W2": 3}, ["Linux, 2 cores"], [])
    assert f"| {' | '.join(HEAD)} |\n| --- | --- | --: |" in text
    assert all(f"**{contender.name}**" in text for contender in CONTENDERS)
    assert "Both held in this run." in text
    assert "- Linux, 2 cores\n" in text
    assert "**Broken**: W2: larger." in page(rows, {"W2": 3}, [], ["W2: larger"])


def test_what_would_change_a_measurement_is_taken_from_the_environment(tmp_path: Path) -> None:
    kept = clean_environment(
        {
            "PATH": "bin",
            "HOME": "home",
            "PYTHONDONTWRITEBYTECODE": "1",
            "UV_CACHE_DIR": "x",
            "UV_INDEX_URL": "i",
        },
        tmp_path,
    )
    assert kept == {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "bin"]),
        "HOME": "home",
        "UV_INDEX_URL": "i",
        "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
        "UV_PYTHON_DOWNLOADS": "never",
    }


def test_each_contender_works_in_its_own_project_and_starts_without_its_last_result(tmp_path: Path) -> None:
    place = Place(tmp_path / "W1", tmp_path / "r.txt", "python", "python3.12", tmp_path / "stores", "aarch64")
    for contender in CONTENDERS:
        command = contender.command(place)
        if command.archive:
            assert any(command.archive.is_relative_to(path) for path in command.fresh)
        assert all(path.is_relative_to(tmp_path) and path != place.project for path in command.fresh)


def test_a_process_is_measured_with_its_children(tmp_path: Path) -> None:
    burn = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(2_000_000))'], check=True)"
    )
    sample = measure([sys.executable, "-c", burn], cwd=tmp_path, env=os.environ, log=tmp_path / "log")
    assert sample.cpu > 0
    assert sample.wall > 0
    assert sample.peak > 1_000_000


def test_a_failing_process_ends_the_bench_and_names_its_log(tmp_path: Path) -> None:
    script = "print('why', flush=True); raise SystemExit(3)"
    with pytest.raises(BenchError, match=r"exit code 3; look at .*log"):
        measure([sys.executable, "-c", script], cwd=tmp_path, env=os.environ, log=tmp_path / "log")
    assert (tmp_path / "log").read_text() == "why\n"


def test_an_archive_is_its_size_and_its_files(tmp_path: Path) -> None:
    path = tmp_path / "layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("python/", "")
        archive.writestr("python/a.py", "")
    assert Archive.read(path) == Archive(path.stat().st_size, FILES)


def test_every_workload_is_in_the_repository() -> None:
    for workload in bench.RUNS:
        assert {path.name for path in (bench.WORKLOADS / workload).iterdir()} >= {
            "pyproject.toml",
            "requirements.txt",
        }
