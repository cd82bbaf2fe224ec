"""The modules that a root module leads to: each folder is read once, however many calls enter it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.frontends.terraform import module as modules
from bedrock_policy_lint.frontends.terraform.literals import Literals
from bedrock_policy_lint.frontends.terraform.validations import variable_in
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.terraform.module import Call, Module, Tree

MAX_DEPTH = 12
"""So deep may modules be called in one another."""
MAX_CALLS = 2_000
"""So many calls may one root module lead to."""

_MANIFEST = ".terraform/modules/modules.json"
_ARGUMENTS = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
"""Arguments of a call that are no inputs of the module."""


class Branch:
    """A module where it is called; the root module is called by nobody."""

    __slots__ = ("branches", "call", "module", "path")

    def __init__(self, path: tuple[str, ...], call: Call | None, module: Module | None) -> None:
        self.path = path
        """The names of the calls that lead to it."""
        self.call = call
        self.module = module
        """None for one that lies elsewhere."""
        self.branches: dict[str, Branch] = {}
        """By the name of the call."""


class Library:
    """Reads the modules of one tree."""

    def __init__(self, files: Tree, folder: str = "") -> None:
        self.files = files
        self.faults: list[Fault] = []
        self.modules: dict[str, Module | None] = {}
        self._calls = 0
        self._installed: dict[str, str] | None = None
        self.root = Branch((), None, self._module(folder))
        self._grow(self.root, (folder,))
        self.literals = _literals(self.root)
        """By variable of the root module: what it is compared to, there or where it is handed on to."""

    def _module(self, folder: str) -> Module | None:
        if folder not in self.modules:
            self.modules[folder] = modules.read(folder, self.files)
        return self.modules[folder]

    def _grow(self, branch: Branch, above: tuple[str, ...]) -> None:
        if branch.module is None:
            return
        for call in branch.module.calls.values():
            self._calls += 1
            if self._calls > MAX_CALLS:
                if self._calls == MAX_CALLS + 1:
                    message = f"from here on more than {MAX_CALLS:,} modules are called, which are not entered"
                    self.faults.append(Fault(call.node, message, is_warning=True))
                return
            folder = self._folder(branch, call)
            module = self._entered(folder, call, above) if folder is not None else None
            found = Branch((*branch.path, call.name), call, module)
            branch.branches[call.name] = found
            if module is not None and folder is not None:
                self._check_inputs(call, module)
                self._grow(found, (*above, folder))

    def _entered(self, folder: str, call: Call, above: tuple[str, ...]) -> Module | None:
        source = call.body.attribute("source")
        place = modules_node(source) if source is not None else call.node
        if folder in above:
            message = f"the module in `{folder or '.'}` calls itself, directly or through others"
            self.faults.append(Fault(place, message, "remove one of these calls"))
            return None
        if len(above) > MAX_DEPTH:
            self.faults.append(Fault(place, f"modules are called here more than {MAX_DEPTH} deep"))
            return None
        found = self._module(folder)
        if found is None:
            names = self.files.names(folder)
            because = names.message if isinstance(names, Refusal) else "no file of Terraform is there"
            hint = names.hint if isinstance(names, Refusal) else "check the path"
            self.faults.append(Fault(place, f"the module `{folder or '.'}` cannot be read: {because}", hint))
        return found

    def _folder(self, branch: Branch, call: Call) -> str | None:
        """The folder of a module that a call enters; None for one that lies elsewhere."""
        source = call.body.attribute("source")
        text = tree.plain_text(source.value) if source is not None else None
        if text is None or branch.module is None:
            if source is None and branch.module is not None and not branch.module.is_open:
                self.faults.append(Fault(call.node, f"the module `{call.name}` has no `source`"))
            return None
        if text.startswith(("./", "../", ".\\", "..\\")) or text in (".", ".."):
            return folder_below(branch.module.folder, text)
        return self._manifest().get(".".join((*branch.path, call.name)))

    def _check_inputs(self, call: Call, module: Module) -> None:
        """Tell which arguments are no inputs, and which inputs are missing."""
        if module.is_open:
            return
        given = {name.text: name for name in call.body.names() if name.text not in _ARGUMENTS}
        for name, written in given.items():
            if name not in module.variables:
                message = f"the module `{call.name}` has no variable `{name}`"
                self.faults.append(Fault(modules.name_node(written), message, _declared(module)))
        for name, variable in module.variables.items():
            if variable.default is None and name not in given:
                message = f"the module `{call.name}` is not given its variable `{name}`"
                self.faults.append(Fault(call.node, message, f"set `{name}`"))

    def _manifest(self) -> dict[str, str]:
        """Where `terraform init` has put modules from elsewhere, by the path of their call."""
        if self._installed is None:
            self._installed = _installed(self.files)
        return self._installed


def _declared(module: Module) -> str:
    names = ", ".join(f"`{name}`" for name in list(module.variables)[:_MOST_NAMES])
    return f"it has {names}" if names else ""


_MOST_NAMES = 5


def folder_below(folder: str, written: str) -> str:
    """A folder that is written as seen from another one."""
    found = posixpath.normpath(posixpath.join(folder or ".", written.replace("\\", "/")))
    return "" if found == "." else found


def modules_node(attribute: tree.Attribute) -> Node:
    """The place of the value of an argument."""
    value: Any = attribute.value
    return Node(None, value.start, value.end, value.source)


def _installed(files: Tree) -> dict[str, str]:
    from bedrock_policy_lint.sources import json

    source = files.load(_MANIFEST)
    if isinstance(source, Refusal):
        return {}
    try:
        root, _ = json.read(source)
    except json.JsonError:
        return {}
    entries = root.value.get("Modules") if isinstance(root.value, Object) else None
    found: dict[str, str] = {}
    for entry in entries.items if entries is not None else ():
        if not isinstance(entry.value, Object):
            continue
        key, folder = entry.value.get("Key"), entry.value.get("Dir")
        if key is not None and folder is not None and isinstance(key.value, str) and isinstance(folder.value, str):
            found[key.value] = folder_below("", folder.value)
    return found


def _literals(branch: Branch) -> Literals:
    """What the variables of a module are compared to, with what happens to those that are handed on."""
    if branch.module is None:
        return {}
    found = {name: dict.fromkeys(texts) for name, texts in branch.module.literals.items()}
    for below in branch.branches.values():
        inner = _literals(below)
        for attribute in below.call.body.attributes() if below.call is not None and inner else ():
            name = variable_in(attribute.value)
            if name and attribute.name.text in inner:
                found.setdefault(name, {}).update(dict.fromkeys(inner[attribute.name.text]))
    return {name: tuple(texts) for name, texts in found.items()}
