"""A project's function on this machine: build what would be deployed, and invoke it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.argument_types import typed
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.function.function_options import FunctionOptions
from constructs_lib.core.invoke.function_folder import CODE, LAYER, RUNTIME, FunctionPart
from constructs_lib.core.invoke.function_settings import HandlerCall
from constructs_lib.core.invoke.run_function import check_event, invoke_function
from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.layer.layer_options import LAYER_DEFAULTS, LayerOptions
from constructs_lib.core.log import log
from constructs_lib.core.progress import QUIET, Progress
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.source.source_options import SOURCE_DEFAULTS, SourceOptions
from constructs_lib.core.system.signals import unwinding
from constructs_lib.core.target import BROUGHT, default_ignore_package_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from constructs_lib.core.inspect.findings import Finding
    from constructs_lib.core.invoke.function_settings import FunctionAnswer, FunctionSettings, WebCall
    from constructs_lib.core.layer.artifact import LayerArtifact
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target


@typed
def invoke_project(
    entry: str | Path,
    call: HandlerCall | WebCall,
    target: Target,
    settings: FunctionSettings | None = None,
    *,
    options: LayerOptions = LAYER_DEFAULTS,
    source: SourceOptions = SOURCE_DEFAULTS,
    write_line: Callable[[str], None],
    store: WheelStore | None = None,
    progress: Progress = QUIET,
) -> FunctionAnswer:
    """Build the layer and the source of the project in `entry`, and call its function once with both.

    With `FunctionOptions` it is built in one zip, and `source` is not used. A project without locked dependencies has no
    layer. Raises an `ArtifactError` where something cannot be built or run here; a failure of the function itself is a
    `FunctionAnswer`.
    """
    if isinstance(call, HandlerCall):
        check_event(call.event)  # before anything is built
    with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-zips-") as name:
        build = _Build(entry, Path(name), target, store, progress)
        if isinstance(options, FunctionOptions):
            parts = build.one_zip(options)
        else:
            parts = build.code_and_layer(source, options)
        return invoke_function(parts, call, target, settings, write_line=write_line)


@dataclass(frozen=True)
class _Build:
    """The builds of one project for one target, all into one folder."""

    entry: str | Path
    folder: Path
    target: Target
    store: WheelStore | None
    progress: Progress

    def one_zip(self, options: FunctionOptions) -> list[FunctionPart]:
        """Build the function, and the packages of the runtime that it leaves out."""
        path = self.folder / "function.zip"
        function = build_function(
            self.entry, path, self.target, options, store=self.store, progress=self.progress
        )
        _show_warnings(function.warnings)
        return [FunctionPart(path, CODE), *self._runtime_packages(options, function)]

    def code_and_layer(self, source: SourceOptions, options: LayerOptions) -> list[FunctionPart]:
        """Build the source and the layer, and the packages of the runtime that the layer leaves out."""
        path = self.folder / "source.zip"
        code = build_source(self.entry, path, source, store=self.store, progress=self.progress)
        _show_warnings(code.warnings)
        parts = [FunctionPart(path, CODE)]
        layer = self._layer("layer.zip", options)
        if layer is not None:
            _show_warnings(layer.warnings)
            parts.append(FunctionPart(layer.archive.path, LAYER))
        return [*parts, *self._runtime_packages(options, layer)]

    def _runtime_packages(self, options: LayerOptions, artifact: LayerArtifact | None) -> list[FunctionPart]:
        runtime = _runtime_options(options, artifact)
        packages = self._layer("runtime.zip", runtime) if runtime else None
        return [] if packages is None else [FunctionPart(packages.archive.path, RUNTIME)]

    def _layer(self, name: str, options: LayerOptions) -> LayerArtifact | None:
        """Build a layer; None where no package is left for it."""
        path = self.folder / name
        try:
            return build_layer(
                self.entry, path, self.target, options, store=self.store, progress=self.progress
            )
        except ProjectError as error:
            if error.id == "layer-empty":
                return None
            raise


def _runtime_options(options: LayerOptions, artifact: LayerArtifact | None) -> LayerOptions | None:
    """Return the choices that leave the locked boto3 and what belongs to it alone, which Lambda's runtime has.

    None if the artifact has left out none of them.
    """
    if artifact is None:
        ignored = options.ignore_package_list
        left_out = _names(default_ignore_package_list if ignored is None else ignored)
        present: list[str] = []
    else:
        left_out = _names(name.partition("==")[0] for name in artifact.ignored)
        present = [distribution.name for distribution in artifact.contents]
    if left_out.isdisjoint(BROUGHT):
        return None
    # What Lambda does not have either, pip for instance, stays out here too.
    ignore_package_list = (*present, *sorted(left_out - BROUGHT.keys()))
    return LayerOptions(options.lock, ignore_package_list, options.container, options.credentials)


def _names(names: Iterable[str]) -> set[str]:
    return {str(canonicalize_name(name)) for name in names}


def _show_warnings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        log.warning("%s", finding.text)
