"""Changes of access in the words of a reviewer: which actions, on which models and profiles, where and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock.arns import APPLICATION, MODEL, PROFILE, provider_of
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.overlap import NO_RESOURCE
from bedrock_policy_lint.model.pattern import is_wild

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.pieces import Piece
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.overlap import Said
    from bedrock_policy_lint.model.text import Text

_MOST_NAMES = 8
_MOST_EXCEPTIONS = 3

_VERBS = {
    "StringEquals": ("is", "is not"),
    "StringEqualsIgnoreCase": ("is, in any letter case,", "is not, in any letter case,"),
    "StringLike": ("is like", "is not like"),
    "ArnEquals": ("is like", "is not like"),
    "ArnLike": ("is like", "is not like"),
    "NumericEquals": ("is", "is not"),
    "NumericLessThan": ("is less than", ""),
    "NumericLessThanEquals": ("is at most", ""),
    "NumericGreaterThan": ("is more than", ""),
    "NumericGreaterThanEquals": ("is at least", ""),
    "DateEquals": ("is", "is not"),
    "DateLessThan": ("is before", ""),
    "DateLessThanEquals": ("is not after", ""),
    "DateGreaterThan": ("is after", ""),
    "DateGreaterThanEquals": ("is not before", ""),
    "Bool": ("is", ""),
    "BinaryEquals": ("is", ""),
    "IpAddress": ("is in", "is not in"),
}


# Actions


class Names:
    """How action names are spelled, and which patterns stand for many of them."""

    def __init__(self, known: Iterable[str], patterns: dict[str, frozenset[str]]) -> None:
        self._spelled = {name.lower(): name for name in known}
        many = [(pattern, meant) for pattern, meant in patterns.items() if len(meant) > 1]
        self._patterns = sorted(many, key=lambda item: (-len(item[1]), item[0]))

    def spelled(self, names: Iterable[Text]) -> list[str]:
        """The names in their proper spelling, sorted."""
        return sorted(self._spelled.get(str(name), str(name)) for name in names)

    def words(self, names: frozenset[Text]) -> str:
        """The names, shortened to patterns where a pattern says the same."""
        left, said = set(names), []
        for pattern, meant in self._patterns:
            if left.isdisjoint(meant):
                continue
            missing = self.spelled(meant - names)
            if len(missing) > min(_MOST_EXCEPTIONS, len(meant) // 4):
                continue
            said.append(_code(pattern) + (f" except {_joined(list(map(_code, missing)))}" if missing else ""))
            left -= meant
        rest = [_code(name) for name in self.spelled(left)]
        if len(rest) > _MOST_NAMES:
            rest = [*rest[: _MOST_NAMES - 1], f"{len(rest) - _MOST_NAMES + 1} more actions"]
        return _joined([*said, *rest])


def _code(text: Text) -> str:
    """As findings quote it; what is quoted cannot end the quotation."""
    return f"`{str(text).replace('`', chr(39))}`"


def _joined(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


# Resources


class _Place(NamedTuple):
    """What ARNs name that differ in their Region alone."""

    kind: str
    id: Text
    account: Text
    partition: Text


def places(piece: Piece, catalog: Catalog) -> list[str]:
    """Where a change applies: a phrase for each model, profile or other resource."""
    if NO_RESOURCE in piece.unread:
        return ["on what the policy is attached to"]
    if piece.resources == {"*"}:
        return ["on every resource"]
    phrases = _phrases(piece.resources, catalog)
    return ["on every resource", *(f"but not {phrase}" for phrase in phrases)] if piece.all_but_resources else phrases


def _phrases(resources: Iterable[Text], catalog: Catalog) -> list[str]:
    regions: dict[_Place, set[Text]] = {}
    written = []
    for text in resources:
        arn = arns.parse(text)
        if arn is None or arn.service != "bedrock" or arn.type is None or (arn.type == MODEL and arn.account):
            written.append(f"on {_code(text)}")
        else:
            regions.setdefault(_Place(arn.type, arn.id, arn.account, arn.partition), set()).add(arn.region)
    # Models of the same Regions make one phrase.
    alike: dict[tuple[str, str], list[str]] = {}
    for place, where in regions.items():
        head, name = _named(place, catalog)
        tail = _where(place.kind, where) + _owner(place)
        alike.setdefault((head, tail), []).append(name)
    told = [f"{head} {_joined(sorted(names))}{tail}" for (head, tail), names in alike.items()]
    return [*sorted(told), *sorted(written)]


def _named(place: _Place, catalog: Catalog) -> tuple[str, str]:
    """How a resource is spoken of: the preposition, and the name."""
    exact = place.id if isinstance(place.id, str) and not is_wild(place.id) else ""
    if place.kind == MODEL:
        return "on", _model(place.id, exact, catalog)
    if place.kind == PROFILE:
        profile = catalog.profile(exact) if exact else None
        model = catalog.model(profile.model_id) if profile else None
        behind = f" ({model.name})" if model and model.name else ""
        return "through", _noun("inference profile", place.id) + behind
    if place.kind == APPLICATION:
        return "through", _noun("application inference profile", place.id)
    return "on", _noun(place.kind.replace("-", " "), place.id)


def _model(written: Text, exact: str, catalog: Catalog) -> str:
    model = catalog.model(exact) if exact else None
    if model and model.name:
        return f"{model.name} ({_code(exact)})"
    token = provider_of(written, catalog)
    if written == f"{token}.*":
        provider = next((provider.name for provider in catalog.providers() if token in provider.tokens), token)
        return f"every model of {provider} ({_code(written)})"
    return _noun("model", written)


def _noun(noun: str, written: Text) -> str:
    if written == "*":
        return f"every {noun}"
    return f"every {noun} like {_code(written)}" if is_wild(written) else f"the {noun} {_code(written)}"


def _where(kind: str, regions: set[Text]) -> str:
    word = "from" if kind in (PROFILE, APPLICATION) else "in"
    if "*" in regions:
        # A star takes the ARNs without a Region in, too.
        return f" {word} every Region"
    said = [f"every Region like {_code(region)}" for region in sorted(map(str, filter(is_wild, regions)))]
    said += [_code(region) for region in sorted(str(region) for region in regions if region and not is_wild(region))]
    found = f" {word} {_joined(said)}" if said else ""
    if "" in regions:
        found += (" and" if said else "") + " without a Region"
    return found


def _owner(place: _Place) -> str:
    owner = "" if place.account in ("", "*") else f" of account {_code(place.account)}"
    return owner + ("" if place.partition == "aws" else f" in partition {_code(place.partition)}")


# Who and when


def principals(piece: Piece) -> str:
    """Whom a change concerns, or nothing where that is not for the policy to say."""
    if not piece.principals:
        return ""
    names = sorted({"everyone" if who == "*" else _code(who) for _, who in piece.principals})
    return f"for everyone but {_joined(names)}" if piece.all_but_principals else f"for {_joined(names)}"


def condition(tests: Iterable[Said], catalog: Catalog) -> str:
    """When a change applies: `if … and …`, or nothing."""
    said = sorted(_test(test, spelled_key(test.key, catalog)) for test in tests)
    return f"if {' and '.join(said)}" if said else ""


def spelled_key(key: str, catalog: Catalog) -> str:
    """A condition key in its proper letter case."""
    known = catalog.condition_key(key)
    head, slash, rest = key.partition("/")
    return (known.name.partition("/")[0] if known else head) + slash + rest


def _test(test: Said, key: str) -> str:
    operator, values = test.operator, sorted(map(str, test.values))
    subject = {"ForAllValues": f"every value of {_code(key)}", "ForAnyValue": f"some value of {_code(key)}"}.get(
        operator.quantifier, _code(key)
    )
    if operator.base == "Null" and values in (["true"], ["false"]):
        return f"{subject} is {'absent' if values == ['true'] else 'present'}"
    verbs = _VERBS.get(operator.base.replace("Not", "", 1))
    if verbs is None or not operator.known or not values:
        return f"{_code(operator.base)} of {subject} with {_either(list(map(_code, values)))}"
    absent = " or it is absent" if operator.if_exists else ""
    return f"{subject} {verbs[operator.negated]} {_either(list(map(_code, values)))}{absent}"


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
