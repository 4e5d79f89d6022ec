"""The bench's tables, plots and verdicts, from invented figures; and one process that is really measured."""

from __future__ import annotations

import ast
import datetime as dt
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.bench.app_contenders import (
    APP,
    DIFFERENT_LOCKS,
    LOCAL,
    MANY,
    ONE_LAYER,
    ONE_LOCK,
    SYNTH,
    WITHOUT,
)
from tools.bench.benchmark_page import render_page
from tools.bench.contenders import (
    ALPHA,
    BUILDER,
    BYTECODE,
    COMPRESS,
    COMPRESSION,
    DOWNLOAD,
    FLOOR,
    IMPORTS,
    LAYER,
    OURS,
    OURS_EMPTY,
    OURS_ONE_ZIP,
    OURS_TREE,
    PEX,
    SAM,
    SOURCES,
    UV_ALONE,
    UV_AND_ZIP,
    UV_EMPTY,
    ZIP,
)
from tools.bench.goals import FASTER_THAN_BUILDER, verdicts
from tools.bench.lock_contenders import LARGE, SLOW, UV_EXPORT, UV_PYLOCK
from tools.bench.machine import peer_versions
from tools.bench.measure import MIN_RUNS, QUICK_SECONDS, Archive, BenchError, Result, Sample, measure
from tools.bench.model import Command, Contender, Place, Section
from tools.bench.plot import plots
from tools.bench.run import PARTS, ROOT, WORKLOADS, measured_pairs, needs_sample, part
from tools.bench.sections import SECTIONS
from tools.bench.tables import head, table, text_tables
from tools.bench.workspace import clean_environment

FILES = frozenset({"python/a.py"})
TODAY = dt.date(2026, 1, 2)
ALL = [(section, contender) for section in SECTIONS for contender in section.contenders]
IDS = [f"{section.name} {contender.name}" for section, contender in ALL]


def result(
    section: Section,
    contender: str,
    *walls: float,
    second: float | None = None,
    size: int | None = None,
    files: frozenset[str] = FILES,
    note: str = "",
    peak: int = 30_000_000,
) -> Result:
    samples = tuple(Sample(wall, wall / 2, peak) for wall in walls)
    again = (Sample(second, second, 1),) if second else ()
    archive = Archive(size, files) if size else None
    return Result(section.name, "W2", contender, samples, again, archive, note)


def met() -> dict[tuple[str, str], Result]:
    """Figures that just reach each goal."""
    results = [
        result(LAYER, OURS, 0.3, 0.1, 0.2, second=0.25, size=1000),
        result(LAYER, OURS_ONE_ZIP, 0.24, size=1010),
        result(LAYER, OURS_TREE, 1.0, size=990),
        result(LAYER, BUILDER, 5.0, 5.0, 9.0, size=1010),
        result(LAYER, SAM, 6.0, second=1.5),
        result(LAYER, UV_AND_ZIP, 2.0, size=1000),
        result(LAYER, OURS_EMPTY, 0.39, size=1000),
        result(LAYER, DOWNLOAD, 0.3),
        result(LAYER, UV_ALONE, 0.1),
        result(LAYER, UV_EMPTY, 0.325),
        result(LAYER, FLOOR, 0.05),
        result(SLOW, OURS_EMPTY, 1.05),
        result(SLOW, DOWNLOAD, 1.0),
        result(SLOW, UV_PYLOCK, 1.0),
        result(LARGE, OURS, 0.5, peak=200_000_000),
        result(LARGE, UV_EXPORT, 0.4, peak=300_000_000),
        result(COMPRESSION, COMPRESS, 0.8, size=990),
        result(COMPRESSION, ZIP, 5.0, size=1000),
        result(IMPORTS, SOURCES, 1.0, size=1000),
        result(IMPORTS, BYTECODE, 0.44, size=1550),
        result(SYNTH, WITHOUT, 3.0),
        result(SYNTH, OURS, 3.4),
        result(SYNTH, LOCAL, 5.5),
        result(APP, WITHOUT, 2.0),
        result(APP, OURS, 2.25),
        result(MANY, ONE_LAYER, 2.0),
        result(MANY, DIFFERENT_LOCKS, 2.0 + 49 * 0.0799),
        result(MANY, ONE_LOCK, 2.0 + 49 * 0.0399),
    ]
    return {(row.section, row.contender): row for row in results}


def missed(changed: Result) -> list[tuple[str, str]]:
    results = met() | {(changed.section, changed.contender): changed}
    return [
        (verdict.text, verdict.measured) for verdict in verdicts(list(results.values())) if not verdict.met
    ]


# --- goals -------------------------------------------------------------------------------------------------


def test_a_goal_that_is_just_reached_is_met() -> None:
    found = verdicts(list(met().values()))
    assert len(found) == 17
    assert all(verdict.met for verdict in found)


@pytest.mark.parametrize(
    ("changed", "text", "measured"),
    [
        (result(LAYER, BUILDER, 4.9, 4.9, 9.0), f"{OURS}, times faster than {BUILDER}", "24.5"),
        (result(LAYER, SAM, 5.0), f"{OURS}, times faster than {SAM}", "25.0"),
        (result(LAYER, SAM, note="not run"), f"{OURS}, times faster than {SAM}", "not measured"),
        (result(LAYER, OURS_ONE_ZIP, 0.25), f"{OURS_ONE_ZIP}, times {OURS}", "1.25"),
        (result(LAYER, OURS, 0.2, size=1001), f"{OURS}, size of the archive", "1.0010"),
        (result(LAYER, OURS, 0.2), f"{OURS}, size of the archive", "not measured"),
        (
            result(LAYER, OURS, 0.2, size=900, files=frozenset({"python/b.py"})),
            f"{OURS}, size of the archive",
            "the installed tree lacks files of ours: python/b.py",
        ),
        (result(LAYER, DOWNLOAD, 0.195), f"{OURS_EMPTY}, times the {DOWNLOAD}", "2.00"),
        (result(LAYER, UV_ALONE, 0.08), f"{OURS}, times {UV_ALONE}", "2.50"),
        (result(LAYER, UV_ALONE, note="not run"), f"{OURS}, times {UV_ALONE}", "not measured"),
        (result(LAYER, UV_EMPTY, 0.3), f"{OURS_EMPTY}, times {UV_EMPTY}", "1.30"),
        (result(SLOW, OURS_EMPTY, 1.1), f"{OURS_EMPTY}, times the {DOWNLOAD} from a slow index", "1.10"),
        (result(LARGE, OURS, 0.5, peak=201_000_000), f"{OURS}, peak memory in MB", "201"),
        (result(LARGE, OURS, note="not run"), f"{OURS}, peak memory in MB", "not measured"),
        (
            result(MANY, DIFFERENT_LOCKS, 6.9),
            f"{DIFFERENT_LOCKS}, seconds for each beyond the first",
            "0.100",
        ),
        (result(MANY, ONE_LOCK, 4.45), f"{ONE_LOCK}, seconds for each beyond the first", "0.050"),
        (result(COMPRESSION, COMPRESS, 1.0), "compressing an installed tree", "0.20"),
        (result(IMPORTS, BYTECODE, 0.45, size=1500), f"importing {BYTECODE}", "0.45"),
        (result(IMPORTS, BYTECODE, 0.4, size=1600), f"size of the archive {BYTECODE}", "1.60"),
        (result(IMPORTS, BYTECODE, 0.4), f"size of the archive {BYTECODE}", "not measured"),
        (result(SYNTH, OURS, 3.5), "`cdk synth`, seconds more", "0.50"),
        (result(APP, OURS, 2.5), "`python app.py`, seconds more", "0.50"),
    ],
    ids=[
        *("builder", "sam", "sam not run", "one zip", "larger", "no archive", "other files", "empty store"),
        *("uv", "uv not run", "uv empty", "slow index", "peak", "large not run", "locks", "one lock"),
        *("compression", "imports", "bytecode", "no sizes", "synth", "app"),
    ],
)
def test_a_missed_goal_is_named_with_its_figure(changed: Result, text: str, measured: str) -> None:
    ((found, figure),) = missed(changed)
    assert found.startswith(f"W2: {text}")
    assert figure == measured


def test_only_measured_sections_are_judged() -> None:
    found = verdicts([result(SYNTH, WITHOUT, 3.0), result(SYNTH, OURS, 3.1)])
    assert [verdict.text for verdict in found] == [
        "W2: `cdk synth`, seconds more with a layer of ours than without one"
    ]


def test_goals_without_figures_can_be_told_from_those_that_were_measured() -> None:
    found = verdicts([result(LAYER, OURS, 0.2), result(LAYER, UV_ALONE, 0.05)])
    assert [(verdict.text, verdict.met) for verdict in found if verdict.is_measured] == [
        (f"W2: {OURS}, times {UV_ALONE}", False)
    ]


# --- tables ------------------------------------------------------------------------------------------------


def test_a_row_holds_medians_and_ratios_to_ours_and_to_zip() -> None:
    row = table(LAYER, list(met().values()))[3]
    assert dict(zip(head(LAYER), row, strict=True)) == {
        "workload": "W2",
        "contender": BUILDER,
        "runs": "3",
        "wall s": "5.000",
        "fastest, slowest": "5.000, 9.000",
        f"times {OURS}": "25.00",
        "unchanged again s": "",
        "CPU s": "2.50",
        "peak MB": "30",
        "archive": "0.00 MB",
        f"of {UV_AND_ZIP}": "1.0100",
    }


def test_a_synth_row_says_how_many_seconds_more_than_without_a_layer() -> None:
    rows = table(SYNTH, list(met().values()))
    assert [dict(zip(head(SYNTH), row, strict=True))["s more"] for row in rows] == ["0.00", "0.40", "2.50"]


def test_a_row_of_many_layers_tells_the_seconds_of_each_beyond_the_first() -> None:
    rows = table(MANY, list(met().values()))
    column = [dict(zip(head(MANY), row, strict=True))["s per further layer"] for row in rows]
    assert column == ["", "0.080", "0.040"]


def test_a_second_run_has_its_own_column() -> None:
    row = table(LAYER, list(met().values()))[0]
    assert dict(zip(head(LAYER), row, strict=True))["unchanged again s"] == "0.250"


def test_a_contender_without_an_archive_or_without_a_run_has_its_row() -> None:
    results = [result(LAYER, DOWNLOAD, 0.1), result(LAYER, BUILDER, note="not run: `zip` is not installed")]
    rows = table(LAYER, results)
    assert rows[0][-2:] == ("", "")
    assert rows[1][2] == "not run: `zip` is not installed"
    assert len(list(text_tables(results))) == 5  # title, head, two rows, and a line between tables


# --- the page and its plots --------------------------------------------------------------------------------


def test_the_page_holds_every_table_contender_plot_and_verdict() -> None:
    results = list(met().values())
    text = render_page(results, ["Linux, 2 cores"], TODAY)
    assert "2026-01-02" in text
    assert "All were met in this run." in text
    assert "- Linux, 2 cores\n" in text
    for section in SECTIONS:
        assert f"| {' | '.join(head(section))} |\n| --- | --- | --: |" in text
        assert all(f"**{contender.name}**" in text for contender in section.contenders)
    assert set(re.findall(r"\]\(([a-z]+\.svg)\)", text)) == set(plots(results))


def test_the_page_opens_with_one_picture_and_the_goals() -> None:
    text = render_page(list(met().values()), [], TODAY)
    opening, _, rest = text.partition("## Asked and missed")
    assert opening.split("\n\n")[3] == "![A lock file becomes a layer](layer.svg)"
    assert len(re.findall(r"\.svg\)", opening)) == 1
    assert "layer.svg" not in rest
    assert rest.lstrip().startswith("All were met in this run.")


def test_the_page_marks_missed_goals() -> None:
    results = met() | {(SYNTH.name, OURS): result(SYNTH, OURS, 3.5)}
    text = render_page(list(results.values()), [], TODAY)
    assert "| at most 0.40 | 0.50 | **missed** |" in text
    assert "1 of 17 were missed in this run." in text


def test_a_plot_is_an_svg_with_a_bar_for_each_contender_that_ran_and_the_same_bytes_again() -> None:
    results = [*met().values(), result(LAYER, ALPHA, note="not run")]
    drawn = plots(results)
    assert drawn == plots(results)
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", drawn["layer.svg"])
    assert {OURS, SAM, "W2", "0.20", "6.00"} <= set(texts)
    assert ALPHA not in texts
    assert OURS_TREE not in texts, "the main picture has the main contenders only"


# --- contenders --------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(
        tmp_path / "W1", tmp_path / "r.txt", "env/bin/python", "python3.12", tmp_path / "stores", "aarch64"
    )


def command(place: Place, section: Section, name: str) -> Command:
    (contender,) = (each for each in section.contenders if each.name == name)
    return contender.command(place)


@pytest.mark.parametrize(("section", "contender"), ALL, ids=IDS)
def test_a_contender_starts_without_its_last_result(
    section: Section, contender: Contender, place: Place
) -> None:
    found = contender.command(place)
    if found.archive:
        assert any(found.archive.is_relative_to(path) for path in found.fresh) or section is IMPORTS
    assert found.fresh or section is IMPORTS
    assert all(path.is_relative_to(place.project.parent) and path != place.project for path in found.fresh)


@pytest.mark.parametrize(("section", "contender"), ALL, ids=IDS)
def test_every_script_of_a_contender_can_be_read(
    section: Section, contender: Contender, place: Place
) -> None:
    found = contender.command(place)
    for argv in (found.argv, found.warm_up, found.prepare):
        if argv and argv[:2] == ["sh", "-c"]:
            subprocess.run(["sh", "-n", "-c", argv[2]], check=True)
        elif argv and argv[1] == "-c":
            ast.parse(argv[2])
    if app := found.files.get("app.py"):
        ast.parse(app)


def test_uv_installs_for_the_target_and_zip_packs_the_tree(place: Place) -> None:
    argv = command(place, LAYER, UV_AND_ZIP).argv
    assert "uv pip install --quiet --no-deps --no-build --target python" in argv[2]
    assert "zip -9 -r -q layer.zip python" in argv[2]
    assert argv[3:] == ["sh", "env/bin/python", "3.12", "aarch64-manylinux_2_34", str(place.requirements)]


def test_the_tree_route_runs_ours_after_the_install(place: Place, tmp_path: Path) -> None:
    """The shell hands its arguments on: shown with programs that print how many they got."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in ("uv", "ours"):
        (bin_ / name).write_text('#!/bin/sh\necho "$(basename "$0") $#"\n')
        (bin_ / name).chmod(0o755)
    place = Place(place.project, place.requirements, str(bin_ / "ours"), "python3.12", place.store, "aarch64")
    argv = command(place, LAYER, OURS_TREE).argv
    env = os.environ | {"PATH": f"{bin_}:{os.environ['PATH']}"}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["uv 15", "ours 7"]


def test_pex_packs_a_lock_file_without_what_lambda_brings(place: Place) -> None:
    found = command(place, LAYER, PEX)
    assert found.argv[:5] == ["env/bin/pex3", "venv", "create", "--pylock", "pylock.toml"]
    assert {"flat-zipped", "urllib3"} <= set(found.argv)
    assert not any(path.is_relative_to(found.env["PEX_ROOT"]) for path in found.fresh), "its cache is kept"


def test_sam_builds_without_a_container_and_asks_for_its_cache_only_the_second_time(place: Place) -> None:
    found = command(place, LAYER, SAM)
    assert found.argv == ["env/bin/sam", "build"]
    assert found.second == ["env/bin/sam", "build", "--cached"]
    assert found.env["SAM_CLI_TELEMETRY"] == "0"
    assert "BuildMethod: python3.12\n      BuildArchitecture: arm64" in found.files["template.yaml"]


def test_imports_are_timed_from_a_layer_that_cannot_be_written_to(place: Place) -> None:
    found = command(place, IMPORTS, BYTECODE)
    assert found.argv == ["python3.12", "-c", "import requests, pydantic, dateutil.parser"]
    assert found.env == {"PYTHONPATH": str(place.project / "opt/python"), "PYTHONDONTWRITEBYTECODE": "1"}
    assert found.prepare is not None
    assert "ignore_package_list=[], compile_bytecode=True" in found.prepare[2]


def test_cdk_writes_where_it_is_cleared_with_and_without_its_command_line(place: Place) -> None:
    synth, app = command(place, SYNTH, OURS), command(place, APP, OURS)
    out = str(place.project / "cdk.out")
    assert synth.argv[:4] == ["cdk", "synth", "--app", "env/bin/python app.py"]
    assert synth.argv[-2:] == ["--output", out]
    assert app.argv == ["env/bin/python", "app.py"]
    assert app.env["CDK_OUTDIR"] == out
    assert "Architecture.ARM_64" in app.files["app.py"]


# --- the machinery -----------------------------------------------------------------------------------------


def test_variables_that_change_a_measurement_are_removed(tmp_path: Path) -> None:
    kept = clean_environment(
        {
            "PATH": "bin",
            "HOME": "home",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_PROFILE": "p",
            "UV_CACHE_DIR": "x",
            "UV_INDEX_URL": "i",
        },
        tmp_path,
        tmp_path / "bench",
    )
    own = str(Path(sys.executable).parent)
    assert kept == {
        "PATH": os.pathsep.join([own, str(tmp_path / "tools/cdk/node_modules/.bin"), "bin"]),
        "HOME": "home",
        "UV_INDEX_URL": "i",
        "PIP_CACHE_DIR": str(tmp_path / "bench/pip-cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_CACHE_DIR": str(tmp_path / "bench/uv-cache"),
        "UV_PYTHON_DOWNLOADS": "never",
    }


@pytest.mark.parametrize(
    ("walls", "needed"),
    [((), True), ((20.0,), True), ((20.0, 20.0), False), ((0.1, 0.1, 0.1), True)],
    ids=["none yet", "slow, once", "slow, twice", "quick"],
)
def test_a_contender_that_has_used_its_time_stops_after_two_runs(
    walls: tuple[float, ...], needed: bool
) -> None:
    samples = [Sample(wall, wall, 1) for wall in walls]
    assert needs_sample(samples, MIN_RUNS, QUICK_SECONDS) is needed


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


def test_every_workload_is_in_the_repository_and_has_its_figures() -> None:
    for section, workload in measured_pairs():
        assert part(section, workload) in PARTS
        # The contenders on a large lock file export it; nothing else of a workload is locked in the repository.
        wanted = {"pyproject.toml"} if section is LARGE else {"pyproject.toml", "requirements.txt"}
        assert {path.name for path in (WORKLOADS / workload).iterdir()} >= wanted
    assert set(FASTER_THAN_BUILDER) == set(LAYER.workloads)


def test_every_environment_has_its_file_of_pins() -> None:
    wanted = {contender.packages for _, contender in ALL} - {"ours", "cdk"}
    assert wanted == {path.name for path in (ROOT / "tools/bench").glob("peers*.txt")}
    assert all(re.fullmatch(r"\S+ \d\S+", version) for version in peer_versions(ROOT / "tools/bench"))
