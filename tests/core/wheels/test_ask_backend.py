"""The requirements that only a build backend knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ToolError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.system import process
from constructs_lib.core.wheels.ask_backend import BackendRequirements
from tests.support.files.lock_shapes import BACKEND, PROGRAM, dynamic
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def asker(tmp_path: Path) -> BackendRequirements:
    write_files(tmp_path, dynamic("shop"))
    return BackendRequirements(WheelStore(tmp_path / "store"), Access((), [], tmp_path / "shop"))


def tree(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_a_backend_is_asked_without_a_build(tmp_path: Path, asker: BackendRequirements) -> None:
    """Extras stay in the markers; nothing is written beside the sources."""
    folder = tmp_path / "shop"
    (folder / "deps.txt").write_text("aa>=1\nbb; extra == 'web'\n")
    before = tree(folder)
    assert asker.of(folder) == ["aa>=1", "bb; extra == 'web'"]
    assert tree(folder) == before


def test_a_backend_without_the_hook_builds_the_wheel(tmp_path: Path, asker: BackendRequirements) -> None:
    """`prepare_metadata_for_build_wheel` is optional (PEP 517)."""
    text = PROGRAM.replace("def prepare_metadata_for_build_wheel", "def _info")
    text = text.replace("prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel\n", "")
    text = text.replace(
        '    raise SystemExit("this backend builds no wheel")\n',
        '    import zipfile\n    with zipfile.ZipFile(folder + "/x-1-py3-none-any.whl", "w") as wheel:\n'
        '        wheel.writestr("x-1.dist-info/METADATA", text())\n    return "x-1-py3-none-any.whl"\n',
    )
    (tmp_path / "shop" / "backend.py").write_text(text)
    assert asker.of(tmp_path / "shop") == ["aa"]


def test_a_failing_backend_is_one_line_with_its_reason(tmp_path: Path, asker: BackendRequirements) -> None:
    (tmp_path / "shop" / "deps.txt").unlink()
    with pytest.raises(ToolError, match=r"shop cannot be built: .*deps\.txt") as caught:
        asker.of(tmp_path / "shop")
    assert caught.value.id == "build-failed"
    assert len(str(caught.value).splitlines()) == 1


def test_a_backend_in_a_folder_of_the_project_is_found(tmp_path: Path, asker: BackendRequirements) -> None:
    """`backend-path` may name a folder, and `build-backend` an object in a module (PEP 517)."""
    folder = tmp_path / "shop"
    text = BACKEND.replace('"backend"', '"tools:hooks"').replace('["."]', '["build_tools"]')
    pyproject = folder / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace(BACKEND, text))
    (folder / "build_tools").mkdir()
    (folder / "backend.py").rename(folder / "build_tools" / "own.py")
    (folder / "build_tools" / "tools.py").write_text("import own as hooks\n")
    assert asker.of(folder) == ["aa"]


def test_a_backend_is_told_the_settings_of_the_project(tmp_path: Path, asker: BackendRequirements) -> None:
    """As in a build."""
    folder = tmp_path / "shop"
    program = (folder / "backend.py").read_text()
    told = ".write_text(text() + f\"Requires-Dist: {config_settings['flavor']}\\n\")"
    (folder / "backend.py").write_text(program.replace(".write_text(text())", told))
    with (folder / "pyproject.toml").open("a") as pyproject:
        pyproject.write('[tool.uv]\nconfig-settings = { flavor = "sweet" }\n')
    assert asker.of(folder)[-1] == "sweet"


def test_a_backend_that_does_not_end_is_named(
    tmp_path: Path, asker: BackendRequirements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its project, not by the folder that is gone."""

    def run(_: object, *, cwd: Path, **__: object) -> str:
        raise process.TimeLimitError(
            "tool-timeout", f"uv build did not end within 600 s in {cwd} and was stopped"
        )

    monkeypatch.setattr(process, "run", run)
    with pytest.raises(ToolError, match=rf"in {tmp_path}/shop and was stopped$") as caught:
        asker.of(tmp_path / "shop")
    assert caught.value.id == "tool-timeout"
