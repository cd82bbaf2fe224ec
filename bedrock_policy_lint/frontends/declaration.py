"""The declaration file: who calls Bedrock, how, and under which policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.layers import Layers, ResourcePolicy
from bedrock_policy_lint.authorize.request import Identity
from bedrock_policy_lint.frontends.declared_policies import Load, Slots
from bedrock_policy_lint.frontends.declared_scope import KEYS as SCOPE_KEYS
from bedrock_policy_lint.frontends.declared_scope import Scope, Scopes
from bedrock_policy_lint.frontends.declared_usage import Uses
from bedrock_policy_lint.frontends.declared_values import Fault, Members, PrincipalArn, Values
from bedrock_policy_lint.frontends.document import Document, Failure
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source, Span
from bedrock_policy_lint.usage.usage import Caller
from bedrock_policy_lint.wording import found

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.rule import Undecided
    from bedrock_policy_lint.usage.usage import Usage

_MOST_PRINCIPALS = 1000
_OWN_SLOTS = (("policies", "identity"), ("boundary", "boundary"), ("session", "session"))
"""The policies that only one principal can have, and the kind of each."""
_OWN_KEYS = ("role", "user", *(key for key, _ in _OWN_SLOTS), "uses", "code")
_KEY_OF = {"scp": "scps", "rcp": "rcps", "resource": "resource-policies"}
"""Where the policies of a layer stand that several principals can share."""
_SHARED_KEYS = ("organization", "scps", "rcps", "resource-policies", "complete", *SCOPE_KEYS)
"""What a principal can have and several can share."""
_PRINCIPAL_KEYS = (*_OWN_KEYS, *_SHARED_KEYS)
_LONGEST_NAME = 60
_DOUBLED = "duplicate-key"
_UNNAMED = "principal"
_FOREIGN = "this is neither a declaration of usage nor a template"
_MEANT = (
    "a declaration has `uses` or `principals`; a template has `Resources` with types such as `AWS::IAM::Role`, "
    "or `service` and `provider: aws`"
)


class Coded(NamedTuple):
    """Code whose calls a principal makes."""

    globs: tuple[tuple[str, Node], ...]
    """Patterns of paths, from the folder of the declaration, each with where it stands."""
    scope: Scope
    """What holds for the calls."""


class Declaration(NamedTuple):
    """What a declaration says."""

    document: Document
    """Of the declaration itself, with the policies that stand in it."""
    callers: tuple[Caller, ...]
    documents: tuple[Document, ...]
    """Of the policy files that it names, in order, each once."""
    faults: tuple[Fault, ...]
    code: tuple[Coded | None, ...] = ()
    """The code of each caller; None where none is named."""
    code_documents: tuple[Document, ...] = ()
    """Of the files of that code which call Bedrock, once they are read."""
    questions: tuple[Undecided, ...] = ()
    """What nobody can tell of that code."""


def is_declaration(root: Node) -> bool:
    """Whether a tree is meant as a declaration, by what it holds."""
    if not isinstance(root.value, Object):
        return False
    principals, uses = root.value.get("principals"), root.value.get("uses")
    if principals is not None and isinstance(principals.value, Object):
        return any(
            isinstance(principal.value, Object) and principal.value.get("uses") is not None
            for _, principal in principals.value.pairs()
        )
    if uses is None or not isinstance(uses.value, list):
        return False
    # One misspelt name must not turn a declaration into a stranger's file.
    names = [name.value for name, _ in root.value.pairs()]
    return (len(names) > 1 and all(name in _PRINCIPAL_KEYS for name in names)) or _has_call(uses)


def _has_call(uses: Node) -> bool:
    from bedrock_policy_lint.usage import apis

    for entry in uses.items:
        if isinstance(entry.value, Object):
            if entry.value.get("preset") is not None or entry.value.get("api") is not None:
                return True
        elif isinstance(entry.value, str) and entry.value.split() and apis.find(entry.value.split()[0]) is not None:
            return True
    return False


def read(source: Source, load: Load, catalog: Catalog) -> Declaration:
    """The declaration in a text, which is YAML or JSON."""
    document = Document(source)
    root = _parse(source, document)
    if root is None:
        document.add_root(Node("", 0, len(source.text), source))
        return Declaration(document, (), (), ())
    document.add_root(root)
    if document.language == "yaml":
        document.reread = lambda changed: read(changed, load, catalog).document
    if not _declares_something(root):
        return Declaration(document, (), (), (Fault(root, _FOREIGN, _MEANT),))
    return read_tree(document, root, load, catalog)


def _declares_something(root: Node) -> bool:
    """Whether a tree has any key of a declaration; else it is something else's, and not each of its keys is told."""
    if not isinstance(root.value, Object):
        return False
    return any(key.value in ("principals", *_PRINCIPAL_KEYS) for key, _ in root.value.pairs())


def read_tree(document: Document, root: Node, load: Load, catalog: Catalog) -> Declaration:
    """The declaration in a tree, whose inline policies go into `document`."""
    return _Reader(document, load, catalog).declaration(root)


def _parse(source: Source, document: Document) -> Node | None:
    """The tree of the text; a failure when there is none. JSON is told in the words of JSON where the name says so."""
    from bedrock_policy_lint.sources import json, yaml

    is_json = source.path.lower().endswith(".json")
    document.language = "json" if is_json or source.text.lstrip().startswith(("{", "[")) else "yaml"
    try:
        root, slips = json.read(source) if is_json else yaml.read(source)
    except json.JsonError as error:
        span = Span(source, error.start, min(error.end, len(source.text)))
        is_limit = isinstance(error, json.LimitError)
        kind = "invalid-json" if is_json and not is_limit else "unreadable-file"
        told = error.message if is_json or is_limit else f"it is not YAML: {error.message}"
        document.failures.append(Failure(kind, span, told, error.hint, error.opened))
        return None
    document.slips.extend((source, slip) for slip in slips)
    return root


class _Shared(NamedTuple):
    """What holds for every principal that does not say otherwise."""

    scope: Scope = Scope()
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    resources: tuple[ResourcePolicy, ...] = ()
    complete: bool = True
    unread: frozenset[str] = frozenset()


class _Principal(NamedTuple):
    """Who calls, and where that is declared."""

    arn: PrincipalArn
    node: Node


class _Reader:
    """Reads one declaration."""

    def __init__(self, document: Document, load: Load, catalog: Catalog) -> None:
        self.document = document
        self.values = Values(catalog, (slip.start for _, slip in document.slips if slip.kind == _DOUBLED))
        self.slots = Slots(self.values, document, load)
        self.scopes = Scopes(self.values, self.slots)
        self.uses = Uses(self.values, self.scopes)
        self.networks: list[str] = []
        """The network of each caller."""
        self.code: list[Coded | None] = []
        """The code of each caller."""

    def declaration(self, root: Node) -> Declaration:
        callers: list[Caller] = []
        if isinstance(root.value, Object):
            callers = self._callers(root)
        else:
            self.values.tell(root, "a declaration is a mapping that has `uses` or `principals`")
        callers = [self._with_endpoints(*pair) for pair in zip(callers, self.networks, strict=True)]
        faults = tuple(sorted(self.values.faults, key=lambda fault: fault.node.start))
        self._keep_doubled_of_policies(faults)
        if faults:
            # What was not understood may need anything: nothing can be told to be too much.
            callers = [caller._replace(complete=False) for caller in callers]
        return Declaration(self.document, tuple(callers), self.slots.documents, faults, tuple(self.code))

    def _keep_doubled_of_policies(self, faults: tuple[Fault, ...]) -> None:
        """Leave those names that stand twice to the rule on policies which stand in a policy."""
        told = {fault.node.start for fault in faults}
        slips = self.document.slips
        slips[:] = [entry for entry in slips if entry[1].kind != _DOUBLED or entry[1].start not in told]

    def _callers(self, root: Node) -> list[Caller]:
        principals = root.value.get("principals")
        members = self.values.members(root, "", ("principals", *_PRINCIPAL_KEYS)) or {}
        if principals is None:
            return [self._caller("", root, members, _Shared())]
        for key in _OWN_KEYS:
            if key in members:
                self.values.tell(members[key][0], f"`{key}` belongs to one principal", "move it into `principals`")
        shared = self._shared(members, _Shared())
        if not isinstance(principals.value, Object):
            self.values.expect(principals, "principals", "a mapping of names to principals")
            return []
        return self._named(principals.value, shared)

    def _named(self, principals: Object, shared: _Shared) -> list[Caller]:
        callers = []
        for at, (name, principal) in enumerate(self.values.pairs(principals)):
            if at == _MOST_PRINCIPALS:
                message = f"more than {_MOST_PRINCIPALS:,} principals are declared"
                self.values.tell(name, message, "divide the declaration")
                break
            members = self.values.members(principal, name.value[:_LONGEST_NAME], _PRINCIPAL_KEYS)
            if members is not None:
                callers.append(self._caller(name.value, name, members, shared))
        return callers

    def _shared(self, members: Members, outer: _Shared) -> _Shared:
        """What is said of all that stands below a place."""
        self.slots.missed = {layer for layer in outer.unread if _KEY_OF[layer] not in members}
        shared = outer._replace(scope=self.scopes.within(outer.scope, members))
        if "scps" in members:
            shared = shared._replace(scps=self.slots.levels(members["scps"][1], "scps", "scp"))
        if "rcps" in members:
            shared = shared._replace(rcps=self.slots.levels(members["rcps"][1], "rcps", "rcp"))
        if "resource-policies" in members:
            policies = self.slots.of_resources(members["resource-policies"][1], "resource-policies")
            shared = shared._replace(resources=policies)
        if "complete" in members:
            shared = shared._replace(complete=self.values.flag(members["complete"][1], "complete"))
        return shared._replace(unread=frozenset(self.slots.missed))

    def _caller(self, name: str, at: Node, members: Members, outer: _Shared) -> Caller:
        shared = self._shared(members, outer)
        principal = self._principal(members)
        scope = self._of_account(principal, shared.scope)
        identity, boundary, session = (
            self.slots.slot(members[key][1], key, kind) if key in members else None for key, kind in _OWN_SLOTS
        )
        unread = frozenset(self.slots.missed)
        usages: tuple[Usage, ...] = ()
        code = self.values.texts(members["code"][1], "code") if "code" in members else []
        self.code.append(Coded(tuple(code), scope) if code else None)
        if "uses" in members:
            usages = self.uses.read(members["uses"][1], scope, principal.arn if principal else None)
        elif "code" not in members:
            whose = f" for {found(name)}" if name else ""
            hint = "list the calls under `uses:`, or name the code that makes them under `code:`"
            self.values.tell(at, f"no `uses` are declared{whose}", hint)
        layers = Layers(
            # What a policy grants that could not be read is as unknown as if none had been given.
            identity=None if "identity" in unread else identity,
            boundary=boundary or (),
            session=session or (),
            scps=shared.scps,
            rcps=shared.rcps,
            resources=shared.resources,
        )
        self.networks.append(scope.network)
        return Caller(
            name=name or (principal.arn.name if principal else _UNNAMED),
            identity=Identity(scope.account, principal.arn.text if principal else None),
            layers=layers,
            usages=usages,
            complete=shared.complete,
            node=at if name or principal is None else principal.node,
            unread=unread,
        )

    def _principal(self, members: Members) -> _Principal | None:
        if "role" in members and "user" in members:
            message = "a principal is a role or a user, not both"
            self.values.tell(members["user"][0], message, "leave one out, or declare two principals")
        for key in ("role", "user"):
            if key in members:
                node = members[key][1]
                arn = self.values.principal(node, key)
                return _Principal(arn, node) if arn else None
        return None

    def _of_account(self, principal: _Principal | None, scope: Scope) -> Scope:
        """The scope with the account of the principal's ARN."""
        if principal is None:
            return scope
        arn, node = principal
        if isinstance(scope.account, str) and scope.account != arn.account:
            message = f"this {arn.kind} is in the account {arn.account}, and the declared account is {scope.account}"
            self.values.tell(node, message, f'write `account: "{arn.account}"` beside it, or mend its ARN')
        if scope.account == arn.account:
            return scope
        return scope._replace(account=arn.account, nodes={**scope.nodes, "account": node})

    def _with_endpoints(self, caller: Caller, network: str) -> Caller:
        """The caller with the policies of the VPC endpoints, wherever in the declaration they stand."""
        endpoints = self.scopes.endpoints
        taken = {network, *(usage.network for usage in caller.usages)}
        unread = caller.unread | {"endpoint"} if taken & self.scopes.unread else caller.unread
        layers = caller.layers._replace(endpoint=endpoints.get(network, ()))
        return caller._replace(layers=layers, endpoints=endpoints, unread=unread)


__all__ = ["Coded", "Declaration", "Fault", "Load", "is_declaration", "read", "read_tree"]
