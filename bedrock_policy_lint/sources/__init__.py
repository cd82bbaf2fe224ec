"""Bytes become spanned trees here; nothing in this package knows what IAM is."""
