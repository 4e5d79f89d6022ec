"""AWS as publishing sees it: clients, errors, ARNs and S3 objects."""
