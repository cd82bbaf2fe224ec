"""Calls of Bedrock in Python."""
