"""The work that another side could choose: sizes, counts, includes, retries and bodies, each bounded by counting it.

The archives of sources are in `tests/core/wheels/test_archive_limit.py`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.archive.entry import Entry
from constructs_lib.core.errors import FetchError, ProjectError, WheelError
from constructs_lib.core.index.fetch import fetch
from constructs_lib.core.index.http_session import ATTEMPTS
from constructs_lib.core.index.transport import LONGEST_WAIT
from constructs_lib.core.inspect.facts import wheel_facts
from constructs_lib.core.lock.requirements import logical_lines, requirements_txt
from constructs_lib.core.lock.requirements.requirements_txt import read_requirements
from constructs_lib.core.sbom import merge_documents
from constructs_lib.core.wheels import contents
from constructs_lib.core.wheels.contents import wheel_contents
from tests.support.files.odd_zip import OddMember, odd_wheel
from tests.support.files.wheels import locked_file, wheel_of
from tests.support.index.simple_index import running_index, status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore
    from tests.support.index.simple_index import Answer

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)

MOST_UNZIPPED, MOST_DOCUMENTS = 30_000, 5_000
FOLDERS = (
    "",
    "demo-1.0.dist-info/sboms/",
    "demo-1.0.data/scripts/",
    "demo-1.0.data/purelib/",
    "__pycache__/",
)
MEMBERS = st.builds(
    lambda folder, number, ending, size, claim: _claiming(
        OddMember(f"{folder}m{number}{ending}".encode(), bytes(size)), claim
    ),
    st.sampled_from(FOLDERS),
    st.integers(0, 30),
    st.sampled_from([".py", ".so", ".pyc", ".cdx.json"]),
    st.sampled_from([0, 100, *[2_000] * 6, 400_000]),
    st.sampled_from([*[None] * 40, 10, 10**9]),
)


def _claiming(member: OddMember, size: int | None) -> OddMember:
    """Return the member with another size in both headers; None for the true one."""
    if size is None:
        return member
    numbers = (*member.true_numbers[:2], size)
    return replace(member, numbers=numbers, local={"numbers": numbers})


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the limits, so that what is beyond them is small."""
    monkeypatch.setattr(contents, "_MAX_UNZIPPED", MOST_UNZIPPED)
    monkeypatch.setattr(merge_documents, "_MAX_ALL", MOST_DOCUMENTS)
    monkeypatch.setattr(requirements_txt, "MOST_FILES", 30)


@pytest.mark.usefixtures("small_limits")
@SHARED
@given(st.lists(MEMBERS, min_size=3, max_size=15, unique_by=lambda member: member.name))
def test_a_wheel_unpacks_to_a_bounded_number_of_bytes(store: WheelStore, members: list[OddMember]) -> None:
    """Read as for a layer: its entries, its facts, and the documents for the SBOM, of members that claim any size."""
    unpacked: Counter[str] = Counter()
    original = Entry.content

    def counted(entry: Entry) -> bytes | bytearray:
        content = original(entry)
        unpacked["documents" if "/sboms/" in entry.name else "all"] += len(content)
        return content

    with pytest.MonkeyPatch.context() as patch, suppress(WheelError):
        patch.setattr(Entry, "content", counted)
        wheel = wheel_of(odd_wheel(*members))
        read = wheel_contents(wheel)
        merge_documents.merge_documents(wheel, read)
        assert unpacked["documents"] <= MOST_DOCUMENTS
        wheel_facts(wheel, store, read)
    # Entries are unpacked once for their facts, metadata once more.
    assert unpacked["all"] + unpacked["documents"] <= 2 * MOST_UNZIPPED + MOST_DOCUMENTS


@pytest.mark.usefixtures("small_limits")
@SHARED
@given(st.lists(st.lists(st.integers(1, 7), min_size=1, max_size=6), min_size=12, max_size=12), st.booleans())
def test_includes_are_read_a_bounded_number_of_times(
    tmp_path: Path, includes: list[list[int]], is_constraint: bool
) -> None:
    """Files that include each other in any way, of which the ways through them can double with each one."""
    option = "-c" if is_constraint else "-r"
    for at, targets in enumerate(includes):
        # Mostly to later files: one that includes itself is refused at once.
        lines = [f"{option} {(at + target) % 13}.txt" for target in targets]
        (tmp_path / f"{at}.txt").write_text("\n".join([f"aa{at}==1.0", *lines]))
    (tmp_path / "12.txt").write_text("last==1.0")
    reads = 0
    original = logical_lines.read_text

    def counted(path: Path) -> str:
        nonlocal reads
        reads += 1
        return original(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requirements_txt, "read_text", counted)
        with suppress(ProjectError):
            read_requirements(tmp_path / "0.txt", tmp_path)
    assert reads <= 30


def test_files_that_double_at_each_include_are_refused(tmp_path: Path, small_limits: None) -> None:
    """The worst of these: thirteen files of two lines, and eight thousand ways through them."""
    for at in range(13):
        (tmp_path / f"{at}.txt").write_text(f"-r {at + 1}.txt\n-r {at + 1}.txt\n")
    (tmp_path / "13.txt").write_text("aa==1.0\n")
    with pytest.raises(ProjectError, match="includes more than 30 files"):
        read_requirements(tmp_path / "0.txt", tmp_path)


SIZE = 10_000
NAME = "demo-1.0-py3-none-any.whl"


def _again(number: int) -> Callable[[bytes], Answer]:
    return status(302, Location=f"/files/{NAME}?{number}")


def _endless(content: bytes) -> Answer:
    """Announce the right size, then send pieces that go on: of two headers for the length, this one counts."""
    piece = b"%x\r\n%b\r\n" % (len(content), content)
    return 200, {"Transfer-Encoding": "chunked", "Content-Length": str(len(content))}, piece * 400


ANSWERS = st.one_of(
    st.builds(
        lambda code, after: status(code, **{"Retry-After": after}),
        st.sampled_from([429, 500, 502, 503, 504]),
        st.sampled_from(["0", "1", "31", "999999", "1e9", "-5", "Fri, 01 Jan 2100 00:00:00 GMT"]),
    ),
    st.builds(_again, st.integers(0, 3)),
    st.just(_endless),
    st.just(lambda content: (200, {"Content-Length": str(len(content))}, content[:9])),
    st.just(lambda content: (200, {"Content-Length": "999999999999"}, content)),
    st.just(lambda content: (200, {}, bytes(len(content)))),
)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the seconds that would be waited."""
    seconds: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", seconds.append)
    return seconds


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("is_size_locked", [True, False])
@SHARED
@given(st.lists(ANSWERS, min_size=1, max_size=8))
def test_a_server_is_asked_a_bounded_number_of_times(
    store: WheelStore,
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
    is_size_locked: bool,
    answers: list[Callable[[bytes], Answer]],
) -> None:
    """It answers in any order, for ever: requests, seconds of waiting and received bytes have an end."""
    monkeypatch.setattr("constructs_lib.core.index.allowance.LARGEST", 3 * SIZE)
    content, received, asked = b"x" * SIZE, 0, 0
    waits.clear()
    store.discard(hashlib.sha256(content).hexdigest())

    def answer(whole: bytes) -> Answer:
        nonlocal asked
        asked += 1
        return answers[asked % len(answers)](whole)

    def receive(count: int) -> None:
        nonlocal received
        received += count

    with running_index() as index:
        index.add(NAME, content)
        index.faults[NAME] = [answer] * 10_000
        address = f"{index.url}/files/{NAME}"
        monkeypatch.setattr(index, "answer", _without_query(index.answer))
        file = locked_file(NAME, content, address)
        file = file if is_size_locked else replace(file, size=None)
        with suppress(FetchError):
            fetch([file], store, lambda _: None, on_received=receive)
    tries, redirects = 2, 10
    assert asked <= tries * redirects * ATTEMPTS
    assert all(0 <= seconds <= LONGEST_WAIT for seconds in waits)
    assert len(waits) <= asked
    assert received <= tries * (SIZE if is_size_locked else 3 * SIZE)


def _without_query(answer: Callable[[str, str], Answer]) -> Callable[[str, str], Answer]:
    return lambda path, authorization: answer(path.partition("?")[0], authorization)
