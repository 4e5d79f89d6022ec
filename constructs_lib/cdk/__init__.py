"""The constructs: what a CDK app writes. The only room that knows aws_cdk."""

from constructs_lib.cdk.layer import PythonLayerArtifact
from constructs_lib.cdk.publisher_options import configure_publisher
from constructs_lib.cdk.source import PythonSourceArtifact

__all__ = ["PythonLayerArtifact", "PythonSourceArtifact", "configure_publisher"]
