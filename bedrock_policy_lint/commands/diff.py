"""The verb `diff`: what a change of policies grants and takes away for Bedrock, in words."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from bedrock_policy_lint.authorize.compare import (
    ALLOWED,
    KINDS,
    NOT_DENIED,
    UNREAD,
    Change,
    changes,
    expander,
    restricted,
    weigh,
)
from bedrock_policy_lint.authorize.decision import LESS, MORE, SAME
from bedrock_policy_lint.authorize.pieces import Piece, pieces
from bedrock_policy_lint.catalog import Catalog, default
from bedrock_policy_lint.commands.access_words import Names, condition, places, principals, spelled_key
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.overlap import covered, covers_resource, may_meet
from bedrock_policy_lint.sources import files
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.authorize.pieces import Expand
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text

CANNOT_TELL = "cannot tell"
FAMILY = "bedrock"
"""What the prefixes of Bedrock's services begin with."""

_ANY_OTHER = "any-other-service:anything"
_MOST_ROWS = 100
_MOST_CHARACTERS = 60_000
_TABLE = "| Change | Actions | Where | Condition |\n| --- | --- | --- | --- |\n"

_HELP = """Say what the change from OLD to NEW grants and takes away for Amazon Bedrock.

OLD and NEW are policy files in JSON, or pipes; `-` is standard input, and an empty file holds no policy.

\b
  bedrock-policy-lint diff old.json new.json
  bedrock-policy-lint diff <(git show HEAD:policy.json) policy.json
  git show HEAD:policy.json | bedrock-policy-lint diff - policy.json --format markdown

Only what the policies themselves say is compared: what other policies allow or deny is left as it is. Action patterns
stand for the actions that the catalogue knows. What depends on placeholders or on how conditions compare is marked with
"cannot tell".

Exit codes: 0 compared; with --exit-code 0 when access to Bedrock is the same, 1 when it changes or when that cannot be
told; 2 could not run.
"""


@click.command(help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How to print the changes.",
)
@click.option("--exit-code", is_flag=True, help="Leave with 1 when access to Bedrock changes, as git diff does.")
def command(old: str, new: str, form: str, exit_code: bool) -> int:
    """Compare two files and print what changes."""
    if old == new == files.STDIN:
        raise click.UsageError("only one of OLD and NEW can be standard input")
    catalog = default()
    compared = [_compared(pair, catalog) for pair in _pairs(_read(old, "OLD"), _read(new, "NEW"))]
    printed = {"text": _text, "markdown": _markdown, "json": _json}[form](compared, catalog)
    # Not click's echo, which takes out what it thinks is a colour.
    sys.stdout.write(printed)
    return int(exit_code and any(each.access != SAME for each in compared))


# Reading


def _read(path: str, name: str) -> Document:
    source = _load(path, name)
    if isinstance(source, files.Refusal):
        raise click.ClickException(f"{source.source.path}: {source.message}; {source.hint}")
    if not source.text.strip():
        from bedrock_policy_lint.frontends.document import Document

        return Document(source)
    document = policy_json.read(source, None, claimed=True)
    for failure in document.failures:
        span = failure.span.source.in_file(failure.span.start, failure.span.end)
        point = span.source.point(span.start)
        raise click.ClickException(f"{source.path}:{point.line}:{point.column}: {failure.message}")
    if not document.policies:
        raise click.ClickException(f"{source.path}: holds no policy")
    return document


def _load(path: str, name: str) -> Source | files.Refusal:
    """The text of a file, of a pipe (which is how a shell hands over a program's output) or of standard input."""
    if path == files.STDIN:
        return files.decode(files.STDIN_NAME, sys.stdin.buffer.read(files.MAX_BYTES + 1))
    try:
        if path == os.devnull:
            return Source(name, "")
        if stat.S_ISFIFO(os.stat(path).st_mode):
            with open(path, "rb") as pipe:
                return files.decode(name, pipe.read(files.MAX_BYTES + 1))
    except (OSError, ValueError):
        pass  # reading it as a file says what is wrong
    return files.read(path)


class _Pair(NamedTuple):
    """A policy before and after."""

    name: str
    """Empty for the only policy of a file."""
    old: Policy | None
    new: Policy | None


def _pairs(old: Document, new: Document) -> list[_Pair]:
    """The policies by the names that their files give them; those without, in order."""
    if len(old.policies) <= 1 and len(new.policies) <= 1:
        return [_Pair("", next(iter(old.policies), None), next(iter(new.policies), None))]
    before, after = _named(old), _named(new)
    pairs = [_Pair(name, policy, after.pop(name, None)) for name, policy in before.items()]
    return [*pairs, *(_Pair(name, None, policy) for name, policy in after.items())]


def _named(document: Document) -> dict[str, Policy]:
    found: dict[str, Policy] = {}
    for policy in document.policies:
        node = policy.node
        address = document.address(node.source, node.start, node.end)
        name = " > ".join(address) or "policy"
        number = 1
        while (name if number == 1 else f"{name} ({number})") in found:
            number += 1
        found[name if number == 1 else f"{name} ({number})"] = policy
    return found


# Comparing


class _Row(NamedTuple):
    """Changes that can be told together."""

    change: Change
    """With the actions of all of them."""
    actions: str
    places: tuple[str, ...]
    who: str
    condition: str


class _Compared(NamedTuple):
    """What becomes of a policy."""

    pair: _Pair
    access: str
    """To Bedrock: one of the three of `weigh`, or `cannot tell`."""
    elsewhere: str
    """The same of all other services, as far as it is proven."""
    rows: list[_Row]
    names: Names


def _compared(pair: _Pair, catalog: Catalog) -> _Compared:
    expand = expander(catalog)
    old, new = _said(pair.old, expand), _said(pair.new, expand)
    names = _names(pair, catalog, expand)
    known = {name.lower() for name in _known(catalog)}
    entries = {entry for piece in (*old, *new) for entry in piece.actions if entry != "*"}
    ours = frozenset(known | {entry for entry in entries if may_meet(entry, f"{FAMILY}*:*")})
    found = _together(changes(restricted(old, ours), restricted(new, ours)))
    others = frozenset((entries - ours) | {_ANY_OTHER})
    elsewhere = weigh(restricted(old, others), restricted(new, others))
    return _Compared(pair, _access(found), elsewhere, _rows(found, names, catalog), names)


def _said(policy: Policy | None, expand: Expand) -> set[Piece]:
    return pieces(policy.statements, expand) if policy else set()


def _known(catalog: Catalog) -> list[str]:
    prefixes = [prefix for prefix in catalog.prefixes() if prefix.startswith(FAMILY)]
    return [name for prefix in prefixes for name in catalog.expand(f"{prefix}:*")]


def _names(pair: _Pair, catalog: Catalog, expand: Expand) -> Names:
    patterns = {f"{prefix}:*" for prefix in catalog.prefixes() if prefix.startswith(FAMILY)}
    for policy in filter(None, (pair.old, pair.new)):
        for statement in policy.statements:
            patterns |= {str(action.text) for action in statement.actions if action.service.startswith(FAMILY)}
    return Names(_known(catalog), {pattern: expand(pattern) for pattern in patterns})


def _access(found: list[Change]) -> str:
    certain = {change.kind for change in found if not change.doubt}
    if not found:
        return SAME
    if certain & {ALLOWED, NOT_DENIED}:
        return MORE
    return CANNOT_TELL if any(change.doubt and change.kind in _WIDENING for change in found) or not certain else LESS


_WIDENING = (ALLOWED, NOT_DENIED, UNREAD)


def _together(found: list[Change]) -> list[Change]:
    """The changes, those that differ in their actions or in their resources alone put together."""
    actions: dict[Change, frozenset[Text]] = {}
    for change in found:
        rest = change._replace(piece=change.piece._replace(actions=frozenset()))
        actions[rest] = actions.get(rest, frozenset()) | change.piece.actions
    places: dict[Change, frozenset[Text]] = {}
    for change, names in actions.items():
        resources = change.piece.resources
        piece = change.piece._replace(actions=names)
        if not piece.all_but_resources:
            piece = piece._replace(resources=frozenset())
        rest = change._replace(piece=piece)
        places[rest] = places.get(rest, frozenset()) | resources
    return [
        change._replace(
            piece=change.piece._replace(resources=held if change.piece.all_but_resources else _widest(held))
        )
        for change, held in places.items()
    ]


def _widest(resources: frozenset[Text]) -> frozenset[Text]:
    """The resources without those that another one covers."""
    listed = sorted(resources, key=str)
    idle = {at for at, _ in covered(listed, covers_resource).pairs}
    return frozenset(text for at, text in enumerate(listed) if at not in idle)


def _rows(found: list[Change], names: Names, catalog: Catalog) -> list[_Row]:
    rows = []
    for change in found:
        piece = change.piece
        where = tuple(places(piece, catalog))
        rows.append(_Row(change, names.words(piece.actions), where, principals(piece), condition(piece.tests, catalog)))
    return sorted(rows, key=lambda row: (KINDS.index(row.change.kind), row.actions, row.places, row.condition))


def _remarks(change: Change) -> list[str]:
    remarks = []
    if change.partly_denied:
        remarks.append("as far as no Deny stops it" if change.kind == ALLOWED else "as far as no Deny stopped it")
    if change.doubt:
        remarks.append(f"cannot tell whether that changes anything: {change.doubt}")
    return remarks


# Printing


def _summary(compared: list[_Compared]) -> str:
    found = {each.access for each in compared}
    for access in (MORE, CANNOT_TELL, LESS):
        if access in found:
            return access
    return SAME


def _title(each: _Compared) -> str:
    if each.pair.old is None and each.pair.new is None:
        return "no policy on either side"
    about = {(True, False): "new, ", (False, True): "removed, "}.get((each.pair.old is None, each.pair.new is None), "")
    return f"{about}{each.access}"


def _elsewhere(compared: Iterable[_Compared]) -> str:
    found = {each.elsewhere for each in compared} - {SAME}
    if not found:
        return ""
    word = LESS if found == {LESS} else MORE
    return f"Other services: access changes, too ({word}); it is not listed here."


def _text(compared: list[_Compared], catalog: Catalog) -> str:
    from bedrock_policy_lint.report.screen import safe

    lines = [f"Access to Amazon Bedrock: {_summary(compared)}."]
    for each in compared:
        if each.pair.name:
            lines += ["", safe(f"{each.pair.name}: {_title(each)}")]
        last = ""
        for row in each.rows:
            if row.change.kind != last:
                lines += ["", row.change.kind]
                last = row.change.kind
            lines += [safe(f"  {row.actions}"), *(safe(f"    {place}") for place in row.places)]
            about = filter(None, (row.who, row.condition, *(f"({remark})" for remark in _remarks(row.change))))
            lines += [safe(f"    {line}") for line in about]
    other = _elsewhere(compared)
    return "\n".join([*lines, *(["", other] if other else [])]) + "\n"


def _markdown(compared: list[_Compared], catalog: Catalog) -> str:
    from bedrock_policy_lint.report.markdown import prose_and_code

    parts = [f"## Access to Amazon Bedrock: {_summary(compared)}\n"]
    shown = size = 0
    for each in compared:
        rows = []
        for row in each.rows:
            when = (row.who, row.condition, *(f"({remark})" for remark in _remarks(row.change)))
            cells = (
                row.change.kind,
                prose_and_code(row.actions),
                "<br>".join(map(prose_and_code, row.places)),
                "<br>".join(map(prose_and_code, filter(None, when))),
            )
            line = f"| {' | '.join(cells)} |\n"
            if shown == _MOST_ROWS or size + len(line) > _MOST_CHARACTERS:
                break
            shown += 1
            size += len(line)
            rows.append(line)
        if each.pair.name and (each.rows or each.access != SAME):
            parts.append(f"**{prose_and_code(each.pair.name)}**: {_title(each)}\n")
        if rows:
            parts.append(_TABLE + "".join(rows))
    hidden = sum(len(each.rows) for each in compared) - shown
    if hidden:
        parts.append(f"{hidden} more changes are not in the table: `--format json` lists all.\n")
    parts += [f"{other}\n"] if (other := _elsewhere(compared)) else []
    return "\n".join(parts)


def _json(compared: list[_Compared], catalog: Catalog) -> str:
    import json

    answer = {
        "version": 1,
        "access": _summary(compared),
        "catalog": {"actions": catalog.actions_date, "models": catalog.models_date},
        "policies": [
            {
                "name": each.pair.name,
                "status": "added" if each.pair.old is None else "removed" if each.pair.new is None else "kept",
                "access": each.access,
                "elsewhere": each.elsewhere,
                "changes": [_record(row, each.names, catalog) for row in each.rows],
            }
            for each in compared
        ],
    }
    return json.dumps(answer, indent=2) + "\n"


def _record(row: _Row, names: Names, catalog: Catalog) -> dict[str, Any]:
    piece = row.change.piece
    return {
        "change": row.change.kind,
        "certain": not row.change.doubt,
        "doubt": row.change.doubt,
        "partly_denied": row.change.partly_denied,
        "actions": names.spelled(piece.actions),
        "resources": sorted(map(str, piece.resources)),
        "all_but_resources": piece.all_but_resources,
        "principals": sorted(f"{kind}:{who}" if kind != "*" else "*" for kind, who in piece.principals),
        "all_but_principals": piece.all_but_principals,
        "conditions": sorted(
            (
                {
                    "operator": f"{test.operator.quantifier}{':' * bool(test.operator.quantifier)}{test.operator.base}"
                    f"{'IfExists' * test.operator.if_exists}",
                    "key": spelled_key(test.key, catalog),
                    "values": sorted(map(str, test.values)),
                }
                for test in piece.tests
            ),
            key=lambda test: (test["key"], test["operator"]),
        ),
        "words": [row.actions, *row.places, *filter(None, (row.who, row.condition))],
    }
