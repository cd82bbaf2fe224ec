"""The words that a usage is described in."""

from __future__ import annotations

CREDENTIALS = ("sigv4", "short-term-key", "long-term-key")
TIERS = ("reserved", "priority", "default", "flex")
PUBLIC = "public"
"""The network path of a call that takes no VPC endpoint."""
