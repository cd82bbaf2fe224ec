"""The verb `catalog`: look up a model, an inference profile, an action or a Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bedrock_policy_lint.catalog import Catalog, default
from bedrock_policy_lint.catalog.describe import (
    Answer,
    UnknownNameError,
    describe_action,
    describe_model,
    describe_profile,
    describe_region,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

INDENT = "  "
WIDEST = 100

Section = tuple[str, list[str]]
"""A title and its lines; a line is one fact and is wrapped when printed."""


# Pages: an answer as titled sections.


def page(title: str, sections: Iterable[Section], width: int) -> str:
    """A page in the manner of a manual: the title, then each section that has something to say."""
    parts = [title]
    for name, lines in sections:
        if lines:
            parts.append("\n".join([name.upper(), *(wrapped(line, width) for line in lines)]))
    return "\n\n".join(parts)


def wrapped(line: str, width: int) -> str:
    """A line indented and wrapped; what is wrapped hangs below its first word."""
    import textwrap

    lead = len(line) - len(line.lstrip())
    return textwrap.fill(
        line.strip(),
        width,
        initial_indent=INDENT + " " * lead,
        subsequent_indent=INDENT + " " * lead + INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def labelled(rows: Iterable[tuple[str, Any]]) -> list[str]:
    """Lines "label: value" for the rows that have a value."""
    return [f"{label}: {words(value)}" for label, value in rows if value not in (None, [], {}, "")]


def words(value: Any) -> str:
    """A value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def known(value: bool | None) -> str:
    """Yes, no or unknown."""
    return "unknown" if value is None else words(value)


def counted(label: str, regions: list[str]) -> list[str]:
    """A label with the number of Regions, and the Regions below it."""
    return [f"{label} ({len(regions)}):", f"{INDENT}{' '.join(regions)}"] if regions else []


def lifecycle_lines(lifecycle: Answer) -> list[str]:
    """The dates of a model's life."""
    rows = (
        ("Status", lifecycle.get("status")),
        ("Launched", lifecycle.get("launch_date")),
        ("Legacy from", lifecycle.get("legacy_date")),
        ("Public extended access from", lifecycle.get("public_extended_access_date")),
        ("End of life", lifecycle.get("eol_date")),
        ("End of life in", lifecycle.get("eol_regions")),
        ("End of life not before", lifecycle.get("eol_no_sooner_than")),
        ("First seen", lifecycle.get("first_seen")),
        ("Last seen", lifecycle.get("last_seen")),
    )
    return labelled(rows)


CATEGORIES = {
    "gone": "once listed by the API, and no longer",
    "documented_restricted": "documented, never listed: restricted access",
    "sdk_constant_only": "a constant of an SDK; not listed by the API",
    "provisioned_variant": "a variant for provisioned throughput; not callable on demand",
    "unconfirmed": "seen in one place only, not confirmed",
}


def model_page(answer: Answer, width: int) -> str:
    """The page of a model."""
    name = ", ".join(str(part) for part in (answer.get("name"), answer["provider"]) if part)
    title = f"{answer['id']}\n{INDENT}{name}, as of {answer['as_of']}"
    if not answer["listed"]:
        return page(title, other_model_sections(answer), width)
    return page(title, listed_model_sections(answer), width)


def other_model_sections(answer: Answer) -> list[Section]:
    """The sections of an identifier that the API does not list."""
    category = str(answer["category"])
    return [
        ("Status", [CATEGORIES.get(category, category), *lifecycle_lines(answer["lifecycle"])]),
        ("Regions", counted("Last on demand", answer["regions"]["last_on_demand"])),
        ("Marketplace", labelled([("Product id", answer["marketplace"]["product_id"])])),
        ("Sources", [", ".join(answer["sources"])]),
    ]


def listed_model_sections(answer: Answer) -> list[Section]:
    """The sections of a model that the API lists."""
    regions = answer["regions"]
    where = [
        *counted("On demand", regions["on_demand"]),
        *counted("On demand, not confirmed", regions["on_demand_unconfirmed"]),
        *counted("Only through a profile", regions["only_through_a_profile"]),
        *counted("bedrock-mantle endpoint", regions["bedrock_mantle"]),
        *counted("GovCloud, documented", regions["govcloud"]),
        *counted("GovCloud through a profile, documented", regions["govcloud_through_a_profile"]),
    ]
    market = answer["marketplace"]
    terms = [
        f"Needs AWS Marketplace permissions on first use: {known(market['required'])}",
        *labelled([("Product id", market["product_id"]), ("Product id from", market["product_id_source"])]),
        *labelled([("First-time use form", answer["first_time_use_form"] or None)]),
    ]
    return [
        ("Lifecycle", lifecycle_lines(answer["lifecycle"])),
        ("Regions", where or ["none known"]),
        ("Profiles", [profile_line(row) for row in answer["profiles"]]),
        ("APIs", api_lines(answer)),
        ("Terms", terms),
        ("A caller must be granted", grant_lines(answer)),
        ("Sources", [", ".join(answer["sources"])]),
    ]


def profile_line(row: Answer) -> str:
    """A profile in a model's list."""
    return str(row["id"]) if row["status"] == "listed" else f"{row['id']} ({row['status']})"


def api_lines(answer: Answer) -> list[str]:
    """Which APIs a model has, and which it is known not to have."""
    apis = answer["apis"]
    return [
        *labelled([("Kind", answer["kind"]), ("Endpoints", answer["endpoints"])]),
        *labelled([("Input", answer["modalities"]["input"]), ("Output", answer["modalities"]["output"])]),
        *labelled([("Supported", [api for api, has in apis.items() if has])]),
        *labelled([("Not supported", [api for api, has in apis.items() if not has])]),
        f"Streaming: {known(answer['streaming'])}",
    ]


def grant_lines(answer: Answer) -> list[str]:
    """What to allow, for each way of calling."""
    lines = []
    for grant in answer["grants"]:
        lines += [
            f"{', '.join(grant['actions'])}: for {', '.join(grant['for'])}",
            f"{INDENT}{grant['resource']}",
        ]
    if answer["profiles"]:
        lines.append("Through a profile, its own ARN and one model ARN per Region: catalog profile <id>")
    return lines


def profile_page(answer: Answer, width: int) -> str:
    """The page of an inference profile."""
    name = ", ".join(filter(None, [answer["name"], f"model {answer['model_id']}"]))
    title = f"{answer['id']}\n{INDENT}{name}, as of {answer['as_of']}"
    status = labelled(
        [
            ("Status", answer["status"]),
            ("Last seen", answer["last_seen"] if answer["status"] != "listed" else None),
            ("Note", answer["note"]),
        ]
    )
    sections: list[Section] = [
        ("Status", status),
        ("Model", lifecycle_lines(answer["model_lifecycle"] or {})),
        ("Routes", route_lines(answer)),
        ("ARNs to allow", arn_lines(answer)),
        ("Withdrawn sources", [withdrawn_line(*item) for item in answer["withdrawn_sources"].items()]),
        ("Sources", [", ".join(answer["sources"])]),
    ]
    return page(title, sections, width)


def arn_lines(answer: Answer) -> list[str]:
    """The ARNs that a call through the profile is checked against."""
    third = "without a Region" if answer["scope"] == "global" else "in each destination of that Region"
    lead = f"The profile, the model in the Region that is called, and the model {third}:"
    return [lead, *(INDENT + arn for arn in [answer["arns"]["profile"], *answer["arns"]["models"]])]


def route_lines(answer: Answer) -> list[str]:
    """Where the profile is called, and where such a call may run."""
    unlisted = "any commercial Region; AWS does not list which" if answer["scope"] == "global" else "unknown"
    lines = []
    for route in answer["routes"]:
        found = route["destinations"]
        lines.append(f"from {' '.join(route['sources'])}")
        lines.append(f"{INDENT}to {' '.join(found) if found is not None else unlisted}")
    if answer["documented_unscanned_sources"]:
        lines.append(f"documented, not scanned: {' '.join(answer['documented_unscanned_sources'])}")
    return lines


def withdrawn_line(region: str, was: Answer) -> str:
    """A source Region that was there once."""
    reason = f"; {was['why']}" if was["why"] else ""
    return f"{region}: last seen {was['last_seen']}{reason}"


def action_page(answer: Answer, width: int) -> str:
    """The page of an action, of a pattern, or of a name that is no action."""
    if answer["what"] == "actions":
        title = f"{answer['pattern']}\n{INDENT}{len(answer['names'])} actions, as of {answer['as_of']}"
        groups = answer["by_access_level"] or {"Actions": answer["names"]}
        listed = [(level, [" ".join(name.partition(":")[2] for name in names)]) for level, names in groups.items()]
        return page(title, listed, width)
    title = f"{answer['name']}\n{INDENT}as of {answer['as_of']}"
    if not answer["exists"]:
        sections: list[Section] = [
            ("Not an IAM action", [answer["why"]]),
            ("Write instead", answer["write_instead"]),
            ("Sources", [", ".join(answer["sources"])]),
        ]
        return page(title, sections, width)
    if not answer["detailed"]:
        return page(title, [("Known", ["an action of a service whose full table is not shipped"])], width)
    return page(title, action_sections(answer), width)


def action_sections(answer: Answer) -> list[Section]:
    """The sections of an action that exists."""
    rows = answer["resource_types"]
    alternatives = len(rows) > 1 and all(row["required"] for row in rows)
    types = ["Each authorisation names one of these:"] if alternatives else []
    for row in rows:
        mark = " (required)" if row["required"] and not alternatives else ""
        types += [f"{row['name']}{mark}", *(INDENT + arn for arn in row["arns"])]
    return [
        ("Access level", [answer["access_level"]]),
        ("Resource types", types or ['none: only "Resource": "*" grants it']),
        ("Condition keys", [key_line(row) for row in answer["condition_keys"]]),
        ("Needs also", answer["dependent_actions"]),
        ("Asked by", [operation_line(row) for row in answer["operations"]]),
    ]


def key_line(row: Answer) -> str:
    """A condition key with its type and values."""
    kind = f"{row['type']}, multivalued" if row["multivalued"] else row["type"]
    values = f": {', '.join(row['values'])}" if row["values"] else ""
    return f"{row['name']} ({kind}){values}"


def operation_line(row: Answer) -> str:
    """An API operation and when it asks for the action."""
    when = f", when {row['when']}" if row["need"] == "sometimes" else ""
    doubt = " (inferred)" if row["confidence"] == "C" else ""
    if row["need"] == "uncertain":
        doubt = " (not certain)"
    return f"{row['operation']} of {row['client']}{when}{doubt}"


def region_page(answer: Answer, width: int) -> str:
    """The page of a Region."""
    about = f"{answer['long_name']}, partition {answer['partition']}, as of {answer['as_of']}"
    title = f"{answer['name']}\n{INDENT}{about}"
    served = answer["endpoints"]["bedrock"]
    endpoints = answer["endpoints"] if served else {"bedrock": False}
    profiles = known(answer["application_inference_profiles"])
    sections: list[Section] = [
        ("Endpoints", [f"{name}: {known(has)}" for name, has in endpoints.items()]),
        ("Application inference profiles", [profiles] if served else []),
        ("Geographies", [geography_line(row) for row in answer["geographies"]]),
        (f"Models, as of {answer['models_as_of']}", model_count_lines(answer) if served else []),
    ]
    return page(title, sections, width)


def geography_line(row: Answer) -> str:
    """How a Region takes part in a geography."""
    parts = [f"{row['profiles_callable_here']} profiles can be called here"]
    if row["profiles_documented_here"]:
        parts.append(f"{row['profiles_documented_here']} more are documented, not scanned")
    if row["profiles_routed_here"]:
        parts.append(f"calls of {row['profiles_routed_here']} may run here")
    return f"{row['prefix']}: {'; '.join(parts)}"


def model_count_lines(answer: Answer) -> list[str]:
    """How many models a Region has, by the way they are called."""
    models = answer["models"]
    rows = (
        ("On demand", models["on_demand"]),
        ("On demand, not confirmed", models["on_demand_unconfirmed"] or None),
        ("Only through a profile", models["only_through_a_profile"]),
        ("On bedrock-mantle", models["bedrock_mantle"]),
        ("Documented", models["documented"]),
    )
    return labelled(rows) if answer["scanned"] else ["not scanned by the source", *labelled(rows)]


# The command.


def show(
    name: str,
    as_json: bool,
    describe: Callable[[Catalog, str], Answer],
    render: Callable[[Answer, int], str],
) -> None:
    """Print one answer, or say that the name is unknown."""
    try:
        answer = describe(default(), name)
    except UnknownNameError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
    if as_json:
        import json

        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    import shutil

    click.echo(render(answer, min(shutil.get_terminal_size().columns, WIDEST)))


json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")


@click.group("catalog")
def command() -> None:
    """Look up a model, an inference profile, an action or a Region in the shipped catalogue.

    With --json the answer is one object, and the help of each verb lists its fields. "as_of" is the date of
    the facts, null is unknown, and fields are only ever added.
    """


@command.command("model")
@click.argument("name")
@json_option
def model_command(name: str, as_json: bool) -> None:
    """A model id: where it can be called, how, until when, and what a caller must be granted.

    \b
    JSON, for a model the API lists: what, id, name, provider, listed, as_of, kind,
      lifecycle, endpoints, regions, inference_profile_only, profiles, streaming, apis,
      modalities, marketplace, first_time_use_form, grants, sources
    JSON, for another known identifier: what, id, provider, listed, as_of, category,
      lifecycle, regions, marketplace, sources
    """
    show(name, as_json, describe_model, model_page)


@command.command("profile")
@click.argument("name")
@json_option
def profile_command(name: str, as_json: bool) -> None:
    """An inference profile: source Regions, their destinations, and the ARNs to allow.

    \b
    JSON: what, id, name, model_id, geography, scope, partition, status, as_of, last_seen,
      routes, documented_unscanned_sources, withdrawn_sources, arns, model_lifecycle, note,
      sources
    """
    show(name, as_json, describe_profile, profile_page)


@command.command("action")
@click.argument("name")
@json_option
def action_command(name: str, as_json: bool) -> None:
    """An IAM action or a pattern of actions: resource types, condition keys, API operations.

    \b
    JSON, for an action: what, name, exists, as_of, detailed, access_level, resource_types,
      condition_keys, dependent_actions, operations
    JSON, where no full table is shipped: what, name, exists, as_of, detailed
    JSON, for a name that never was an action: what, name, exists, as_of, write_instead,
      why, sources
    JSON, for a pattern: what, pattern, as_of, names, by_access_level
    """
    show(name, as_json, describe_action, action_page)


@command.command("region")
@click.argument("name")
@json_option
def region_command(name: str, as_json: bool) -> None:
    """A Region: endpoints, geographies, and how many models it has.

    \b
    JSON: what, name, long_name, partition, as_of, models_as_of, endpoints,
      application_inference_profiles, scanned, geographies, models
    """
    show(name, as_json, describe_region, region_page)
