"""Where an ignore stands in a configuration file: the readers of TOML and YAML tell values, not lines."""

from __future__ import annotations

import os
import re

_TOML = re.compile(
    r"""
    (?P<rule>(?<![\w.-]) (?P<quote>["']?) rule (?P=quote) [ \t]* = )
    | ^[ \t]* \[\[? [ \t]* (?P<table>[\w.\- \t"']+?) [ \t]* \]\]?
    | \#[^\n]*
    | \"{3} (?:\\.|[^\\])*? \"{3} | '{3} .*? '{3}
    | " (?:\\.|[^"\\\n])* " | ' [^'\n]* '
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
"""What decides which `rule` is a key of an ignore: keys and headers; comments and strings are passed over whole."""


def line_of_ignore(path: str, number: int, table: str) -> int:
    """The line with the `rule` of the n-th ignore that has a reason, counted from 0; 1 when it cannot be found.

    `table` is the table of a `pyproject.toml` that holds the configuration.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return 1
    if path.endswith(".toml"):
        top = f"tool.{table}" if os.path.basename(path) == "pyproject.toml" else ""
        lines = _lines_in_toml(text, {top, f"{top}.ignore".lstrip(".")})
    else:
        lines = _lines_in_yaml(text)
    return lines[number] if number < len(lines) else 1


def _lines_in_toml(text: str, tables: set[str]) -> list[int]:
    table = ""
    lines = []
    for match in _TOML.finditer(text):
        if match["table"]:
            table = re.sub(r"[\s\"']", "", match["table"])
        elif match["rule"] and table in tables:
            lines.append(text.count("\n", 0, match.start()) + 1)
    return lines


def _lines_in_yaml(text: str) -> list[int]:
    import yaml

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return []
    entries = [entry for key, value in root.value if key.value == "ignore" for entry in value.value]
    return [
        key.start_mark.line + 1
        for entry in entries
        if isinstance(entry, yaml.MappingNode)
        for key, _ in entry.value
        if key.value == "rule"
    ]
