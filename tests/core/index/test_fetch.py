"""The index → the store, against a real server on loopback."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.fetch import fetch
from constructs_lib.core.index.http_session import ATTEMPTS
from tests.support.files.wheels import locked_file
from tests.support.index.simple_index import cut_short, status, swapped
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.store.wheel_store import WheelStore
    from tests.support.index.simple_index import Index

NAME = "demo-1.0-py3-none-any.whl"
CONTENT = b"not a real wheel, but bytes are bytes" * 1000


@pytest.fixture
def file(index: Index) -> LockedFile:
    return index.add(NAME, CONTENT)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the growing pause between two tries, which is urllib3's."""
    monkeypatch.setattr("urllib3.util.Retry.get_backoff_time", lambda _: 0)


def bring(store: WheelStore, *files: LockedFile) -> list[str]:
    arrived: list[str] = []
    fetch(files, store, lambda file: arrived.append(file.filename))
    return arrived


def fails(store: WheelStore, file: LockedFile) -> str:
    """Return the one line of the error; nothing of the file is in the store afterwards."""
    with pytest.raises(FetchError) as caught:
        bring(store, file)
    assert not [path for path in store.root.rglob("*") if path.is_file()]
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_many_files_arrive_whole_each_asked_for_once(store: WheelStore, index: Index) -> None:
    """Every one is reported, and lies under its hash."""
    files = [index.add(f"p{number}-1.0-py3-none-any.whl", CONTENT + bytes([number])) for number in range(20)]
    assert sorted(bring(store, *files)) == sorted(index.files)
    for file in files:
        assert store.path(file.sha256).read_bytes() == index.files[file.filename]
    assert set(index.asked.values()) == {1}


def test_files_come_at_the_same_time(store: WheelStore, index: Index) -> None:
    """Each answer here waits for the other one; one after the other would never end."""
    both = threading.Barrier(2, timeout=PATIENCE)

    def together(content: bytes) -> tuple[int, dict[str, str], bytes]:
        both.wait()
        return 200, {}, content

    files = [index.add(f"p{number}-1.0-py3-none-any.whl", CONTENT + bytes([number])) for number in range(2)]
    for file in files:
        index.faults[file.filename] = [together]
    assert len(bring(store, *files)) == 2


def test_nothing_to_fetch_asks_nobody(store: WheelStore) -> None:
    """No store is made for it either."""
    assert bring(store) == []
    assert not store.root.exists()


@pytest.mark.parametrize(
    "fault", [*map(status, (503, 500, 429, 502)), cut_short], ids=["503", "500", "429", "502", "cut-short"]
)
def test_what_goes_wrong_once_is_tried_again(
    store: WheelStore, index: Index, file: LockedFile, fault: object
) -> None:
    """Busy servers and answers that break off in the middle."""
    index.faults[NAME] = [fault]  # type: ignore[list-item]
    assert bring(store, file) == [NAME]
    assert index.asked[NAME] == 2
    assert store.path(file.sha256).read_bytes() == CONTENT


def test_what_stays_wrong_ends_after_a_few_tries(store: WheelStore, index: Index, file: LockedFile) -> None:
    """The file, its address and the reason are named."""
    index.faults[NAME] = [status(503)] * 99
    text = fails(store, file)
    assert text.startswith(f"{NAME} could not be fetched from {index.url}/files/{NAME}: ")
    assert "too many 503 error responses" in text
    assert index.asked[NAME] == ATTEMPTS


def test_an_answer_that_always_breaks_off_ends_too(store: WheelStore, index: Index, file: LockedFile) -> None:
    """Half a file is never kept."""
    index.faults[NAME] = [cut_short] * 99
    half = len(CONTENT) // 2
    assert fails(store, file).endswith(f": the answer broke off: {half} bytes read, {half} more expected")
    assert index.asked[NAME] == 2


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (
            404,
            "HTTP 404 Not Found; was it removed from the index? Lock again. Has the index moved?",
        ),
        (410, "HTTP 410 Gone"),
        (401, "HTTP 401 Unauthorized; it asks for a user name and password"),
        (403, "HTTP 403 Forbidden; it asks for a user name and password"),
    ],
)
def test_a_refusal_is_final_and_says_what_helps(
    store: WheelStore, index: Index, file: LockedFile, code: int, hint: str
) -> None:
    """It is asked for once; another try would be answered alike."""
    index.faults[NAME] = [status(code)] * 9
    assert hint in fails(store, file)
    assert index.asked[NAME] == 1


def test_other_bytes_than_the_locked_ones_are_refused(
    store: WheelStore, index: Index, file: LockedFile
) -> None:
    """Both hashes are named, and nothing of it stays."""
    index.faults[NAME] = [swapped] * 9
    text = fails(store, file)
    assert text.startswith(f"{NAME} from {index.url}/files/{NAME} is not the locked file: its sha256 is ")
    assert f"the lock has {file.sha256}. It was not stored" in text
    assert index.asked[NAME] == 1


def test_no_network_is_one_line(store: WheelStore, file: LockedFile) -> None:
    """Port 9 of loopback refuses every connection; the reason is the system's own."""
    text = fails(store, replace(file, location=f"http://127.0.0.1:9/{NAME}"))
    assert text == (
        f"{NAME} could not be fetched from http://127.0.0.1:9/{NAME}: Connection refused; is there a network, or a proxy "
        "to name in HTTPS_PROXY? A store that has every file needs neither"
    )


def test_a_proxy_that_does_not_answer_is_named_as_one(
    store: WheelStore, file: LockedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a person looks for the fault at the index."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://me:s3cret@127.0.0.1:9")
    text = fails(store, replace(file, location=f"http://index.invalid/{NAME}"))
    assert text == (
        f"{NAME} could not be fetched from http://index.invalid/{NAME}: Unable to connect to proxy: Connection refused; "
        "look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
    )


def test_an_answer_without_a_word_is_told_without_python(store: WheelStore) -> None:
    """The connection is closed before there is a status."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_hang_up, args=(server, ATTEMPTS), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/{NAME}"
        with pytest.raises(FetchError) as caught:
            fetch([locked_file(NAME, CONTENT, url)], store, lambda _: None)
    assert re.search(f"{url}: (Connection aborted: .*|Connection reset by peer);", str(caught.value))
    assert "Error(" not in str(caught.value)
    assert "('" not in str(caught.value)


def test_a_name_that_nobody_knows_is_one_line(store: WheelStore, file: LockedFile) -> None:
    """The top-level domain is reserved for this purpose."""
    assert "could not be fetched from http://index.invalid/x" in fails(
        store, replace(file, location="http://index.invalid/x")
    )


def test_credentials_of_the_address_are_used_and_never_shown(
    store: WheelStore, index: Index, file: LockedFile
) -> None:
    """The right ones open the index; wrong ones are masked in the error."""
    index.credentials = "bob:hunter2"
    address = str(file.location)
    text = fails(store, replace(file, location=address.replace("://", "://bob:wrong-one@")))
    assert "wrong-one" not in text
    assert "http://****@127.0.0.1" in text
    assert bring(store, replace(file, location=address.replace("://", "://bob:hunter2@"))) == [NAME]


def test_credentials_of_netrc_are_used(
    store: WheelStore, index: Index, file: LockedFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As uv, pip and curl do."""
    index.credentials = "bob:hunter2"
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login bob password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert bring(store, file) == [NAME]


def test_a_file_of_this_machine_goes_the_same_way(
    store: WheelStore, tmp_path: Path, file: LockedFile
) -> None:
    """Verified like all others; one that is not there is named with its package."""
    (tmp_path / NAME).write_bytes(CONTENT)
    assert bring(store, replace(file, location=tmp_path / NAME)) == [NAME]
    store.discard(file.sha256)
    text = fails(store, replace(file, location=tmp_path / "gone.whl"))
    assert text == f"{tmp_path}/gone.whl does not exist: {NAME} is locked to it, restore it or lock again"


def test_a_pipe_is_not_waited_for(store: WheelStore, tmp_path: Path, file: LockedFile) -> None:
    """A pipe never ends, and a device fills the memory."""
    os.mkfifo(tmp_path / NAME)
    for path in (tmp_path / NAME, Path("/dev/zero"), tmp_path):
        text = fails(store, replace(file, location=path))
        assert text == f"{path} cannot be read: it is no regular file; lock another one"


def test_the_size_of_a_file_of_this_machine_is_compared(
    store: WheelStore, tmp_path: Path, file: LockedFile
) -> None:
    """Before it is read."""
    (tmp_path / NAME).write_bytes(CONTENT)
    text = fails(store, replace(file, location=tmp_path / NAME, size=5))
    assert f"the file has {len(CONTENT)} bytes, the lock records 5" in text


def test_one_failure_ends_the_others(store: WheelStore, index: Index, file: LockedFile) -> None:
    """What is still coming is not waited for: a large file that drips would hold up the error for minutes."""
    ended = threading.Event()

    def drip(content: bytes) -> tuple[int, dict[str, str], bytes]:
        ended.wait(PATIENCE)
        return 200, {}, content

    slow = index.add("slow-1.0-py3-none-any.whl", b"x")
    queued = [index.add(f"q{number}-1.0-py3-none-any.whl", bytes([number])) for number in range(30)]
    index.faults[slow.filename] = [drip]
    index.faults[NAME] = [status(404)]
    with pytest.raises(FetchError, match="404"):
        bring(store, file, slow, *queued)
    assert not store.holds(slow.sha256)
    ended.set()


def test_an_interrupt_does_not_wait_for_a_silent_server(tmp_path: Path) -> None:
    """Ctrl-C ends a fetch at once, though the server accepts connections and says nothing for an hour."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = (
            "from pathlib import Path\n"
            "from constructs_lib.core.lock.locked import LockedFile\n"
            "from constructs_lib.core.store.wheel_store import WheelStore\n"
            "from constructs_lib.core.index import fetch, http_session\n"
            "http_session.TIMEOUT = (3600, 3600)\n"
            f"address = 'http://127.0.0.1:{server.getsockname()[1]}/x-1-py3-none-any.whl'\n"
            "file = LockedFile('x', '1', 'x-1-py3-none-any.whl', '0' * 64, address)\n"
            f"fetch.fetch([file], WheelStore(Path({str(tmp_path)!r})), lambda file: None)\n"
        )
        process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
        server.settimeout(PATIENCE)
        connection, _ = server.accept()
        with connection:
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
    assert "KeyboardInterrupt" in err
    assert not list(tmp_path.rglob("*.whl"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_fetch_leaves_no_part_of_a_file(
    number: signal.Signals, store: WheelStore, index: Index, file: LockedFile
) -> None:
    """Those of a large layer are gigabytes, which would stay for a day."""
    is_over = threading.Event()

    def halves() -> Iterator[bytes]:
        yield CONTENT[: len(CONTENT) // 2]
        is_over.wait(PATIENCE)

    index.faults[NAME] = [lambda _: (200, {"Content-Length": str(len(CONTENT))}, halves())]
    program = (
        "import sys, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path\n"
        "from constructs_lib.core.lock.locked import LockedFile\n"
        "from constructs_lib.core.store.wheel_store import WheelStore\n"
        "from constructs_lib.core.index.fetch import fetch\n"
        f"file = LockedFile('demo', '1.0', {NAME!r}, {file.sha256!r}, {file.location!r})\n"
        f"fetch([file], WheelStore(Path({str(store.root)!r})), print, on_received=lambda size: print(size, flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()  # a part is in the store
        assert [path for path in store.root.rglob("*") if path.is_file()] != []
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    is_over.set()
    assert process.returncode != 0
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_what_a_killed_fetch_left_is_swept(store: WheelStore, file: LockedFile) -> None:
    """A half-written file of yesterday goes; one that may be in use stays."""
    folder = store.root / "v1" / "tmp"
    folder.mkdir(parents=True)
    for name, age in (("old", 90_000), ("new", 60)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age,) * 2)
    bring(store, file)
    assert [path.name for path in folder.iterdir()] == ["new"]


def test_a_clock_that_jumps_takes_no_file_from_another_process(store: WheelStore, file: LockedFile) -> None:
    """A file that is being written stays, whatever its time is."""
    with store.writing() as target:
        os.utime(target.name, (time.time() - 90_000,) * 2)
        bring(store, file)
        target.write(b"whole")
        sha256 = hashlib.sha256(b"whole").hexdigest()
        store.keep(target, sha256)
    assert store.path(sha256).read_bytes() == b"whole"


def _hang_up(server: socket.socket, times: int) -> None:
    for _ in range(times):
        server.accept()[0].close()
