"""From places in code to calls: the values that they are given, with those of the environment that they run in."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code import site as words
from bedrock_policy_lint.code.site import is_environment
from bedrock_policy_lint.deployment.deployment import Call
from bedrock_policy_lint.model.text import Hole, Template, join, parts_of
from bedrock_policy_lint.rule import Undecided
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.code.site import CallSite, Value
    from bedrock_policy_lint.model.text import Text

_MOST = 64
"""So many calls may one place make; of one that makes more, the first are looked at."""
_PLACED = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""Variables that Lambda and other services of AWS set to the Region where code runs."""
_HERE = Hole("AWS::Region", "${AWS::Region}")
_WITHIN = {words.AGENT: words.ALIAS, words.FLOW: words.ALIAS}
_RESOURCES = (words.AGENT, words.FLOW, words.KNOWLEDGE_BASE, words.PROMPT, words.PROJECT, words.GUARDRAIL)


class Made(NamedTuple):
    """The calls that a place in code makes, and what cannot be told of them."""

    calls: tuple[Call, ...]
    questions: tuple[Undecided, ...]


class _Given(NamedTuple):
    """A value with what the environment says in it."""

    node: Node
    default_of: str
    is_open: bool
    """Whether only running the code would tell it; what the deployment fills in is another matter."""
    default: Node | None = None
    """What it would be if the environment did not say it."""
    unset: tuple[str, ...] = ()
    """The variables in it that nobody is known to set."""
    filled: tuple[Node, ...] = ()
    """What the environment says of parts of it."""
    written: Text = ""
    """What the code says."""


class _Around(NamedTuple):
    """The environment that code runs in."""

    variables: Mapping[str, Node]
    is_placed: bool | None
    """Whether the variables of the Region are set to that in which it runs; None where nobody knows."""

    def sets(self, name: str) -> bool:
        """Whether a variable is certainly set, so that no default of it holds."""
        return name in self.variables or (self.is_placed is True and name in _PLACED)

    def may_set(self, name: str) -> bool:
        """Whether a variable may be set although nothing says so."""
        return self.is_placed is None and name in _PLACED


def made(site: CallSite, variables: Mapping[str, Node], *, is_placed: bool | None = False) -> Made:
    """What a place in code calls, where the environment has these variables.

    `is_placed` tells whether those of the Region are set beside them, to that in which the code runs; None where nobody
    knows.
    """
    around = _Around(variables, is_placed)
    if words.CREDENTIALS in site.given or words.PROFILE in site.given:
        return Made((), (Undecided(site.node, f"with whose credentials `{site.node.value}` calls"),))
    models = _settled(site, words.MODEL, around)
    regions = _regions(site, around)
    operations = (site.operation,) if site.operation else site.operations
    resource = next(iter(_resources(site, around)), None)
    guardrail, version, role = (
        next((given.node for given in _settled(site, name, around)), None)
        for name in (words.GUARDRAIL, words.GUARDRAIL_VERSION, words.ROLE)
    )
    questions = [
        Undecided(site.node, f"{what} `{site.node.value}` calls: the value of `{given.written}` is not known")
        for what, values in (("which model", models), ("in which Region", regions))
        for given in values
        if given is not None and given.is_open
    ]
    calls = tuple(
        Call(
            operation,
            site.node,
            model.node if model else None,
            resource,
            guardrail,
            site.client,
            role,
            region=region.node if region else None,
            choice=_choice(model, region),
            default=model.default if model else None,
            is_one_of_several=max(len(models), len(regions), len(operations)) > 1,
            is_code=True,
            guardrail_version=version,
            part=site.part,
            filled=(*(model.filled if model else ()), *(region.filled if region else ())),
        )
        for operation, model, region in islice(product(operations, models or (None,), regions or (None,)), _MOST)
        if not ((model and model.is_open) or (region and region.is_open))
    )
    return Made(calls, tuple(questions))


def _regions(site: CallSite, around: _Around) -> list[_Given | None]:
    """The Regions that are given, by the call or by its surroundings; None for that in which the code runs."""
    if words.REGION in site.given:
        settled = _settled(site, words.REGION, around)
        elsewhere = [given for given in settled if not _is_here(given)]
        return [None, *elsewhere] if len(elsewhere) < len(settled) else [*elsewhere]
    usual = next((around.variables[name] for name in _PLACED if name in around.variables), None)
    return [] if usual is None else [_Given(usual, "", is_open=False)]


def _settled(site: CallSite, name: str, around: _Around) -> list[_Given]:
    """The values that something has, those of the environment put in; a default only where it may hold."""
    found: dict[tuple[Text, str], _Given] = {}
    defaults = {value.default_of: value.node for value in site.given.get(name, ())}
    for value in site.given.get(name, ()):
        # A variable that is empty where it is not set is as good as one without a default.
        if value.node.value and not around.sets(value.default_of):
            default = defaults.get(is_environment(value.node.value))
            given = _filled(value, around)._replace(default=default)
            found.setdefault((given.node.value, is_environment(value.node.value)), given)
    # Beside its default, a variable that nobody sets says nothing.
    is_idle = any(given.default_of for given in found.values())
    return [
        given
        for given in found.values()
        if not is_idle or all(around.sets(name) or around.may_set(name) for name in given.unset)
    ]


def _filled(value: Value, around: _Around) -> _Given:
    node = value.node
    whole = around.variables.get(is_environment(node.value))
    if whole is not None:
        return _Given(whole, "", is_open=False)
    parts: list[str | Hole] = []
    told: list[Node] = []
    unset: list[str] = []
    is_open = False
    for part in parts_of(node.value):
        name = is_environment(join([part]))
        said = around.variables.get(name)
        if said is not None:
            told.append(said)
            parts += parts_of(said.value)
            continue
        if name:
            unset.append(name)
        is_open = is_open or (isinstance(part, Hole) and name not in _PLACED)
        parts.append(_HERE if name in _PLACED else part)
    return _Given(
        _like(node, join(parts)),
        value.default_of,
        is_open,
        unset=tuple(unset),
        filled=tuple(told),
        written=node.value,
    )


def _like(node: Node, text: Text) -> Node:
    return node if text == node.value else Node(text, node.start, node.end, node.source)


def _is_here(given: _Given) -> bool:
    """Whether a Region is that in which the code runs, as its surroundings say."""
    text: Text = given.node.value
    return text == Template((_HERE,))


def _resources(site: CallSite, around: _Around) -> Iterator[Node]:
    """What is called beside or without a model, an alias behind the id of what it stands for."""
    for name in _RESOURCES:
        for value in _settled(site, name, around):
            within = _WITHIN.get(name)
            aliases = _settled(site, within, around) if within else []
            yield _like(value.node, _joined(value.node.value, aliases[0].node.value)) if aliases else value.node


def _joined(text: Text, alias: Text) -> Text:
    return join([*parts_of(text), "/", *parts_of(alias)])


def _choice(*values: _Given | None) -> str:
    """Why a call may be another one, as a clause."""
    defaults = dict.fromkeys(given.default_of for given in values if given is not None and given.default_of)
    return " and ".join(f"the default of `{name}`" for name in defaults)
