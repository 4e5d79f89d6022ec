"""Step 2: package an installed tree as layer.zip."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.archive.writer import Archive, write_archive
from constructs_lib.core.aws_facts import BY_PREFERENCE
from constructs_lib.core.compat.build_tool import LayerBuildToolEnum
from constructs_lib.core.compat.logger import BaseLogger
from constructs_lib.core.compat.path_layout import LayerPathLayout
from constructs_lib.core.compat.required import REQUIRED, refuse_missing
from constructs_lib.core.compat.tree.installed import Tree, read_tree
from constructs_lib.core.compat.tree.tree_facts import BinaryScan, tree_facts, tree_needs
from constructs_lib.core.errors import ProjectError, StoreError, WheelError
from constructs_lib.core.inspect import smoke
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
    from constructs_lib.core.inspect.facts import Facts


def move_to_dir_python(dir_site_packages: str | Path, dir_python: str | Path) -> None:
    """Move an installed tree to `dir_python`, in place of an older one; do nothing if both are the same folder.

    Raises a FileNotFoundError ("not found") if there is no such tree.
    """
    source, target = Path(dir_site_packages), Path(dir_python)
    if not source.is_dir():
        raise FileNotFoundError(f"{source} not found: build the layer first")
    real_source, real_target = source.resolve(), target.resolve()
    if real_source == real_target:
        return
    if real_source.is_relative_to(real_target) or real_target.is_relative_to(real_source):
        raise ValueError(f"{source} cannot be moved to {target}: one is inside the other")
    try:
        if target.is_symlink() or target.is_file():
            target.unlink()
        elif target.exists():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(real_source, target)
    except OSError as error:
        raise StoreError(
            "tree-unmovable", f"{source} cannot be moved to {target}: {error.strerror or error}"
        ) from None


def create_layer_zip_file(
    dir_python: str | Path,
    path_layer_zip: str | Path,
    ignore_package_list: Sequence[str] | None = None,
    verbose: bool = True,
    *,
    target: Target | None = None,
    smoke_test: bool = False,
    compression: Compression = "standard",
    store: WheelStore | None = None,
    printer: T_PRINTER = print,
) -> Archive:
    """Write the installed tree `dir_python` to `path_layer_zip`, below `python/`; the same tree gives the same bytes.

    `ignore_package_list` names distributions to leave out; None is `default_ignore_package_list`, an empty list
    leaves out nothing. Bytecode and the notes of installers are left out as well. Raises an InspectionError for files
    that `target` cannot load; without a target, for files that no Python and CPU of Lambda can load. `smoke_test`
    imports the packages with a Python of the target's kind, if this machine has one. `compression` may be "smallest",
    which takes several times longer. Compressed members are kept in `store`, by distribution, for the next build.
    """
    log = BaseLogger(verbose, printer).log
    root, path = Path(dir_python), Path(path_layer_zip)
    if smoke_test and target is None:
        raise ProjectError(
            "smoke-test-without-target",
            "smoke_test needs a target: it chooses the Python that imports the packages",
        )
    if not root.is_dir():
        raise FileNotFoundError(f"{root} not found: build the layer first")
    ignore = default_ignore_package_list if ignore_package_list is None else ignore_package_list
    tree = read_tree(root, ignore)
    _refuse_useless(tree)
    scan = BinaryScan()
    reuse = Reuse(store or WheelStore.default(), tree.owners, compression)
    entries = tree_entries(tree.root, tree.files, LAYER_ROOT, scan, reuse)
    for finding in _inspect(tree, tree_facts(tree, entries, scan), target):
        log(f"{finding.level}: {finding.text}")
    # With one group `merge` refuses names that cannot be unpacked: two that differ only in case, for example.
    archive = write_archive(merge([entries])[0], path)
    if tree.ignored:
        log(f"left out: {', '.join(tree.ignored)}")
    log(f"{path}: {archive.files} files, {readable(archive.size)}, {readable(archive.unzipped)} unzipped")
    for finding in smoke.smoke_test(archive, target) if smoke_test and target else ():
        log(f"{finding.level}: {finding.text}")
    return archive


def _refuse_useless(tree: Tree) -> None:
    if not tree.files:
        state = (
            f"holds only ignored packages ({', '.join(tree.ignored)})" if tree.ignored else "holds no file"
        )
        raise WheelError("layer-empty", f"{tree.root} {state}: a layer needs at least one package")
    editable = [str(distribution) for distribution in tree.distributions if distribution.editable]
    if editable:
        raise WheelError(
            "dependency-editable",
            f"{', '.join(editable)} in {tree.root} is installed as editable, a link to this machine's folder: install "
            f"it without that option",
        )


def _inspect(tree: Tree, facts: Mapping[str, Facts], target: Target | None) -> Sequence[Finding]:
    """Return warnings and notes; raise an InspectionError for errors."""
    return refuse_errors(
        [
            *_target_findings(tree, facts, target),
            *check_size({owner: fact.unzipped for owner, fact in facts.items()}),
            *check_records(facts),
            *check_boto3({distribution.name for distribution in tree.distributions}),
        ]
    )


def _target_findings(tree: Tree, facts: Mapping[str, Facts], target: Target | None) -> list[Finding]:
    """Return the findings for `target`; without one, those for the target of Lambda with the fewest errors."""
    tags = {
        f"{distribution} ({distribution.folder}/WHEEL)": distribution.tags
        for distribution in tree.distributions
    }
    pure = {
        str(distribution)
        for distribution in tree.distributions
        if distribution.tags and all(tag.abi == "none" and tag.platform == "any" for tag in distribution.tags)
    }
    candidates = [target] if target else (Target(python, cpu) for python in BY_PREFERENCE for cpu in MACHINES)
    tried: list[tuple[int, Target, list[Finding]]] = []
    for candidate in candidates:
        findings = [*check_tags(tags, candidate), *check_platform(facts, candidate, pure)]
        errors = sum(finding.level == "error" for finding in findings)
        tried.append((errors, candidate, findings))
        if not errors:
            break
    _, best, findings = min(tried, key=itemgetter(0))
    ignored = {version.partition("==")[0]: version for version in tree.ignored}
    needs = tree_needs(tree, ignored, best) if ignored else {}
    return [*findings, *check_ignored(needs, ignored, best)]


@dataclass(frozen=True)
class LambdaLayerZipper:
    """Step 2 for a project whose dependencies a builder has installed.

    `build_tool` and `layer_build_tool` are two names of one argument.
    """

    path_pyproject_toml: Path
    build_tool: LayerBuildToolEnum | str = REQUIRED
    ignore_package_list: Sequence[str] | None = None
    verbose: bool = True
    target: Target | None = None
    printer: T_PRINTER = print
    smoke_test: bool = False
    compression: Compression = "standard"
    layer_build_tool: LayerBuildToolEnum | str = field(default=REQUIRED, kw_only=True)

    def __post_init__(self) -> None:
        tools = [tool for tool in (self.build_tool, self.layer_build_tool) if tool is not REQUIRED]
        if len({LayerBuildToolEnum(tool) for tool in tools}) > 1:
            raise ProjectError(
                "manifest-ambiguous",
                f"build_tool {self.build_tool!r} and layer_build_tool {self.layer_build_tool!r} differ: give only one",
            )
        for tool in tools:
            object.__setattr__(self, "build_tool", tool)
            object.__setattr__(self, "layer_build_tool", tool)
        refuse_missing(self)

    @property
    def path_layout(self) -> LayerPathLayout:
        return LayerPathLayout(self.path_pyproject_toml)

    def run(self) -> Archive:
        """Move the packages as `move_to_dir_python` does, and write the zip."""
        self.move_to_dir_python()
        layout = self.path_layout
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

    def move_to_dir_python(self) -> None:
        """Move the packages to `artifacts/python`, if the builder left them in a virtual environment."""
        layout = self.path_layout
        if LayerBuildToolEnum(self.build_tool).installs_into_venv:
            try:
                move_to_dir_python(layout.dir_build_lambda_layer_repo_venv_site_packages, layout.dir_python)
            except FileNotFoundError:
                # The builders of this library have moved them in their last step.
                if not layout.dir_python.is_dir() or not any(layout.dir_python.iterdir()):
                    raise
