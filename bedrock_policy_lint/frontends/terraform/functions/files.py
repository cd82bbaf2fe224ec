"""Functions of files, which are read only through the guard of the tree, and of paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform.choice import either
from bedrock_policy_lint.frontends.terraform.functions.function import Called, Function, simple
from bedrock_policy_lint.frontends.terraform.scope import Found
from bedrock_policy_lint.frontends.terraform.types import ANY, BOOL, STRING
from bedrock_policy_lint.frontends.terraform.values import (
    Failed,
    Value,
    Written,
    a_kind,
    is_unsettled,
    look,
    name_of,
    unknown,
)
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
    from bedrock_policy_lint.sources.source import Source


def _source(called: Called) -> Source | None:
    """The file that the first argument names; None where that is not known."""
    node = called.arguments[0]
    if isinstance(node.value, Template) or called.evaluator.files is None:
        return None
    loaded = called.evaluator.files(node.value)
    if loaded.source is None:
        raise Failed(node, loaded.because)
    return loaded.source


def _file(called: Called) -> Node:
    source = _source(called)
    if source is None:
        return called.unknown()
    text = source.text
    called.evaluator.spend(len(text), called.home)
    return Written(text, 0, len(text), source, range(len(text) + 1))


def _exists(called: Called) -> Node:
    node = called.arguments[0]
    if isinstance(node.value, Template) or called.evaluator.files is None:
        return called.unknown()
    loaded = called.evaluator.files(node.value)
    if loaded.source is None and not loaded.is_missing:
        raise Failed(node, loaded.because)
    return called.plain(loaded.source is not None)


def _digest(name: str) -> Function:
    def run(called: Called) -> Node:
        from bedrock_policy_lint.frontends.terraform.functions.encoding import FUNCTIONS as ENCODING

        source = _source(called)
        # Without its byte order mark, or with other line ends, the text would have another digest.
        if source is None or source.bom:
            return called.unknown()
        text = Value(source.text, called.home)
        return ENCODING[name].call(called.evaluator, name, [text], called.home)

    return Function(run, (STRING,), gives=STRING, takes_unknown=True)


class _Given:
    """The names of a template file: what it is called with, and nothing else."""

    __slots__ = ("evaluator", "node")

    many = 0

    def __init__(self, node: Node, evaluator: Evaluator) -> None:
        self.node = node
        self.evaluator = evaluator

    def look_up(self, path: Sequence[str], place: Node) -> Found | None:
        """What the first of these names stands for."""
        full = f"{name_of(self.node)}.{path[0]}"
        if is_unsettled(self.node):
            return Found(unknown(full, place), 1)
        sight = look(self.node, path[0])
        if sight.nodes and sight.is_certain:
            return Found(either(sight.nodes, full, place), 1)
        return None if sight.is_certain else Found(unknown(full, place), 1)

    def names(self) -> Iterable[str]:
        """What a reference can begin with."""
        value = self.node.value
        return [str(key.value) for key in value[::2]] if isinstance(value, Object) else []


def _template_file(called: Called) -> Node:
    from bedrock_policy_lint.frontends.terraform.module import fault_of
    from bedrock_policy_lint.sources.hcl import read_template

    given = called.arguments[1]
    if not isinstance(given.value, Object) and not is_unsettled(given):
        raise Failed(given, f"`templatefile` takes an object of variables, and this is {a_kind(given)}")
    source = _source(called)
    if source is None:
        return called.unknown()
    called.evaluator.spend(len(source.text), called.home)
    tree, errors = read_template(source)
    for error in errors:
        called.evaluator.note(fault_of(error))
    if errors:
        return called.unknown()
    return called.evaluator.compute(tree, _Given(given, called.evaluator))


def _base_name(path: str) -> str:
    stripped = path.rstrip("/")
    if not stripped:
        return "/" if path else "."
    return stripped.rpartition("/")[2]


def _folder(path: str) -> str:
    return clean(path.rpartition("/")[0] + ("/" if path.startswith("/") else "")) if "/" in path else "."


def clean(path: str) -> str:
    """The shortest path that leads to the same place."""
    is_rooted = path.startswith("/")
    found: list[str] = []
    for step in path.split("/"):
        if step == ".." and found and found[-1] != "..":
            found.pop()
        elif (step == ".." and not is_rooted) or step not in ("", ".", ".."):
            found.append(step)
    return ("/" if is_rooted else "") + "/".join(found) or ("/" if is_rooted else ".")


FUNCTIONS = {
    "file": Function(_file, (STRING,), gives=STRING, takes_unknown=True),
    "fileexists": Function(_exists, (STRING,), gives=BOOL, takes_unknown=True),
    "templatefile": Function(_template_file, (STRING, ANY), takes_unknown=True),
    "filebase64": _digest("base64encode"),
    "filemd5": _digest("md5"),
    "filesha1": _digest("sha1"),
    "filesha256": _digest("sha256"),
    "filesha512": _digest("sha512"),
    "filebase64sha256": _digest("base64sha256"),
    "filebase64sha512": _digest("base64sha512"),
    "basename": simple(_base_name, (STRING,), STRING),
    "dirname": simple(_folder, (STRING,), STRING),
}
