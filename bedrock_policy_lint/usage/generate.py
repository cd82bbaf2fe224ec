"""The least policy for a usage: the rows of its calls become statements that allow them, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.text import Hole, Text, join, parts_of

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.usage.row import Row

PINNED, ANY = "pinned", "any"
"""How the models behind a profile are named: Region by Region, or in whichever Region the profile leads to."""

PROFILE_KEY = "bedrock:inferenceprofilearn"
_REGION_KEY = "aws:requestedregion"
_BOUND = (
    PROFILE_KEY,
    "bedrock:promptrouterarn",
    "bedrock:guardrailidentifier",
    "bedrock:servicetier",
    "bedrock:bearertokentype",
    "bedrock:inlineagentname",
    "bedrock-mantle:model",
    "bedrock-mantle:servicetier",
    "bedrock-mantle:bearertokentype",
    "iam:passedtoservice",
    "aws:calledvialast",
    "aws-marketplace:productid",
)
"""The keys whose value belongs to the usage: a request that carries another value is another usage."""

_MERELY_PRESENT = (PROFILE_KEY, "bedrock:guardrailidentifier")
"""The keys of which it is enough that they are there: which profile or guardrail it may be, their own rows decide."""

_LOCKED = ("bedrock", "bedrock-mantle")
"""The services whose calls a Region lock for Bedrock is about."""

_THROUGH = frozenset({"source-model", "destination-model", "global-model"})
_ROUTES = frozenset({"guardrail-profile", "data-automation-profile"})
"""Profiles by which a service leads out of a Region without a key that names them."""
_PLACELESS = "tool"
"""What AWS itself defines without a Region; which one a request for it names is not known."""
_OPEN = _ROUTES | {"listing"}
"""What may be left open: the calls that list, and profiles that AWS itself defines."""
_INVOKE = frozenset({"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"})
_ORDER = (
    *("profile", "model", "guardrail", "reasoning", "prompt", "resource", "project", "tool"),
    *("job", "role", "endpoint", "token", "subscription", "listing"),
)
_TOPICS = dict.fromkeys(_THROUGH, "model") | {"guardrail-profile": "guardrail", "data-automation-profile": "resource"}
_SIDS = {
    "resource": "UseResources",
    "project": "UseProject",
    "job": "UseJobs",
    "token": "UseApiKey",
    "subscription": "SubscribeToModels",
    "listing": "DiscoverModels",
}


class Condition(NamedTuple):
    """One test of a statement."""

    operator: str
    key: str
    values: tuple[Text, ...]


class Clause(NamedTuple):
    """A statement to be written."""

    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[Text, ...]
    """`Resource`, or `NotResource` when `is_exempting`."""
    conditions: tuple[Condition, ...] = ()
    is_exempting: bool = False


class OpenError(ValueError):
    """A row names something that nobody declared, and a star in its place would allow more than the usage."""

    def __init__(self, row: Row) -> None:
        """Remember the row."""
        super().__init__(str(row.request.resource))
        self.row = row

    @property
    def is_region(self) -> bool:
        """Whether it is only unknown in which Regions a profile may run the call."""
        arn = arns.parse(self.row.request.resource)
        return arn is not None and not isinstance(arn.region, str) and isinstance(arn.resource, str)


class OutsideError(ValueError):
    """A call is made from a Region that is to stay closed."""

    def __init__(self, region: str) -> None:
        """Remember the Region."""
        super().__init__(region)
        self.region = region


class _Box(NamedTuple):
    """Each of these actions on each of these resources, under these conditions."""

    topic: str
    actions: frozenset[str]
    resources: frozenset[Text]
    conditions: frozenset[tuple[str, str, frozenset[Text]]]

    def covers(self, other: _Box) -> bool:
        """Whether it allows all that the other allows."""
        if not (self.actions >= other.actions and self.resources >= other.resources):
            return False
        asked = {condition[:2]: condition[2] for condition in other.conditions}
        return all(values >= asked.get((operator, key), {""}) for operator, key, values in self.conditions)


def identity_policy(rows: Iterable[Row], catalog: Catalog, regions: str = PINNED) -> tuple[Clause, ...]:
    """The statements that allow these rows; models behind a profile stay bound to it, whatever Regions are named."""
    boxes = {_box(row, catalog, regions) for row in rows}
    return _named(_without_covered(_merged(boxes)))


def region_lock(rows: Sequence[Row], catalog: Catalog, allowed: Iterable[str]) -> tuple[Clause, ...]:
    """The Deny that keeps Bedrock in these Regions and lets the profiles of these rows lead out of them.

    The exemption opens nothing from elsewhere: the row of the profile itself carries no profile ARN, and is made in the
    Region of the caller.
    """
    open_regions = frozenset(allowed)
    profiles: set[Text] = set()
    resources: set[Text] = set()
    for row in rows:
        request = row.request
        if request.action.partition(":")[0] not in _LOCKED:
            continue
        if row.part == _PLACELESS:
            resources.add(_star(request.resource))
            continue
        if row.region in open_regions:
            continue
        values = _settled(request, PROFILE_KEY)
        if values:
            profiles.update(_star(value) for value in values)
        elif _is_present(request, PROFILE_KEY):
            profiles.update(_star(other.request.resource) for other in rows if other.part == "profile")
        elif row.part in _ROUTES:
            resources.add(_star(request.resource))
        else:
            raise OutsideError(row.region)
    conditions = [_condition(_REGION_KEY, open_regions, catalog, negated=True)]
    if profiles:
        conditions.append(_condition(PROFILE_KEY, profiles, catalog, negated=True))
    actions = tuple(f"{service}:*" for service in _LOCKED)
    exempt = _sorted(resources)
    return (Clause("BedrockRegions", "Deny", actions, exempt or ("*",), tuple(conditions), bool(exempt)),)


# From a row to what allows it


def _box(row: Row, catalog: Catalog, regions: str) -> _Box:
    request = row.request
    bound = {key: values for key in _BOUND if (values := _settled(request, key))}
    present = [key for key in _MERELY_PRESENT if _is_present(request, key)]
    resource = request.resource
    if regions == ANY and row.part in _THROUGH and (PROFILE_KEY in bound or PROFILE_KEY in present):
        resource = _everywhere(resource)
    if _is_too_open(row.part, resource):
        raise OpenError(row)
    resource = _closed(resource)
    if resource == "*" and request.action.partition(":")[0] in _LOCKED:
        # No ARN pins the Region.
        values = _settled(request, _REGION_KEY)
        bound |= {_REGION_KEY: values} if values else {}
    conditions = [_condition(key, values, catalog) for key, values in bound.items()]
    conditions += [Condition("Null", _condition(key, (), catalog).key, ("false",)) for key in present]
    return _Box(
        _TOPICS.get(row.part, row.part),
        frozenset({request.action}),
        frozenset({resource}),
        frozenset((operator, key, frozenset(values)) for operator, key, values in conditions),
    )


def _is_too_open(part: str, resource: Text) -> bool:
    """Whether a resource stands for more than the usage names; a job has no id before it runs."""
    if resource == "*" or part in _OPEN:
        return False
    if _closed(resource) != resource:
        return True
    arn = arns.parse(resource)
    return part != "job" and is_wild(arn.resource if arn else resource)


def _is_present(request: Request, key: str) -> bool:
    """Whether a request certainly carries a key, with a value that nobody knows."""
    value = request.value(key)
    return isinstance(value, Unknown) and value.present


def _settled(request: Request, key: str) -> tuple[Text, ...]:
    """The values that a request certainly carries, an account that is yet to be filled in aside."""
    values = request.value(key)
    if isinstance(values, Unknown) or any(_closed(value) != value for value in values):
        return ()
    return values


def _condition(key: str, values: Iterable[Text], catalog: Catalog, *, negated: bool = False) -> Condition:
    known = catalog.condition_key(key)
    assert known is not None  # noqa: S101 - the keys named above are in every catalogue
    not_ = "Not" if negated else ""
    operator = f"Arn{not_}Like" if known.type == "ARN" else f"String{not_}Equals"
    return Condition(("ForAnyValue:" if known.multivalued else "") + operator, known.name, _sorted(values))


def _closed(text: Text) -> Text:
    """An ARN with a star for each hole but one that stands for the account: nobody can fill in the others."""
    arn = arns.parse(text)
    if isinstance(text, str) or arn is None:
        return text if isinstance(text, str) else _star(text)
    fields = [field if name == "account" else _star(field) for name, field in zip(arns.FIELDS, arn.fields, strict=True)]
    return _joined(fields)


def _everywhere(text: Text) -> Text:
    arn = arns.parse(text)
    return text if arn is None else _joined(list(arn._replace(region="*").fields[: len(arns.FIELDS)]))


def _star(text: Text) -> Text:
    """A text with a star for every hole, that for the account too: an SCP holds in many."""
    if isinstance(text, str):
        return text
    return join([part if isinstance(part, str) or part.at_request or part.values else "*" for part in text.parts])


def _joined(fields: list[Text]) -> Text:
    parts: list[str | Hole] = []
    for field in fields:
        parts.extend([":"] if parts else [])
        parts.extend(parts_of(field))
    return join(parts)


# From many small statements to few


def _merged(boxes: set[_Box]) -> set[_Box]:
    """The same access in as few statements as folding one dimension at a time gives: never wider."""
    while True:
        folded = _folded(boxes)
        if folded == boxes:
            return boxes
        boxes = folded


def _folded(boxes: set[_Box]) -> set[_Box]:
    actions: dict[_Box, set[str]] = {}
    for box in boxes:
        actions.setdefault(box._replace(actions=frozenset()), set()).update(box.actions)
    boxes = {box._replace(actions=frozenset(found)) for box, found in actions.items()}
    resources: dict[_Box, set[Text]] = {}
    for box in boxes:
        resources.setdefault(box._replace(resources=frozenset()), set()).update(box.resources)
    boxes = {box._replace(resources=frozenset(found)) for box, found in resources.items()}
    for key in sorted({key for box in boxes for _, key, _ in box.conditions}):
        boxes = set(_folded_values(boxes, key))
    return boxes


def _folded_values(boxes: set[_Box], key: str) -> Iterator[_Box]:
    """The boxes, those made one that differ in the values of this key alone."""
    values: dict[tuple[_Box, str], set[Text]] = {}
    for box in boxes:
        mine = next((condition for condition in box.conditions if condition[1] == key), None)
        if mine is None:
            yield box
        else:
            rest = box._replace(conditions=box.conditions - {mine})
            values.setdefault((rest, mine[0]), set()).update(mine[2])
    for (rest, operator), found in values.items():
        yield rest._replace(conditions=rest.conditions | {(operator, key, frozenset(found))})


def _without_covered(boxes: set[_Box]) -> list[_Box]:
    return [box for box in boxes if not any(other != box and other.covers(box) for other in boxes)]


# From statements to a document that reads well


def _named(boxes: list[_Box]) -> tuple[Clause, ...]:
    clauses = sorted((_clause(box) for box in boxes), key=lambda pair: (pair[0], _sort_key(pair[1])))
    stems = Counter(clause.sid for _, clause in clauses)
    taken: Counter[str] = Counter()
    named = []
    for _, clause in clauses:
        sid = clause.sid if stems[clause.sid] == 1 else clause.sid + _label(clause)
        taken[sid] += 1
        named.append(clause._replace(sid=sid if taken[sid] == 1 else f"{sid}{taken[sid]}"))
    return tuple(named)


def _clause(box: _Box) -> tuple[int, Clause]:
    conditions = sorted(Condition(operator, key, _sorted(values)) for operator, key, values in box.conditions)
    keys = {condition.key.lower() for condition in conditions}
    clause = Clause(_sid(box, keys), "Allow", tuple(sorted(box.actions)), _sorted(box.resources), tuple(conditions))
    return _ORDER.index(box.topic), clause


def _sid(box: _Box, keys: set[str]) -> str:
    invokes = box.actions <= _INVOKE
    if box.topic == "profile" and invokes:
        return "InvokeProfile"
    if invokes:
        stem = "InvokeModel"
    elif len(box.actions) == 1:
        stem = min(box.actions).partition(":")[2]
    else:
        stem = _SIDS.get(box.topic, f"Use{box.topic.title()}")
    if box.topic == "model" and PROFILE_KEY in keys:
        return stem + "ThroughProfile"
    return stem + "ThroughRouter" if "bedrock:promptrouterarn" in keys else stem


def _label(clause: Clause) -> str:
    """What tells a statement from others of its kind: the profile that it is bound to, or what it names."""
    named = next((c.values for c in clause.conditions if c.key.lower() == PROFILE_KEY), clause.resources)
    ids = {str(arn.id) for arn in map(arns.parse, named) if arn}
    return _camel(min(ids)) if len(ids) == 1 else ""


def _camel(name: str) -> str:
    spaced = "".join(char if char.isascii() and char.isalnum() else " " for char in name)
    return "".join(word[:1].upper() + word[1:] for word in spaced.split())


def _sort_key(clause: Clause) -> tuple[str, str, str]:
    return clause.sid, str([str(text) for text in clause.resources]), str(clause.conditions)


def _sorted(texts: Iterable[Text]) -> tuple[Text, ...]:
    return tuple(sorted(texts, key=str))
