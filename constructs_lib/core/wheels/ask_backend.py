"""The requirements of a project that only its build backend knows: dynamic ones, and those of setup.py."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.project.toml_table import TomlTable
from constructs_lib.core.system.files import reading
from constructs_lib.core.wheels.build_failure import BuildPlace
from constructs_lib.core.wheels.build_here import run_uv_build
from constructs_lib.core.wheels.build_inputs import BuildInputs
from constructs_lib.core.wheels.built import build_key
from constructs_lib.core.wheels.work_tree import copy_work_tree

if TYPE_CHECKING:
    from constructs_lib.core.index.auth import Access
    from constructs_lib.core.store.wheel_store import WheelStore

_QUESTION = "ask_backend"
"""The backend of the scratch project."""
_ANSWER = "answer.json"
# Backends that are named nowhere build with setuptools (PEP 517).
_DEFAULT = ("setuptools.build_meta:__legacy__", ["setuptools>=40.8.0"])

# Runs as the build backend of a scratch project, in the environment that uv makes for the project's own backend.
_PROGRAM = """\
import importlib, json, os, pathlib, sys, tempfile, zipfile

HERE = pathlib.Path(__file__).resolve().parent
ASKED = json.loads((HERE / "question.json").read_text("utf-8"))


def backend():
    os.chdir(ASKED["folder"])
    sys.path[:0] = [os.path.join(ASKED["folder"], path) for path in ASKED["path"]]
    module, _, attributes = ASKED["backend"].partition(":")
    hooks = importlib.import_module(module)
    for name in filter(None, attributes.split(".")):
        hooks = getattr(hooks, name)
    return hooks


def get_requires_for_build_wheel(config_settings=None):
    hook = getattr(backend(), "get_requires_for_build_wheel", None)
    return hook(config_settings) if hook else []


def metadata(config_settings):
    hooks = backend()
    folder = tempfile.mkdtemp(dir=HERE)
    if hasattr(hooks, "prepare_metadata_for_build_wheel"):
        name = hooks.prepare_metadata_for_build_wheel(folder, config_settings)
        return pathlib.Path(folder, name, "METADATA").read_text("utf-8")
    with zipfile.ZipFile(os.path.join(folder, hooks.build_wheel(folder, config_settings))) as wheel:
        [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        return wheel.read(name).decode("utf-8")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    (HERE / "answer.json").write_text(json.dumps(metadata(config_settings)), "utf-8")
    name = "answer-0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.writestr("answer-0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: answer\\nVersion: 0\\n")
        wheel.writestr("answer-0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("answer-0.dist-info/RECORD", "")
    return name
"""


@dataclass(frozen=True)
class BackendRequirements:
    """Asks build backends for the requirements of projects; answers are kept by everything that a backend sees."""

    store: WheelStore
    access: Access
    """For the requirements of build backends, as for a build."""

    def of(self, folder: Path) -> list[str]:
        """Return the `Requires-Dist` of the project in `folder`, which its backend writes without a build.

        A ToolError has the reason where the backend cannot answer.
        """
        inputs = BuildInputs(folder, None, None, self.access.project)
        key = self._key(inputs)
        note = self.store.read_note("requirements", key) if key else None
        if note is not None:
            return list(note["requires"])
        requires = self._ask(inputs)
        if key:
            self.store.write_note("requirements", key, {"requires": requires})
        return requires

    def _key(self, inputs: BuildInputs) -> str | None:
        try:
            return build_key("requirements", inputs.key) if inputs.is_kept else None
        except (ProjectError, StoreError):
            return None  # a file of the folder cannot be hashed: it need not concern the backend

    def _ask(self, inputs: BuildInputs) -> list[str]:
        with tempfile.TemporaryDirectory(prefix="constructs-lib-") as path:
            scratch = Path(path).resolve()
            source = inputs.directory
            if inputs.needs_copy:
                source = copy_work_tree(inputs.work_tree, scratch)
            question = _write_question(scratch / "question", source, inputs.directory)
            run_uv_build(question, self.access, BuildPlace(source, scratch, inputs.directory))
            answer = question / _ANSWER
            with reading(answer):
                metadata = json.loads(answer.read_text(encoding="utf-8"))
        return HeaderParser().parsestr(metadata).get_all("Requires-Dist") or []


def _write_question(project: Path, source: Path, folder: Path) -> Path:
    """Write a scratch project that builds with the backend of `folder`, whose sources are in `source`."""
    path = folder / "pyproject.toml"
    system = TomlTable.read(path, "pyproject-invalid").table("build-system") if path.is_file() else None
    requires = system.texts("requires") if system else _DEFAULT[1]
    backend = (system.text("build-backend") if system else None) or _DEFAULT[0]
    question = {
        "folder": str(source),
        "backend": backend,
        "path": system.texts("backend-path") if system else [],
    }
    project.mkdir()
    (project / "question.json").write_text(json.dumps(question), encoding="utf-8")
    (project / f"{_QUESTION}.py").write_text(_PROGRAM, encoding="utf-8")
    (project / "pyproject.toml").write_text(
        f"[build-system]\nrequires = {json.dumps(requires)}\n"
        f'build-backend = "{_QUESTION}"\nbackend-path = ["."]\n',
        encoding="utf-8",
    )
    return project
