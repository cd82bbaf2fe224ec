"""The verb `generate`: the least policy for a usage, ready to paste."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.commands.usage_options import one_caller, usage_arguments, usage_options
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.usage.generate import (
    ANY,
    PINNED,
    PROFILE_KEY,
    OpenError,
    OutsideError,
    identity_policy,
    region_lock,
)
from bedrock_policy_lint.usage.write_policy import CLOUDFORMATION, JSON, TERRAFORM, Home, write
from bedrock_policy_lint.wording import did_you_mean

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.usage.generate import Clause
    from bedrock_policy_lint.usage.row import Row
    from bedrock_policy_lint.usage.usage import Caller, Usage

_IDENTITY, _SCP = "identity", "scp"
_ACCOUNT = "<account>"
_OTHER_LOCKS = (
    "a lock that denies every service outside of its Regions must leave Bedrock to this one: "
    "put `bedrock:*` and `bedrock-mantle:*` into its NotAction"
)
_COPIES = (
    "AWS does not say which profile's ARN a call through a copy of a profile carries: "
    "the exemption names the application profile"
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@usage_arguments
@click.option("--format", "form", type=click.Choice([JSON, TERRAFORM, CLOUDFORMATION]), default=JSON, show_default=True)
@click.option(
    "--regions",
    type=click.Choice([PINNED, ANY]),
    default=PINNED,
    show_default=True,
    help="How the models behind a profile are named.",
)
@click.option(
    "--layer",
    type=click.Choice([_IDENTITY, _SCP]),
    default=_IDENTITY,
    show_default=True,
    help="The policy of the caller, or a Region lock for the organisation that leaves its profiles open.",
)
@click.option(
    "--allowed-region",
    multiple=True,
    metavar="REGION",
    help="With --layer scp: a Region that stays open; repeatable (default: those of the usage).",
)
@click.option(
    "--first-use", is_flag=True, help="Also what the first call of a model sold through AWS Marketplace asks for."
)
@click.option("--output", type=click.Path(), metavar="FILE", help="Write it there instead of to standard output.")
@usage_options
def command(
    form: str,
    regions: str,
    layer: str,
    allowed_region: tuple[str, ...],
    first_use: bool,
    output: str | None,
    **given: Any,
) -> int:
    """Write the least policy for calling API on MODEL, or for what a declaration lists.

    \b
      generate converse-stream us.anthropic.claude-sonnet-4-6 --region us-east-1 --account 111122223333
      generate --preset claude-code --model global.anthropic.claude-opus-4-6 --region eu-west-1
      generate --usage bedrock-usage.yaml --principal chat --format terraform

    Models behind a profile are allowed through that profile alone. --regions pinned names each Region that the
    catalogue lists for it; --regions any names none, and so keeps working when AWS adds one. Neither allows a call that
    does not go through the profile. A profile whose Regions nobody lists needs `any` or --destination.

    A model that the catalogue does not know is refused unless --allow-unknown-model is given.
    """
    from bedrock_policy_lint.catalog import default

    catalog = default()
    if allowed_region and layer != _SCP:
        raise click.UsageError("--allowed-region belongs to --layer scp")
    caller = one_caller(given, catalog)
    rows = _rows(caller, catalog, first_use)
    if layer == _SCP:
        clauses = _region_lock(caller, rows, allowed_region, catalog)
    else:
        clauses = _identity_policy(rows, catalog, regions)
    text = write(clauses, form, comment=_comment(caller, layer, catalog), is_scp=layer == _SCP, home=_home(caller))
    _deliver(text, output)
    for note in _notes(rows, text, layer):
        click.echo(f"note: {note}", err=True)
    return 0


def _rows(caller: Caller, catalog: Catalog, first_use: bool) -> list[Row]:
    from bedrock_policy_lint.usage.rows import rows, subscription_rows

    found: list[Row] = []
    for usage in caller.usages:
        found += rows(usage, caller.identity, catalog)
        found += subscription_rows(usage, caller.identity, catalog) if first_use else ()
    return found


def _identity_policy(rows: list[Row], catalog: Catalog, regions: str) -> tuple[Clause, ...]:
    try:
        return identity_policy(rows, catalog, regions)
    except OpenError as error:
        arn = error.row.request.resource
        if error.is_region:
            hint = "name the Regions with --destination, or leave them open with --regions any"
            raise click.UsageError(f"where {_profile(error.row)} runs calls is not known: {hint}") from None
        hint = "name it in full" if is_wild(arn) else f"name what stands there with {_option(error.row)}"
        raise click.UsageError(f"`{arn}` leaves open what is called: {hint}") from None


def _option(row: Row) -> str:
    """The option that names what a row leaves open."""
    if row.part == "resource":
        return "--resource"
    return "--service-role" if row.part == "role" else "--source"


def _profile(row: Row) -> str:
    """The profile that a row is made through, as a message names it."""
    values = row.request.value(PROFILE_KEY)
    return "a profile" if isinstance(values, Unknown) else f"`{values[0]}`"


def _region_lock(caller: Caller, rows: list[Row], allowed: tuple[str, ...], catalog: Catalog) -> tuple[Clause, ...]:
    for region in allowed:
        if catalog.region(region) is None:
            known = [found.name for found in catalog.regions()]
            raise click.UsageError(f"no AWS Region is called `{region}`{did_you_mean(region, known)}")
    try:
        return region_lock(rows, catalog, allowed or {usage.region for usage in caller.usages})
    except OutsideError as error:
        reason = f"{error.region} is called without a profile that leads there"
        raise click.UsageError(f"{reason}: add --allowed-region {error.region}") from None


def _home(caller: Caller) -> Home:
    """Where a policy of the caller is deployed: in its account, and in its Region if it calls from one alone."""
    account, regions = caller.identity.account, {usage.region for usage in caller.usages}
    return Home(account if isinstance(account, str) else "", regions.pop() if len(regions) == 1 else "")


def _comment(caller: Caller, layer: str, catalog: Catalog) -> str:
    head = "Keeps Bedrock in its Regions and lets these calls through:" if layer == _SCP else "The least policy for:"
    calls = dict.fromkeys(_call(usage) for usage in caller.usages)
    return "\n".join([head, *(f"  {call}" for call in calls), f"Regions of profiles as of {catalog.models_date}."])


def _call(usage: Usage) -> str:
    named = [target.written for target in (usage.target, usage.resource) if target]
    return " ".join([usage.api, *named, "from", usage.region])


def _deliver(text: str, output: str | None) -> None:
    if output is None:
        # Not click's echo, which would guess an encoding of its own.
        sys.stdout.write(text)
        return
    from bedrock_policy_lint.sources.files import write as write_file

    try:
        write_file(output, text.encode())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise click.ClickException(f"{output}: cannot be written: {reason}") from None


def _notes(rows: list[Row], text: str, layer: str) -> list[str]:
    notes = []
    if _ACCOUNT in text:
        notes.append(f"{_ACCOUNT} stands for the account, which --account would name")
    if layer == _SCP:
        notes.append(_OTHER_LOCKS)
        if any(isinstance(row.request.value(PROFILE_KEY), Unknown) for row in rows):
            notes.append(_COPIES)
        return notes
    inferred = sorted({row.request.action for row in rows if not row.is_certain})
    if inferred:
        notes.append(f"AWS does not say whether all of it is asked for: part of {', '.join(inferred)} is inferred")
    return notes
