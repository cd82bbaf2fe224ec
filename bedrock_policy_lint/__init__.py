"""Lint the permissions behind Amazon Bedrock."""

__version__ = "0.1.0"
