"""A headless Chromium for the tests marked `browser`, driven over its DevTools pipe."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import IO, TYPE_CHECKING, Any

from tests.support.need import Need
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = PATIENCE


@cache
def why_not() -> str:
    """Return the reason why tests marked `browser` cannot run; empty if they can."""
    if any(map(shutil.which, PROGRAMS)):
        return ""
    return "there is no chromium on PATH (Debian: apt-get install chromium)"


NEED = Need("browser", "a browser", why_not)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs a Chromium; CONTRIBUTING.md says when these tests run")
    config.pluginmanager.register(NEED)


@dataclass
class Page:
    """One open page, and everything it complained of or asked for."""

    to: IO[bytes]
    back: IO[bytes]
    session: str = ""
    number: int = 0
    pending: bytes = b""
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One DevTools command and its answer; events on the way are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        deadline = time.monotonic() + _SECONDS
        while True:
            answer = self._read(deadline)
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return dict(answer["result"])
            self.events.append(answer)

    def _read(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self.pending:
            ready, _, _ = select.select([self.back], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(self.back.fileno(), 1 << 20) if ready else b""
            assert piece, "the browser does not answer"
            self.pending += piece
        message, _, self.pending = self.pending.partition(b"\0")
        return dict(json.loads(message))

    def open(self, address: str) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(1280)
        self.visit(address)

    def visit(self, address: str) -> None:
        """Go to an address and wait until the page is loaded; events of earlier pages are dropped."""
        self.events.clear()
        self.call("Page.navigate", url=address)
        deadline = time.monotonic() + _SECONDS
        while not any(each["method"] == "Page.loadEventFired" for each in self.events):
            self.events.append(self._read(deadline))

    def resize(self, width: int) -> None:
        """Make the window `width` pixels wide."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )

    def run(self, expression: str) -> Any:  # noqa: ANN401 - whatever the script says
        """Evaluate a JavaScript expression; a promise is waited for."""
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, expression: str) -> None:
        """Until the expression is true."""
        deadline = time.monotonic() + _SECONDS
        while not self.run(expression):
            assert time.monotonic() < deadline, f"never true: {expression}"
            time.sleep(0.05)

    def prefer(self, scheme: str) -> None:
        """Let the reader's system be `light` or `dark`."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def key(self, key: str, code: int) -> None:
        """Press one key."""
        for kind in ("rawKeyDown", "char", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "char" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **text)

    def screenshot(self, path: Path) -> None:
        """Return the whole page as PNG."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    @property
    def complaints(self) -> list[str]:
        """What the console shows, exceptions and refusals of the page's own policy included."""
        wanted = {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}
        return [json.dumps(each["params"])[:500] for each in self.events if each["method"] in wanted]

    @property
    def requests(self) -> list[str]:
        """Addresses that the page asked for, itself included."""
        sent = [each["params"] for each in self.events if each["method"] == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in sent]


@contextmanager
def open_page(path: Path | str, profile: Path) -> Iterator[Page]:
    """Open the file or address in a browser of its own, which ends with the block."""
    NEED.insist()
    program = next(filter(None, map(shutil.which, PROGRAMS)))
    theirs_in, ours_out = _pipe()
    ours_in, theirs_out = _pipe()

    def numbered() -> None:
        os.dup2(theirs_in, 3)  # where Chromium reads commands
        os.dup2(theirs_out, 4)

    command = [program, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}"]
    command += ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "about:blank"]
    command += ["--disable-background-networking", "--disable-component-update", "--hide-scrollbars"]
    with (profile.parent / "browser.log").open("wb") as log:
        browser = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=numbered,  # noqa: PLW1509 - it takes no lock
            close_fds=False,  # Python's own descriptors are not inherited anyway
        )
    os.close(theirs_in)
    os.close(theirs_out)
    with os.fdopen(ours_out, "wb") as to, os.fdopen(ours_in, "rb") as back:
        try:
            page = Page(to, back)
            page.open(path if isinstance(path, str) else path.as_uri())
            yield page
        finally:
            browser.terminate()
            try:
                browser.wait(20)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()


def _pipe() -> tuple[int, int]:
    """Make a pipe whose numbers are not those that Chromium's get in the child."""
    import fcntl  # Windows has none, and loads this module for its other tests

    found = []
    for end in os.pipe():
        found.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(end)
    return found[0], found[1]
