"""Where the values of a deployment come from: flags before the configuration, that before what lies by the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.config import Config, ConfigError
from bedrock_policy_lint.deployment import parameter_files, samconfig
from bedrock_policy_lint.deployment.world import Inputs, over
from bedrock_policy_lint.sources.files import STDIN
from bedrock_policy_lint.sources.globs import path_matches
from bedrock_policy_lint.wording import did_you_mean, found

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog


def of(path: str, config: Config, flags: Inputs, catalog: Catalog, own: Inputs | None = None) -> Inputs:
    """What is known of the deployment of the template at a path; raises `ConfigError`.

    `own` is what the template says of itself, as a manifest of CDK does: it yields to flags and configuration.
    """
    inputs = over(flags, _configured(path, config, catalog))
    if own is not None:
        inputs = over(inputs, own)
    return inputs if path == STDIN else over(inputs, _beside(path, config, catalog))


def region_fault(region: str, catalog: Catalog) -> str:
    """Why a text is no Region; empty for one that is."""
    if catalog.region(region) is not None:
        return ""
    return f"no AWS Region is called {found(region)}{did_you_mean(region, [known.name for known in catalog.regions()])}"


def place_of(config: Config, catalog: Catalog) -> Inputs:
    """What a configuration says of every deployment but for parameters; raises `ConfigError`."""
    deploy = config.deploy
    for at, region in enumerate(deploy.regions):
        if fault := region_fault(region, catalog):
            raise ConfigError(config.path, f"`deploy.region[{at}]`", fault)
    return Inputs(regions=deploy.regions, account=deploy.account)


def _parameters(config: Config) -> dict[str, str]:
    """The parameters that it gives, as CloudFormation takes them: a list is one text with commas; tables are none."""
    given = {name: [value] if isinstance(value, str) else value for name, value in config.deploy.parameters}
    return {
        name: ",".join(values)
        for name, values in given.items()
        if isinstance(values, list) and all(isinstance(one, str) for one in values)
    }


def _configured(path: str, config: Config, catalog: Catalog) -> Inputs:
    deploy = config.deploy
    inputs = place_of(config, catalog)._replace(parameters=_parameters(config))
    relative = config.relative(path)
    for glob, file in reversed(deploy.parameter_files):
        if path_matches(glob, relative):
            there = parameter_files.below(config.root, file)
            if not there:
                place = f"`deploy.parameter-files.{glob}`"
                raise ConfigError(config.path, place, f"{found(file)} lies outside of the repository")
            inputs = over(inputs, parameter_files.load(there))
    return inputs


def _beside(path: str, config: Config, catalog: Catalog) -> Inputs:
    inputs = samconfig.of(path, config.deploy.sam_environment)
    # What stands for a Region to be filled in, or is newer than the catalogue, says nothing that could be used.
    known = tuple(region for region in inputs.regions if catalog.region(region) is not None)
    return inputs._replace(regions=known)
