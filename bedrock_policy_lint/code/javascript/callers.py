"""Which calls may be those of a function, told by names alone, before anything is looked into."""

from __future__ import annotations

from collections.abc import Iterable

from bedrock_policy_lint.code.javascript.tree import Call, Expression, Function, Imported, Member, Module, Name

_CONSTRUCTOR = "constructor"


class Lookup:
    """The calls of a module by what they call, and the names that it has for things of others."""

    def __init__(self, module: Module) -> None:
        self.by_name: dict[str, list[Call]] = {}
        """Calls by the name that what they call ends in; those of `super` by that of the class above."""
        self.heirs: dict[str, set[str]] = {}
        """Classes by the name of the one above."""
        self.exported_as: dict[str, set[str]] = {}
        self.imported_as: dict[str, set[str]] = {}
        """Names of the module by what is exported that they stand for."""
        for call in module.calls:
            made = module.supers.get(id(call))
            name = _last_name(call.callee if made is None else made.parent)
            if name:
                self.by_name.setdefault(name, []).append(call)
        for made in module.classes:
            self.heirs.setdefault(_last_name(made.parent), set()).add(made.name)
        for exported, exports in module.exports.items():
            for export in exports:
                if isinstance(export.value, Name) and exported != "default":
                    self.exported_as.setdefault(export.value.name, set()).add(exported)
        for name, binding in module.scope.names.items():
            for origin in binding.origins:
                if isinstance(origin, Imported):
                    self.imported_as.setdefault(origin.name, set()).add(name)


def candidates(module: Module, function: Function) -> list[Call]:
    """The calls in a module that may be those of a function, in the order of the text."""
    by_name = _lookup(module).by_name
    calls = (call for name in _names(module, function) for call in by_name.get(name, ()))
    return sorted(calls, key=lambda call: (call.start, call.end))


def is_handed_on(function: Function, modules: Iterable[Module]) -> bool:
    """Whether a function may be called where that is not seen, since it is mentioned and not called there."""
    if not function.name or function.owner is not None:
        return False
    return any(function.name in module.mentions for module in modules)


def _lookup(module: Module) -> Lookup:
    if module.lookup is None:
        module.lookup = Lookup(module)
    return module.lookup


def _names(module: Module, function: Function) -> set[str]:
    """What a function may be called by in a module."""
    is_constructor = function.name == _CONSTRUCTOR and function.owner is not None
    own = function.owner.name if function.owner is not None and is_constructor else function.name
    lookup = _lookup(module)
    names = {own} if own else set()
    if is_constructor:
        names |= lookup.heirs.get(own, set())
    exported = {*names, *_lookup(function.scope.module).exported_as.get(own, ())}
    return exported.union(*(lookup.imported_as.get(name, ()) for name in (*exported, "default")))


def _last_name(expression: Expression | None) -> str:
    return expression.name if isinstance(expression, Name | Member) else ""
