"""Who calls Bedrock in the files of a run: every principal with what is called, granted and found."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bedrock_policy_lint import config as configs
from bedrock_policy_lint import modules, picture, programs
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.commands.declared import with_declarations
from bedrock_policy_lint.declarations import is_declaration, is_table, loader, reader
from bedrock_policy_lint.deployment.world import Variant, World
from bedrock_policy_lint.runner import Task, check_all, config_of, deployed, is_excluded
from bedrock_policy_lint.sources.files import Input, find, load
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bedrock_policy_lint.deployment.blueprint import Blueprint
    from bedrock_policy_lint.deployment.deployment import Deployment
    from bedrock_policy_lint.deployment.world import Inputs
    from bedrock_policy_lint.picture import Principal
    from bedrock_policy_lint.run import Settings
    from bedrock_policy_lint.runner import Outcome

_ANY = "us-east-1"
"""A Region to look at calls in where none is given: nearly all models can be called from there."""


def principals(paths: Sequence[str], flags: Settings, inputs: Inputs) -> list[Principal]:
    """The principals of templates, modules, declarations and code at these paths."""
    like = Task(Input("", named=True), flags, None, inputs=inputs)
    tasks = [like._replace(file=file) for file in find(paths)]
    tasks = modules.folded([task for task in tasks if not is_excluded(task)], paths)
    top = paths[0] if os.path.isdir(paths[0]) else os.path.dirname(os.path.abspath(paths[0]))
    tasks = [*with_declarations(tasks, configs.nearest(top)), *programs.tasks_of(paths, like)]
    outcomes = list(check_all(tasks, 1, lambda _: None))
    included = {os.path.abspath(path) for outcome in outcomes for path in outcome.included}
    found: dict[Principal, None] = {}
    for task, outcome in _pairs(tasks, outcomes):
        if os.path.abspath(task.file.path) not in included:
            found.update(dict.fromkeys(_of(task, outcome, outcomes)))
    return list(found)


def _pairs(tasks: list[Task], outcomes: list[Outcome]) -> Iterator[tuple[Task, Outcome]]:
    by_path = {outcome.path: outcome for outcome in outcomes}
    for task in tasks:
        if task.file.path in by_path:
            yield task, by_path[task.file.path]


def _of(task: Task, outcome: Outcome, outcomes: list[Outcome]) -> list[Principal]:
    catalog = default()
    if task.code:
        blueprint: Blueprint = programs.loose(task, [one for one in outcomes if one is not outcome])
        world = World(next(iter(task.inputs.regions), ""), task.inputs.account)
        return picture.of_code(blueprint.deployment(world), _placed(blueprint, world), outcome, catalog)
    if outcome.is_declared:
        return _declared(task, outcome)
    known = deployed(task) if outcome.is_template else None
    if known is None:
        return []
    blueprint, inputs = known
    variant = next(iter(inputs.variants), Variant("", "", inputs.parameters, inputs.regions))
    world = World(next(iter(variant.regions), ""), inputs.account, variant.parameters, unknown=inputs.unknown)
    world = world._replace(variant=variant.name, workspace=variant.workspace)
    parts = zip(_parts(blueprint.deployment(world)), _parts(_placed(blueprint, world)), strict=True)
    return [one for part, here in parts for one in picture.of_deployment(part, here, outcome, catalog)]


def _declared(task: Task, outcome: Outcome) -> list[Principal]:
    path, source = task.file.path, load(task.file)
    if not isinstance(source, Source) or not (is_table(config_of(task), path) or is_declaration(task.file, source)):
        return []
    declaration = reader(config_of(task), path)(source, loader(path), default())
    return picture.of_declaration(declaration, outcome, default())


def _placed(blueprint: Blueprint, world: World) -> Deployment:
    """What is deployed, in a Region."""
    return blueprint.deployment(world._replace(region=world.region or _ANY))


def _parts(deployment: Deployment) -> tuple[Deployment, ...]:
    return (deployment, *deployment.nested)
