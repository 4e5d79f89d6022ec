"""The wheel of a function's own project, built on this machine, or in the container where it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError

if TYPE_CHECKING:
    from constructs_lib.core.function.function_options import FunctionOptions
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.wheels.wheel import Wheel
    from constructs_lib.core.wheels.wheel_source import WheelSource


def build_project_wheel(project: Project, options: FunctionOptions, source: WheelSource) -> Wheel:
    """Build the project's wheel, in the container only if it must be, as a path dependency of a layer."""
    has_patterns = options.include is not None or options.exclude is not None
    if source.container is not None and not has_patterns:
        # 16 ms, with the engine for containers.
        from constructs_lib.core.wheels.builder import WheelBuilder

        return WheelBuilder.of(source).build_project(project.root)
    builds = BuildsHere(source.store, source.progress, source.access)
    try:
        built = builds.directory(project.root, options.include, options.exclude)
    except NativeCodeError as error:
        image = source.target.build_image
        patterns = "leave include and exclude out, and " if has_patterns else ""
        raise ProjectError(
            error.id,
            f"{error}: {patterns}let it be built in a container: container=True ({image}, needs Docker)",
        ) from None
    return built.open(built.name, source.store)
