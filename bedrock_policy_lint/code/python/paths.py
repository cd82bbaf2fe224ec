"""Paths of the files of a project, and what they tell."""

from __future__ import annotations


def join(folder: str, name: str) -> str:
    """What has a name in a folder."""
    return f"{folder.rstrip('/')}/{name}" if folder not in ("", ".") else name


def folder_of(path: str) -> str:
    """The folder that something lies in; empty for the topmost one."""
    return path.rsplit("/", 1)[0] if "/" in path else ""


def is_test(path: str) -> bool:
    """Whether a file is there to test others: what it gives a function is made up."""
    folders, _, name = path.rpartition("/")
    inside = f"/{folders}/"
    return (
        name.startswith("test_")
        or name.endswith("_test.py")
        or name == "conftest.py"
        or "/tests/" in inside
        or "/test/" in inside
    )
