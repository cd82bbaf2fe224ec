"""The dated facts: actions, operations, condition keys, models, profiles and Regions."""

from __future__ import annotations

import os
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .actions import (
        Action,
        ConditionKey,
        GlobalKeys,
        MisnamedKey,
        NeverAction,
        ResourceType,
        Service,
        ServiceNames,
    )
    from .models import CommunityId, Model, OtherModel, Profile, Provider, WithdrawnSource
    from .operations import FirstUse, KnownError, NotNames, Operation, OperationTable
    from .regions import Geography, Partition, Region, RegionTable
    from .store import Store

_HOMES = {
    "actions": ("Action", "ConditionKey", "MisnamedKey", "NeverAction", "ResourceType", "Service"),
    "models": ("CommunityId", "Model", "OtherModel", "Profile", "Provider", "WithdrawnSource"),
    "operations": ("FirstUse", "KnownError", "Operation"),
    "regions": ("Geography", "Partition", "Region"),
}


def __getattr__(name: str) -> Any:
    """The record types, each loaded with its module when first named."""
    for module, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_SHORTEST_PART = 4
"""A shorter word is part of too many names to tell anything."""


class Catalog:
    """Answers from one data directory; each question opens only the file it needs, once."""

    def __init__(self, directory: str | None = None) -> None:
        """Use a data directory, by default the shipped one; nothing is opened."""
        self._directory = directory or os.path.join(os.path.dirname(__file__), "data")
        self._services: dict[str, Service | None] = {}
        self._names: dict[str, ServiceNames | None] = {}
        self._expanded: dict[str, tuple[str, ...]] = {}
        self._found_models: dict[str, Model | OtherModel | None] = {}
        self._found_profiles: dict[str, Profile | CommunityId | None] = {}
        self._listed_models: dict[str, Model | None] = {}
        self._system_profiles: dict[str, Profile | None] = {}

    # Dates

    @property
    def actions_date(self) -> str:
        """The date of the action tables."""
        return str(self._index["actions_date"])

    @property
    def models_date(self) -> str:
        """The date of the model and profile lists."""
        return str(self._index["models_date"])

    @property
    def regions_date(self) -> str:
        """The date of the Region list."""
        return str(self._index["regions_date"])

    def sources(self) -> dict[str, dict[str, str]]:
        """What the source keys of the records stand for."""
        return dict(self._index["sources"])

    # Actions

    def service(self, prefix: str) -> Service | None:
        """The full table of a service, where one is shipped."""
        lowered = prefix.lower()
        if lowered not in self._services:
            from .actions import read_service

            known = lowered in self._index["detailed_services"]
            self._services[lowered] = read_service(self._store, lowered) if known else None
        return self._services[lowered]

    def detailed_services(self) -> tuple[str, ...]:
        """The prefixes of the services whose full table is shipped."""
        return tuple(self._index["detailed_services"])

    def knows_prefix(self, prefix: str) -> bool:
        """Whether this is the prefix of any AWS service."""
        return self._service_names(prefix) is not None

    def prefixes(self) -> tuple[str, ...]:
        """Every service prefix."""
        return self._all_prefixes

    def action_names(self, prefix: str) -> tuple[str, ...]:
        """The action names of a service, properly spelled; none for an unknown one."""
        known = self._service_names(prefix)
        return known.names if known else ()

    def action(self, full_name: str) -> Action | None:
        """The record of an action of a service whose full table is shipped."""
        prefix, _, name = full_name.partition(":")
        service = self.service(prefix)
        return service.actions.get(name.lower()) if service else None

    def expand(self, pattern: str) -> tuple[str, ...]:
        """Full names of all actions that match a pattern such as `bedrock:Invoke*` (the prefix literal)."""
        found = self._expanded.get(pattern)
        if found is None:
            from .actions import matching

            prefix, colon, name = pattern.lower().partition(":")
            if not colon or not prefix or "*" in prefix or "?" in prefix:
                raise ValueError(f"no literal service prefix in {pattern!r}")
            known = self._service_names(prefix)
            found = self._expanded[pattern] = matching(known, name) if known else ()
        return found

    def never_action(self, full_name: str) -> NeverAction | None:
        """What is known of a name that was never an IAM action."""
        return self._not_names.actions.get(full_name.lower())

    def never_actions(self) -> tuple[NeverAction, ...]:
        """All such names."""
        return tuple(self._not_names.actions.values())

    def right_prefix(self, prefix: str) -> str | None:
        """The service prefix that is meant by the name of an SDK client or endpoint."""
        return self._not_names.right_prefixes.get(prefix.lower())

    def operation(self, name: str, client: str | None = None) -> Operation | None:
        """What an API operation asks for; without a client, of the first client that has it."""
        return self._operations.find(name, client)

    def operations(self) -> tuple[Operation, ...]:
        """Every known API operation of the Bedrock clients."""
        return self._operations.operations

    def first_use(self) -> FirstUse:
        """What the first call of a model sold through AWS Marketplace needs besides."""
        return self._operations.first_use

    def errors(self) -> tuple[KnownError, ...]:
        """The messages that failed calls give."""
        return self._all_errors

    # Condition keys

    def global_key(self, name: str) -> ConditionKey | None:
        """A condition key of every service; `aws:ResourceTag/team` gives the key of all resource tags."""
        return self._global_keys.key(name)

    def global_keys(self) -> tuple[ConditionKey, ...]:
        """The condition keys of every service."""
        return self._global_keys.all()

    def condition_key(self, name: str) -> ConditionKey | None:
        """A global key, or a key of a service whose full table is shipped."""
        found = self.global_key(name)
        if found is None:
            from .actions import find_key

            service = self.service(name.partition(":")[0])
            found = find_key(service.condition_keys, name) if service else None
        return found

    def misnamed_key(self, name: str) -> MisnamedKey | None:
        """What is known of a name that is written for a condition key and is none."""
        return self._global_keys.misnamed(name)

    # Models and profiles

    def model(self, model_id: str) -> Model | None:
        """A model the API lists."""
        if model_id not in self._listed_models:
            from .models import Model

            found = self._find_model(model_id)
            self._listed_models[model_id] = found if isinstance(found, Model) else None
        return self._listed_models[model_id]

    def other_model(self, model_id: str) -> OtherModel | None:
        """A known identifier that the API does not list."""
        from .models import OtherModel

        found = self._find_model(model_id)
        return found if isinstance(found, OtherModel) else None

    def models(self) -> tuple[Model, ...]:
        """Every model the API lists."""
        return self._all_models

    def other_models(self) -> tuple[OtherModel, ...]:
        """Every known identifier that the API does not list."""
        return self._all_other_models

    def providers(self) -> tuple[Provider, ...]:
        """Every model provider."""
        return self._all_providers

    def profile(self, profile_id: str) -> Profile | None:
        """A system-defined inference profile, whatever its status."""
        if profile_id not in self._system_profiles:
            from .models import Profile

            found = self._find_profile(profile_id)
            self._system_profiles[profile_id] = found if isinstance(found, Profile) else None
        return self._system_profiles[profile_id]

    def community_profile(self, profile_id: str) -> CommunityId | None:
        """A profile id that only price tables or hand-kept lists show: not to be taken for real."""
        from .models import CommunityId

        found = self._find_profile(profile_id)
        return found if isinstance(found, CommunityId) else None

    def profiles(self) -> tuple[Profile, ...]:
        """Every system-defined inference profile, whatever its status."""
        return self._all_profiles

    def community_profiles(self) -> tuple[CommunityId, ...]:
        """Every such id."""
        return self._all_community_ids

    def geographies(self) -> tuple[str, ...]:
        """The prefixes of profile ids."""
        return tuple(self._index["geographies"])

    def split_profile_id(self, text: str) -> tuple[str, str] | None:
        """`us.anthropic.x` as ("us", "anthropic.x"), where a geography is followed by a provider's token."""
        prefix, _, rest = text.partition(".")
        if prefix in self._index["geographies"] and rest.partition(".")[0] in self.provider_tokens():
            return prefix, rest
        return None

    def provider_tokens(self) -> frozenset[str]:
        """What model ids start with."""
        return self._tokens

    # Regions

    def region(self, name: str) -> Region | None:
        """A Region of any partition."""
        return self._regions.regions.get(name)

    def regions(self) -> tuple[Region, ...]:
        """Every Region of every partition, with and without Bedrock."""
        return tuple(self._regions.regions.values())

    def partitions(self) -> tuple[str, ...]:
        """The names of the partitions."""
        return tuple(self._regions.partitions)

    def partition_of(self, region: str) -> str | None:
        """The partition of a known Region."""
        found = self.region(region)
        return found.partition if found else None

    def geography(self, prefix: str) -> Geography | None:
        """The reach of a profile prefix."""
        return self._regions.geographies.get(prefix)

    # Help for messages

    def nearest(self, word: str, candidates: Iterable[str], limit: int = 3) -> tuple[str, ...]:
        """The candidates most like a word, whatever their case; where none is like it, those that hold it."""
        from difflib import get_close_matches

        spelled = {candidate.lower(): candidate for candidate in candidates}
        lowered = word.lower()
        close = get_close_matches(lowered, spelled, limit, 0.6)
        if not close and len(lowered) >= _SHORTEST_PART:
            close = [candidate for candidate in spelled if lowered in candidate][:limit]
        return tuple(spelled[found] for found in close)

    # What has been read

    def _service_names(self, prefix: str) -> ServiceNames | None:
        lowered = prefix.lower()
        if lowered not in self._names:
            from .actions import service_names

            self._names[lowered] = service_names(self._store, lowered)
        return self._names[lowered]

    def _find_model(self, model_id: str) -> Model | OtherModel | None:
        if model_id not in self._found_models:
            from .models import find_model

            self._found_models[model_id] = find_model(self._store, model_id)
        return self._found_models[model_id]

    def _find_profile(self, profile_id: str) -> Profile | CommunityId | None:
        if profile_id not in self._found_profiles:
            from .models import find_profile

            self._found_profiles[profile_id] = find_profile(self._store, profile_id)
        return self._found_profiles[profile_id]

    @cached_property
    def _store(self) -> Store:
        from .store import Store

        return Store(self._directory)

    @cached_property
    def _index(self) -> dict[str, Any]:
        found: dict[str, Any] = self._store.load("index.json")
        return found

    @cached_property
    def _global_keys(self) -> GlobalKeys:
        from .actions import GlobalKeys

        return GlobalKeys(self._store)

    @cached_property
    def _operations(self) -> OperationTable:
        from .operations import OperationTable

        return OperationTable(self._store)

    @cached_property
    def _not_names(self) -> NotNames:
        from .operations import NotNames

        return NotNames(self._store)

    @cached_property
    def _regions(self) -> RegionTable:
        from .regions import RegionTable

        return RegionTable(self._store)

    @cached_property
    def _all_prefixes(self) -> tuple[str, ...]:
        from .actions import all_prefixes

        return all_prefixes(self._store)

    @cached_property
    def _all_errors(self) -> tuple[KnownError, ...]:
        from .operations import read_errors

        return read_errors(self._store)

    @cached_property
    def _all_models(self) -> tuple[Model, ...]:
        from .models import all_models

        return all_models(self._store)

    @cached_property
    def _all_other_models(self) -> tuple[OtherModel, ...]:
        from .models import all_other_models

        return all_other_models(self._store)

    @cached_property
    def _all_providers(self) -> tuple[Provider, ...]:
        from .models import all_providers

        return all_providers(self._store)

    @cached_property
    def _all_profiles(self) -> tuple[Profile, ...]:
        from .models import all_profiles

        return all_profiles(self._store)

    @cached_property
    def _all_community_ids(self) -> tuple[CommunityId, ...]:
        from .models import all_community_ids

        return all_community_ids(self._store)

    @cached_property
    def _tokens(self) -> frozenset[str]:
        return frozenset(self._index["provider_tokens"])


@cache
def default() -> Catalog:
    """The shipped catalogue."""
    return Catalog()


__all__ = [
    "Action",
    "Catalog",
    "CommunityId",
    "ConditionKey",
    "FirstUse",
    "Geography",
    "KnownError",
    "MisnamedKey",
    "Model",
    "NeverAction",
    "Operation",
    "OtherModel",
    "Partition",
    "Profile",
    "Provider",
    "Region",
    "ResourceType",
    "Service",
    "WithdrawnSource",
    "default",
]
