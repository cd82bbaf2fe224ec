"""The values that a root module is given: files of variables beside it, and what the user says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.frontends.terraform import module as modules
from bedrock_policy_lint.frontends.terraform.types import PRIMITIVE, Type
from bedrock_policy_lint.frontends.terraform.values import plain
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
    from bedrock_policy_lint.frontends.terraform.module import Tree
    from bedrock_policy_lint.frontends.terraform.scope import Found

_USUAL = ("terraform.tfvars", "terraform.tfvars.json")
_AUTOMATIC = (".auto.tfvars", ".auto.tfvars.json")


class Written(NamedTuple):
    """A value in a file of variables."""

    text: str
    """As a flag would give it."""
    value: tree.Expression


class Values(NamedTuple):
    """What files of variables say together."""

    sources: tuple[Source, ...]
    bodies: tuple[tree.Body, ...]
    values: Mapping[str, Written]
    """What is supplied unless something else is said."""
    faults: tuple[Fault, ...]
    told: tuple[Mapping[str, Written], ...] = ()
    """What other files say that somebody has named, the strongest first."""

    def written(self, name: str, text: str) -> Written | None:
        """Where a variable is given that value."""
        found = (values.get(name) for values in (*self.told, self.values))
        return next((one for one in found if one is not None and one.text == text), None)


class Nothing:
    """The scope of an expression that may refer to nothing."""

    many = 0

    def look_up(self, path: Sequence[str], place: Node) -> Found | None:
        """No name stands for anything."""
        return None

    def names(self) -> Iterable[str]:
        """There are none."""
        return ()


def beside(files: Tree, folder: str = "") -> Values:
    """The values in the files that Terraform reads without being told."""
    names = files.names(folder)
    if isinstance(names, Refusal):
        return Values((), (), {}, ())
    found = [name for name in _USUAL if name in names]
    return read([*found, *sorted(name for name in names if name.endswith(_AUTOMATIC))], files)


def with_told(values: Values, told: Sequence[Values]) -> Values:
    """The values beside a module with those in files that somebody has named, which they yield to."""
    if not told:
        return values
    return Values(
        (*values.sources, *(source for one in told for source in one.sources)),
        (*values.bodies, *(body for one in told for body in one.bodies)),
        values.values,
        values.faults,
        tuple(one.values for one in told),
    )


def read(paths: Iterable[str], files: Tree) -> Values:
    """The values in some files; what a later one says counts."""
    values: dict[str, Written] = {}
    faults: list[Fault] = []
    sources: list[Source] = []
    bodies: list[tree.Body] = []
    for path in paths:
        source = files.load(path)
        if isinstance(source, Refusal):
            node = Node(None, source.start, source.end, source.source)
            faults.append(Fault(node, f"this file cannot be read: {source.message}", source.hint))
            continue
        body, errors = modules.parse(source)
        sources.append(source)
        bodies.append(body)
        for attribute in body.attributes():
            values[attribute.name.text] = Written(_spelled(attribute), attribute.value)
        faults += map(modules.fault_of, errors)
    return Values(tuple(sources), tuple(bodies), values, tuple(faults))


def _spelled(attribute: tree.Attribute) -> str:
    text = tree.plain_text(attribute.value)
    value = attribute.value
    return value.source.text[value.start : value.end] if text is None else text


def supplied(text: str, written: Written | None, type_: Type, home: Node, evaluator: Evaluator) -> Node:
    """A value that is given as text; at its place in the file that says so, else at `home`."""
    if written is not None:
        return evaluator.define(written.value, Nothing())
    if type_.kind in (*PRIMITIVE, "any") and not (type_.kind == "any" and text.lstrip().startswith(("[", "{"))):
        return plain(text, home)
    return _parsed(text, home, evaluator)


def _parsed(text: str, home: Node, evaluator: Evaluator) -> Node:
    from bedrock_policy_lint.frontends.terraform.functions.function import raw
    from bedrock_policy_lint.frontends.terraform.values import Refused, is_known
    from bedrock_policy_lint.sources import hcl

    expression, errors = hcl.read_expression(Source("", text))
    if errors:
        evaluator.fault(home, f"the value that `{home.value}` is given cannot be read: {errors[0].message}")
        return Refused(home)
    kept, evaluator.faults = evaluator.faults, []
    found = evaluator.define(expression, Nothing())
    own, evaluator.faults = evaluator.faults, kept
    if own or not is_known(found):
        because = own[0].message if own else "it is not known"
        evaluator.fault(home, f"the value that `{home.value}` is given cannot be read: {because}")
        return Refused(home)
    return plain(raw(found), home)
