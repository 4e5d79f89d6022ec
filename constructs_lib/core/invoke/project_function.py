"""A project's function on this machine: build what would be deployed, and invoke it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

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
    layer. Raises an `ArtifactError` where something cannot be built or run
    here; a failure of the function itself is a `FunctionAnswer`.
    """
    if isinstance(call, HandlerCall):
        check_event(call.event)  # before anything is built
    with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-zips-") as name:
        folder = Path(name)
        if isinstance(options, FunctionOptions):
            parts = _one_zip(entry, folder, target, options, store, progress)
        else:
            code = folder / "source.zip"
            built = build_source(entry, code, source, store=store, progress=progress)
            _show_warnings(built.warnings)
            layers = layer_parts(entry, folder, target, options, store=store, progress=progress)
            parts = [FunctionPart(code, CODE), *layers]
        return invoke_function(parts, call, target, settings, write_line=write_line)


def _one_zip(
    entry: str | Path,
    folder: Path,
    target: Target,
    options: FunctionOptions,
    store: WheelStore | None,
    progress: Progress,
) -> list[FunctionPart]:
    """Build the function into `folder`, and the packages of the runtime that it leaves out."""
    path = folder / "function.zip"
    built = build_function(entry, path, target, options, store=store, progress=progress)
    _show_warnings(built.warnings)
    packages = _runtime_packages(entry, folder, target, options, built, store, progress)
    return [FunctionPart(path, CODE), *packages]


def layer_parts(
    entry: str | Path,
    folder: Path,
    target: Target,
    options: LayerOptions,
    *,
    store: WheelStore | None = None,
    progress: Progress = QUIET,
) -> list[FunctionPart]:
    """Build the layer into `folder`, and the packages of the runtime that it leaves out."""
    layer = _build(entry, folder / "layer.zip", target, options, store, progress)
    parts = []
    if layer is not None:
        _show_warnings(layer.warnings)
        parts.append(FunctionPart(layer.archive.path, LAYER))
    return [*parts, *_runtime_packages(entry, folder, target, options, layer, store, progress)]


def _runtime_packages(
    entry: str | Path,
    folder: Path,
    target: Target,
    options: LayerOptions,
    built: LayerArtifact | None,
    store: WheelStore | None,
    progress: Progress,
) -> list[FunctionPart]:
    plain = _runtime_options(options, built)
    packages = _build(entry, folder / "runtime.zip", target, plain, store, progress) if plain else None
    return [] if packages is None else [FunctionPart(packages.archive.path, RUNTIME)]


def _runtime_options(options: LayerOptions, built: LayerArtifact | None) -> LayerOptions | None:
    """Return the choices that leave the locked boto3 and what belongs to it alone, which Lambda's runtime has.

    None if `built` has left out none of them.
    """
    if built is None:
        chosen = options.ignore_package_list
        left_out = _names(default_ignore_package_list if chosen is None else chosen)
        present: list[str] = []
    else:
        left_out = _names(name.partition("==")[0] for name in built.ignored)
        present = [distribution.name for distribution in built.contents]
    if left_out.isdisjoint(BROUGHT):
        return None
    # What Lambda does not have either, pip for instance, stays out here too.
    others = (*present, *sorted(left_out - BROUGHT.keys()))
    return LayerOptions(options.lock, others, options.container, options.credentials)


def _build(
    entry: str | Path,
    path: Path,
    target: Target,
    options: LayerOptions,
    store: WheelStore | None,
    progress: Progress,
) -> LayerArtifact | None:
    """Build a layer; None where no package is left for it."""
    try:
        return build_layer(entry, path, target, options, store=store, progress=progress)
    except ProjectError as error:
        if error.id == "layer-empty":
            return None
        raise


def _names(names: Iterable[str]) -> set[str]:
    return {str(canonicalize_name(name)) for name in names}


def _show_warnings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        log.warning("%s", finding.text)
