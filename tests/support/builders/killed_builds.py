"""Builds of a layer that are killed (SIGKILL, as when memory runs out), and what they leave.

A build is killed some milliseconds after the n-th file, process or connection that it opens; both numbers follow from
a seed. The layer has a wheel of the index, a path dependency, a git dependency, bytecode and recompressed members, so
every kind of entry is written.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.store.packs import read_pack
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.builders.hosts import OWN
from tests.support.builders.uv import ROOT, Shop
from tests.support.files.repositories import Repository, package_files
from tests.support.files.sources import write_src_project
from tests.support.index.simple_index import running_index

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = frozenset(
    {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "subprocess.Popen", "socket.connect"}
)
OLD = b"the layer of an earlier build"
_LONGEST_DELAY = 0.03
_HOUR = 3600
_OPTIONS = LayerOptions(compile_bytecode=True, compression="smallest")


def _build(project: str, path: str, store: str) -> str:
    layer = build_layer(project, Path(path), Target(OWN), _OPTIONS, store=WheelStore(Path(store)))
    return layer.archive.sha256


@dataclass
class Workshop:
    """A locked project, the bytes of its layer, and a store in which builds are killed."""

    shop: Shop
    near: Path
    repository: Repository
    sha256: str = field(init=False)
    events: int = field(init=False)
    """Events of a build with an empty store."""
    killed: int = 0
    """Builds that were killed; the others had less to do than that many events."""

    def __post_init__(self) -> None:
        self.out.mkdir()
        self.sha256, count = self._process(0, 0.0).communicate()[0].split()
        self.events = int(count)
        self.sources = self._source_files()

    @property
    def out(self) -> Path:
        return self.shop.zip.parent

    def kill_one(self, seed: int) -> list[str]:
        """Kill one build and return what is wrong afterwards, each as a line that begins with the seed."""
        chance = random.Random(seed)  # noqa: S311 - not for secrets
        self._lay_out(chance)
        process = self._process(chance.randint(1, self.events), chance.uniform(0, _LONGEST_DELAY))
        process.communicate()
        self.killed += process.returncode == -signal.SIGKILL
        faults = self.faults_left()
        for path in self.out.iterdir():
            os.utime(path, (time.time() - _HOUR,) * 2)  # the next build is an hour later
        sha256 = _build(str(self.shop.project), str(self.shop.zip), str(self.shop.store.root))
        if sha256 != self.sha256:
            faults.append(f"the next build gives {sha256}")
        faults += self.faults_left(complete=True)
        if self._source_files() != self.sources:
            faults.append("the sources have changed")
        return [f"{seed}: {fault}" for fault in faults]

    def build_at_once(self, number: int) -> list[str]:
        """Build in that many processes with one empty store; return what is wrong."""
        shutil.rmtree(self.shop.store.root)
        processes = [self._process(0, 0.0, self.out / f"{index}.zip") for index in range(number)]
        answers = [process.communicate()[0].partition(" ")[0] for process in processes]
        faults = [f"a process gives {answer!r}" for answer in answers if answer != self.sha256]
        left = [path.name for path in (self.shop.store.root / "v1" / "tmp").iterdir()]
        faults += [f"the store keeps {name}" for name in left]
        for index in range(number):
            (self.out / f"{index}.zip").unlink(missing_ok=True)
        return [*faults, *self.faults_left()]

    def faults_left(self, *, complete: bool = False) -> list[str]:
        """Return what is wrong in the store and beside the zip; a temporary file beside it only if `complete`."""
        return [*self._bad_entries(), *self._bad_outputs(complete=complete)]

    def _lay_out(self, chance: random.Random) -> None:
        """Leave of the store all, some or nothing; and an earlier layer or none."""
        kept = chance.choice([0.0, 0.5, 0.8])
        for path in sorted(self.shop.store.root.rglob("*")):
            if path.is_file() and chance.random() >= kept:
                path.unlink()
        if chance.random() < 0.5:
            self.shop.zip.write_bytes(OLD)
        else:
            self.shop.zip.unlink(missing_ok=True)

    def _process(self, kill_at: int, delay: float, path: Path | None = None) -> subprocess.Popen[str]:
        arguments = (self.shop.project, path or self.shop.zip, self.shop.store.root, kill_at, delay)
        return subprocess.Popen(
            [sys.executable, "-m", __name__, *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def _bad_entries(self) -> Iterator[str]:
        """Yield each entry that is not what its name promises."""
        store, root = self.shop.store, self.shop.store.root / "v1"
        for path in root.rglob("*"):
            kind = path.relative_to(root).parts[0]
            if not path.is_file() or kind == "tmp":
                continue
            if kind == "files":
                is_sound = hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
            elif kind == "packs":
                is_sound = read_pack(store, path.stem) is not None
            else:
                is_sound = store.read_note(kind, path.stem) is not None
            if not is_sound:
                yield f"bad entry {path.relative_to(root)}"

    def _bad_outputs(self, *, complete: bool) -> Iterator[str]:
        """Yield a zip that is neither the old nor the new one, and, if `complete`, what is beside it."""
        for path in sorted(self.out.iterdir()):
            if path == self.shop.zip:
                content = path.read_bytes()
                if hashlib.sha256(content).hexdigest() != self.sha256 and content != OLD:
                    yield f"a zip of {len(content)} bytes"
            elif complete or not path.name.startswith(f".{self.shop.zip.name}-"):
                yield f"{path.name} beside the zip"

    def _source_files(self) -> set[tuple[Path, int]]:
        folders = (self.shop.project, self.near, self.repository.root)
        return {
            (path, path.stat().st_size) for folder in folders for path in folder.rglob("*") if path.is_file()
        }


@contextmanager
def open_workshop(root: Path) -> Iterator[Workshop]:
    """Yield a workshop below `root`; its index runs until the end of the block."""
    with running_index() as index:
        shop = Shop(root, index, WheelStore(root / "store"), Target(OWN))
        for name in ("aa", "bb", "cc"):
            shop.serve(name, files={f"{name}/part{n}.py": b"value = 1\n" * 4000 for n in range(8)})
        near = root / "near"
        near.mkdir()
        write_src_project(near, "near")
        repository = Repository.made(root / "far", package_files("far"))
        shop.settings = (
            f'[tool.uv.sources]\nnear = {{ path = "{near}" }}\n'
            f'far = {{ git = "{repository.url}", rev = "{repository.head}" }}\n'
        )
        yield Workshop(shop.locked("aa", "bb", "cc", "near", "far"), near, repository)


def _main(project: str, path: str, store: str, kill_at: str, delay: str) -> None:
    """Build; end by SIGKILL at that event if it is not 0. Print the layer's sha256 and the number of events."""
    count = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        del arguments
        if event in EVENTS:
            count += 1
            if count == int(kill_at):
                threading.Thread(target=_die, args=(float(delay),), daemon=True).start()

    sys.addaudithook(hook)
    sha256 = _build(project, path, store)
    sys.stdout.write(f"{sha256} {count}")


def _die(delay: float) -> None:
    time.sleep(delay)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    _main(*sys.argv[1:])
