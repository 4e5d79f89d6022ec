"""A project's own code, installed into a folder and zipped: the tree route of a source artifact."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.archive.writer import write_archive
from constructs_lib.core.compat.builders.tool_environment import clean_environment
from constructs_lib.core.compat.folders import remove_folder
from constructs_lib.core.compat.helpers import normalize_glob_patterns
from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.tree.installed import read_tree
from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.inspect.left_files import left_out_findings
from constructs_lib.core.log import log
from constructs_lib.core.progress import QUIET, readable
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.project.source_files import chosen_files
from constructs_lib.core.source.earlier_results import without_results
from constructs_lib.core.source.plain_files import plain_files
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.system import process
from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs_lib.core.compat.logger import T_PRINTER
    from constructs_lib.core.project.source_files import LeftOut
    from constructs_lib.core.wheels.built import BuiltWheel


def copy_source_for_lambda_deployment(
    source_dir: str | Path,
    target_dir: str | Path,
    include: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
) -> None:
    """Copy a folder's files without bytecode, leftovers of tools and files for secrets.

    `include` and `exclude` are one `.gitignore` pattern or several, as in `is_match`. From a project, a folder with
    `pyproject.toml`, files that git ignores are not copied either. Other files in `target_dir` stay. Raises a
    ProjectError if the source does not exist, or if the target is inside it.
    """
    source, target = Path(source_dir), Path(target_dir)
    if not source.is_dir():
        raise ProjectError(
            "source-missing", f"{source} does not exist or is not a folder: source_dir is the folder to copy"
        )
    if target.resolve().is_relative_to(source.resolve()):
        raise ProjectError(
            "target-inside-source",
            f"target_dir {target} is inside source_dir {source}: it would be copied into itself",
        )
    patterns = normalize_glob_patterns(include), normalize_glob_patterns(exclude)
    if (source / "pyproject.toml").is_file():
        files, left_out = plain_files(source, *patterns)
    else:
        files, left_out = chosen_files(source, *patterns, is_project=False)
    _note(left_out)
    _copy(source, files, target)


def _copy(source: Path, files: Iterable[Path], target: Path) -> None:
    try:
        for path in files:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / path, target / path)
    except OSError as error:
        raise StoreError(
            "source-uncopyable", f"{source} cannot be copied to {target}: {error.strerror or error}"
        ) from None


def build_source_dir_using_pip(
    path_bin_pip: str | Path | None,
    path_pyproject_toml: Path,
    dir_lambda_source_build: Path,
    skip_prompt: bool = False,
    verbose: bool = True,
    printer: T_PRINTER = print,
) -> None:
    """Clear the folder and install the project's wheel into it by `pip install --no-deps`.

    The wheel is built by uv, as `build_source` has it. `path_bin_pip` None is the pip of this environment. On a
    terminal you are asked before anything is removed, unless `skip_prompt` is set.
    """
    program = str(path_bin_pip or process.find_tool("pip"))
    command = [program, "install", "--no-deps", "--no-compile", "--no-input", "--disable-pip-version-check"]
    _build(
        command,
        path_pyproject_toml,
        Path(dir_lambda_source_build),
        BaseLogger(verbose, printer),
        skip_prompt=skip_prompt,
    )


def build_source_artifacts_using_pip(
    path_bin_pip: str | Path | None,
    path_setup_py_or_pyproject_toml: Path,
    dir_lambda_source_build: Path,
    skip_prompt: bool = False,
    verbose: bool = True,
    printer: T_PRINTER = print,
) -> None:
    """Run `build_source_dir_using_pip`; the path may also be that of a `setup.py`."""
    path = Path(path_setup_py_or_pyproject_toml).with_name("pyproject.toml")
    build_source_dir_using_pip(path_bin_pip, path, dir_lambda_source_build, skip_prompt, verbose, printer)


def build_source_dir_using_uv(
    path_bin_uv: str | Path | None,
    path_pyproject_toml: Path,
    dir_lambda_source_build: Path,
    skip_prompt: bool = False,
    verbose: bool = True,
    printer: T_PRINTER = print,
) -> None:
    """Clear the folder and install the project's wheel into it by `uv pip install --no-deps`."""
    program = str(path_bin_uv or process.find_tool("uv"))
    # Without --reinstall uv may take a wheel of the same name that it installed earlier.
    command = [program, "pip", "install", "--no-deps", "--reinstall", "--no-python-downloads"]
    command.append(f"--python={sys.executable}")
    _build(
        command,
        path_pyproject_toml,
        Path(dir_lambda_source_build),
        BaseLogger(verbose, printer),
        skip_prompt=skip_prompt,
    )


def create_source_zip(
    dir_lambda_source_build: Path,
    path_source_zip: Path,
    verbose: bool = True,
    printer: T_PRINTER = print,
) -> str:
    """Zip the folder's files at the zip's root and return the zip's sha256 (hex).

    The hash covers path, executable bit and content of each file; machine and time do not count. Bytecode, scripts
    and the notes of installers are left out.
    """
    root, path = Path(dir_lambda_source_build), Path(path_source_zip)
    tree = read_tree(_folder(root), ())
    files = without_results(root, tree.files, path)
    if not files:
        raise ProjectError("source-empty", f"{root} holds no file to deploy: build the source first")
    archive = write_archive(merge([tree_entries(root, files)])[0], path)
    BaseLogger(verbose, printer).log(
        f"{path}: {archive.files} files, {readable(archive.size)}, sha256 {archive.sha256}"
    )
    return archive.sha256


def installed_version(project: Project, dir_lambda_source_build: Path) -> str:
    """Return the project's version as it was installed in that folder, or else as pyproject.toml has it."""
    name = canonicalize_name(project.name)
    versions = {
        distribution.name: distribution.version
        for distribution in read_tree(dir_lambda_source_build, ()).distributions
    }
    version = versions.get(name) or project.version
    if version is None:
        raise ProjectError(
            "version-missing", f"{project.path_pyproject_toml} has no [project] version: add one"
        )
    return version


def _build(
    command: Sequence[str], path_pyproject_toml: Path, target: Path, logger: BaseLogger, *, skip_prompt: bool
) -> None:
    project = Project.at(Path(path_pyproject_toml).parent)
    _ = project.name  # raises for an invalid pyproject.toml before anything is cleared
    if not project.is_package:
        _clear(target, project.root, skip_prompt=skip_prompt)
        # The folder may be inside the project, and is empty now.
        files, left_out = plain_files(project.root)
        _note(left_out)
        # The zip is written beside the folder.
        _copy(project.root, without_results(project.root, files, target.with_name("source.zip")), target)
        return
    store = WheelStore.default()
    built = _wheel(project, store)
    _clear(target, project.root, skip_prompt=skip_prompt)
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
        wheel = Path(scratch) / built.filename
        shutil.copyfile(store.path(built.sha256), wheel)
        logger.log(f"Run {' '.join(command)}")
        # The wheel is at hand, so that no index is asked.
        process.run(
            [*command, "--no-index", f"--target={target.resolve()}", str(wheel)],
            cwd=project.root,
            env=clean_environment(),
        )


def _wheel(project: Project, store: WheelStore) -> BuiltWheel:
    """Build the project's wheel as its backend makes it in place; refuse one with native code."""
    try:
        built = BuildsHere(store, QUIET, Access(project=project.root)).directory(project.root)
    except NativeCodeError:
        raise ProjectError(
            "native-code",
            f"{project.root} holds native code that was compiled for this machine: a source zip takes pure Python; "
            f"move that code into a package of its own and put its wheel into a layer",
        ) from None
    _note(built.left_out)
    return built


def _note(left_out: Iterable[LeftOut]) -> None:
    for finding in left_out_findings(left_out):
        log.warning(finding.text)


def _clear(target: Path, root: Path, *, skip_prompt: bool) -> None:
    if root.is_relative_to(target.resolve()):
        raise ProjectError(
            "target-holds-project",
            f"dir_lambda_source_build {target} holds the project itself: it is cleared before a build, choose another",
        )
    if target.exists():
        remove_folder(target, skip_prompt=skip_prompt)
    try:
        target.mkdir(parents=True)
    except OSError as error:
        raise StoreError("file-unwritable", f"{target} cannot be made: {error.strerror}") from None


def _folder(root: Path) -> Path:
    if not root.is_dir():
        raise ProjectError("source-missing", f"{root} does not exist: build the source first")
    return root
