"""The custom resources' function: runs in Lambda, knows core and boto3, nothing else."""
