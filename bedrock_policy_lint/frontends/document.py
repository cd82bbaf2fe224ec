"""What reading one file yields, whichever dialect it is written in."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.model.policy import Attachment, Policy
from bedrock_policy_lint.sources.json import Slip
from bedrock_policy_lint.sources.node import Node, Object, path_to
from bedrock_policy_lint.sources.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bedrock_policy_lint.model.text import Text

    RereadBlock = Callable[[Source, int, int], "Reread | None"]

_LONGEST_STEP = 200
_OF_ANOTHER = "Outputs."
"""How attributes begin that another template computes."""
_COMMENTS = ("code-comment", "hcl-comment", "json-comment", "toml-comment", "yaml-comment")
_MOST_MEMBERS = 400
"""A larger object is named by its place alone: looking for its name once for every finding would take too long."""


class Failure(NamedTuple):
    """Why a file, or a document inside it, could not be read."""

    kind: str
    """`unreadable-file` or `invalid-json`."""
    span: Span
    message: str
    hint: str = ""
    opened: int | None = None
    """Where the bracket, string or comment began that is still open."""


class Defect(NamedTuple):
    """A breach of the policy grammar; a rule puts it into words."""

    kind: str
    """`unknown-element`, `wrong-type`, `missing-element`, `conflicting-elements`, `invalid-value`, `empty-element`
    or `duplicate-key`."""
    node: Node
    element: str
    detail: str = ""
    expected: tuple[str, ...] = ()


class Idiom(NamedTuple):
    """How a template writes what only its deployment settles, and what that is in the world that is looked at."""

    partition: str = ""
    """Empty, as those below, where it is not known."""
    region: str = ""
    is_region_open: bool = False
    """Whether the Region is only assumed, to see what would hold in it."""
    account: str = ""
    names: frozenset[str] = frozenset()
    """What `${…}` can name beside the parameters of AWS: parameters and resources."""
    made: frozenset[str] = frozenset()
    """The resources among these, and those that come with them."""
    is_filled_before: bool = False
    """Whether another program fills in its own `${…}` first, as the Serverless Framework does: a text that stands
    there is not put under `Fn::Sub`, which would change them."""
    spelled: Mapping[str, str] | None = None
    """In Terraform: the expressions that come to the parameters of AWS there, as far as there are any."""
    reference: Callable[[Text, str], str] | None = None
    """In Terraform: the expression that comes to a text with holes, where it does not lead back to that resource or
    local value; empty for none."""
    is_shared: Callable[[str], bool] | None = None
    """In Terraform: whether a local value is used in more than one place."""

    def makes(self, name: str) -> bool:
        """Whether what is not known is the name that AWS gives to a resource of the template, or an attribute of it."""
        at = len(name)
        while at > 0:
            if name[:at] in self.made:
                return not name[at + 1 :].startswith(_OF_ANOTHER)
            at = name.rfind(".", 0, at)
        return False


class Part(NamedTuple):
    """A policy that was read again."""

    policy: Policy
    defects: tuple[Defect, ...]


class Reread(NamedTuple):
    """A policy, and what becomes of it."""

    before: Policy
    defects: tuple[Defect, ...]
    """What was wrong with it before."""
    after: Part | None
    """None where it is no policy any more."""


class Document:
    """One file: its text, the policies in it, and what is wrong with its form."""

    __slots__ = (
        "_holders",
        "_roots",
        "defects",
        "failures",
        "idiom",
        "language",
        "places",
        "policies",
        "reread",
        "reread_block",
        "reread_part",
        "slips",
        "source",
        "template",
        "whole",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.language = "json"
        """What it is written in: `json`, `yaml`, `hcl` or `toml`; no edits are written for the last."""
        self.idiom: Idiom | None = None
        """Of a template; None for what says everything in full."""
        self.places: Mapping[str, str] = {}
        """In Terraform: the expressions by which messages name the parameters of AWS."""
        self.reread: Callable[[Source], Document | None] | None = None
        """Reads a changed text as this one was read; where there is none, policies can be read again by themselves."""
        self.reread_part: Callable[[Source, Attachment], Part | None] | None = None
        """Reads the changed text of a policy alone, which stands in it as a mapping: that is sooner done."""
        self.reread_block: RereadBlock | None = None
        """In Terraform: reads of the changed text the one block alone that a stretch of this text stands in, if no more
        than one policy hangs on it."""
        self.policies: list[Policy] = []
        self.failures: list[Failure] = []
        self.slips: list[tuple[Source, Slip]] = []
        self.defects: list[Defect] = []
        self.template: Node | None = None
        """The root of its text when that is a template, whose resources can carry ignores."""
        self.whole: Document | None = None
        """Of one file among several that are read as one: what holds their policies."""
        self._roots: dict[int, tuple[Node, Node | None]] = {}
        self._holders: tuple[int, dict[int, Node]] | None = None
        """Of so many policies, by the identity of a key: the object that it stands in."""

    @property
    def comments(self) -> list[Span]:
        """Where comments stand."""
        return [Span(source, slip.start, slip.end) for source, slip in self.slips if slip.kind in _COMMENTS]

    @property
    def is_terraform(self) -> bool:
        """Whether it is a part of what Terraform deploys, or a plan of that."""
        return bool(self.places)

    def slips_in_policies(self, kind: str) -> Iterator[tuple[Source, Slip]]:
        """Slips of a kind, but for those in texts inside this one that hold no policy."""
        holders = {id(self.source), *(id(policy.node.source) for policy in self.policies)}
        return ((source, slip) for source, slip in self.slips if slip.kind == kind and id(source) in holders)

    def add_root(self, root: Node, host: Node | None = None) -> None:
        """Keep the tree of a text, and the node that holds the text when it is embedded in another."""
        self._roots[id(root.source)] = (root, host)

    @property
    def roots(self) -> Iterator[tuple[Node, Node | None]]:
        """The trees of its texts, each with the node that holds the text when it is embedded in another."""
        yield from self._roots.values()

    def root_of(self, source: Source) -> Node | None:
        """The tree of a text."""
        found = self._roots.get(id(source))
        return found[0] if found else None

    def host_of(self, source: Source) -> Node | None:
        """The node that holds a text which is embedded in another."""
        found = self._roots.get(id(source))
        return found[1] if found else None

    @property
    def texts(self) -> set[int]:
        """The file's text and those embedded in it, by identity."""
        return {id(self.source), *self._roots}

    def path_to(self, source: Source, start: int, end: int) -> list[Node]:
        """The nodes of that text's tree from its root down to the smallest that holds the stretch."""
        root = self._roots.get(id(source))
        return path_to(root[0], start, end) if root else []

    def object_of(self, key: Node) -> Node:
        """The object that a key stands in."""
        if self.language != "hcl":
            return self.path_to(key.source, key.start, key.end)[-2]
        # Blocks do not stand in the file as the objects that they make.
        if self._holders is None or self._holders[0] != len(self.policies):
            self._holders = len(self.policies), _holders(policy.node for policy in self.policies)
        return self._holders[1].get(id(key)) or Node(Object([key, key]), key.start, key.end, key.source)

    def address(self, source: Source, start: int, end: int) -> tuple[str, ...]:
        """The steps that name a place without any line number: resource, statement, element, value."""
        found = self._roots.get(id(source))
        if found is None:
            return ()
        root, host = found
        outer = self.address(host.source, host.start, host.end) if host else ()
        if host and outer and isinstance(host.value, str):
            outer = outer[:-1]  # the last step is the embedded text itself
        steps = _steps(path_to(root, start, end), bare=host is None)
        return outer + (_of_resource(steps) if root is self.template else steps)


def _holders(roots: Iterable[Node]) -> dict[int, Node]:
    """The objects in these trees by the identity of each of their keys."""
    found: dict[int, Node] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if isinstance(node.value, list):
            waiting += node.value
        if isinstance(node.value, Object):
            found.update((id(key), node) for key in node.value[::2])
    return found


def _of_resource(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The steps from a resource of a template on: what every one of them stands in says nothing."""
    if steps[:1] != ("Resources",):
        return steps
    return (*steps[1:2], *steps[3:]) if steps[2:3] == ("Properties",) else steps[1:]


def _steps(path: list[Node], *, bare: bool) -> tuple[str, ...]:
    steps: list[str] = []
    if bare and path and _is_statement(path[0]):
        steps.append("Statement" + _label(path[0], 0))
    elif bare and path and isinstance(path[0].value, list) and not isinstance(path[0].value, Object):
        steps.append("Statement")
    for before, node in pairwise(path):
        if isinstance(before.value, Object):
            steps.append(_text(node))
        elif type(before.value) is list:
            _add_item(steps, before, node)
        elif isinstance(node.value, Object) and steps and steps[-1] == "Statement":
            steps[-1] += _label(node, 0)
        elif not isinstance(node.value, list):
            steps.append(_text(node))
    return tuple(steps)


def _add_item(steps: list[str], array: Node, item: Node) -> None:
    if isinstance(item.value, Object):
        index = bisect_left(array.value, item.start, key=lambda entry: entry.start)
        label = _label(item, index)
        if steps:
            steps[-1] += label
        else:
            steps.append(label)
    else:
        steps.append(_text(item))


def _label(node: Node, index: int) -> str:
    if len(node.value) > _MOST_MEMBERS:
        return f"[{index}]"
    for name in ("Sid", "RoleName", "UserName", "GroupName", "PolicyName", "VersionId", "VpcEndpointId"):
        value = node.value.get(name)
        if value is not None and isinstance(value.value, str) and value.value:
            return f' "{value.value[:_LONGEST_STEP]}"'
    return f"[{index}]"


def _is_statement(node: Node) -> bool:
    return isinstance(node.value, Object) and node.value.get("Effect") is not None


def _text(node: Node) -> str:
    value = node.value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)[:_LONGEST_STEP] if not isinstance(value, list) else "…"
