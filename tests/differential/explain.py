"""Known faults of the peer: each is a change to its input after which the fault no longer shows.

A disagreement counts as explained only when the peer, given the changed case, decides as we do. `DISAGREEMENTS.md` has
a heading for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from generate import Case, Document, Json

Change = Callable[[Case], Case]
_Test = tuple[str, str, list[Json]]

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_ESCAPE = re.compile(r"\$\{([*?$])\}(?!\{)")
_TOKENS = re.compile(r"\$\{[*?$]\}|.")
_COLONS = 5
_NO_ARN = "arn:no:such:value:at:all"
_WITH_RCPS = frozenset({"s3", "sts", "kms", "sqs", "secretsmanager"})
"""Of the services in the cases, those that resource control policies reach."""


def _statements(document: Document) -> list[Document]:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def listed(value: Json) -> list[Json]:
    """A value that may stand alone or in a list."""
    return value if isinstance(value, list) else [value]


def _each_statement(change: Callable[[Document, str, Document], Document]) -> Callable[[str, Document], Document]:
    def rewrite(kind: str, document: Document) -> Document:
        return {**document, "Statement": [change(document, kind, one) for one in _statements(document)]}

    return rewrite


def _each_test(case: Case, change: Callable[[Document, _Test], _Test | None]) -> Case:
    """The case with every test changed, or dropped where None comes back."""

    def rewrite(document: Document, _: str, statement: Document) -> Document:
        if "Condition" not in statement:
            return statement
        condition: dict[str, dict[str, Json]] = {}
        for operator, key, values in _tests(statement):
            changed = change(document, (operator, key, values))
            if changed:
                condition.setdefault(changed[0], {})[changed[1]] = changed[2]
        return {**statement, "Condition": condition}

    return case.rewritten(_each_statement(rewrite))


def _tests(statement: Document) -> Iterator[_Test]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield operator, key, listed(values)


def _base(operator: str) -> str:
    return operator.rpartition(":")[2].removesuffix("IfExists")


def any_ipv4_address(case: Case) -> Case:
    """`0.0.0.0/0` holds no address for the peer: it shifts by 32 bits, which JavaScript takes for none."""

    def change(_: Document, test: _Test) -> _Test:
        operator, key, values = test
        if "IpAddress" not in operator:
            return test
        halves = [("0.0.0.0/1", "128.0.0.0/1") if value == "0.0.0.0/0" else (value,) for value in values]
        return operator, key, [half for pair in halves for half in pair]

    return _each_test(case, change)


def epoch_in_seconds(case: Case) -> Case:
    """The peer takes epoch seconds for milliseconds."""

    def change(_: Document, test: _Test) -> _Test:
        operator, key, values = test
        return (operator, key, [_iso(value) for value in values]) if _base(operator).startswith("Date") else test

    context = {key: _iso(value) if key == "aws:EpochTime" else value for key, value in case.context.items()}
    return _each_test(case, change)._replace(context=context)


def _iso(value: Json) -> Json:
    if not re.fullmatch(r"\d+", str(value)):
        return value
    return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def variables_need_their_version(case: Case) -> Case:
    """The peer fills in policy variables in policies of version 2008-10-17 too, where they are plain text."""

    def plain(text: Json) -> Json:
        return text.replace("${", "${$}{") if isinstance(text, str) else text

    def old(document: Document, _: str, statement: Document) -> Document:
        return statement if document.get("Version") == "2012-10-17" else _with_entries(statement, plain)

    def change(document: Document, test: _Test) -> _Test:
        if document.get("Version") == "2012-10-17":
            return test
        return test[0], test[1], [plain(value) for value in test[2]]

    return _each_test(case, change).rewritten(_each_statement(old))


def inverted_without_value(case: Case) -> Case:
    """An inverted test of a variable without a value holds; the peer says that it does not."""

    def change(document: Document, test: _Test) -> _Test | None:
        operator, key, values = test
        if "Not" not in operator or not _base(operator).startswith(("String", "Arn")):
            return test
        if document.get("Version") != "2012-10-17":
            return test
        left = [value for value in values if not _is_unresolved(case, str(value))]
        # Nothing equals what has no value: the test holds unless another of its values forbids it.
        return (operator, key, left or [_NO_ARN])

    return _each_test(case, change)


def _is_unresolved(case: Case, text: str) -> bool:
    """Whether a variable has no value, or the empty one that nobody knows to be a value."""
    context = {key.lower(): value for key, value in case.context.items()}
    for inside in _VARIABLE.findall(text):
        name, _, default = inside.partition(",")
        if name not in ("*", "?", "$"):
            value = context.get(name.strip().lower(), default.strip().strip("'"))
            if not isinstance(value, str) or not value:
                return True
    return False


def any_value_if_exists(case: Case) -> Case:
    """`IfExists` makes a test hold without its key, with `ForAnyValue` too; for the peer it does not."""
    held = {key.lower() for key in case.context}

    def change(_: Document, test: _Test) -> _Test | None:
        operator, key, _values = test
        drops = operator.startswith("ForAnyValue:") and operator.endswith("IfExists") and key.lower() not in held
        return None if drops else test

    return _each_test(case, change)


def escapes_in_plain_text(case: Case) -> Case:
    """`${*}`, `${?}` and `${$}` stand for the character in every string test; the peer heeds them in `Like` ones."""

    def change(document: Document, test: _Test) -> _Test:
        operator, key, values = test
        base = _base(operator)
        if document.get("Version") != "2012-10-17" or not base.startswith("String") or base.endswith("Like"):
            return test
        return operator, key, [_ESCAPE.sub(r"\1", value) if isinstance(value, str) else value for value in values]

    return _each_test(case, change)


def ipv6_spelling(case: Case) -> Case:
    """An IPv6 address has many spellings; the peer compares single ones as text."""

    def change(_: Document, test: _Test) -> _Test:
        operator, key, values = test
        return (operator, key, [_as_range(str(value)) for value in values]) if "IpAddress" in operator else test

    return _each_test(case, change)


def _as_range(address: str) -> str:
    return f"{ip_address(address)}/128" if ":" in address and "/" not in address else address


def rcp_beyond_its_services(case: Case) -> Case:
    """The peer applies resource control policies to every service."""
    return case if case.action.split(":")[0] in _WITH_RCPS else case._replace(rcps=[])


def excepted_without_value(case: Case) -> Case:
    """An entry of `NotResource` with a variable without value takes nothing out; for the peer it takes out all."""

    def change(document: Document, _: str, statement: Document) -> Document:
        if document.get("Version") != "2012-10-17" or "NotResource" not in statement:
            return statement
        entries = [_NO_ARN if _is_unresolved(case, entry) else entry for entry in listed(statement["NotResource"])]
        return {**statement, "NotResource": entries}

    return case.rewritten(_each_statement(change))


def variable_before_slash(case: Case) -> Case:
    """The peer splits a resource at its first slash or colon, be it the one inside a variable's name."""
    return _each_entry(case, lambda entry: _filled(case, entry) if "${" in _kind(entry) else entry)


def star_beyond_colons(case: Case) -> Case:
    """A star at the end of an ARN's segment reaches beyond the colon; the peer keeps it inside."""
    return _literal_resources(case, lambda entry: any(field.endswith("*") for field in entry.split(":")[:_COLONS]))


def star_in_resource_type(case: Case) -> Case:
    """The peer takes a star that is the whole resource type for plain text."""
    return _literal_resources(case, lambda entry: _kind(entry) == "*")


def _kind(entry: str) -> str:
    """What stands before the first slash of a resource."""
    return entry.split(":", _COLONS)[-1].partition("/")[0]


def _each_entry(case: Case, change: Callable[[str], str]) -> Case:
    """The case with every ARN pattern of a policy that has variables changed."""

    def rewrite(document: Document, _: str, statement: Document) -> Document:
        if document.get("Version") != "2012-10-17":
            return statement
        return _with_entries(statement, change)

    return case.rewritten(_each_statement(rewrite))


def _with_entries(statement: Document, change: Callable[[str], str]) -> Document:
    names = [name for name in ("Resource", "NotResource") if name in statement]
    return {**statement, **{name: [change(entry) for entry in listed(statement[name])] for name in names}}


def _filled(case: Case, entry: str) -> str:
    """The entry with the text put in for each variable that has a value."""
    context = {key.lower(): value for key, value in case.context.items()}

    def fill(match: re.Match[str]) -> str:
        name, comma, default = match[1].partition(",")
        value = context.get(name.strip().lower(), default.strip()[1:-1] if comma else None)
        return (
            "".join(f"${{{char}}}" if char in "*?$" else char for char in value) if isinstance(value, str) else match[0]
        )

    return _VARIABLE.sub(fill, entry)


def _literal_resources(case: Case, concerns: Callable[[str], bool]) -> Case:
    """Put the resource itself, or another, for the patterns concerned, by whether they match the whole ARN."""

    def literal(entry: str) -> str:
        if entry == "*" or not concerns(_ESCAPE.sub("", entry)):
            return entry
        pattern = "".join(_expression(piece) for piece in _TOKENS.findall(_filled(case, entry)))
        return case.resource if re.fullmatch(pattern, case.resource) else _NO_ARN

    return case.rewritten(_each_statement(lambda _, __, statement: _with_entries(statement, literal)))


def _expression(piece: str) -> str:
    """A regular expression for one character or escape of a pattern."""
    return {"*": ".*", "?": "."}.get(piece, re.escape(piece[2] if len(piece) > 1 else piece))


CHANGES: dict[str, Change] = {
    "any-ipv4-address": any_ipv4_address,
    "epoch-in-seconds": epoch_in_seconds,
    "variables-need-their-version": variables_need_their_version,
    "inverted-without-value": inverted_without_value,
    "any-value-if-exists": any_value_if_exists,
    "escapes-in-plain-text": escapes_in_plain_text,
    "ipv6-spelling": ipv6_spelling,
    "rcp-beyond-its-services": rcp_beyond_its_services,
    "excepted-without-value": excepted_without_value,
    "variable-before-slash": variable_before_slash,
    "star-beyond-colons": star_beyond_colons,
    "star-in-resource-type": star_in_resource_type,
}


def corrected(case: Case) -> Case:
    """The case with every known fault kept out of play."""
    for change in CHANGES.values():
        case = change(case)
    return case
