"""The options that describe a usage on the command line, and what they mean: the same as a declaration that says so."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bedrock_policy_lint.sources.files import COMMAND_LINE
from bedrock_policy_lint.sources.node import Object
from bedrock_policy_lint.usage.terms import CREDENTIALS, TIERS
from bedrock_policy_lint.wording import all_of, did_you_mean, one_of
from bedrock_policy_lint.wording import found as spelled

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.frontends.declared_values import Fault
    from bedrock_policy_lint.frontends.document import Failure
    from bedrock_policy_lint.sources.files import Refusal
    from bedrock_policy_lint.sources.source import Source
    from bedrock_policy_lint.usage.usage import Caller, Usage

_Command = TypeVar("_Command", bound=Callable[..., Any])
Values = Mapping[str, Any]
"""What click hands over, by the name of the parameter."""

_MAIN = (
    click.option("--api", metavar="API", help="What is called: converse-stream, invoke-model, …"),
    click.option("--model", metavar="ID|ARN", help="The model, profile, router or prompt that is called."),
    click.option("--preset", metavar="NAME", help="A well-known client in place of an API."),
    click.option(
        "--region",
        multiple=True,
        metavar="REGION",
        help="From where it is called; repeatable. Of a template: where it is deployed.",
    ),
    click.option("--account", metavar="ID", help="The account that calls. Of a template: where it is deployed."),
    click.option("--guardrail", metavar="ID[:VERSION]|ARN", help="The guardrail that the call carries."),
    click.option("--credentials", metavar="KIND", help=f"{', '.join(CREDENTIALS)} (default: {CREDENTIALS[0]})."),
)
"""What is usually called, in a few words; a declaration can say more."""
USAGE_VALUES = ("api", "model", "preset", "region", "account", "guardrail", "credentials")
"""The parameters of the main options."""
_MORE = (
    click.option("--small-model", metavar="ID|ARN", help="With --preset: the model of its background tasks."),
    click.option("--embedding-model", metavar="ID|ARN", help="With --preset: the model that it embeds with."),
    click.option("--role", metavar="ARN", help="The role or user that calls."),
    click.option(
        "--source",
        multiple=True,
        metavar="ID|ARN",
        help="What stands behind an application profile, router or prompt; repeatable.",
    ),
    click.option("--resource", metavar="ID|ARN", help="An agent alias (AGENT/ALIAS), knowledge base, project, …"),
    click.option(
        "--destination",
        multiple=True,
        metavar="REGION",
        help="Where the profile may run the call, if not as in the catalogue; repeatable.",
    ),
    click.option("--guardrail-profile", metavar="GEO", help="The geography of its profile: us for us.guardrail.v1:0."),
    click.option("--tier", metavar="TIER", help=f"The service tier: {', '.join(TIERS)}."),
    click.option("--endpoint", metavar="ID", help="The VPC endpoint that it takes, or `public`."),
    click.option("--tool", multiple=True, metavar="ID", help="A system tool that it may use; repeatable."),
    click.option("--stored", is_flag=True, help="Stored responses are read, cancelled and deleted."),
    click.option("--service-role", metavar="ARN", help="The service role that a job is given."),
    click.option("--subscribed", is_flag=True, help="The account has the model's Marketplace subscription already."),
    click.option(
        "--context",
        multiple=True,
        metavar="KEY=VALUE",
        help="A condition key of the request; an empty value: it is absent. Repeatable.",
    ),
    click.option(
        "--allow-unknown-model", is_flag=True, help="Take a model or profile that the catalogue does not know."
    ),
)
_SOURCES = (
    click.option(
        "--usage",
        type=click.Path(),
        metavar="FILE",
        help="A declaration, or the configuration that holds one, in place of all these options.",
    ),
    click.option("--principal", metavar="NAME", help="Which principal of the declaration."),
)

_IN_USE = {
    "api": "api",
    "model": "model",
    "preset": "preset",
    "small_model": "small-model",
    "embedding_model": "embedding-model",
    "source": "source",
    "resource": "resource",
    "destination": "destinations",
    "tier": "tier",
    "tool": "tools",
    "stored": "stored",
    "service_role": "role",
}
"""Parameters that a use of a declaration has too, under its key."""
_AROUND = ("region", "account", "credentials", "endpoint", "subscribed")
"""Parameters that stand around the uses."""
_PARAMETERS = (*_IN_USE, *_AROUND, "role", "guardrail", "guardrail_profile", "context")
_FLAG_OF_KEY = {key: f"--{name.replace('_', '-')}" for name, key in _IN_USE.items()} | {"user": "--role"}


def main_usage_options(command: _Command) -> _Command:
    """Give a command the few options that say what is usually called."""
    for option in reversed(_MAIN):
        command = option(command)
    return command


def usage_options(command: _Command) -> _Command:
    """Give a command every option of this module."""
    for option in reversed((*_MAIN, *_MORE, *_SOURCES)):
        command = option(command)
    return command


def usage_arguments(command: _Command) -> _Command:
    """Give a command the arguments API and MODEL, which say the same as `--api` and `--model`."""
    command = click.argument("model_argument", required=False, metavar="[MODEL]")(command)
    return click.argument("api_argument", required=False, metavar="[API]")(command)


def callers(values: Values, catalog: Catalog, *, with_policies: bool = True) -> tuple[Caller, ...]:
    """Who calls what, by the options or by the declaration that they name; the wrong ones end the run.

    Without its policies a declaration can be used before the files exist that it names.
    """
    _refuse_empty(values)
    values = _with_arguments(values)
    if values.get("usage"):
        found = _from_declaration(values, catalog, with_policies)
    elif values.get("principal"):
        raise click.UsageError("--principal picks one of a declaration: name that with --usage")
    else:
        found = (_from_flags(values, catalog),)
    if not values.get("allow_unknown_model"):
        for caller in found:
            for usage in caller.usages:
                _refuse_unknown(usage, catalog)
    return found


def one_caller(values: Values, catalog: Catalog) -> Caller:
    """The one caller that the options leave; its policies are not read."""
    found = callers(values, catalog, with_policies=False)
    if len(found) > 1:
        names = one_of(caller.name for caller in found)
        raise click.UsageError(f"the declaration has several principals: pick {names} with --principal")
    return found[0]


def _refuse_empty(values: Values) -> None:
    """End the run where an option is given nothing, as by a variable of a shell that is not set."""
    named = (*_PARAMETERS, "usage", "principal", "api_argument", "model_argument")
    empty = [name.removesuffix("_argument") for name in named if values.get(name) == "" or "" in _all(values.get(name))]
    if empty:
        raise click.UsageError(f"{_flags(empty)}: expected a text, found an empty text")


def _all(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()


def _with_arguments(values: Values) -> Values:
    """The values, the arguments taken for the options that they stand for."""
    from bedrock_policy_lint.usage import apis

    merged = dict(values)
    for place in ("api", "model"):
        argument = merged.pop(f"{place}_argument", None)
        api = apis.find(merged.get("api") or "") if place == "model" else None
        name = place if api is None or api.takes_model else "resource"
        if argument and merged.get(name) and merged[name] != argument:
            raise click.UsageError(f"`{argument}` and --{name} {merged[name]} contradict each other")
        merged[name] = argument or merged.get(name)
    return merged


def _given(values: Values) -> list[str]:
    return [name for name in (*_PARAMETERS, "api_argument", "model_argument") if values.get(name)]


def _flags(names: Iterable[str]) -> str:
    return all_of(f"--{name.replace('_', '-')}" for name in names)


# From a declaration


def _from_declaration(values: Values, catalog: Catalog, with_policies: bool) -> tuple[Caller, ...]:
    given = _given(values)
    if given:
        raise click.UsageError(f"--usage says what is called: it does not go with {_flags(given)}")
    declaration = _read(str(values["usage"]), catalog, with_policies)
    wanted = values.get("principal")
    names = [caller.name for caller in declaration.callers]
    if wanted and wanted not in names:
        raise click.UsageError(f"the declaration has no principal `{wanted}`{did_you_mean(str(wanted), names)}")
    found = tuple(caller for caller in declaration.callers if not wanted or caller.name == wanted)
    if not any(caller.usages for caller in found):
        raise click.ClickException(f"{values['usage']}: no usage is declared there")
    return found


def _read(path: str, catalog: Catalog, with_policies: bool) -> Declaration:
    from bedrock_policy_lint import config
    from bedrock_policy_lint.declarations import loader, reader
    from bedrock_policy_lint.sources import files

    data = sys.stdin.buffer.read(files.MAX_BYTES + 1) if path == files.STDIN else None
    source = files.load(files.Input(path, named=True, data=data))
    if isinstance(source, files.Refusal):
        raise click.ClickException(f"{path}: {_told(source)}")
    try:
        read = reader(config.nearest(os.path.dirname(os.path.abspath(path))), path)
    except config.ConfigError as error:
        raise click.ClickException(str(error)) from None
    found = read(source, loader(path) if with_policies else _empty, catalog)
    for failure in found.document.failures:
        raise click.ClickException(f"{_place(failure.span.source, failure.span.start)}: {_told(failure)}")
    for fault in found.faults:
        raise click.ClickException(f"{_place(fault.node.source, fault.node.start)}: {_told(fault)}")
    return found


def _empty(path: str) -> Source:
    """A policy that says nothing, whatever file is named."""
    from bedrock_policy_lint.sources.source import Source

    return Source(path, '{"Version": "2012-10-17", "Statement": []}')


def _place(source: Source, at: int) -> str:
    span = source.in_file(at, at)
    line, column = span.source.point(span.start)
    return f"{span.source.path}:{line}:{column}"


def _told(fault: Fault | Failure | Refusal) -> str:
    return f"{fault.message}; {fault.hint}" if fault.hint else fault.message


# From options


def as_declaration(values: Values, attached: Mapping[str, Any], catalog: Catalog) -> str:
    """A declaration of what the options say, with the policies that are attached; the wrong ones end the run.

    Flags tell of one call, and never that nothing else is called.
    """
    import json

    callers(values, catalog)
    return json.dumps({**_declaration(values), **attached, "complete": False}, ensure_ascii=False)


def _from_flags(values: Values, catalog: Catalog) -> Caller:
    """The caller of a declaration that says what the options say."""
    import json

    from bedrock_policy_lint.frontends import declaration as declarations
    from bedrock_policy_lint.sources.source import Source

    written = _declaration(values)
    found = declarations.read(Source(COMMAND_LINE, json.dumps(written)), _empty, catalog)
    for fault in found.faults:
        # Its hint speaks of how files are written.
        raise click.UsageError(_flag_of(fault, found) + fault.message)
    caller = found.callers[0]
    usages = tuple(usage._replace(node=None, nodes={}) for usage in caller.usages)
    for usage in usages:
        _refuse_contradictions(usage)
    return caller._replace(usages=usages, node=None)


def _declaration(values: Values) -> dict[str, Any]:
    _refuse_incomplete(values)
    use = {key: _plain(values[name]) for name, key in _IN_USE.items() if values.get(name)}
    if values.get("guardrail"):
        use["guardrail"] = _guardrail(str(values["guardrail"]), values.get("guardrail_profile"))
    written = {name: _plain(values[name]) for name in _AROUND if values.get(name)}
    role = str(values.get("role") or "")
    if role:
        written["user" if ":user/" in role else "role"] = role
    for name, at in (("account", 4), ("region", 3)):
        said = {field for arn in (role, str(values.get("model") or "")) if (field := _field(arn, at))}
        if name not in written and len(said) == 1:
            written[name] = said.pop()
    if values.get("context"):
        written["context"] = dict(_context(entry) for entry in values["context"])
    return written | {"uses": [use]}


def _refuse_incomplete(values: Values) -> None:
    """End the run where options are missing or contradict each other."""
    if values.get("preset") and values.get("api"):
        raise click.UsageError("--preset says which APIs are called: it does not go with an API")
    if not values.get("preset") and not values.get("api"):
        raise click.UsageError("say what is called: an API and a model, --preset, or --usage")
    only_preset = [name for name in ("small_model", "embedding_model") if values.get(name)]
    if only_preset and not values.get("preset"):
        raise click.UsageError(f"{_flags(only_preset)} belongs to a --preset")
    if values.get("guardrail_profile") and not values.get("guardrail"):
        raise click.UsageError("--guardrail-profile belongs to a --guardrail")
    if not values.get("region") and not _field(str(values.get("model") or ""), 3):
        raise click.UsageError("say from where it is called: --region")
    if values.get("destination") and len(set(values.get("region", ()))) > 1:
        raise click.UsageError("--destination is seen from one --region: give one")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _field(arn: str, at: int) -> str:
    """A field of an ARN, empty for what is none."""
    fields = arn.split(":", 5)
    return fields[at] if len(fields) == 6 and fields[0] == "arn" else ""


def _guardrail(written: str, profile: Any) -> dict[str, str]:
    """The guardrail of a declaration, from an id or an ARN, either with or without a version."""
    account = _field(written, 4)
    name = written.rpartition("/")[2] if account else written
    guardrail_id, _, version = name.partition(":")
    whole = {"id": guardrail_id, "version": version, "account": account, "profile": str(profile or "")}
    return {key: value for key, value in whole.items() if value}


def _context(entry: str) -> tuple[str, str | None]:
    key, equals, value = entry.partition("=")
    if not equals:
        raise click.UsageError(f"--context {entry}: expected KEY=VALUE")
    return key, value or None


def _flag_of(fault: Fault, declaration: Declaration) -> str:
    """The flag that a fault is about, as a message begins with it."""
    node = fault.node
    path = declaration.document.path_to(node.source, node.start, node.end)
    keys = [
        step.value for around, step in pairwise(path) if isinstance(around.value, Object) and step in around.value[::2]
    ]
    key = next((key for key in reversed(keys) if key in _FLAG_OF_KEY or key in _PARAMETERS), "")
    if key == "role" and "uses" not in keys:
        return "--role: "
    return f"{_FLAG_OF_KEY.get(key, '--' + key)}: " if key else ""


# What cannot be meant


def _refuse_contradictions(usage: Usage) -> None:
    target = usage.target
    if target is None:
        return
    if target.region and target.region != usage.region:
        raise click.UsageError(f"--region {usage.region} contradicts the Region of `{target.written}`")
    if target.account and isinstance(usage.account, str) and target.account != usage.account:
        raise click.UsageError(f"the account {usage.account} contradicts that of `{target.written}`")


def _refuse_unknown(usage: Usage, catalog: Catalog) -> None:
    from bedrock_policy_lint.bedrock.arns import model_ids, profile_ids
    from bedrock_policy_lint.usage.targets import first_unknown

    target = first_unknown(usage.target, catalog)
    if target is not None:
        near = catalog.nearest(target.id, (*model_ids(catalog), *profile_ids(catalog)))
        hint = f"; did you mean {one_of(near)}?" if near else ""
        raise click.UsageError(
            f"no model or profile {spelled(target.written)} in the catalogue of {catalog.models_date}{hint}"
            " (--allow-unknown-model takes it as it is)"
        )
