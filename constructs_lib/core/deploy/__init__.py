"""Build, upload and publish without CDK."""
