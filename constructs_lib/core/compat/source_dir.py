"""A project's own code, installed into a folder and zipped: the tree route of a source artifact."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.archive.files import tree_entries
from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.writer import write_archive
from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.path_layout import remove_folder
from constructs_lib.core.compat.tree.installed import read_tree
from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.progress import readable
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.project.source_files import source_files
from constructs_lib.core.system import process
from constructs_lib.core.wheels.built import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_lib.core.compat.logger import T_PRINTER
    from constructs_lib.core.compat.tree.distribution import Distribution


def copy_source_for_lambda_deployment(
    source_dir: str | Path,
    target_dir: str | Path,
    include: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
) -> None:
    """Copy a folder's files, less bytecode, what tools make and files for secrets.

    `include` and `exclude` are one `.gitignore` pattern or several, as in `is_match`. Files that lie in
    `target_dir` already stay unless they are written anew. A ProjectError where there is no such source, or
    where the target lies inside it.
    """
    source, target = Path(source_dir), Path(target_dir)
    if not source.is_dir():
        msg = f"{source} does not exist or is not a folder: source_dir is the folder to copy"
        raise ProjectError(msg)
    if target.resolve().is_relative_to(source.resolve()):
        msg = f"target_dir {target} lies inside source_dir {source}: it would be copied into itself"
        raise ProjectError(msg)
    is_project = (source / "pyproject.toml").is_file()
    files = source_files(source, _patterns(include), _patterns(exclude), is_project=is_project)
    try:
        for path in files:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / path, target / path)
    except OSError as error:
        msg = f"{source} cannot be copied to {target}: {error.strerror or error}"
        raise StoreError(msg) from None


def build_source_dir_using_pip(
    path_bin_pip: str | Path | None,
    path_pyproject_toml: Path,
    dir_lambda_source_build: Path,
    skip_prompt: bool = False,  # noqa: FBT001, FBT002 - the seeds' order
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    printer: T_PRINTER = print,
) -> None:
    """Fill the folder, which is cleared first, with what `pip install --no-deps` makes of the project.

    `path_bin_pip` None is the pip of this environment. On a terminal a person is asked before anything is
    removed, unless `skip_prompt`.
    """
    program = str(path_bin_pip or process.find_tool("pip"))
    command = [program, "install", "--no-deps", "--no-compile", "--no-input", "--disable-pip-version-check"]
    log = BaseLogger(verbose=verbose, printer=printer)
    _build(command, path_pyproject_toml, Path(dir_lambda_source_build), log, skip_prompt=skip_prompt)


def build_source_dir_using_uv(
    path_bin_uv: str | Path | None,
    path_pyproject_toml: Path,
    dir_lambda_source_build: Path,
    skip_prompt: bool = False,  # noqa: FBT001, FBT002 - the seeds' order
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    printer: T_PRINTER = print,
) -> None:
    """The same with `uv pip install --no-deps`."""
    program = str(path_bin_uv or process.find_tool("uv"))
    # Without --reinstall uv may take a wheel that it has built of this folder before.
    command = [program, "pip", "install", "--no-deps", "--reinstall", "--no-python-downloads"]
    log = BaseLogger(verbose=verbose, printer=printer)
    command.append(f"--python={sys.executable}")
    _build(command, path_pyproject_toml, Path(dir_lambda_source_build), log, skip_prompt=skip_prompt)


def create_source_zip(
    dir_lambda_source_build: Path,
    path_source_zip: Path,
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    printer: T_PRINTER = print,
) -> str:
    """Zip the folder's files at the zip's root and return the zip's sha256 (hex).

    It covers path, executable bit and content of each file, and is the same wherever and whenever it is made.
    Bytecode, scripts and what installers note for themselves stay out.
    """
    root, path = Path(dir_lambda_source_build), Path(path_source_zip)
    tree = read_tree(_folder(root), ())
    if not tree.files:
        msg = f"{root} holds no file to deploy: build the source first"
        raise ProjectError(msg)
    archive = write_archive(merge([tree_entries(root, tree.files)])[0], path)
    BaseLogger(verbose=verbose, printer=printer).log(
        f"{path}: {archive.files} files, {readable(archive.size)}, sha256 {archive.sha256}"
    )
    return archive.sha256


def installed_version(project: Project, dir_lambda_source_build: Path) -> str:
    """The project's version, a dynamic one included, as it was installed there."""
    name = canonicalize_name(project.name)
    found = {each.name: each.version for each in read_tree(dir_lambda_source_build, ()).distributions}
    version = found.get(name) or project.version
    if version is None:
        msg = f"{project.path_pyproject_toml} has no [project] version, and nothing else says it"
        raise ProjectError(msg)
    return version


def _build(
    command: Sequence[str], path_pyproject_toml: Path, target: Path, log: BaseLogger, *, skip_prompt: bool
) -> None:
    project = Project.at(Path(path_pyproject_toml).parent)
    _ = project.name  # refuses what is no project, before anything is cleared
    _clear(target, project.root, skip_prompt=skip_prompt)
    with _sources(project) as sources:
        if not project.has_build_system:
            copy_source_for_lambda_deployment(sources, target)
            return
        from constructs_lib.core.compat.builders.builder_tools import clean_environment

        log.log(f"Run {' '.join(command)}")
        process.run(
            [*command, f"--target={target.resolve()}", str(sources)],
            cwd=project.root,
            env={**clean_environment(), "SOURCE_DATE_EPOCH": EPOCH},
        )
    _refuse_native(project, read_tree(target, ()).distributions)


@contextmanager
def _sources(project: Project) -> Iterator[Path]:
    """A copy, so that no build backend writes into the project; the project where the version is git's."""
    if project.pyproject.is_version_from_vcs:
        yield project.root
        return
    with tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
        copy = Path(scratch) / project.root.name
        copy_source_for_lambda_deployment(project.root, copy)
        yield copy


def _clear(target: Path, root: Path, *, skip_prompt: bool) -> None:
    if root.is_relative_to(target.resolve()):
        msg = f"dir_lambda_source_build {target} holds the project itself: it is cleared before a build, choose another"
        raise ProjectError(msg)
    if target.exists():
        remove_folder(target, skip_prompt=skip_prompt)
    try:
        target.mkdir(parents=True)
    except OSError as error:
        msg = f"{target} cannot be made: {error.strerror}"
        raise StoreError(msg) from None


def _refuse_native(project: Project, distributions: Sequence[Distribution]) -> None:
    if any(tag.platform != "any" for each in distributions for tag in each.tags):
        msg = (
            f"{project.root} holds native code that was compiled for this machine: a source zip takes pure Python; "
            f"move that code into a package of its own, whose wheel a layer brings"
        )
        raise ProjectError(msg)


def _folder(root: Path) -> Path:
    if not root.is_dir():
        msg = f"{root} does not exist: build the source first"
        raise ProjectError(msg)
    return root


def _patterns(given: str | Sequence[str] | None) -> list[str] | None:
    return [given] if isinstance(given, str) else None if given is None else list(given)
