"""What libraries of Python call of Bedrock, by the full names of what code imports."""

from __future__ import annotations

from collections.abc import Mapping

from bedrock_policy_lint.code.libraries import Made
from bedrock_policy_lint.code.python import (
    libraries_agents,
    libraries_langchain,
    libraries_litellm,
    libraries_llamaindex,
    libraries_pipelines,
    libraries_vendors,
)

LIBRARIES: Mapping[str, tuple[Made, ...]] = {
    name: (made,) if isinstance(made, Made) else made
    for module in (
        libraries_agents,
        libraries_langchain,
        libraries_litellm,
        libraries_llamaindex,
        libraries_pipelines,
        libraries_vendors,
    )
    for name, made in module.LIBRARIES.items()
}
"""By the full name of what is made or called: the ways that it may go, see `Made.when`."""
