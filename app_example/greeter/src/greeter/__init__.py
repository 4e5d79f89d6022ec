"""A small service: one Lambda function that greets."""
