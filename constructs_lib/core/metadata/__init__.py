"""The metadata in a wheel's dist-info: core metadata, requirements and RECORD."""
