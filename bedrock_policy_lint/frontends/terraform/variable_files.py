"""What modules of Terraform are deployed with: flags, files of variables, the configuration and the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.config import ConfigError, shown
from bedrock_policy_lint.deployment.world import Inputs, Variant, over
from bedrock_policy_lint.frontends.terraform import inputs as values
from bedrock_policy_lint.frontends.terraform.module import Tree
from bedrock_policy_lint.sources import files
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.config import Config, VarFiles
    from bedrock_policy_lint.frontends.terraform.blueprint import TerraformBlueprint

_PREFIX = "TF_VAR_"


def load(path: str) -> Inputs:
    """The values in a file of variables that somebody has named; raises `ConfigError`."""
    found = _read(path)
    for fault in found.faults:
        source, start = fault.node.source, fault.node.start
        place = f"line {source.point(start).line}" if source.text else ""
        raise ConfigError(shown(path), place, fault.message.removeprefix("this file cannot be read: "))
    return Inputs({name: written.text for name, written in found.values.items()}, files=(path,))


def of_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The values that variables of the environment give to variables of Terraform."""
    return {
        name.removeprefix(_PREFIX): value
        for name, value in environment.items()
        if name.startswith(_PREFIX) and name != _PREFIX
    }


def read(inputs: Inputs) -> list[values.Values]:
    """The files that inputs were read from, for the places of the values."""
    return [_read(path) for path in inputs.files]


def _read(path: str) -> values.Values:
    return values.read([path], Tree(files.read, lambda folder: Refusal(Source(folder, ""), "", "")))


def of_module(path: str, config: Config, flags: Inputs, catalog: Catalog) -> Inputs:
    """What the flags and the configuration say of the module that the file at a path belongs to."""
    from bedrock_policy_lint.deployment.inputs import place_of

    given = {name: _written(value) for name, value in config.deploy.parameters}
    known = over(flags, place_of(config, catalog)._replace(parameters=given))
    entries = [entry for entry in config.deploy.var_files if _is_meant(entry.glob, config.relative(path))]
    sets: dict[str, Inputs] = {}
    for entry in entries:
        for name, paths in entry.sets:
            sets[name] = over(_together(entry, paths, config), sets.get(name, Inputs()))
    for_all = sets.pop("", Inputs())
    workspaces = config.deploy.workspaces
    if not sets and len(workspaces) < 2:
        known = over(known, for_all)
        variant = Variant("", "".join(workspaces), known.parameters)
        return known._replace(variants=(variant,))
    variants = []
    for name, inputs in sets.items() or (("", Inputs()),):
        of_set = over(over(known, inputs), for_all)
        known = known._replace(files=tuple(dict.fromkeys((*known.files, *of_set.files))))
        spaces = (name,) if name in workspaces else workspaces or ("",)
        variants += [Variant(name if len(sets) > 1 else "", space, of_set.parameters) for space in spaces]
    return known._replace(variants=tuple(variants))


def _written(value: Any) -> str:
    """A value of the configuration as a flag would give it."""
    if isinstance(value, str):
        return value
    from json import dumps

    return dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _is_meant(glob: str, path: str) -> bool:
    from bedrock_policy_lint.sources.globs import path_matches

    return "/" not in path if glob in (".", "./") else path_matches(glob, path)


def _together(entry: VarFiles, paths: Iterable[str], config: Config) -> Inputs:
    from bedrock_policy_lint.deployment.parameter_files import below

    found = Inputs()
    for path in paths:
        there = below(config.root, path)
        if not there:
            place = f"`deploy.terraform.var-files.{entry.glob}`"
            raise ConfigError(config.path, place, f"`{path}` lies outside of the repository")
        found = over(load(there), found)
    return found


def settled(inputs: Inputs, blueprint: TerraformBlueprint) -> Inputs:
    """The same, with the values that lie beside the module, those of the environment, and its Regions."""
    return inputs._replace(variants=tuple(_settled(inputs, blueprint)))


def _settled(inputs: Inputs, blueprint: TerraformBlueprint) -> Iterator[Variant]:
    beside = blueprint.inputs.parameters
    for variant in inputs.variants or (Variant("", "", inputs.parameters),):
        parameters = {**inputs.environment, **beside, **variant.parameters}
        regions = blueprint.regions(parameters, variant.workspace, inputs.regions)
        yield variant._replace(parameters=parameters, regions=regions)
