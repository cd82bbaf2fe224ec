"""The options that say what templates and modules of Terraform are deployed with."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from bedrock_policy_lint.config import ConfigError
from bedrock_policy_lint.deployment.world import Inputs, over

_Command = TypeVar("_Command", bound=Callable[..., Any])

DEPLOY_VALUES = ("parameter", "parameters", "var", "var_file", "tf_vars_from_env")
"""The parameters of the options of this module."""
PLACES = ("region", "account")
"""Parameters that say of a template where it is deployed, and of a usage from where it is called."""


class _Pair(click.ParamType):  # type: ignore[type-arg] # generic in new releases only
    """`KEY=VALUE`."""

    name = "parameter"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"expected KEY=VALUE, found `{value}`", param, ctx)
        return name, text


_OPTIONS = (
    click.option(
        "--parameter",
        multiple=True,
        type=_Pair(),
        metavar="KEY=VALUE",
        help="The value of a template's parameter; repeatable.",
    ),
    click.option(
        "--parameters",
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help="A file with values of a template's parameters, in JSON, YAML or TOML; repeatable.",
    ),
    click.option(
        "--var",
        multiple=True,
        type=_Pair(),
        metavar="NAME=VALUE",
        help="The value of a variable of Terraform; repeatable.",
    ),
    click.option(
        "--var-file",
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help="A .tfvars file, or one in JSON; repeatable, the last comes first.",
    ),
    click.option("--tf-vars-from-env", is_flag=True, help="Take variables of Terraform from TF_VAR_… too."),
)


def deploy_options(command: _Command) -> _Command:
    """Give a command the options that say what is deployed with which values."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def supplied(values: Mapping[str, Any]) -> Inputs:
    """What the options say of a deployment, with `--region` and `--account`; the wrong ones end the run."""
    if not any(values.get(name) for name in (*DEPLOY_VALUES, *PLACES)):
        return Inputs()
    _refuse_wrong_place(values)
    given = {**dict(values["parameter"]), **dict(values["var"])}
    inputs = Inputs(given, tuple(dict.fromkeys(values["region"])), values["account"] or "")
    for path in reversed(values["var_file"]):
        inputs = over(inputs, _load_variables(path))
    for path in reversed(values["parameters"]):
        inputs = over(inputs, _load(path))
    if values["tf_vars_from_env"]:
        from bedrock_policy_lint.frontends.terraform.variable_files import of_environment

        inputs = inputs._replace(environment=of_environment(os.environ))
    return inputs


def _load_variables(path: str) -> Inputs:
    from bedrock_policy_lint.frontends.terraform import variable_files

    try:
        return variable_files.load(path)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


def _refuse_wrong_place(values: Mapping[str, Any]) -> None:
    account = values["account"]
    if account and not (len(account) == 12 and account.isascii() and account.isdigit()):
        raise click.UsageError(f"--account: expected twelve digits, found `{account}`")
    if not values["region"]:
        return
    from bedrock_policy_lint.catalog import default
    from bedrock_policy_lint.deployment.inputs import region_fault

    for region in filter(None, values["region"]):  # an empty one is told where usages are read
        if fault := region_fault(region, default()):
            raise click.UsageError(f"--region: {fault}")


def _load(path: str) -> Inputs:
    from bedrock_policy_lint.deployment import parameter_files

    try:
        return parameter_files.load(path)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
