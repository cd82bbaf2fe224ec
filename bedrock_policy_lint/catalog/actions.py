"""Services, actions, resource types and condition keys: the shipped Service Authorization Reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .store import Store

NAMES_FILE = "action_names.txt"


class Action(NamedTuple):
    """An IAM action of a service whose full table is shipped."""

    service: str
    name: str
    access_level: str
    resource_types: tuple[str, ...]
    required_resource_types: tuple[str, ...]
    condition_keys: frozenset[str]
    """Lower-cased keys of the action, and those its resource types bring for this action."""
    dependent_actions: tuple[str, ...]
    resource_type_keys: dict[str, frozenset[str]]
    """Lower-cased keys that hold for one resource type of this action only."""

    @property
    def full_name(self) -> str:
        """The name with its service prefix."""
        return f"{self.service}:{self.name}"


class ResourceType(NamedTuple):
    """A resource type; in `arns` everything variable is a `*`."""

    service: str
    name: str
    arns: tuple[str, ...]
    has_account: bool
    has_region: bool
    condition_keys: frozenset[str]
    resource_prefix: str
    """The literal start of the ARN's last part, such as `foundation-model/`."""


class ConditionKey(NamedTuple):
    """A condition key; an empty type means that AWS documents more than one."""

    name: str
    type: str
    multivalued: bool = False
    values: tuple[str, ...] = ()
    """Every value the key can have, or () where the set is open."""


class MisnamedKey(NamedTuple):
    """A condition key that people write and that does not exist."""

    name: str
    right: str | None
    why: str
    source: tuple[str, ...]


class Service(NamedTuple):
    """A service whose full table is shipped; the dictionaries are keyed by lower-cased name."""

    prefix: str
    name: str
    as_of: str
    actions: dict[str, Action]
    resource_types: dict[str, ResourceType]
    condition_keys: dict[str, ConditionKey]


class NeverAction(NamedTuple):
    """A name that looks like an IAM action, is written as one, and never was one."""

    name: str
    authorised_by: tuple[str, ...]
    why: str
    source: str


class ServiceNames(NamedTuple):
    """The action names of one service, as spelled and lower-cased."""

    prefix: str
    names: tuple[str, ...]
    lowered: tuple[str, ...]


def service_names(store: Store, prefix: str) -> ServiceNames | None:
    """The action names of a service, found without parsing those of the others."""
    line = store.line(NAMES_FILE, prefix.lower() + "\t")
    if line is None:
        return None
    found, _, rest = line.partition("\t")
    return ServiceNames(found, tuple(rest.split()), tuple(rest.lower().split()))


def all_prefixes(store: Store) -> tuple[str, ...]:
    """Every service prefix."""
    lines = store.read(NAMES_FILE).decode("utf-8").splitlines()
    return tuple(line.partition("\t")[0] for line in lines if not line.startswith("#"))


def matching(known: ServiceNames, pattern: str) -> tuple[str, ...]:
    """Full names of the actions that match a lower-cased name pattern with IAM's wildcards."""
    if "*" not in pattern and "?" not in pattern:
        wanted = [n for n, lowered in zip(known.names, known.lowered, strict=True) if lowered == pattern]
    elif pattern == "*":
        wanted = list(known.names)
    else:
        wanted = _alike(known, pattern)
    return tuple(f"{known.prefix}:{name}" for name in wanted)


def _alike(known: ServiceNames, pattern: str) -> list[str]:
    from bedrock_policy_lint.model.pattern import glob

    if len(pattern) - pattern.count("*") > max(map(len, known.lowered), default=0):
        return []
    pattern = re.sub(r"\*+", "*", pattern)
    # Most names lack the longest literal stretch, and looking for it is cheap.
    piece = max(re.split("[*?]", pattern), key=len)
    pairs = zip(known.names, known.lowered, strict=True)
    return [name for name, lowered in pairs if piece in lowered and glob(pattern, lowered)]


def read_service(store: Store, prefix: str) -> Service:
    """The full table of a service that has one."""
    data = store.load(f"services/{prefix}.json")
    keys = [
        ConditionKey(k["name"], k["type"], k.get("multivalued", False), tuple(k.get("values", ())))
        for k in data["condition_keys"]
    ]
    return Service(
        prefix=data["prefix"],
        name=data["name"],
        as_of=data["as_of"],
        actions={row["name"].lower(): _action(prefix, row) for row in data["actions"]},
        resource_types={row["name"].lower(): _resource_type(prefix, row) for row in data["resource_types"]},
        condition_keys={key.name.lower(): key for key in keys},
    )


def _lowered(keys: list[str]) -> frozenset[str]:
    return frozenset([key.lower() for key in keys])


def _action(prefix: str, row: dict[str, Any]) -> Action:
    types = row.get("types", {})
    keys = _lowered(row["keys"]) if "keys" in row else frozenset()
    by_type = {name: _lowered(found) for name, found in row["type_keys"].items()} if "type_keys" in row else {}
    return Action(
        prefix,
        row["name"],
        row["level"],
        tuple(types),
        tuple([name for name, required in types.items() if required]),
        keys.union(*by_type.values()) if by_type else keys,
        tuple(row.get("needs", ())),
        by_type,
    )


def _resource_type(prefix: str, row: dict[str, Any]) -> ResourceType:
    arns = tuple([starred(form) for form in row["arns"]])
    fields = arns[0].split(":", 5)
    return ResourceType(
        prefix,
        row["name"],
        arns,
        bool(fields[4]),
        bool(fields[3]),
        _lowered(row.get("keys", [])),
        fields[5].partition("*")[0],
    )


def starred(arn: str) -> str:
    """An ARN form of the reference with every `${...}` turned into `*`."""
    first, *rest = arn.split("${")
    return first + "".join("*" + part.partition("}")[2] for part in rest)


class GlobalKeys:
    """The condition keys of every service, and the names that are mistaken for keys."""

    def __init__(self, store: Store) -> None:
        """Read the table of keys."""
        data = store.load("condition_keys.json")
        self._keys = {
            row["name"].lower(): ConditionKey(
                row["name"], row["type"], row.get("multivalued", False), tuple(row.get("values", ()))
            )
            for row in data["global"]
        }
        self._misnamed = {
            row["name"].lower(): MisnamedKey(row["name"], row.get("right"), row["why"], tuple(row["source"]))
            for row in data["misnamed"]
        }

    def key(self, name: str) -> ConditionKey | None:
        """A global key; `aws:PrincipalTag/team` gives the key of all principal tags."""
        return find_key(self._keys, name)

    def all(self) -> tuple[ConditionKey, ...]:
        """Every global key."""
        return tuple(self._keys.values())

    def misnamed(self, name: str) -> MisnamedKey | None:
        """A name that is no key."""
        return self._misnamed.get(name.lower())


def find_key(keys: dict[str, ConditionKey], name: str) -> ConditionKey | None:
    """The key of this name, or the one with a placeholder (`.../${TagKey}`) that stands for it."""
    lowered = name.lower()
    base, slash, rest = lowered.partition("/")
    if lowered in keys or not (slash and rest):
        return keys.get(lowered)
    return next((key for form, key in keys.items() if form.startswith(f"{base}/${{") and form.endswith("}")), None)
