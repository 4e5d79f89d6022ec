"""A layer built from a project's lock file for one target."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import level_of
from constructs_lib.core.argument_types import typed
from constructs_lib.core.fingerprint import fingerprint
from constructs_lib.core.inspect.acknowledge import acknowledge, find_unused, parse_acknowledgements
from constructs_lib.core.inspect.findings import Finding
from constructs_lib.core.inspect.left_files import left_out_findings
from constructs_lib.core.inspect.modules import check_modules
from constructs_lib.core.inspect.needs import check_ignored, check_missing
from constructs_lib.core.inspect.runtime_dates import check_runtime, current_day
from constructs_lib.core.inspect.wheel_python import check_pythons
from constructs_lib.core.layer.artifact import Distribution, LayerArtifact, ProjectSummary
from constructs_lib.core.layer.assemble import Parts, assemble, document_findings, read_wheel
from constructs_lib.core.layer.exclude_files import FileExclusion
from constructs_lib.core.layer.excluded import describe_excluded, excluded_files, excluded_paths, wheel_paths
from constructs_lib.core.layer.layer_options import LAYER_DEFAULTS, LayerOptions
from constructs_lib.core.layer.selection import Selection, divide_packages, empty_layer, ignored_names
from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.metadata.dependency_graph import (
    dependency_graph,
    direct_requirements,
    missing_dependencies,
)
from constructs_lib.core.progress import QUIET, Progress, counted, readable
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.system.secrets import refuse_secrets
from constructs_lib.core.target import LAYER_PLACE
from constructs_lib.core.wheels.acquire import acquire
from constructs_lib.core.wheels.wheel_source import WheelSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.archive.writer import Archive
    from constructs_lib.core.layer.assemble import LayerWheel
    from constructs_lib.core.lock.locked import Locked
    from constructs_lib.core.progress import Step
    from constructs_lib.core.target import Place, Target


@typed
def build_layer(
    entry: str | Path,
    path_layer_zip: Path,
    target: Target,
    options: LayerOptions = LAYER_DEFAULTS,
    *,
    store: WheelStore | None = None,
    progress: Progress = QUIET,
) -> LayerArtifact:
    """Build the layer of the project in `entry` for `target` and write it to `path_layer_zip`.

    The project itself is not in the layer, only what its lock file asks for. `options` choose the part of the lock
    file, what is left out, and how the zip is made. `store` keeps wheels from build to build; None is this user's.
    Raises an `ArtifactError` whose text is one line; the zip is then not written.
    """
    refuse_unknown(options)
    build = LayerBuild(Project.at(entry), target, options, store or WheelStore.default(), progress)
    selection = build.resolve()
    parts = Parts(build.acquire(selection))
    archive, findings = build.assemble(selection, parts, path_layer_zip)
    return build.describe(selection, parts, archive, findings)


def refuse_unknown(options: LayerOptions) -> None:
    """Refuse values of the options that do not exist, before anything is done."""
    level_of(options.compression)
    parse_acknowledgements(options.acknowledge)
    FileExclusion.of(options.exclude_files)


class LayerBuild:
    """The build of a layer, or of a function's dependencies, under way."""

    def __init__(
        self,
        project: Project,
        target: Target,
        options: LayerOptions,
        store: WheelStore,
        progress: Progress,
        place: Place = LAYER_PLACE,
        today: date | None = None,
    ) -> None:
        self.project = project
        self.target = target
        self.options = options
        self.store = store
        self.progress = progress
        self.place = place
        self.today = today
        """The day that a runtime's dates are compared with; None is the current one."""

    def resolve(self) -> Selection:
        """Choose the packages of the lock file; refuse a lock file that holds a password."""
        options = self.options
        with self.progress.step(
            f"locked for {self.target}", f"reading the lock file for {self.target}"
        ) as step:
            resolution = resolve(
                self.project,
                self.target,
                options.lock,
                self.store,
                options.credentials,
                self._requires_of,
            )
            step.add(counted(len(resolution.locked), "package"))
        manifest = resolution.manifest
        packages, ignored = divide_packages(resolution.locked, options.ignore_package_list)
        if not packages and self.place == LAYER_PLACE:
            raise empty_layer(self.project, resolution, ignored)
        refuse_secrets(str(manifest.path), manifest.content, options.secrets)
        findings = [Finding("unpinned-requirement", text) for text in resolution.warnings]
        findings += [Finding("project-left-out", text) for text in resolution.notes]
        findings += check_runtime(self.target.runtime, self.today or current_day())
        return Selection(manifest, packages, ignored, findings, resolution.may_be_incomplete)

    def _requires_of(self, folder: Path) -> list[str]:
        """Ask the build backend of the project in `folder` for its requirements."""
        # 20 ms: only for requirements that pyproject.toml does not list.
        from constructs_lib.core.wheels.ask_backend import BackendRequirements

        access = self.wheel_source(self.project.root).access
        backend = f"the build backend of {folder.name}"
        with self.progress.step(f"asked {backend}", f"asking {backend}"):
            return BackendRequirements(self.store, access).of(folder)

    def acquire(self, selection: Selection) -> list[LayerWheel]:
        """Get the wheels, read."""
        read = partial(read_wheel, store=self.store, root=self.place.root, exclusion=self._exclusion)
        return acquire(selection.packages, self.wheel_source(selection.manifest.path.parent), read)

    @cached_property
    def _exclusion(self) -> FileExclusion:
        return FileExclusion.of(self.options.exclude_files)

    def wheel_source(self, lock_folder: Path) -> WheelSource:
        """Return the places that wheels come from, for a lock file in that folder."""
        return WheelSource(
            self.target,
            self.store,
            self.progress,
            self.options.build_container,
            self.options.credentials,
            self.project,
            lock_folder,
        )

    def assemble(self, selection: Selection, parts: Parts, path: Path) -> tuple[Archive, Sequence[Finding]]:
        """Write the zip; return it with all findings."""
        with self.progress.step(f"zipped {_counted(parts)}", f"zipping {_counted(parts)}") as step:
            options = self.options
            prove = partial(self._prove, step) if options.smoke_test else None
            archive, findings = assemble(parts, path, self.target, options, self.store, prove)
            step.add(f"{readable(archive.size)}, {readable(archive.unzipped)} unzipped")
            if excluded := excluded_files(parts.wheels):
                step.add(describe_excluded(excluded))
        accepted = parse_acknowledgements(self.options.acknowledge)
        findings = [*selection.warnings, *findings, *self._inspect(selection, parts, archive)]
        findings = acknowledge(findings, accepted)
        return archive, [*findings, *find_unused(findings, accepted)]

    def _prove(self, step: Step, entries: Sequence[Entry], excluded: Sequence[Entry]) -> Sequence[Finding]:
        """Find the modules that cannot be imported without the files that are left out."""
        # 4 ms: only for smoke tests.
        from constructs_lib.core.inspect.slim_proof import find_broken

        what = "all modules without the files that are left out, and those that fail with them"
        with step.paused(), self.progress.step(f"imported {what}", f"importing {what}"):
            return find_broken(entries, excluded, self.target, self.place)

    def _inspect(self, selection: Selection, parts: Parts, archive: Archive) -> list[Finding]:
        """Find what the choices mean: left-out packages that are needed or replaced, failed imports."""
        pythons = {read.wheel.filename: read.metadata.requires_python for read in parts.wheels}
        modules = {read.wheel.name: read.facts.modules for read in parts.wheels}
        findings = [
            *self._check_ignored(selection.ignored, parts.wheels),
            *check_pythons(pythons, self.target),
            *check_modules(modules, {package.name for package in selection.ignored}),
            *left_out_findings(left_out for read in parts.all for left_out in read.wheel.left_out),
            *document_findings(parts.all),
        ]
        if self.options.exclude_files:
            findings += self._exclusion.find_unused(wheel_paths(parts.wheels, parts.place.root))
        if selection.may_be_incomplete:
            findings += self._check_missing(selection, parts.wheels)
        if self.options.smoke_test:
            # 4 ms: only for smoke tests.
            from constructs_lib.core.inspect.smoke import smoke_test

            what = f"what the {parts.place.noun} brings"
            with self.progress.step(f"imported {what}", f"importing {what}"):
                findings += smoke_test(archive, self.target, parts.place)
        return findings

    def describe(
        self, selection: Selection, parts: Parts, archive: Archive, findings: Sequence[Finding]
    ) -> LayerArtifact:
        """Return the artifact, which refers to no open file."""
        return LayerArtifact(
            archive,
            selection.manifest,
            self._fingerprint(parts),
            self.target,
            tuple(_distribution(read, self.target) for read in parts.wheels),
            self._project_summary,
            tuple(map(str, selection.ignored)),
            tuple(finding for finding in findings if finding.level == "warning"),
            tuple(finding for finding in findings if finding.level == "note"),
            excluded=excluded_files(parts.wheels),
        )

    @cached_property
    def _project_summary(self) -> ProjectSummary:
        project = self.project
        requirements = direct_requirements(project.pyproject, self.options.lock)
        return ProjectSummary(project.name, project.version or "", requirements)

    def _check_ignored(self, ignored: Sequence[Locked], wheels: Sequence[LayerWheel]) -> list[Finding]:
        if not ignored:
            return []
        left_out = {package.name: str(package) for package in ignored}
        requires = {read.wheel.name: read.metadata.requires for read in wheels}
        rows = {**requires, **dict.fromkeys(left_out, ())}
        graph = dependency_graph(self._project_summary.requirements, rows, self.target)
        return check_ignored({name: graph[name] for name in requires}, left_out, self.target)

    def _check_missing(self, selection: Selection, wheels: Sequence[LayerWheel]) -> list[Finding]:
        """Compare what the wheels need with what a person's file names: nobody resolved it for this target."""
        requires = {read.wheel.name: read.metadata.requires for read in wheels}
        missing = missing_dependencies(self._project_summary.requirements, requires, self.target)
        return check_missing(
            missing, ignored_names(self.options.ignore_package_list), selection.manifest.path
        )

    def _fingerprint(self, parts: Parts) -> str:
        """Hash what decides about the files: not their compression, nor which 3.13 compiled them."""
        target = self.target
        bytecode = {"bytecode": f"cpython-{target.python_version}"} if self.options.compile_bytecode else {}
        project = {"project": parts.project.wheel.identity} if parts.project else {}
        excluded = excluded_paths(parts.wheels, parts.place.root)
        exclusion = {"excluded": excluded} if excluded else {}
        return fingerprint(
            kind=parts.place.noun,
            python_version=target.python_version,
            architecture=target.architecture,
            wheels=[[read.wheel.name, read.wheel.identity] for read in parts.wheels],
            **bytecode,
            **project,
            **exclusion,
        )


def _distribution(read: LayerWheel, target: Target) -> Distribution:
    wheel = read.wheel
    sha256 = "" if wheel.built_here else wheel.sha256
    # A wheel's name may claim every platform; one with extension modules for several CPUs is not for one alone.
    machines = {elf.machine for elf in read.facts.elf if elf.extension}
    is_native = not wheel.filename.endswith("-any.whl") or machines == {target.machine}
    return Distribution(
        wheel.name, wheel.version, wheel.filename, sha256, read.metadata, is_native, read.bundled
    )


def _counted(parts: Parts) -> str:
    return counted(len(parts.wheels), "wheel") + (" and the project" if parts.project else "")
