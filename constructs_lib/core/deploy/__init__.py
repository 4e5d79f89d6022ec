"""Building, uploading and publishing without CDK."""
