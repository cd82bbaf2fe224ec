"""Paths of `places` through nested blocks, each of which is a list."""

from __future__ import annotations


def blocks(path: str) -> str:
    """A path that leads through every block of the names before the last: `a.b.c` is `a[].b[].c`."""
    *steps, last = path.split(".")
    return ".".join([*(step if step.endswith("]") else f"{step}[]" for step in steps), last])
