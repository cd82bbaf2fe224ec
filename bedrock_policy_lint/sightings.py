"""What was found in several worlds of a template: each fault once, with where it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.decision import LESS, MORE, SAME

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.deployment import Call, Deployment
    from bedrock_policy_lint.deployment.world import Choice, World
    from bedrock_policy_lint.finding import Finding

_MOST_NAMES = 3
_ANY_REGION = "in any Region"
_VARIABLE = "var."
"""How Terraform's parameters are called."""
_references = re.compile(r"(?:\$\{\s*|\bRef\b[\"']?\s*:?\s*[\"']?)(\w+)").findall
_ORDER = (SAME, LESS, MORE)
"""The labels of fixes, the most harmless first."""

Key = tuple[str, str, int, int, int]
"""Path, rule, place and severity: what is an error in one world may be a note in another, and then both are told."""


class Look(NamedTuple):
    """A world that was looked at, and what was found in it."""

    world: World
    deployment: Deployment
    found: dict[Key, Finding]

    @property
    def is_base(self) -> bool:
        """Whether nothing in it is otherwise than a deployment without further words has it."""
        return self.world.takes_defaults and not self.world.choices


def key_of(finding: Finding) -> Key:
    """Rule, place and severity."""
    return finding.path, finding.rule, finding.region.start, finding.region.end, finding.severity


def told_once(looks: list[Look]) -> list[Finding]:
    """Everything that was found in some world, with where it holds if that is not everywhere."""
    return [_told(key, looks) for key in dict.fromkeys(key for look in looks for key in look.found)]


def as_advice(finding: Finding) -> Finding:
    """The finding with a fix that nobody applies for the user."""
    return finding._replace(fix=finding.fix._replace(access="", edits=(), preview=()) if finding.fix else None)


def of_any_region(finding: Finding, region: str, *, likewise: bool) -> Finding:
    """The finding in one Region as an example of all; `likewise` if it is the same fault in all of them."""
    where = _ANY_REGION if likewise else f"{_ANY_REGION}, for one reason or another"
    return finding._replace(message=f"{where} (here `{region}`): {finding.message}")


def _behind(words: list[str], message: str) -> str:
    return f"{', '.join(words)}{', ' if message.startswith(_ANY_REGION) else ': '}{message}"


def _told(key: Key, looks: list[Look]) -> Finding:
    seen = [look for look in looks if key in look.found]
    finding = seen[0].found[key]
    words = list(_where(key, seen, looks))
    if words:
        # What mends one world may break another, where nobody judged it.
        finding = as_advice(finding)._replace(message=_behind(words, finding.message))
    return _agreed_fix(finding, [look.found[key] for look in seen])


def _where(key: Key, seen: list[Look], looks: list[Look]) -> Iterator[str]:
    """In which worlds it is found, where that is not in all: as clauses."""
    places = {_place(look) for look in seen}
    here = [look for look in looks if _place(look) in places]
    if len(places) < len({_place(look) for look in looks}):
        yield from _places(seen, looks)
    chosen = [look.world.choices[0] for look in seen if look.world.choices]
    if any(look.is_base for look in seen):
        yield from _conditions_of_base(key, here, {choice.key for choice in chosen})
    elif chosen:
        yield f"where {_one_of(chosen)}"


_Place = tuple[str, str, str]
"""Which deployment it is: Region, set of values, workspace."""
_WORDS = ("in {}", "with the values of {}", "in the workspace {}")


def _place(look: Look) -> _Place:
    return look.world.region, look.world.variant, look.world.workspace


def _places(seen: list[Look], looks: list[Look]) -> Iterator[str]:
    """Which deployments it is found in, as clauses: one for each respect in which it is not found everywhere."""
    there = dict.fromkeys(map(_place, looks))
    found = dict.fromkeys(map(_place, seen))
    spans = [tuple(dict.fromkeys(place[at] for place in found)) for at in range(len(_WORDS))]
    alike = [place for place in there if all(place[at] in span for at, span in enumerate(spans))]
    if len(alike) > len(found):
        yield " or ".join(_clause(place) for place in list(found)[:_MOST_NAMES])
        return
    for at, words in enumerate(_WORDS):
        if len(spans[at]) < len({place[at] for place in there}):
            yield words.format(_named(spans[at]))


def _clause(place: _Place) -> str:
    """One deployment in words."""
    return " ".join(words.format(_named([name])) for words, name in zip(_WORDS, place, strict=True) if name)


def _conditions_of_base(key: Key, here: list[Look], still: set[str]) -> Iterator[str]:
    """What must be as it is at first; `still` holds the questions of which other answers change nothing."""
    answers = {name: choice for look in here if look.is_base for name, choice in look.deployment.answers.items()}
    base = next(look for look in here if look.is_base and key in look.found)
    # Where its resource is not made, nothing is said of it, and nothing would be if it were mended.
    other = [look for look in here if key not in look.found and _is_made(base.found[key], base, look)]
    asked = dict.fromkeys(look.world.choices[0].key for look in other if look.world.choices)
    told = [name for name in asked if name in answers and name not in still]
    for name in told:
        yield f"where {answers[name].words}"
    if any(not look.world.takes_defaults for look in other):
        names = _defaults(base.deployment, base.found[key])
        left = [name for name in names if name not in told]
        if left:
            yield f"with the default of {_named(left)}"


def _is_made(finding: Finding, base: Look, look: Look) -> bool:
    """Whether the resource in which something was found is made in another world too; outside of any it is assumed."""
    around = [place for place in base.deployment.defaults if place.holds(finding.path, finding.region.start)]
    return not around or any(place in look.deployment.defaults for place in around)


def _defaults(deployment: Deployment, finding: Finding) -> list[str]:
    """The parameters on whose defaults it hangs what is found: those that are named where it points, where there are
    such, else all on which the resource rests."""
    places = [(finding.path, finding.region), *((related.path, related.region) for related in finding.related)]
    named = {name for path, region in places for name in _named_at(deployment, path, region.start, region.end)}
    named = named or {name for path, region in places for name in _named_by_code(deployment, path, region.start)}
    resting = {name for path, region in places for name in _resting(deployment, path, region.start)}
    return sorted(named or resting)


def _named_at(deployment: Deployment, path: str, start: int, end: int) -> Iterator[str]:
    """The parameters whose default stands at a place, and those that it names and the resource around it rests on."""
    for parameter in deployment.parameters:
        default = parameter.default
        if default is not None and default.source.path == path and default.start <= start < default.end:
            yield parameter.name
    resting = _resting(deployment, path, start)
    documents = (deployment.document, *deployment.documents) if resting else ()
    source = next((document.source for document in documents if document.source.path == path), None)
    written = source.text[start:end] if source is not None else ""
    yield from (name for name in resting if _names(written, name))


def _named_by_code(deployment: Deployment, path: str, at: int) -> Iterator[str]:
    """The parameters that are parts of what is called at a place in code."""
    calls = (call for workload in deployment.workloads for call in workload.calls if call.filled)
    for node in (node for call in calls if _stands_at(call, path, at) for node in call.filled):
        yield from _named_at(deployment, node.source.path, node.start, node.end)


def _stands_at(call: Call, path: str, at: int) -> bool:
    nodes = (node for node in (call.node, call.model, call.region) if node is not None)
    return any(node.source.path == path and node.start == at for node in nodes)


def _resting(deployment: Deployment, path: str, at: int) -> frozenset[str]:
    """The parameters whose defaults the resource at a place rests on."""
    found = (names for place, names in deployment.defaults.items() if place.holds(path, at))
    return frozenset().union(*found)


def _names(written: str, parameter: str) -> bool:
    """Whether a stretch of a template refers to a parameter, or is its name in a reference."""
    if parameter.startswith(_VARIABLE):
        return re.search(rf"(?<![\w.-]){re.escape(parameter)}(?![\w-])", written) is not None
    return parameter in (written.strip("\"'"), *_references(written))


def _agreed_fix(finding: Finding, seen: list[Finding]) -> Finding:
    """The finding with a fix that all worlds offer, and the label of that in which it does the most."""
    if finding.fix is None or not finding.fix.edits:
        return finding
    fixes = [other.fix for other in seen if other.fix is not None]
    if len(fixes) < len(seen) or any(fix.edits != finding.fix.edits for fix in fixes):
        return as_advice(finding)
    return finding._replace(fix=finding.fix._replace(access=max((fix.access for fix in fixes), key=_ORDER.index)))


def _named(names: Iterable[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    shown = quoted[:_MOST_NAMES]
    if len(quoted) > _MOST_NAMES:
        shown.append(f"{len(quoted) - _MOST_NAMES} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _one_of(choices: list[Choice]) -> str:
    words = list(dict.fromkeys(choice.words for choice in choices))[:_MOST_NAMES]
    return " or ".join(words)
