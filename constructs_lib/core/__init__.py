"""The library without CDK: build, report, plan and deploy from a script.

Names are loaded when they are first used: Lambda imports this package for `publish` alone and has none of the
libraries that building needs. Names of earlier tools come from `compat`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.on_demand import on_demand

if TYPE_CHECKING:
    from constructs_lib.core.aws_facts import RUNTIMES as RUNTIMES
    from constructs_lib.core.compat import *  # noqa: F403 - the names of earlier tools
    from constructs_lib.core.deploy.deployment import deploy_layer as deploy_layer
    from constructs_lib.core.deploy.deployment import deploy_source as deploy_source
    from constructs_lib.core.deploy.deployment import plan_layer as plan_layer
    from constructs_lib.core.deploy.function_zip import FunctionDeployment as FunctionDeployment
    from constructs_lib.core.deploy.function_zip import deploy_function as deploy_function
    from constructs_lib.core.deploy.plan import Plan as Plan
    from constructs_lib.core.errors import ArtifactError as ArtifactError
    from constructs_lib.core.function.artifact import FunctionArtifact as FunctionArtifact
    from constructs_lib.core.function.build_function import build_function as build_function
    from constructs_lib.core.function.function_options import FunctionOptions as FunctionOptions
    from constructs_lib.core.index.credentials import Credentials as Credentials
    from constructs_lib.core.invoke.function_folder import FunctionPart as FunctionPart
    from constructs_lib.core.invoke.function_settings import FunctionAnswer as FunctionAnswer
    from constructs_lib.core.invoke.function_settings import FunctionSettings as FunctionSettings
    from constructs_lib.core.invoke.function_settings import HandlerCall as HandlerCall
    from constructs_lib.core.invoke.function_settings import WebCall as WebCall
    from constructs_lib.core.invoke.project_function import invoke_project as invoke_project
    from constructs_lib.core.invoke.run_function import invoke_function as invoke_function
    from constructs_lib.core.layer.artifact import LayerArtifact as LayerArtifact
    from constructs_lib.core.layer.build_layer import build_layer as build_layer
    from constructs_lib.core.layer.layer_options import LayerOptions as LayerOptions
    from constructs_lib.core.lock.locked import LockOptions as LockOptions
    from constructs_lib.core.progress import Progress as Progress
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment as LayerDeployment
    from constructs_lib.core.publish.layout import S3Location as S3Location
    from constructs_lib.core.report.changes import compare_sboms as compare_sboms
    from constructs_lib.core.report.layer_report import LayerReport as LayerReport
    from constructs_lib.core.report.layer_report import report_archive as report_archive
    from constructs_lib.core.report.layer_report import report_layer as report_layer
    from constructs_lib.core.report.page import render_html as render_html
    from constructs_lib.core.report.text import render_text as render_text
    from constructs_lib.core.source.build_source import SourceArtifact as SourceArtifact
    from constructs_lib.core.source.build_source import build_source as build_source
    from constructs_lib.core.source.source_options import SourceOptions as SourceOptions
    from constructs_lib.core.store.wheel_store import WheelStore as WheelStore
    from constructs_lib.core.target import Target as Target
    from constructs_lib.core.wheels.container import Container as Container

_HOME = {
    "ArtifactError": "errors",
    "Container": "wheels.container",
    "Credentials": "index.credentials",
    "FunctionAnswer": "invoke.function_settings",
    "FunctionArtifact": "function.artifact",
    "FunctionDeployment": "deploy.function_zip",
    "FunctionOptions": "function.function_options",
    "FunctionPart": "invoke.function_folder",
    "FunctionSettings": "invoke.function_settings",
    "HandlerCall": "invoke.function_settings",
    "LayerArtifact": "layer.artifact",
    "LayerDeployment": "publish.layers.layer_deployment",
    "LayerOptions": "layer.layer_options",
    "LayerReport": "report.layer_report",
    "LockOptions": "lock.locked",
    "Plan": "deploy.plan",
    "Progress": "progress",
    "RUNTIMES": "aws_facts",
    "S3Location": "publish.layout",
    "SourceArtifact": "source.build_source",
    "SourceOptions": "source.source_options",
    "Target": "target",
    "WebCall": "invoke.function_settings",
    "WheelStore": "store.wheel_store",
    "build_function": "function.build_function",
    "build_layer": "layer.build_layer",
    "compare_sboms": "report.changes",
    "build_source": "source.build_source",
    "deploy_function": "deploy.function_zip",
    "deploy_layer": "deploy.deployment",
    "deploy_source": "deploy.deployment",
    "invoke_function": "invoke.run_function",
    "invoke_project": "invoke.project_function",
    "plan_layer": "deploy.deployment",
    "render_html": "report.page",
    "render_text": "report.text",
    "report_archive": "report.layer_report",
    "report_layer": "report.layer_report",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - one list of names, not two
__getattr__ = on_demand(__name__, _HOME, otherwise="compat")


def __dir__() -> list[str]:
    from constructs_lib.core import compat

    return sorted({*_HOME, *compat.__all__})
