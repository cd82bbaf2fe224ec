"""How messages name calls, requests and the layers of policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.layers import WORDS
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.usage import apis
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.diagnosis.verdict import Ruling
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.usage.usage import Caller, Usage

_MOST = 3
"""So many ARNs, calls or Regions are named; of more than one beyond it is told how many there are."""


def call(usage: Usage) -> str:
    """`converse-stream` of `us.anthropic.…` from us-east-1."""
    if usage.words:
        return usage.words
    return f"`{usage.api}`{_on(usage)} from {usage.region}"


def is_declared(usage: Usage) -> bool:
    """Whether somebody wrote down that it is called; else it was found in a template, or in code."""
    return not usage.words


def apis_of(calls: Iterable[Usage], only: Iterable[str] | None = None) -> str:
    """The APIs of calls, each as those call it who wrote it: a declaration, or code."""
    return all_of(dict.fromkeys(_written(usage) for usage in calls if only is None or usage.api in only))


def _written(usage: Usage) -> str:
    return (operation_of(usage.api) if usage.is_code else "") or usage.api


def operation_of(name: str) -> str:
    """The operation that code calls where a declaration names an API; empty for what is no operation."""
    api = apis.find(name)
    return next(iter(api.operations), "") if api is not None else ""


def fails(cause: Cause) -> str:
    """What becomes of the calls that it stops: "`converse` of `…` from us-east-1 fails for some or all requests"."""
    calls, are_several = _calls(denied.verdict.usage for denied in cause.denied)
    names = _callers(cause)
    # What is done says by itself who does it.
    is_told = any(denied.verdict.usage.words for denied in cause.denied)
    by = f" by {_some(names, 'principals')}" if len(names) > 1 and not is_told else ""
    verb = "fail" if are_several else "fails"
    # AWS does not document whether one closed Region of a profile fails every request or only those sent there.
    return f"{calls}{by} {verb}{' for some or all requests' if cause.is_partial else ''}"


def _on(usage: Usage) -> str:
    named = usage.target or usage.resource
    return f" of `{named.written}`" if named else ""


def _calls(usages: Iterable[Usage]) -> tuple[str, bool]:
    """The calls, those of one thing together, and whether they are several."""
    by_place: dict[tuple[str, str], dict[str, None]] = {}
    words: dict[str, None] = {}
    for usage in usages:
        if usage.words:
            words[usage.words] = None
        else:
            by_place.setdefault((_on(usage), usage.region), {})[f"`{usage.api}`"] = None
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (on, region), names in by_place.items():
        alike.setdefault((on, tuple(names)), []).append(region)
    named = {
        f"{_some(list(names), 'APIs')}{on} from {_some(places, 'Regions')}": len(names) * len(places)
        for (on, names), places in alike.items()
    }
    # Of something that fails as a whole it need not be told what it fails at.
    named |= {word: 1 for word in words if not any(word.startswith(f"{whole} ") for whole in words)}
    return _some(list(named), "calls", list(named.values())), sum(named.values()) > 1


def _callers(cause: Cause) -> list[str]:
    return list(dict.fromkeys(f"`{denied.caller.name}`" for denied in cause.denied))


def resources(rulings: Iterable[Ruling]) -> str:
    """The ARNs that requests are about."""
    return arns(ruling.row.request.resource for ruling in rulings)


def arns(texts: Iterable[Text]) -> str:
    """Resources; of those that differ by their Region alone the first, with the other Regions."""
    alike: dict[Arn | Text, list[Text]] = {}
    for text in dict.fromkeys(texts):
        alike.setdefault(_without_region(text), []).append(text)
    named = [f"`{first}`{_elsewhere(others)}" for first, *others in alike.values()]
    return _some(named, "resources", [len(group) for group in alike.values()])


def _without_region(text: Text) -> Arn | Text:
    arn = parse(text)
    # An ARN with an empty Region is another case for who writes policies: it is never told by its like.
    return arn._replace(region="*") if arn is not None and arn.region else text


def _elsewhere(others: list[Text]) -> str:
    found = [f"`{arn.region}`" for arn in map(parse, others) if arn is not None]
    return f" (likewise in {_some(found, 'Regions')})" if found else ""


def actions(rulings: Iterable[Ruling]) -> str:
    """The actions that requests ask for."""
    return _some(list(dict.fromkeys(f"`{ruling.row.request.action}`" for ruling in rulings)), "actions")


def regions(rulings: Iterable[Ruling]) -> str:
    """The values of `aws:RequestedRegion` in requests."""
    return some_regions(ruling.row.region for ruling in rulings)


def some_regions(names: Iterable[str]) -> str:
    """Regions: all of a few, else the first of them and how many more."""
    return _some([f"`{name}`" for name in dict.fromkeys(names)], "Regions")


def layer(cause: Cause) -> str:
    """The layer that stops it, in the words of `layer_word`."""
    return layer_word(cause.layer, cause.level, cause.first.caller)


def layer_word(layer: str, level: int, caller: Caller) -> str:
    """As AWS names it in a denial, with the level where there are several: "service control policy (level 2 of 3)"."""
    levels = {"scp": caller.layers.scps, "rcp": caller.layers.rcps}.get(layer, ())
    return f"{WORDS[layer]} (level {level + 1} of {len(levels)})" if len(levels) > 1 else WORDS[layer]


def article(word: str) -> str:
    """`a` or `an`."""
    return "an" if word[0] in "aeiou" else "a"


def _some(names: list[str], kind: str, counts: list[int] | None = None) -> str:
    """A few of the names and how many more there are; one name may stand for several."""
    if len(names) > _MOST + 1:
        left = sum(counts[_MOST:]) if counts else len(names) - _MOST
        return f"{', '.join(names[:_MOST])} and {left} more {kind}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
