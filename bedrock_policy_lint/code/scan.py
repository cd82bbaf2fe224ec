"""What code calls, as rows to read and as a declaration to commit."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.code import site as words
from bedrock_policy_lint.code.site import is_environment
from bedrock_policy_lint.usage import apis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.code.site import CallSite, CodeFile, Value

_NAMED = (words.AGENT, words.FLOW, words.KNOWLEDGE_BASE, words.PROMPT, words.PROJECT)
_plain = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]*[A-Za-z0-9]").fullmatch
"""What YAML takes for a text without quotes, unless it looks like something else."""
_number = re.compile(r"[0-9.:e+-]+|true|false|null|yes|no|on|off", re.IGNORECASE).fullmatch


class Row(NamedTuple):
    """One place that calls Bedrock."""

    path: str
    line: int
    column: int
    function: str
    library: str
    client: str
    operations: tuple[str, ...]
    """More than one where it is open which is called."""
    models: tuple[str, ...]
    """As written; `$NAME` for a variable of the environment, `<name>` for what else is not known."""
    regions: tuple[str, ...]
    resource: str
    guardrail: str
    preset: str = ""
    unknown: tuple[str, ...] = ()
    """Those of the texts above that only running the code would tell."""

    @property
    def place(self) -> str:
        """Where it is, as editors open it."""
        return f"{self.path}:{self.line}:{self.column}"


def rows(files: Iterable[CodeFile]) -> list[Row]:
    """The calls in files, in the order of the files and of their texts."""
    return [_row(file, site) for file in files for site in file.sites]


def _row(file: CodeFile, site: CallSite) -> Row:
    span = site.node.source.in_file(site.node.start, site.node.end)
    point = span.source.point(span.start)
    resource = next((text for name in _NAMED for text in _texts(site.given.get(name, ()))), "")
    alias = next(iter(_texts(site.given.get(words.ALIAS, ()))), "")
    return Row(
        span.source.path,
        point.line,
        point.column,
        file.blocks[site.block].name,
        site.library,
        site.client,
        (site.operation,) if site.operation else site.operations,
        _texts(site.given.get(words.MODEL, ())),
        _texts(site.given.get(words.REGION, ())),
        f"{resource}/{alias}" if alias else resource,
        next(iter(_texts(site.given.get(words.GUARDRAIL, ()))), ""),
        site.preset,
        tuple(dict.fromkeys(_unknown(site))),
    )


def _unknown(site: CallSite) -> Iterator[str]:
    texts = (value.node.value for values in site.given.values() for value in values)
    return (str(text) for text in texts if not isinstance(text, str))


def _texts(values: Iterable[Value]) -> tuple[str, ...]:
    """The values as they are written, a default behind the variable in whose absence it holds."""
    given = list(values)
    defaults = {value.default_of for value in given if value.default_of}
    return tuple(
        dict.fromkeys(
            str(value.node.value)
            for value in given
            if is_environment(value.node.value) not in defaults or len(given) == 1
        )
    )


def as_json(found: Iterable[Row]) -> str:
    """The rows for programs."""
    return json.dumps([_record(row) for row in found], indent=2, ensure_ascii=False) + "\n"


def _record(row: Row) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in row._asdict().items()}


# A declaration to commit


def as_declaration(projects: dict[str, list[Row]], region: str = "") -> str:
    """The declaration of what was found, by project; what it cannot say stands in comments."""
    lines = [
        "# What the code calls, as `bedrock-policy-lint usage scan` found it. Review it, add the policies of each role",
        "# and commit it; docs/usage.md tells every key.",
        f"region: {_scalar(region)}" if region else "# region: where the code runs, unless it is said below",
        "principals:",
    ]
    for top, found in projects.items():
        name = os.path.basename(os.path.abspath(top)) or "code"
        uses = list(_uses(found))
        lines += [f"  {_scalar(name)}:", "    # policies: [the policies of its role]"]
        lines += (
            ["    uses:", *uses] if any(not line.lstrip().startswith("#") for line in uses) else ["    uses: []", *uses]
        )
    return "\n".join(lines) + "\n"


def _uses(found: list[Row]) -> Iterator[str]:
    places: dict[str, list[str]] = {}
    for row in found:
        for use in _entries(row):
            places.setdefault(use, []).append(row.place)
    for use, where in places.items():
        yield f"      # {', '.join(dict.fromkeys(where))}"
        yield f"      {use}"


def _entries(row: Row) -> Iterator[str]:
    for operation in row.operations:
        api = apis.called(operation, row.client)
        if api is None:
            yield f"# {operation} is none of the APIs that a declaration can name"
            continue
        for model in row.models or ("",):
            for region in row.regions or ("",):
                yield _entry(row, api, model, region)


def _entry(row: Row, api: apis.Api, model: str, region: str) -> str:
    members = {"api": api.name, "model": model, "resource": row.resource, "region": region, "guardrail": row.guardrail}
    known = {name: value for name, value in members.items() if value}
    is_known = not any(text in value for text in row.unknown for value in known.values())
    is_whole = bool(model) if api.takes_model and not row.resource else bool(row.resource) or not api.resources
    entry = f"- {{{', '.join(f'{name}: {_scalar(value)}' for name, value in known.items())}}}"
    return entry if is_known and is_whole else f"# {entry}"


def _scalar(text: str) -> str:
    return text if _plain(text) and not _number(text) and ": " not in text else json.dumps(text, ensure_ascii=False)
