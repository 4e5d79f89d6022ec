"""`make demo`: a layer, a function's source and a function that uses both, deployed to an embedded AWS.

Each step is one line with its time. A broken promise ends the demo with exit code 1 and one line that names the log to
look at. Otherwise nothing stays: no process and no folder.
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
    """Run the demo; return the exit code."""
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
    """Start the embedded AWS and run the steps; keep the logs if a promise is broken."""
    print("A layer, a function's source and a function that uses both, on an embedded AWS.\n")
    with contextlib.ExitStack() as stack:
        with step("start AWS") as report:
            aws = stack.enter_context(embedded_aws())
            report(f"account {aws.account} answers at {aws.endpoint_url}")
        driver = Driver(root, aws)
        try:
            run_steps(driver)
        except Surprise as surprise:
            raise Surprise(f"{surprise}; look at {_keep_logs(driver) / surprise.look_at}") from None
        except Exception as error:  # noqa: BLE001
            log = _keep_logs(driver) / "demo.log"
            log.write_text(traceback.format_exc())
            raise Surprise(f"{type(error).__name__}: {error}; look at {log}") from None


def _keep_logs(driver: Driver) -> Path:
    """Copy the logs to a folder that stays when everything else is removed, and return it."""
    folder = Path(tempfile.mkdtemp(prefix="constructs-lib-demo-logs-"))
    with contextlib.suppress(Exception):  # the embedded AWS may be what has failed
        driver.keep_logs(folder)
    return folder


def run_steps(driver: Driver) -> None:
    """Deploy, deploy again, publish a new version, roll back, fail, destroy."""
    manifest, lock = driver.greeter / "pyproject.toml", driver.greeter / "uv.lock"
    with step("uv lock") as report:
        driver.lock()
        first = manifest.read_text(), lock.read_bytes()
        report(f"{len(_locked(lock))} packages for greeter")
    with step("cdk bootstrap") as report:
        driver.bootstrap()
        report("the account is ready for CDK")
    with step("cdk deploy") as report:
        arn = driver.deploy()
        _expect(driver.published(arn), [1])
        report(arn)
    with step("invoke") as report:
        report(f"{_ask(driver, manifest)['greeting']!r}, with {_pinned_text(manifest)} from the layer")
    with step("deploy again") as report:
        _expect(driver.deploy(), arn)
        _expect(driver.published(arn), [1])
        report("unchanged: the same ARN, nothing published")
    with step("add a dependency") as report:
        _add(manifest, ADDED)
        driver.lock()
        _expect(driver.deploy(), arn.removesuffix(":1") + ":2")
        report(f"version 2 is live, the function uses its {ADDED}: {_ask(driver, manifest)['slug']!r}")
    with step("roll back") as report:
        manifest.write_text(first[0])
        lock.write_bytes(first[1])
        _expect(driver.deploy(), arn)
        _expect(driver.published(arn), [1, 2])
        _ask(driver, manifest)
        report("to the first lock: version 1 is live again, nothing published")
    with step("break it") as report:
        _add(manifest, ADDED_NEXT)
        driver.lock()
        _expect(driver.deploy_broken(), "UPDATE_ROLLBACK_COMPLETE")
        _expect(driver.live_arn(), arn)
        _expect(driver.published(arn), [1, 2, 3])
        manifest.write_text(first[0])
        _ask(driver, manifest)
        report("version 3 was published, another resource failed; rolled back, version 1 is live")
    with step("cdk destroy") as report:
        driver.destroy()
        report(f"the stack is gone; the layer's versions {driver.published(arn)} are kept, as is the default")


@contextlib.contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """Print one line: the name at once, the time and the reported texts when the step has ended."""
    print(f"  {name:<18}", end="", flush=True)
    started = time.monotonic()
    texts: list[str] = []
    yield texts.append
    print(f"{time.monotonic() - started:5.1f} s  {' '.join(texts)}", flush=True)


def _ask(driver: Driver, manifest: Path) -> dict[str, Any]:
    """Invoke the function; it must have the packages that the manifest pins, and no other of the demo's additions."""
    answer = driver.invoke(EVENT)
    installed = {_normalized(name): version for name, version in answer["packages"].items()}
    pinned = _pinned(manifest)
    wrong = {name: version for name, version in pinned.items() if installed.get(name) != version}
    wrong |= {
        name: "none"
        for name, _ in map(_split, (ADDED, ADDED_NEXT))
        if name in installed and name not in pinned
    }
    if wrong:
        raise Surprise(f"the function should have {wrong}, it has {installed}")
    return answer


def _pinned(manifest: Path) -> dict[str, str]:
    return dict(_split(pin) for pin in re.findall(r'"([\w.-]+==[\w.]+)"', manifest.read_text()))


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


def _expect(actual: object, expected: object) -> None:
    if actual != expected:
        raise Surprise(f"expected {expected}, found {actual}")


def _interrupt(_number: int, _frame: object) -> None:
    """Raise an exception, so that everything is cleaned up; a second signal must not interrupt that."""
    for number in _INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
