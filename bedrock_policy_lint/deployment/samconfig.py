"""What a `samconfig.toml` says of the deployment of the template that it is for."""

from __future__ import annotations

import os
from collections.abc import Iterator

from bedrock_policy_lint.config import SAM_DEFAULT, ConfigError, is_inside, shown
from bedrock_policy_lint.declarations import top_of
from bedrock_policy_lint.deployment.parameter_files import assignment, below, fault, found, load, parameters, tree
from bedrock_policy_lint.deployment.world import Inputs, over
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.wording import did_you_mean

NAMES = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
_TEMPLATES = ("template.yaml", "template.yml", "template.json")
"""What the SAM CLI takes when it is told of no template, in its order."""
_BUILT = ".aws-sam"
_NAMING = ("build", "deploy", "package", "validate")
"""Commands whose parameters may name the template."""
_FILE = "file://"
STACK_NAME = "AWS::StackName"


def of(template: str, environment: str = SAM_DEFAULT) -> Inputs:
    """What is known from the nearest `samconfig.toml` that is for this template; raises `ConfigError`."""
    template = os.path.abspath(template)
    for path in _above(os.path.dirname(template)):
        folder = os.path.dirname(path)
        table = _environment(tree(shown(path)), environment, path)
        if table is not None and _is_for(template, folder, table):
            return _inputs(table, folder)
    return Inputs()


def _above(folder: str) -> Iterator[str]:
    """Every configuration from a folder upwards within its repository, the nearest first."""
    top = top_of(folder)
    while True:
        path = next((path for name in NAMES if os.path.isfile(path := os.path.join(folder, name))), "")
        if path and is_inside(os.path.realpath(path), top):
            yield path
        parent = os.path.dirname(folder)
        if parent == folder or os.path.realpath(folder) == top:
            return
        folder = parent


def _environment(root: Node, name: str, path: str) -> Node | None:
    table = _table(root)
    environment = table.get(name)
    if environment is None:
        names = [key.value for key in table[::2] if key.value not in ("version", name)]
        near = did_you_mean(name, names)
        if name != SAM_DEFAULT and near:
            raise ConfigError(shown(path), "", f"no environment `{name}`{near}")
    return environment


def _is_for(template: str, folder: str, environment: Node) -> bool:
    """Whether the configuration is for this template: it names it, or it names none and this is the usual one."""
    named = [
        os.path.join(folder, _text(node))
        for command in (*_NAMING, "global")
        for option in ("template_file", "template")
        if (node := _parameters(environment, command).get(option)) is not None
    ]
    # What was built from the template stands for it.
    named = [path for path in named if _BUILT not in path.split(os.sep) and os.path.isfile(path)]
    if named:
        return any(os.path.realpath(path) == os.path.realpath(template) for path in named)
    if os.path.dirname(template) != folder:
        return False
    usual = next((name for name in _TEMPLATES if os.path.isfile(os.path.join(folder, name))), None)
    return usual is None or usual == os.path.basename(template)


def _inputs(environment: Node, folder: str) -> Inputs:
    given: dict[str, Node] = {}
    for command in ("global", "deploy"):
        given |= {key.value: value for key, value in _parameters(environment, command).pairs()}
    overrides = given.get("parameter_overrides")
    inputs = Inputs() if overrides is None else _overrides(overrides, folder)
    values = dict(inputs.parameters)
    if "stack_name" in given:
        values[STACK_NAME] = _text(given["stack_name"])
    regions = (_text(given["region"]),) if "region" in given else ()
    return inputs._replace(parameters=values, regions=regions)


def _overrides(node: Node, folder: str) -> Inputs:
    """Parameters as `sam deploy --parameter-overrides` takes them, one text or a list of them, or as a table."""
    if isinstance(node.value, Object):
        return parameters(node)
    given = Inputs()
    for entry in node.items:
        for word in _words(entry):
            if word.startswith(_FILE):
                more = load(_file(entry, folder, word.removeprefix(_FILE)))
            else:
                name, value = _assignment(entry, word)
                more = Inputs(parameters={name: value})
            given = over(more, given)
    return given


def _file(node: Node, folder: str, written: str) -> str:
    path = below(folder, written)
    if not path:
        raise fault(node, f"`{written}` lies outside of the repository")
    return path


def _words(node: Node) -> list[str]:
    import shlex

    try:
        return shlex.split(_text(node))
    except ValueError:
        raise fault(node, "a quotation mark is not closed") from None


def _assignment(node: Node, word: str) -> tuple[str, str]:
    key, comma, value = word.partition(",ParameterValue=")
    if comma and key.startswith("ParameterKey="):
        return key.removeprefix("ParameterKey="), value
    return assignment(node, word)


def _parameters(environment: Node, command: str) -> Object:
    around = _table(environment).get(command)
    inner = _table(around).get("parameters") if around is not None else None
    return Object() if inner is None else _table(inner)


def _table(node: Node) -> Object:
    if isinstance(node.value, Object):
        return node.value
    raise fault(node, f"expected a table, found {found(node)}")


def _text(node: Node) -> str:
    if isinstance(node.value, str):
        return node.value
    raise fault(node, f"expected a text, found {found(node)}")
