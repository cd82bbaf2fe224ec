"""Which files are code, and whether one can call Bedrock at all: told by a few words, before anything is parsed."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.reader import Reader

_READERS = {
    "python": "bedrock_policy_lint.code.python.reader",
    "notebook": "bedrock_policy_lint.code.python.reader",
    "javascript": "bedrock_policy_lint.code.javascript.reader",
    "shell": "bedrock_policy_lint.code.shell.reader",
    "settings": "bedrock_policy_lint.code.settings.reader",
}
SUFFIXES = {
    "python": (".py", ".pyw"),
    "javascript": (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte"),
    "notebook": (".ipynb",),
}
"""How the names of files of a language end."""
_BY_SUFFIX = {suffix: language for language, suffixes in SUFFIXES.items() for suffix in suffixes}
_TELLING = (b"bedrock", b"converse", b"invoke_model", b"invokemodel", b"anthropic", b"strands")
"""In lower case. Something of these is in every file that calls Bedrock; most files have nothing of them."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HARMLESS = frozenset(
    {
        *("aioboto3", "aiobotocore", "anthropic", "aws_lambda_powertools", "aws_xray_sdk", "boto3", "botocore"),
        *("fastapi", "flask", "httpx", "mangum", "mypy_boto3_bedrock_runtime", "numpy", "pandas", "pydantic"),
        *("pydantic_settings", "requests", "starlette", "structlog", "tenacity", "typing_extensions", "yaml"),
        *("@aws-lambda-powertools", "@aws-sdk", "@smithy", "@types", "aws-lambda", "aws-sdk", "express", "zod"),
    }
)
"""Packages that call nothing of Bedrock, or nothing but what is found in the code that calls them."""


def language_of(path: str, text: str = "") -> str:
    """What a file is written in, told by its name, and where that has no ending by its text; empty for what is no
    code."""
    name = os.path.basename(path)
    known = _BY_SUFFIX.get(os.path.splitext(name)[1].lower())
    if known is not None:
        return "" if name.endswith((".d.ts", ".min.js")) else known
    from bedrock_policy_lint.code.shell.kinds import kind_of

    return kind_of(path, text)


def may_call(data: bytes) -> bool:
    """Whether the bytes of a file hold a word of those without which nobody calls Bedrock."""
    if data.startswith(_UTF_16):
        return True  # reading it says that it cannot be read
    lowered = data.lower()
    for word in _TELLING:  # noqa: SIM110 -- `any` would take as long as the search, and this runs for every file
        if word in lowered:
            return True
    return False


def is_harmless(packages: Iterable[str]) -> bool:
    """Whether none of these packages of others calls Bedrock but where the code that loads it says so."""
    return all(name.partition("/")[0] in _HARMLESS or name in _HARMLESS for name in packages)


def reader_of(language: str) -> Reader:
    """What reads a language."""
    read: Reader = import_module(_READERS[language]).read
    return read
