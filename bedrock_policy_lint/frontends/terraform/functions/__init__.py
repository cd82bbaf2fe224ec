"""The functions of Terraform by name."""

from __future__ import annotations

from bedrock_policy_lint.frontends.terraform.functions import (
    aws,
    calculation,
    collections,
    conversion,
    encoding,
    files,
    formatting,
    networks,
    patterns,
    texts,
)
from bedrock_policy_lint.frontends.terraform.functions.function import Function
from bedrock_policy_lint.frontends.terraform.types import ANY, NUMBER, STRING, Type, list_of, set_of

FUNCTIONS: dict[str, Function] = {
    **texts.FUNCTIONS,
    **formatting.FUNCTIONS,
    **patterns.FUNCTIONS,
    **collections.FUNCTIONS,
    **calculation.FUNCTIONS,
    **conversion.FUNCTIONS,
    **encoding.FUNCTIONS,
    **files.FUNCTIONS,
    **networks.FUNCTIONS,
    **aws.FUNCTIONS,
}

UNKNOWN: dict[str, Type] = {
    **dict.fromkeys(
        (
            *("abspath", "base64gzip", "bcrypt", "formatdate", "pathexpand", "plantimestamp", "rsadecrypt"),
            *("textdecodebase64", "textencodebase64", "timeadd", "timestamp", "uuid", "uuidv5"),
        ),
        STRING,
    ),
    **dict.fromkeys(("log", "timecmp"), NUMBER),
    "csvdecode": list_of(ANY),
    "fileset": set_of(STRING),
    **dict.fromkeys(("ephemeralasnull", "templatestring", "type", "defaults", "list", "map"), ANY),
}
"""What these give is not computed."""
IMPURE = ("uuid", "bcrypt")
"""Each call of these gives another value."""
__all__ = ["FUNCTIONS", "IMPURE", "UNKNOWN"]
