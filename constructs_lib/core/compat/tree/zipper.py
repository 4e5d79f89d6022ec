"""An installed tree → layer.zip."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.archive.files import tree_entries
from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.tree.installed import Tree, read_tree
from constructs_lib.core.compat.tree.tree_facts import Look, tree_facts, tree_needs
from constructs_lib.core.errors import ProjectError, StoreError, WheelError
from constructs_lib.core.inspect.findings import Finding, refuse_errors
from constructs_lib.core.inspect.layer_checks import check_records, check_size
from constructs_lib.core.inspect.loadable import check_platform, check_tags
from constructs_lib.core.inspect.needs import check_boto3, check_ignored
from constructs_lib.core.progress import readable
from constructs_lib.core.store.reuse import Reuse
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import LAYER_ROOT, MACHINES, Target, default_ignore_package_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.core.archive.entry import Compression
    from constructs_lib.core.compat.logger import T_PRINTER
    from constructs_lib.core.compat.path_layout import LayerPathLayout
    from constructs_lib.core.inspect.facts import Facts


def move_to_dir_python(dir_site_packages: str | Path, dir_python: str | Path) -> None:
    """Move an installed tree to where a layer has it, in place of what is there; nothing where it is there already.

    FileNotFoundError ("not found") where there is no such tree.
    """
    source, target = Path(dir_site_packages), Path(dir_python)
    if not source.is_dir():
        msg = f"{source} not found: build the layer first"
        raise FileNotFoundError(msg)
    real, there = source.resolve(), target.resolve()
    if real == there:
        return
    if real.is_relative_to(there) or there.is_relative_to(real):
        msg = f"{source} cannot be moved to {target}: one lies inside the other"
        raise ValueError(msg)
    try:
        if target.is_symlink() or target.is_file():
            target.unlink()
        elif target.exists():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(real, target)
    except OSError as error:
        msg = f"{source} cannot be moved to {target}: {error.strerror or error}"
        raise StoreError(msg) from None


def create_layer_zip_file(
    dir_python: str | Path,
    path_layer_zip: str | Path,
    ignore_package_list: Sequence[str] | None = None,
    verbose: bool = True,  # noqa: FBT001, FBT002 - the seeds' signature
    *,
    target: Target | None = None,
    smoke_test: bool = False,
    compression: Compression = "standard",
    store: WheelStore | None = None,
    printer: T_PRINTER = print,
) -> Archive:
    """Write the installed tree `dir_python` to `path_layer_zip`, below `python/`; the same tree gives the same bytes.

    `ignore_package_list` names distributions to leave out; None is `default_ignore_package_list`, an empty list
    leaves out nothing. Bytecode and what installers note for themselves stay out as well. What `target` could
    not load is an InspectionError; without a target, what no Python and CPU of Lambda could. `smoke_test` imports
    the packages with a Python of the target's kind, where this machine has one. `compression` may be "smallest",
    which takes several times longer. What is compressed is kept in `store`, by distribution, for the next build.
    """
    log = BaseLogger(verbose=verbose, printer=printer).log
    root, path = Path(dir_python), Path(path_layer_zip)
    if smoke_test and target is None:
        msg = "smoke_test needs a target: it says which Python has to import the packages"
        raise ProjectError(msg)
    if not root.is_dir():
        msg = f"{root} not found: build the layer first"
        raise FileNotFoundError(msg)
    ignore = default_ignore_package_list if ignore_package_list is None else ignore_package_list
    tree = read_tree(root, ignore)
    _refuse_useless(tree)
    seen = Look()
    reuse = Reuse(store or WheelStore.default(), tree.owners, compression)
    entries = tree_entries(tree.root, tree.files, LAYER_ROOT, seen, reuse)
    for finding in _inspect(tree, tree_facts(tree, entries, seen), target):
        log(f"{finding.level}: {finding.text}")
    # With one group this refuses what could not be unpacked: two names that differ only in case, for example.
    archive = write_archive(merge([entries])[0], path)
    if tree.ignored:
        log(f"left out: {', '.join(tree.ignored)}")
    log(f"{path}: {archive.files} files, {readable(archive.size)}, {readable(archive.unzipped)} unzipped")
    for finding in _smoke_test(archive, target) if smoke_test and target else ():
        log(f"{finding.level}: {finding.text}")
    return archive


def _smoke_test(archive: Archive, target: Target) -> list[Finding]:
    from constructs_lib.core.inspect.smoke import smoke_test

    return smoke_test(archive, target)


def _refuse_useless(tree: Tree) -> None:
    if not tree.files:
        why = f"holds only what is ignored ({', '.join(tree.ignored)})" if tree.ignored else "holds no file"
        msg = f"{tree.root} {why}: a layer needs at least one package"
        raise WheelError(msg)
    editable = [str(each) for each in tree.distributions if each.editable]
    if editable:
        msg = (
            f"{', '.join(editable)} in {tree.root} is installed as editable, a link to this machine's folder: install "
            f"it without that option"
        )
        raise WheelError(msg)


def _inspect(tree: Tree, facts: Mapping[str, Facts], target: Target | None) -> Sequence[Finding]:
    """Warnings and notes; an InspectionError for errors."""
    return refuse_errors(
        [
            *_target_findings(tree, facts, target),
            *check_size({owner: fact.unzipped for owner, fact in facts.items()}),
            *check_records(facts),
            *check_boto3({each.name for each in tree.distributions}),
        ]
    )


def _target_findings(tree: Tree, facts: Mapping[str, Facts], target: Target | None) -> list[Finding]:
    """Without a target any of Lambda's will do, and the one with the fewest errors is the one that was meant."""
    tags = {f"{each} ({each.folder}/WHEEL)": each.tags for each in tree.distributions}
    known = (Target(python, cpu) for python in reversed(RUNTIMES) for cpu in MACHINES)
    tried: list[tuple[int, Target, list[Finding]]] = []
    for candidate in [target] if target else known:
        findings = [*check_tags(tags, candidate), *check_platform(facts, candidate)]
        errors = sum(finding.level == "error" for finding in findings)
        tried.append((errors, candidate, findings))
        if not errors:
            break
    _, meant, findings = min(tried, key=lambda each: each[0])
    ignored = {version.partition("==")[0]: version for version in tree.ignored}
    needs = tree_needs(tree, ignored, meant) if ignored else {}
    return [*findings, *check_ignored(needs, ignored, meant)]


@dataclass(frozen=True)
class LambdaLayerZipper:
    """Step 2 for a project whose dependencies a builder has installed."""

    path_pyproject_toml: Path
    build_tool: LayerBuildToolEnum | str
    ignore_package_list: Sequence[str] | None = None
    verbose: bool = True
    target: Target | None = None
    printer: T_PRINTER = print
    smoke_test: bool = False
    compression: Compression = "standard"

    @property
    def path_layout(self) -> LayerPathLayout:
        from constructs_lib.core.compat.path_layout import LayerPathLayout

        return LayerPathLayout(self.path_pyproject_toml)

    def run(self) -> Archive:
        """Bring the packages to `artifacts/python`, if the builder left them in a virtual environment, and zip."""
        layout = self.path_layout
        if LayerBuildToolEnum(self.build_tool).installs_into_venv:
            try:
                move_to_dir_python(layout.dir_build_lambda_layer_repo_venv_site_packages, layout.dir_python)
            except FileNotFoundError:
                # The builders here have moved it in their last step.
                if not layout.dir_python.is_dir() or not any(layout.dir_python.iterdir()):
                    raise
        return create_layer_zip_file(
            layout.dir_python,
            layout.path_build_lambda_layer_zip,
            self.ignore_package_list,
            self.verbose,
            target=self.target,
            smoke_test=self.smoke_test,
            compression=self.compression,
            printer=self.printer,
        )
