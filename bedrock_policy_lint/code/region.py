"""Whether something beside code sets the Region that its SDK then calls."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from bedrock_policy_lint.sources.files import walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.site import CodeFile

VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""Where SDKs look for the Region of a client that is given none."""
_MOST_FILES = 2_000
_LARGEST = 1024 * 1024
_is_around = re.compile(
    r"\.env|.*\.env$|(?:Docker|Make|Proc|Tilt|Vagrant)file|[Jj]ustfile"
    r"|.*\.(?:ya?ml|json|toml|ini|cfg|conf|sh|bash|zsh|ps1|mk|tf|tfvars|service|properties|hcl|nomad)$|config$|credentials$"
).match
"""How files are called that say in which surroundings code runs."""
_names = re.compile(rb"AWS_(?:DEFAULT_)?REGION\b").search
_is_of_profiles = re.compile(rb"^\[(?:profile\s|default\]).*?^\s*region\s*=", re.MULTILINE | re.DOTALL).search
_sets = re.compile(
    r"AWS_(?:DEFAULT_)?REGION[\"']?\s*\]?\s*(?:\|\|=|\?\?=|[:=](?!=))|setdefault\(\s*[\"']AWS_(?:DEFAULT_)?REGION"
    r"|setup_default_session\(|config\.update\("
).search


def is_set(top: str, files: Iterable[CodeFile]) -> bool:
    """Whether code of a project sets the Region itself for all, or a file beside it has to do with it."""
    return any(_sets(file.source.text) for file in files) or any(
        _speaks_of_region(path) for path in islice(walk(top, lambda name: _is_around(name) is not None), _MOST_FILES)
    )


def _speaks_of_region(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
    except OSError:
        return True  # nobody knows
    return _names(data) is not None or _is_of_profiles(data) is not None
