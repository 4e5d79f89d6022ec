"""The benchmark's slow index, its many lock files and its quick table."""

from __future__ import annotations

import io
import sys
import threading
from pathlib import Path

import pytest
import requests

from tools.bench.contenders import LAYER, QUICK_LAYER, UV_AND_ZIP
from tools.bench.lock_contenders import LARGE, SLOW
from tools.bench.many_layers import renamed
from tools.bench.model import Command, Place, Section
from tools.bench.run import PARTS, measured_pairs, part
from tools.bench.sections import SECTIONS
from tools.bench.slow_index import send_at_rate, serving_slowly, with_addresses
from tools.bench.workspace import lock_size

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PYLOCK = """\
lock-version = "1.0"
created-by = "uv"

[[packages]]
name = "demo"
version = "1.0"
index = "https://index.example/simple"
sdist = { url = "https://index.example/a/demo-1.0.tar.gz", size = 1, hashes = { sha256 = "00" } }
wheels = [
    { url = "https://index.example/b/demo-1.0-py3-none-any.whl", size = 2, hashes = { sha256 = "01" } },
    { url = "https://index.example/c/demo-1.0-cp312-cp312-linux_x86_64.whl", hashes = { sha256 = "02" } },
]
"""


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


# --- the slow index ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 5_000_000, 12_345_678])
def test_a_file_takes_the_time_that_its_bytes_take_at_the_rate(size: int) -> None:
    clock, received = Clock(), io.BytesIO()
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    send_at_rate(io.BytesIO(content), received.write, 5_000_000, clock, clock.sleep)
    assert received.getvalue() == content
    assert clock.now - 100 == pytest.approx(size / 5_000_000)


def test_a_client_that_reads_slower_is_not_held_up_further() -> None:
    clock = Clock()

    def write(_piece: bytes) -> None:
        clock.now += 1

    send_at_rate(io.BytesIO(bytes(4 << 16)), write, float(1 << 20), clock, clock.sleep)
    assert clock.now - 100 == pytest.approx(4 + 1 / 16), "only the first piece waits for the line"


def test_no_piece_arrives_before_its_time() -> None:
    clock, arrivals = Clock(), []
    send_at_rate(
        io.BytesIO(bytes(3 << 16)), lambda _: arrivals.append(clock.now), 1 << 16, clock, clock.sleep
    )
    assert arrivals == [101, 102, 103]


def test_the_index_serves_files_several_at_once_and_answers_404_for_others(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.whl").write_bytes(name.encode() * 100_000)
    received: dict[str, bytes] = {}
    with serving_slowly(tmp_path, 100_000_000) as address:

        def fetch(name: str) -> None:
            received[name] = requests.get(f"{address}/{name}.whl", timeout=600).content

        threads = [threading.Thread(target=fetch, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert requests.get(f"{address}/c.whl", timeout=600).status_code == 404
    assert received == {name: name.encode() * 100_000 for name in "ab"}


def test_every_file_of_a_pylock_gets_the_address_and_keeps_its_name_and_hash() -> None:
    before, after = tomllib.loads(PYLOCK), tomllib.loads(with_addresses(PYLOCK, "http://127.0.0.1:1"))
    files = [after["packages"][0]["sdist"], *after["packages"][0]["wheels"]]
    assert [file["url"] for file in files] == [
        "http://127.0.0.1:1/demo-1.0.tar.gz",
        "http://127.0.0.1:1/demo-1.0-py3-none-any.whl",
        "http://127.0.0.1:1/demo-1.0-cp312-cp312-linux_x86_64.whl",
    ]
    for file, original in zip(
        files, [before["packages"][0]["sdist"], *before["packages"][0]["wheels"]], strict=True
    ):
        assert {**file, "url": original["url"]} == original
    assert after["packages"][0]["index"] == "https://index.example/simple"


# --- lock files --------------------------------------------------------------------------------------------


def test_fifty_projects_differ_in_the_name_alone() -> None:
    text = '[project]\nname = "workload-w1"\n\n[[tool.uv.index]]\nname = "own"\nurl = "u"\n'
    texts = [renamed(text, number) for number in range(50)]
    assert len(set(texts)) == 50
    assert texts[7] == text.replace("workload-w1", "workload-w1-07")


def test_a_lock_is_counted_without_its_project() -> None:
    text = """\
version = 1

[[package]]
name = "demo"
source = { registry = "https://index.example/simple" }
sdist = { url = "u", hash = "sha256:00" }
wheels = [
    { url = "v", hash = "sha256:01" },
]

[[package]]
name = "workload"
source = { virtual = "." }
"""
    assert lock_size(text) == (1, 2)


# --- the commands ------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(
        tmp_path / "W1", tmp_path / "r.txt", "env/bin/python", "python3.12", tmp_path / "stores", "aarch64"
    )


def commands(section: Section, place: Place) -> list[Command]:
    return [contender.command(place) for contender in section.contenders]


def test_a_run_with_an_empty_cache_has_a_cache_of_its_own_and_starts_without_it(place: Place) -> None:
    found = [
        command
        for section in SECTIONS
        for command in commands(section, place)
        if "UV_CACHE_DIR" in command.env
    ]
    assert len(found) == 2
    for command in found:
        assert Path(command.env["UV_CACHE_DIR"]) in command.fresh
        assert place.project / "python" in command.fresh


@pytest.mark.parametrize("section", [SLOW, LARGE], ids=["slow", "large"])
def test_contenders_on_their_own_lock_file_do_not_read_the_pinned_requirements(
    section: Section, place: Place
) -> None:
    for command in commands(section, place):
        assert str(place.requirements) not in command.argv


# --- the parts ---------------------------------------------------------------------------------------------


def test_the_quick_table_is_the_main_one_with_fewer_contenders_and_no_second_runs() -> None:
    assert QUICK_LAYER.name == LAYER.name
    assert QUICK_LAYER.baseline == LAYER.baseline
    assert QUICK_LAYER.zipped == UV_AND_ZIP
    assert len(QUICK_LAYER.contenders) == 6
    assert not any(contender.has_second for contender in QUICK_LAYER.contenders)
    assert measured_pairs(quick=True) == [(QUICK_LAYER, workload) for workload in ("W1", "W2", "W3")]


def test_every_part_names_a_section_and_workload() -> None:
    assert {part(section, workload) for section, workload in measured_pairs()} == set(PARTS)


def test_every_pictured_contender_is_one_of_its_section() -> None:
    for section in SECTIONS:
        assert set(section.pictured) <= {contender.name for contender in section.contenders}
