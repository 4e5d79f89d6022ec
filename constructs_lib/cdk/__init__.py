"""The constructs for CDK apps: the only room that imports aws_cdk."""

from constructs_lib.cdk.function_artifact import PythonFunctionArtifact
from constructs_lib.cdk.layer_artifact import PythonLayerArtifact
from constructs_lib.cdk.publisher_options import configure_publisher
from constructs_lib.cdk.source_artifact import PythonSourceArtifact

__all__ = ["PythonFunctionArtifact", "PythonLayerArtifact", "PythonSourceArtifact", "configure_publisher"]
