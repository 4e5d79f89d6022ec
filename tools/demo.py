"""`make demo`: a layer, a function's source and a function that uses both, deployed to an embedded AWS.

Each step is one line with its time. What is not as promised ends the demo with exit code 1 and one line that
names the log to look at. Otherwise nothing stays: no process and no folder.
"""

from __future__ import annotations

import contextlib
import platform
import re
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.demo_driver import Driver, Surprise
from tools.embedded_aws import EmbeddedAwsError, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
ADDED = "python-slugify==8.0.4"
ADDED_NEXT = "tabulate==0.9.0"
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EVENT = {"name": "Ada Lovelace", "visit": 3}


def main(root: Path = ROOT) -> int:
    """Run the demo; the exit code."""
    if platform.system() != "Linux":
        # MiniStack runs functions as plain processes, and a layer holds Linux binaries.
        print("demo: needs Linux, since it runs the function on this machine", file=sys.stderr)
        return 1
    for number in _INTERRUPTS:
        signal.signal(number, _interrupt)
    started = time.monotonic()
    try:
        show(root)
    except Surprise as surprise:
        print(f"\ndemo: {surprise}", file=sys.stderr)
        return 1
    except EmbeddedAwsError as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted; nothing is left behind", file=sys.stderr)
        return 130
    print(f"\nAll as promised, in {time.monotonic() - started:.0f} s.")
    return 0


def show(root: Path) -> None:
    """Start the embedded AWS and tell the story; keep the logs when it ends otherwise than promised."""
    print("A layer, a function's source and a function that uses both, on an embedded AWS.\n")
    with contextlib.ExitStack() as stack:
        with step("start AWS") as say:
            aws = stack.enter_context(embedded_aws())
            say(f"account {aws.account} answers at {aws.endpoint_url}")
        driver = Driver(root, aws)
        try:
            tell(driver)
        except Surprise as surprise:
            raise Surprise(f"{surprise}; look at {_kept(driver) / surprise.look_at}") from None
        except Exception as error:  # noqa: BLE001
            kept = _kept(driver)
            (kept / "demo.log").write_text(traceback.format_exc())
            raise Surprise(f"{type(error).__name__}: {error}; look at {kept / 'demo.log'}") from None


def _kept(driver: Driver) -> Path:
    """The folder in which the logs stay when everything else is removed."""
    folder = Path(tempfile.mkdtemp(prefix="constructs-lib-demo-logs-"))
    with contextlib.suppress(Exception):  # the embedded AWS may be what has failed
        driver.keep_logs(folder)
    return folder


def tell(driver: Driver) -> None:
    """The story: deploy, again, a new version, back, a broken one, destroy."""
    manifest, lock = driver.greeter / "pyproject.toml", driver.greeter / "uv.lock"
    with step("uv lock") as say:
        driver.lock()
        first = manifest.read_text(), lock.read_bytes()
        say(f"{len(_locked(lock))} packages for greeter")
    with step("cdk bootstrap") as say:
        driver.bootstrap()
        say("the account is ready for CDK")
    with step("cdk deploy") as say:
        arn = driver.deploy()
        _expect(driver.published(arn), [1])
        say(arn)
    with step("invoke") as say:
        say(f"{_ask(driver, manifest)['greeting']!r}, with {_pinned_text(manifest)} from the layer")
    with step("deploy again") as say:
        _expect(driver.deploy(), arn)
        _expect(driver.published(arn), [1])
        say("unchanged: the same ARN, nothing published")
    with step("add a dependency") as say:
        _add(manifest, ADDED)
        driver.lock()
        _expect(driver.deploy(), arn.removesuffix(":1") + ":2")
        say(f"version 2 is live, the function uses its {ADDED}: {_ask(driver, manifest)['slug']!r}")
    with step("go back") as say:
        manifest.write_text(first[0])
        lock.write_bytes(first[1])
        _expect(driver.deploy(), arn)
        _expect(driver.published(arn), [1, 2])
        _ask(driver, manifest)
        say("to the first lock: version 1 is live again, nothing published")
    with step("break it") as say:
        _add(manifest, ADDED_NEXT)
        driver.lock()
        _expect(driver.deploy_broken(), "UPDATE_ROLLBACK_COMPLETE")
        _expect(driver.live_arn(), arn)
        _expect(driver.published(arn), [1, 2, 3])
        manifest.write_text(first[0])
        _ask(driver, manifest)
        say("version 3 was published, a resource beside it failed; rolled back, version 1 is live")
    with step("cdk destroy") as say:
        driver.destroy()
        say(f"the stack is gone; the layer's versions {driver.published(arn)} are kept, as is the default")


@contextlib.contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """One line: the name at once, the time and what was said when the step has ended."""
    print(f"  {name:<18}", end="", flush=True)
    started = time.monotonic()
    said: list[str] = []
    yield said.append
    print(f"{time.monotonic() - started:5.1f} s  {' '.join(said)}", flush=True)


def _ask(driver: Driver, manifest: Path) -> dict[str, Any]:
    """Invoke the function; it must have what the manifest pins, and no other of the demo's additions."""
    answer = driver.invoke(EVENT)
    found = {_normalized(name): version for name, version in answer["packages"].items()}
    pinned = _pinned(manifest)
    wrong = {name: version for name, version in pinned.items() if found.get(name) != version}
    wrong |= {
        name: "none" for name, _ in map(_split, (ADDED, ADDED_NEXT)) if name in found and name not in pinned
    }
    if wrong:
        raise Surprise(f"the function should have {wrong}, it has {found}")
    return answer


def _pinned(manifest: Path) -> dict[str, str]:
    return dict(_split(found) for found in re.findall(r'"([\w.-]+==[\w.]+)"', manifest.read_text()))


def _pinned_text(manifest: Path) -> str:
    return ", ".join(f"{name} {version}" for name, version in _pinned(manifest).items())


def _split(requirement: str) -> tuple[str, str]:
    name, _, version = requirement.partition("==")
    return _normalized(name), version


def _add(manifest: Path, requirement: str) -> None:
    text = manifest.read_text()
    manifest.write_text(text.replace("dependencies = [\n", f'dependencies = [\n    "{requirement}",\n', 1))


def _locked(lock: Path) -> list[str]:
    names = re.findall(r'^\[\[package\]\]\nname = "([^"]+)"$', lock.read_text(), re.MULTILINE)
    return [name for name in names if name != "greeter"]


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _expect(found: object, expected: object) -> None:
    if found != expected:
        raise Surprise(f"expected {expected}, found {found}")


def _interrupt(_number: int, _frame: object) -> None:
    """Leave by an exception: all is cleaned up on the way out, which a second signal must not break off."""
    for number in _INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
