"""Statements, functions and classes of JavaScript and TypeScript: which names there are, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from bedrock_policy_lint.code.javascript.expressions import DEEPEST, TOO_DEEP, Expressions, is_environment
from bedrock_policy_lint.code.javascript.texts import unescaped
from bedrock_policy_lint.code.javascript.tokens import NAME, STRING, Tokens
from bedrock_policy_lint.code.javascript.tree import (
    EVERY,
    Class,
    Export,
    Expression,
    Function,
    Imported,
    Member,
    Module,
    Name,
    Opaque,
    Parameter,
    Property,
    Quoted,
    Record,
    Scope,
    Set,
)

_MEMBER_WORDS = frozenset(
    [
        "public",
        "private",
        "protected",
        "readonly",
        "static",
        "abstract",
        "override",
        "declare",
        "async",
        "accessor",
        "get",
        "set",
        "*",
        "export",
    ]
)
_PARAMETER_WORDS = frozenset({"public", "private", "protected", "readonly", "override"})
_BEHIND_NAME = frozenset(["(", "=", ";", "}", ":", "?", "!", "<", ","]) | {""}


class _Bound(NamedTuple):
    """A name in a pattern, and where in the value it stands."""

    name: str
    start: int
    end: int
    path: tuple[str, ...]
    default: Expression | None


class Statements(Expressions):
    """Reads a module."""

    def __init__(self, module: Module, tokens: Tokens, *, is_typed: bool) -> None:
        super().__init__(module, tokens, is_typed=is_typed)
        self.current: Function | None = None
        self.functions: list[Function] = []
        self.read: dict[str, Callable[[], None]] = {
            "import": self._import,
            "export": self._export,
            "const": self._declare,
            "let": self._declare,
            "var": self._declare,
            "using": self._declare,
            "async": self._async,
            "function": self._function,
            "class": self._class,
            "abstract": self._class,
            "enum": self._enum,
            "interface": self._skipped,
            "type": self._skipped,
            "declare": self._skipped,
            "namespace": self._namespace,
            "module": self._namespace,
            "if": self._if,
            "for": self._for,
            "while": self._while,
            "with": self._while,
            "switch": self._switch,
            "do": self._do,
            "try": self._try,
            "return": self._return,
            "throw": self._throw,
            "break": self._jump,
            "continue": self._jump,
        }

    def all(self) -> None:
        """Every statement."""
        while self.at < self.last:
            at = self.at
            self.statement()
            if self.at == at:
                if self.word not in (";", ""):
                    self.trouble(at)
                self.at += 1

    def statement(self) -> None:
        """One statement."""
        self.depth += 1
        if self.depth >= DEEPEST:
            self.trouble(self.at, TOO_DEEP)
            self.at = min(self.partner(self.at) + 1, self.last) if self.at in self.partners else self.at + 1
        elif self.word == "{":
            self.block()
        elif not self.take(";"):
            self._other()
        self.depth -= 1

    def _other(self) -> None:
        read = self.read.get(self.word) if self.kind == NAME else None
        if read is not None and self._is_statement():
            read()
        elif self.word == "@":
            self.decorators()
            self._decorated()
        elif self.kind == NAME and self.next_word() == ":" and not self.is_between:
            self.at += 2
        else:
            self.expression()
            self._end()

    def _end(self) -> None:
        """The end of a statement; anything else on its line was not understood."""
        if not self.take(";") and self.word != "}" and self.at < self.last and not self.is_on_new_line(self.at):
            self.trouble(self.at)

    def _is_statement(self) -> bool:
        """Whether a word that may also be a name begins a statement here."""
        word, behind = self.word, self.next_word()
        kind = self.kinds[self.at + 1]
        if word == "import":
            return behind not in ("(", ".")
        if word in ("let", "using"):
            return kind == NAME or behind in ("{", "[")
        if word == "async":
            return behind == "function"
        if word in ("interface", "type", "namespace", "abstract", "declare", "enum", "module"):
            is_name = kind == NAME or (word in ("declare", "module") and kind == STRING)
            return is_name and not self.is_on_new_line(self.at + 1) and behind not in ("in", "instanceof", "as")
        return True

    def block(self, scope: Scope | None = None) -> None:
        """Statements between braces, which have names of their own."""
        closing = self.partner(self.at)
        self.at += 1
        was = self.scope, self.has_in, self.is_between
        self.scope = scope or Scope(self.module, self.scope, self.current)
        self.has_in, self.is_between = True, False
        while self.at < closing:
            at = self.at
            self.statement()
            if self.at == at:
                self.trouble(at)
                self.at += 1
        self.scope, self.has_in, self.is_between = was
        self.leave(closing)

    # Names

    def _hoisted(self) -> Scope:
        """The scope of `var`: that of the function around."""
        scope = self.scope
        while scope.parent is not None and scope.parent.function is scope.function:
            scope = scope.parent
        return scope

    def _declare(self) -> None:
        word = self.word
        self.at += 1
        if word == "const" and self.word == "enum":
            self._enum()
            return
        scope = self._hoisted() if word == "var" else self.scope
        while True:
            bounds = list(self._pattern((), None))
            self._annotation()
            value: Expression = Opaque(self.start, self.start)
            is_set = self.take("=")
            if is_set:
                value = self.assignment()
            for bound in bounds:
                self._bind(scope, bound, value if is_set else None)
            if not self.take(","):
                break
        self.take(";")

    def _annotation(self) -> None:
        """Past the type of a name."""
        if self.is_typed:
            self.take("!")
            if self.take(":"):
                self.skip_type()

    def _bind(self, scope: Scope, bound: _Bound, value: Expression | None) -> None:
        origin = None if value is None else Set(value, bound.path, bound.default)
        scope.declare(bound.name, bound.start, bound.end, origin)
        if isinstance(value, Function | Class) and not bound.path and origin is not None:
            value.name = bound.name
            self.module.declared.add(bound.start)
        elif bound.path and bound.path[-1] == bound.name:  # `{chat} = …`: whoever uses it says so again
            self.module.declared.add(bound.start)
        if value is not None and len(bound.path) == 1 and is_environment(value):
            self.module.environment.append((bound.path[0], bound.start, bound.end))

    def _pattern(self, path: tuple[str, ...], default: Expression | None) -> Iterator[_Bound]:
        """The names in a pattern, with the defaults behind them."""
        if self.word == "{":
            yield from self._braced(path)
        elif self.word == "[":
            yield from self._bracketed(path)
        elif self.kind == NAME:
            name, start, end = self.word, self.start, self.ends[self.at]
            self.at += 1
            if self.word == "=" and path:
                self.at += 1
                default = self.assignment()
            yield _Bound(name, start, end, path, default)
        if self.word == "=" and path:
            self.at += 1
            self.assignment()

    def _braced(self, path: tuple[str, ...]) -> Iterator[_Bound]:
        closing = self.partner(self.at)
        self.at += 1
        while self.at < closing:
            at = self.at
            if self.take("..."):
                yield from self._pattern((*path, "..."), None)
            else:
                name, start, key_at = self.word, self.start, self.at
                key, computed = self.property_name()
                step = "?" if computed else key
                if self.take(":"):
                    yield from self._pattern((*path, step), None)
                elif name and self.kinds[key_at] == NAME:
                    default = self.assignment() if self.take("=") else None
                    yield _Bound(name, start, self.ends[key_at], (*path, step), default)
            if not self.take(",") or self.at == at:
                break
        self.leave(closing)

    def _bracketed(self, path: tuple[str, ...]) -> Iterator[_Bound]:
        closing = self.partner(self.at)
        self.at += 1
        place = 0
        while self.at < closing:
            at = self.at
            if self.word != ",":
                rest = self.take("...")
                yield from self._pattern((*path, "..." if rest else str(place)), None)
            place += 1
            if not self.take(",") or self.at == at:
                break
        self.leave(closing)

    # Functions

    def function(self, start: int, *, is_arrow: bool = False, owner: Class | None = None) -> Function:
        """A function from its name or parameters on."""
        scope = Scope(self.module, self.scope, None)
        function = Function(start, scope)
        scope.function = function
        function.owner = owner
        self.functions.append(function)
        if not is_arrow and self.kind == NAME:
            function.name = self.word
            scope.declare(self.word, self.start, self.ends[self.at], Set(function))
            self.at += 1
        was = self.scope, self.current, self.owner, self.has_in, self.is_between
        self.scope, self.current, self.has_in = scope, function, True
        if not is_arrow:
            self.owner = owner
        self._parameters(function)
        if self.is_typed and self.take(":"):
            self.skip_type()
        if is_arrow and self.take("=>") and self.word != "{":
            self.is_between = was[4]
            function.returns.append(self.assignment())
        elif self.word == "{":
            self.block(scope)
        self.scope, self.current, self.owner, self.has_in, self.is_between = was
        function.end = self.behind
        return function

    def _parameters(self, function: Function) -> None:
        if self.word == "<" and (behind := self.type_arguments(self.at)) > 0:
            self.at = behind
        if self.word != "(":
            if self.kind == NAME:
                self._parameter(function, 0)
            return
        closing = self.partner(self.at)
        self.at += 1
        place = 0
        while self.at < closing:
            at = self.at
            self.decorators()
            self._parameter(function, place)
            place += 1
            if not self.take(",") or self.at == at:
                break
        self.leave(closing)

    def _parameter(self, function: Function, place: int) -> None:
        is_field = False
        while self.word in _PARAMETER_WORDS and (self.kinds[self.at + 1] == NAME or self.next_word() in ("{", "[")):
            is_field = True
            self.at += 1
        path = ("...",) if self.take("...") else ()
        bounds = list(self._pattern(path, None))
        self.take("?")
        if self.is_typed and self.take(":"):
            self.skip_type()
        default = self.assignment() if self.take("=") else None
        for bound in bounds:
            own = bound.default if bound.path else default
            function.scope.declare(bound.name, bound.start, bound.end, Parameter(function, place, bound.path, own))
            if is_field and function.owner is not None:
                value = Name(bound.name, function.scope, bound.start, bound.end)
                function.owner.members.setdefault(bound.name, []).append(value)

    def _async(self) -> None:
        self.at += 1
        self._function()

    def _function(self) -> None:
        start = self.start
        self.at += 1
        self.take("*")
        name, at, end = self.word, self.start, self.ends[self.at]
        function = self.function(start)
        if function.name:
            self.scope.declare(name, at, end, Set(function))

    # Classes

    def _class(self) -> None:
        start = self.start
        self.take("abstract")
        self.take("class")
        name, at, end = self.word, self.start, self.ends[self.at]
        made = self.class_(start)
        if made.name:
            self.scope.declare(name, at, end, Set(made))

    def class_(self, start: int) -> Class:
        """A class from its name on."""
        made = Class(start)
        made.is_decorated = self.at > 1 and self.starts[self.at - 1] > 0 and self._was_decorated
        self._was_decorated = False
        self.module.classes.append(made)
        if self.kind == NAME and self.word not in ("extends", "implements"):
            made.name = self.word
            self.at += 1
        if self.word == "<" and (behind := self.type_arguments(self.at)) > 0:
            self.at = behind
        if self.take("extends"):
            made.parent = self._postfix(self._primary())
            if self.word == "<" and (behind := self.type_arguments(self.at)) > 0:
                self.at = behind
        if self.take("implements"):
            while self.word != "{" and self.at < self.last:
                self.at += 1
        if self.word == "{":
            self._members(made)
        made.end = self.behind
        return made

    _was_decorated = False

    def _decorated(self) -> None:
        """What decorators stand before."""
        self._was_decorated = True
        while self.word in ("export", "default"):
            if self.take("export"):
                self._was_decorated = True
            if self.word in ("class", "abstract"):
                break
            self.take("default")
        if self.word in ("class", "abstract"):
            name = self.next_word(2 if self.word == "abstract" else 1)
            self._class()
            self._export_local("default", name)
            self._export_local(name, name)

    def _members(self, made: Class) -> None:
        closing = self.partner(self.at)
        self.at += 1
        was, self.owner = self.owner, made
        while self.at < closing:
            at = self.at
            if not self.take(";"):
                self._member(made)
            if self.at == at:
                self.trouble(at)
                self.at += 1
        self.owner = was
        self.leave(closing)

    def _member(self, made: Class) -> None:
        is_decorated = self.decorators()
        start = self.start
        words: set[str] = set()
        while self.word in _MEMBER_WORDS and (
            self.word == "*" or self.next_word() not in _BEHIND_NAME or self._is_quoted()
        ):
            words.add(self.word)
            self.at += 1
        if "static" in words and self.word == "{":
            self.block()
            return
        name, _ = self.property_name()
        if not (self.take("?") or self.is_typed) or self.word == "!":
            self.take("!")
        members = made.statics if "static" in words else made.members
        if self.word in ("(", "<"):
            function = self.function(start, owner=made)
            function.name = name
            function.is_getter = "get" in words
            function.is_called_from_outside = is_decorated or made.is_decorated
            if "set" not in words:
                members.setdefault(name, []).append(function)
            return
        self._annotation()
        if self.take("="):
            value = self.assignment()
            if isinstance(value, Function):
                value.name = value.name or name
                value.owner = made
            members.setdefault(name, []).append(value)
        self.take(";")

    def _is_quoted(self) -> bool:
        """Whether a word is followed by a name between quotes or brackets, which has no text among the words."""
        return self.kinds[self.at + 1] == STRING and not self.is_on_new_line(self.at + 1)

    def _enum(self) -> None:
        start = self.start
        self.take("enum")
        name, at, end = self.word, self.start, self.ends[self.at]
        self.at += 1
        members: list[Property] = []
        closing = self.partner(self.at)
        self.at += 1
        while self.at < closing:
            before, key_start = self.at, self.start
            key, _ = self.property_name()
            key_end = self.behind
            value = self.assignment() if self.take("=") else Opaque(key_start, key_end)
            members.append(Property(key, value, key_start, key_end))
            if not self.take(",") or self.at == before:
                break
        self.leave(closing)
        self.scope.declare(name, at, end, Set(Record(tuple(members), start, self.behind)))

    # What has no values

    def _skipped(self) -> None:
        """An interface, a type, something declared elsewhere."""
        word = self.word
        self.at += 1
        if word == "declare":
            self._declared()
            return
        self.at += 1
        if self.word == "<" and (behind := self.type_arguments(self.at)) > 0:
            self.at = behind
        if word == "type":
            if self.take("="):
                self.skip_type()
        else:
            while self.word not in ("{", ";") and self.at < self.last:
                self.at += 1
            if self.word == "{":
                self.at = min(self.partner(self.at) + 1, self.last)
        self.take(";")

    def _declared(self) -> None:
        """What is declared to be elsewhere: its name is known here, its value is not."""
        if self.word == "global":
            self.at += 1
        read = self.read.get(self.word)
        if read is not None:
            read()
        elif self.word == "{":
            self.at = min(self.partner(self.at) + 1, self.last)

    def _namespace(self) -> None:
        self.at += 1
        while self.word not in ("{", ";") and self.at < self.last:
            self.at += 1
        if self.word == "{":
            self.block()

    # Control

    def _condition(self) -> None:
        if self.word == "(":
            self._within(self.expression)

    def _if(self) -> None:
        while True:
            self.at += 1
            self._condition()
            self.statement()
            if not self.take("else"):
                return
            if self.word != "if":
                self.statement()
                return

    def _while(self) -> None:
        self.at += 1
        self._condition()
        self.statement()

    def _switch(self) -> None:
        self.at += 1
        self._condition()
        if self.word != "{":
            return
        closing = self.partner(self.at)
        self.at += 1
        was, self.scope = self.scope, Scope(self.module, self.scope, self.current)
        while self.at < closing:
            at = self.at
            if self.take("case"):
                self.expression()
                self.take(":")
            elif not (self.word == "default" and self.next_word() == ":"):
                self.statement()
            else:
                self.at += 2
            if self.at == at:
                self.trouble(at)
                self.at += 1
        self.scope = was
        self.leave(closing)

    def _do(self) -> None:
        self.at += 1
        self.statement()
        if self.take("while"):
            self._condition()
        self.take(";")

    def _try(self) -> None:
        self.at += 1
        self.statement()
        if self.take("catch"):
            was, self.scope = self.scope, Scope(self.module, self.scope, self.current)
            if self.word == "(":
                self._within(self._caught)
            self.statement()
            self.scope = was
        if self.take("finally"):
            self.statement()

    def _caught(self) -> Expression:
        for bound in self._pattern((), None):
            self.scope.declare(bound.name, bound.start, bound.end, Set(Opaque(bound.start, bound.end)))
        self._annotation()
        return Opaque(self.start, self.start)

    def _for(self) -> None:
        self.at += 1
        self.take("await")
        was, self.scope = self.scope, Scope(self.module, self.scope, self.current)
        if self.word == "(":
            self._within(self._head)
        self.statement()
        self.scope = was

    def _head(self) -> Expression:
        """Between the brackets of a `for`."""
        self.has_in = False
        if self.word in ("const", "let", "var", "using") and self.kind == NAME:
            self._declared_in_head()
        elif self.word != ";":
            self.expression()
        self.has_in = True
        if self.take("of") or self.take("in"):
            self.expression()
        while self.take(";"):
            if self.word not in (";", ")"):
                self.expression()
        return Opaque(self.start, self.start)

    def _declared_in_head(self) -> None:
        at = self.at
        self.at += 1
        bounds = list(self._pattern((), None))
        self._annotation()
        if self.word not in ("of", "in"):
            self.at = at
            self._declare()
            self.at -= self.words[self.at - 1] == ";"
            return
        is_each = self.word == "of"
        self.at += 1
        self.has_in = True
        value = self.expression()
        for bound in bounds:
            origin = Set(value, (EVERY, *bound.path), bound.default) if is_each else Set(Opaque(bound.start, bound.end))
            self.scope.declare(bound.name, bound.start, bound.end, origin)

    def _return(self) -> None:
        at = self.at
        self.at += 1
        if self.word not in (";", "}") and self.at < self.last and not self.is_on_new_line(at + 1):
            value = self.expression()
            if self.current is not None:
                self.current.returns.append(value)
        self.take(";")

    def _throw(self) -> None:
        self.at += 1
        if self.word not in (";", "}"):
            self.expression()
        self.take(";")

    def _jump(self) -> None:
        self.at += 1
        if self.kind == NAME and not self.is_on_new_line(self.at):
            self.at += 1
        self.take(";")

    # Imports and exports

    def _specifier(self) -> str:
        if self.kind != STRING:
            return ""
        start = self.start
        self.at += 1
        name = unescaped(self.text, start + 1, self.behind - 1)[0]
        if self.word in ("with", "assert") and self.next_word() == "{":
            self.at = min(self.partner(self.at + 1) + 1, self.last)
        self.take(";")
        return name

    def _import(self) -> None:
        start = self.start
        self.at += 1
        is_type = self.word == "type" and self.next_word() not in ("from", ",", "=")
        self.at += is_type
        names: list[tuple[str, str, int, int]] = []
        while self.at < self.last and self.kind != STRING and self.word not in ("from", "="):
            if self.kind == "{":
                names += self._names()
            elif self.take("*"):
                self.take("as")
                names.append(("*", self.word, self.start, self.ends[self.at]))
                self.at += 1
            elif self.kind == NAME:
                names.append(("default", self.word, self.start, self.ends[self.at]))
                self.at += 1
            elif not self.take(","):
                break
        if self.word == "=":
            self._required(names)
            return
        self.take("from")
        specifier = self._specifier()
        if not is_type and specifier:
            self.module.specifiers.setdefault(specifier, start)
            for imported, local, at, end in names:
                self.scope.declare(local, at, end, Imported(specifier, imported))
                if imported == local:  # whoever uses it says so again
                    self.module.declared.add(at)

    def _required(self, names: list[tuple[str, str, int, int]]) -> None:
        """`import name = require("…")`."""
        self.at += 1
        value = self.expression()
        for _, local, at, end in names:
            self.scope.declare(local, at, end, Set(value))
        self.take(";")

    def _names(self) -> list[tuple[str, str, int, int]]:
        """`{a, b as c}`: the names there and here, without those of types."""
        closing = self.partner(self.at)
        self.at += 1
        names: list[tuple[str, str, int, int]] = []
        while self.at < closing:
            is_type = self.word == "type" and (self.kinds[self.at + 1] == NAME) and self.next_word() != "as"
            self.at += is_type
            there, start, end = self._exported_name()
            here = there
            if self.take("as"):
                here, start, end = self._exported_name()
            if not is_type:
                names.append((there, here, start, end))
            if not self.take(","):
                break
        self.leave(closing)
        return names

    def _exported_name(self) -> tuple[str, int, int]:
        start, end = self.start, self.ends[self.at]
        name = self.word or self.text[start + 1 : end - 1]
        self.at += 1
        return name, start, end

    def _export(self) -> None:
        start = self.start
        self.at += 1
        word = self.word
        if word == "*":
            self._export_all(start)
        elif word == "{" or (word == "type" and self.next_word() == "{"):
            self._export_names(start, is_type=self.take("type"))
        elif word == "default":
            self._export_default()
        elif word == "=":
            self.at += 1
            self._export_value("=", self.expression())
            self.take(";")
        elif word == "as":
            self.at += 3
        else:
            self._export_declared()

    def _export_all(self, start: int) -> None:
        self.at += 1
        name = self._exported_name()[0] if self.take("as") else ""
        self.take("from")
        specifier = self._specifier()
        self.module.specifiers.setdefault(specifier, start)
        export = Export(None, specifier, "*")
        self.module.exports.setdefault(name or "*", []).append(export)

    def _export_names(self, start: int, *, is_type: bool) -> None:
        names = self._names()
        specifier = self._specifier() if self.take("from") else ""
        self.take(";")
        if is_type:
            return
        if specifier:
            self.module.specifiers.setdefault(specifier, start)
        for there, here, at, end in names:
            if specifier:
                self.module.exports.setdefault(here, []).append(Export(None, specifier, there))
            else:
                self._export_value(here, Name(there, self.module.scope, at, end))

    def _export_default(self) -> None:
        self.at += 1
        if self.word in ("class", "abstract", "function", "async", "@") and self.word != "async":
            self.decorators()
            name = self.next_word(2 if self.word == "abstract" or self.next_word() == "*" else 1)
            known = self.scope.names.get(name)
            self._other()
            if self.scope.names.get(name) is not known:
                self._export_local("default", name)
            elif self.functions:
                self.functions[-1].is_called_from_outside = True
            return
        self._export_value("default", self.assignment())
        self.take(";")

    def _export_declared(self) -> None:
        before = len(self.scope.declared)
        self.decorators()
        self._other()
        for name in dict.fromkeys(self.scope.declared[before:]):
            self._export_local(name, name)

    def _export_local(self, exported: str, name: str) -> None:
        binding = self.scope.names.get(name)
        if binding is not None:
            self._export_value(exported, Name(name, self.module.scope, binding.start, binding.end))

    def _export_value(self, name: str, value: Expression) -> None:
        self.module.exports.setdefault(name, []).append(Export(value))


def exported_member(target: Expression) -> str | None:
    """The name that `exports.name`, `module.exports.name` or `module.exports` (then `=`) exports; None for others."""
    if not isinstance(target, Member):
        return None
    owner = target.object
    if isinstance(owner, Name) and owner.name == "exports":
        return target.name
    if isinstance(owner, Name) and owner.name == "module" and target.name == "exports":
        return "="
    return target.name if exported_member(owner) == "=" and isinstance(owner, Member) else None


def quoted(module: Module, value: Expression) -> str | None:
    """What stands between quotes."""
    if not isinstance(value, Quoted):
        return None
    return unescaped(module.source.text, value.start + 1, value.end - 1)[0]
