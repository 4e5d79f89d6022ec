"""The custom resources' function: runs in Lambda on core and boto3, nothing else."""
