"""What scripts without CDK start from: a project with a built tree, and a zip of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_lib.core import LayerPathLayout, create_layer_zip_file
from tests.support.files.installed import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def make_locked(root: Path, lock: str = "lock of one\n") -> Path:
    """Make a folder with pyproject.toml and uv.lock; return the former."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
    (root / "uv.lock").write_text(lock)
    return root / "pyproject.toml"


@dataclass
class OwnBuilder:
    """A builder of one's own: neither a subclass of ours, nor does it keep a copy of the lock."""

    path_pyproject_toml: Path
    content: bytes = b"NAME = 'cart'\n"
    tags: tuple[str, ...] = ("py3-none-any",)
    in_venv: bool = False
    meanwhile: Callable[[], object] = field(default=lambda: None)
    runs: int = 0

    @property
    def path_layout(self) -> LayerPathLayout:
        return LayerPathLayout(self.path_pyproject_toml)

    def run(self) -> None:
        self.runs += 1
        layout = self.path_layout
        layout.clean(skip_prompt=True)
        layout.mkdirs()
        venv = layout.dir_repo / ".venv" / "lib" / "python3.12" / "site-packages"
        tree = venv if self.in_venv else layout.dir_python
        install(tree, "cart", {"cart/__init__.py": self.content}, tags=self.tags)
        install(tree, "boto3")
        self.meanwhile()


def built_zip(
    pyproject: Path, content: bytes = b"NAME = 'cart'\n", *, keep_lock: bool = True
) -> LayerPathLayout:
    """Build and zip as our builders do: with the lock's copy in `repo`."""
    OwnBuilder(pyproject, content).run()
    layout = LayerPathLayout(pyproject)
    if keep_lock:
        layout.copy_uv_lock(lambda _: None)
    create_layer_zip_file(layout.dir_python, layout.path_build_lambda_layer_zip, verbose=False)
    return layout
