"""Refusals of an index, and the line that a person then reads."""

from __future__ import annotations

import datetime as dt
import hashlib
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.errors import FetchError
from constructs_lib.core.index.auth import Access, Login
from constructs_lib.core.index.fetch import fetch
from constructs_lib.core.index.http_session import Pages, _hint
from constructs_lib.core.lock.locked import LockedFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore


@pytest.fixture
def own_authority(tmp_path: Path) -> Path:
    """Write a key and a certificate that no client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "authority.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def https_server(certificate: Path) -> Iterator[str]:
    """Answers one connection after the other with an empty file, if the client trusts it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    with server.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as client:
                        client.recv(4096)
                        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                except OSError:
                    continue  # nobody came, or a client that does not trust us

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"https://localhost:{server.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("urllib3.util.Retry.get_backoff_time", lambda _: 0)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_an_authority_that_nobody_knows(
    own_authority: Path, store: WheelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names the settings, and with them it works; there is none to look away."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    with https_server(own_authority) as url:
        file = LockedFile("demo", "1", "demo-1-py3-none-any.whl", empty, f"{url}/demo-1-py3-none-any.whl")
        with pytest.raises(FetchError, match="certificate verify failed") as caught:
            fetch([file], store, lambda _: None)
        assert "; set SSL_CERT_FILE or REQUESTS_CA_BUNDLE to a file with the authority" in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            with monkeypatch.context() as patch:
                patch.setenv(name, str(own_authority))
                fetch([file], store, lambda _: None)
            store.discard(file.sha256)


def test_a_bundle_without_the_authority_is_named(
    own_authority: Path, store: WheelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most often a company's own authority is missing in it."""
    from certifi import where

    monkeypatch.setenv("SSL_CERT_FILE", where())
    with https_server(own_authority) as url:
        file = LockedFile("demo", "1", "demo-1-py3-none-any.whl", "0" * 64, f"{url}/demo-1-py3-none-any.whl")
        with pytest.raises(FetchError) as caught:
            fetch([file], store, lambda _: None)
    assert f"; SSL_CERT_FILE names {where()}: does it contain the authority" in str(caught.value)


def refusal(code: int, url: str, login: Login | None) -> str:
    answer = requests.Response()
    answer.status_code = code
    answer.url = url
    return _hint(answer, login)


def test_a_code_artifact_token_that_has_ended() -> None:
    """They last half a day, so this is what is wrong most often."""
    url = "https://domain-1.d.codeartifact.eu-west-1.amazonaws.com/pypi/x/simple/a.whl"
    for code in (401, 403):
        text = refusal(code, url, Login("aws", "token", "netrc"))
        assert text.startswith("; it does not accept user name and password from netrc")
        assert text.endswith(
            "; a CodeArtifact token ends after 12 hours at the latest: get a new one (aws codeartifact login)"
        )
    assert "CodeArtifact" not in refusal(403, "https://host/codeartifact/", None)
    assert refusal(500, url, None) == ""


NAME = "demo-1-py3-none-any.whl"


class Answering:
    """A server that answers each request with the same pieces, whatever is asked."""

    def __init__(self, pieces: Sequence[bytes], pause: float = 0) -> None:
        self._pieces = pieces
        self._pause = pause
        self._stop = threading.Event()

    def __enter__(self) -> str:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            # A client that has had enough closes the connection.
            with suppress(OSError), self._server.accept()[0] as client:
                client.recv(4096)
                for piece in self._pieces:
                    client.sendall(piece)
                    self._stop.wait(self._pause)


def fails(store: WheelStore, url: str, size: int | None = None) -> str:
    """Return the one line of the error for the file that this server serves; nothing of it is in the store."""
    file = LockedFile("demo", "1", NAME, "0" * 64, f"{url}/{NAME}", size)
    with pytest.raises(FetchError) as caught:
        fetch([file], store, lambda _: None)
    assert not [path for path in store.root.rglob("*") if path.is_file()]
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_a_bundle_that_is_missing_or_empty_is_named(
    own_authority: Path, store: WheelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing mistake in the setting is not taken for the server's fault."""
    empty = tmp_path / "empty.pem"
    empty.touch()
    with https_server(own_authority) as url:
        file = LockedFile("demo", "1", "demo-1-py3-none-any.whl", "0" * 64, f"{url}/demo-1-py3-none-any.whl")
        for path in (tmp_path / "gone.pem", empty):
            monkeypatch.setenv("SSL_CERT_FILE", str(path))
            with pytest.raises(FetchError, match=f"no certificates can be read from {path}"):
                fetch([file], store, lambda _: None)


def redirected(location: bytes) -> Answering:
    """Answer with a redirect, byte by byte as given."""
    return Answering([b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"])


@pytest.mark.parametrize(
    "location",
    [b"http://[bad/", b"\xe9\xff", b"file:///etc/passwd", b"ftp://host/x.whl", b"http://host:port/x"],
)
def test_a_redirect_to_nowhere_is_one_line(store: WheelStore, location: bytes) -> None:
    """The file is named, and no other kind of address is followed."""
    with redirected(location) as url:
        text = fails(store, url)
    assert text.startswith(f"{NAME} could not be fetched from {url}/{NAME}: ")


def test_a_signed_address_of_a_redirect_is_not_shown(store: WheelStore) -> None:
    """Its query is a password for some minutes."""
    with redirected(b"http://host:port/x?X-Amz-Signature=abcdef0123") as url:
        assert "abcdef0123" not in fails(store, url)


@pytest.mark.parametrize(
    "address", ["http://[x", "http://host:99999/x", "http://\0/x", "http://ho st/x", "ftp://h/x"]
)
def test_an_address_that_is_none_is_one_line(store: WheelStore, address: str) -> None:
    """Whatever a lock file names: no traceback, and nothing is waited for."""
    file = LockedFile("demo", "1", NAME, "0" * 64, address)
    with pytest.raises(FetchError, match=f"{NAME} could not be fetched from "):
        fetch([file], store, lambda _: None)


def test_the_reason_of_an_answer_cannot_change_the_terminal(store: WheelStore) -> None:
    """Escape sequences are taken out."""
    with Answering([b"HTTP/1.1 404 \x1b[31mgone\x1b]0;t\x07\r\nContent-Length: 0\r\n\r\n"]) as url:
        assert "HTTP 404 gone; was it removed" in fails(store, url)


def test_an_answer_without_an_end_is_left_at_the_locked_size(store: WheelStore) -> None:
    """It would fill the disk; it is not asked for again."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Answering([head, *[b"400\r\n" + bytes(1024) + b"\r\n"] * 5000]) as url:
        assert "the file has more than 70000 bytes, the lock records 70000" in fails(store, url, size=70_000)


def test_an_answer_without_an_end_and_without_a_locked_size_is_left_too(
    store: WheelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that is larger could be deployed anyway."""
    monkeypatch.setattr("constructs_lib.core.index.allowance.LARGEST", 100_000)
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    with Answering([head, *[bytes(1024)] * 5000]) as url:
        assert "it has more than 0 MB, which is refused" in fails(store, url)


def test_an_announced_size_that_is_not_the_locked_one(store: WheelStore) -> None:
    """Nothing of it is received."""
    with Answering([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnine byte"]) as url:
        assert "the file has 9 bytes, the lock records 5. It was not stored" in fails(store, url, size=5)


def test_a_file_that_drips_ends_with_its_time(store: WheelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps every other timeout waiting."""
    ticks = count(step=100.0)
    monkeypatch.setattr("constructs_lib.core.index.allowance.time.monotonic", lambda: next(ticks))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n"
    with Answering([head, *[b"x"] * 2000], pause=0.001) as url:
        assert " s, and the rest is not waited for; " in fails(store, url, size=70_000)


STATUSES = (
    b"200 OK",
    b"206 Part",
    b"204",
    b"302 Found",
    b"404 \x1b[31mno",
    b"401 Who",
    b"999 ?",
    b"200",
    b"abc",
    b"",
)
HEADERS = (
    b"Content-Length: 8", b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Content-Length: 8, 9",
    b"Content-Length: \xb2", b"Content-Length:", b"Transfer-Encoding: chunked", b"Transfer-Encoding: x",
    b"Content-Encoding: gzip", b"Content-Encoding: br, zstd", b"Location: /again", b"Location: //", b"Location: ?a=b",
    b"Location: http://[::1", b"Location: http://user:hunter2hunter2@127.0.0.1:1/x", b"Location: \xff\xfe",
    b"Location: file:///etc/passwd", b"Retry-After: 9e9", b'WWW-Authenticate: Basic realm="\x1b[0m', b"no colon",
    b"X: " + b"y" * 70_000, b": empty", b"Set-Cookie: a=b; Domain=.", b"\x00: \x00",
)  # fmt: skip
BODIES = (
    b"",
    b"8 bytes!",
    b"8 bytes",
    b"9 bytes!!",
    b"zz\r\n",
    b"-1\r\nx\r\n0\r\n\r\n",
    b"8\r\n8 bytes!\r\n0\r\n\r\n",
    b"\x1f\x8b",
)


# urllib3 leaves the sockets of answers that are no HTTP to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@given(st.sampled_from(STATUSES), st.lists(st.sampled_from(HEADERS), max_size=4), st.sampled_from(BODIES))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answer_is_the_locked_file_or_one_line(
    store: WheelStore, status: bytes, headers: list[bytes], body: bytes
) -> None:
    """Odd sizes, encodings, redirects and bytes that are no HTTP: no traceback, no secret, and nothing else is stored."""
    sha256 = hashlib.sha256(b"8 bytes!").hexdigest()
    store.discard(sha256)
    head = b"\r\n".join([b"HTTP/1.1 " + status, *headers, b"Connection: close"])
    with Answering([head + b"\r\n\r\n" + body]) as url:
        try:
            fetch([LockedFile("demo", "1", NAME, sha256, f"{url}/{NAME}")], store, lambda _: None)
        except FetchError as error:
            text = str(error)
            assert text.startswith(NAME)
            assert text.isprintable()
            assert "hunter2" not in text
            assert not store.holds(sha256)
        else:
            assert store.path(sha256).read_bytes() == b"8 bytes!"
    assert {path.stem for path in store.root.rglob("*") if path.is_file()} <= {sha256}


def test_a_page_that_breaks_off_is_one_line() -> None:
    """As a file that does, whose second try fails too."""
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf"
    with Answering([half]) as url, pytest.raises(FetchError, match=r"^the list failed: ") as caught:
        Pages(Access()).get(url, url, "text/html", "the list failed")
    assert caught.value.id == "download-failed"
