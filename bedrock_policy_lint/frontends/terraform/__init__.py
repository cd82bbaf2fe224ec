"""Terraform and OpenTofu: what their configurations deploy."""
