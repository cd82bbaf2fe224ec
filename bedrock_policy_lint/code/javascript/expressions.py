"""Expressions of JavaScript and TypeScript, read from tokens as far as they tell what is called with what."""

from __future__ import annotations

from bedrock_policy_lint.code.javascript.cursor import Cursor
from bedrock_policy_lint.code.javascript.tokens import (
    HEAD,
    JSX,
    MIDDLE,
    NAME,
    NUMBER,
    REGEX,
    STRING,
    TAIL,
    WHOLE,
    Tokens,
)
from bedrock_policy_lint.code.javascript.tree import (
    Array,
    Assignment,
    Call,
    Class,
    Either,
    Expression,
    Function,
    Index,
    Member,
    Module,
    Name,
    Opaque,
    Plain,
    Property,
    Quoted,
    Record,
    Spread,
    Sum,
    Templated,
    This,
)

DEEPEST = 80
"""Code that nests deeper is left out, and said to be."""
TOO_DEEP = "it nests too deeply"
_ASSIGNS = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "**=", "&=", "|=", "^=", "&&=", "||=", "??="])
_OPERATORS = frozenset(
    [
        "+",
        "-",
        "*",
        "/",
        "%",
        "**",
        "==",
        "===",
        "!=",
        "!==",
        "<",
        "<=",
        ">",
        "&",
        "|",
        "^",
        "&&",
        "||",
        "??",
        "in",
        "instanceof",
    ]
)
_UNARY = frozenset(["!", "-", "+", "~", "++", "--", "typeof", "void", "delete"])
_PLAIN: dict[str, object] = {"true": True, "false": False, "null": None, "undefined": None}
_SURROUNDINGS = frozenset({"process", "import.meta", "Bun"})
_ENDS_VALUE = frozenset([")", "]", "}", ";", ",", ":"])


def is_environment(value: Expression) -> bool:
    """Whether an expression is `process.env`, `globalThis.process.env`, `import.meta.env` or `Bun.env`."""
    if not isinstance(value, Member) or value.name != "env":
        return False
    owner = value.object
    if isinstance(owner, Member):
        return owner.name == "process" and isinstance(owner.object, Name) and owner.object.name == "globalThis"
    return isinstance(owner, Name) and owner.name in _SURROUNDINGS


class Expressions(Cursor):
    """Reads expressions; what is within functions and classes is read by those who build on it."""

    def __init__(self, module: Module, tokens: Tokens, *, is_typed: bool) -> None:
        super().__init__(module, tokens, is_typed=is_typed)
        self.scope = module.scope
        self.owner: Class | None = None
        self.depth = 0
        self.has_in = True
        """Whether `in` is an operator here, which it is not in the head of a `for`."""
        self.is_between = False
        """Whether this stands between `?` and `:`, where a colon behind brackets is no type of an arrow function."""
        self.assigned: list[tuple[Expression, str, Expression]] = []

    def function(self, start: int, *, is_arrow: bool = False, owner: Class | None = None) -> Function:
        """A function from its parameters on."""
        raise NotImplementedError

    def class_(self, start: int) -> Class:
        """A class from its name on."""
        raise NotImplementedError

    def opaque(self, start: int) -> Opaque:
        """Something that was read from here on, if anything was."""
        return Opaque(start, max(start, self.behind))

    def decorators(self) -> bool:
        """Moves past decorators; whether there are any."""
        found = False
        while self.take("@"):
            found = True
            self._postfix(self._primary())
        return found

    def expression(self) -> Expression:
        """An expression, of several with commas between them the last."""
        value = self.assignment()
        while self.take(","):
            value = self.assignment()
        return value

    def assignment(self) -> Expression:
        """An expression without a comma."""
        self.depth += 1
        try:
            return self._assignment() if self.depth < DEEPEST else self._too_deep()
        finally:
            self.depth -= 1

    def _too_deep(self) -> Expression:
        """Moves on to where the brackets around this end, or to the next comma."""
        start = self.start
        self.trouble(self.at, TOO_DEEP)
        while self.at < self.last and self.word not in _ENDS_VALUE and self.kind not in (MIDDLE, TAIL):
            self.at = min(self.partner(self.at) + 1, self.last) if self.at in self.partners else self.at + 1
        return self.opaque(start)

    def _assignment(self) -> Expression:
        start = self.start
        word = self.word
        if self._is_arrow():
            self.take("async")
            return self.function(start, is_arrow=True)
        if word == "yield" and self.kind == NAME:
            self.at += 1
            self.take("*")
            if self.word not in _ENDS_VALUE and self.at < self.last and not self.is_on_new_line(self.at):
                self.assignment()
            return self.opaque(start)
        targets: list[tuple[Expression, str]] = []
        value = self._conditional()
        while self.word in _ASSIGNS:
            targets.append((value, self.word))
            self.at += 1
            value = self.assignment() if self._is_arrow() or self.word == "yield" else self._conditional()
        for target, operator in reversed(targets):
            self.assigned.append((target, operator, value))
            is_kept = operator in ("=", "??=", "||=")
            known = value if is_kept else self.opaque(start)
            value = Assignment(target, known, operator, target.start, self.behind)
        return value

    def _is_arrow(self) -> bool:
        at = self.at
        if self.words[at] == "async" and not self.is_on_new_line(at + 1):
            if self.kinds[at + 1] == NAME and self.next_word(2) == "=>":
                return True
            at += self.words[at + 1] in ("(", "<")
        if self.words[at] == "<" and self.is_typed:
            at = self.type_arguments(at)
        if at < 0 or at >= self.last:
            return False
        if self.words[at] != "(":
            return self.kinds[at] == NAME and self.words[at + 1] == "=>"
        behind = min(self.partner(at) + 1, self.last)
        if self.words[behind] == ":" and self.is_typed and not self.is_between:
            self.limit = behind + 500
            behind = self._type(behind + 1, 0)
        return behind >= 0 and self.words[behind] == "=>"

    def _conditional(self) -> Expression:
        start = self.start
        value = self._binary()
        if self.word != "?":
            return value
        test = self.text[start : self.behind]
        operands = []
        while self.take("?"):
            was, self.is_between = self.is_between, True
            operands.append(self.assignment())
            self.is_between = was
            if not self.take(":"):
                return self.opaque(start)
            value = self._else()
        return Either("?:", (*operands, value), test, start, self.behind)

    def _else(self) -> Expression:
        """What stands behind `:`; a further condition is left to the caller."""
        return self.assignment() if self._is_arrow() or self.word == "yield" else self._binary()

    def _binary(self) -> Expression:
        start = self.start
        operands = [self._unary()]
        operators: list[str] = []
        while True:
            word = self.word
            if word in ("as", "satisfies") and self.is_typed and self.kind == NAME and not self.is_on_new_line(self.at):
                self.at += 1
                self.skip_type()
                continue
            if word not in _OPERATORS or (word == "in" and not self.has_in):
                break
            if word in "<>":
                self._shift()
            else:
                self.at += 1
            if self.word in ("=", "<=") and self.ends[self.at - 1] == self.start and word in "<>":
                self.at += 1  # `>=`, `>>=`, `<<=`
            operators.append(word)
            operands.append(self._unary())
        return operands[0] if not operators else _combined(operands, operators, start, self.behind)

    def _shift(self) -> None:
        """Past `<`, `<<`, `>`, `>>`, `>>>`."""
        mark = self.word
        self.at += 1
        while self.word == mark and self.start == self.behind:
            self.at += 1

    def _unary(self) -> Expression:
        start = self.start
        opaque = is_void = False
        while True:
            word = self.word
            if word == "await" and self.kind == NAME and self.next_word() not in (*_ENDS_VALUE, "=", "=>", "."):
                self.at += 1
            elif word in _UNARY:
                is_void = is_void or (word == "void" and not opaque)
                opaque = True
                self.at += 1
            elif word == "<" and self.is_typed and self.kind != JSX and (behind := self.type_arguments(self.at)) > 0:
                self.at = behind
            else:
                break
        value = self._postfix(self._primary())
        if is_void:
            return Plain(None, start, self.behind)
        return self.opaque(start) if opaque else value

    def _postfix(self, value: Expression) -> Expression:
        while self.at < self.last:
            kind, word = self.kind, self.word
            if word in (".", "?."):
                value = self._dotted(value)
            elif word == "[":
                value = self._index(value)
            elif word == "(":
                value = self.call(value, is_new=False)
            elif kind in (WHOLE, HEAD):
                self._template()
                value = Opaque(value.start, self.behind)
            elif word == "!" and self.is_typed and not self.is_on_new_line(self.at):
                self.at += 1
            elif word in ("++", "--") and not self.is_on_new_line(self.at):
                self.at += 1
                value = Opaque(value.start, self.behind)
            elif word == "<" and self.is_typed and self._is_generic_call():
                self.at = self.type_arguments(self.at)
            else:
                break
        return value

    def _is_generic_call(self) -> bool:
        behind = self.type_arguments(self.at)
        if behind < 0:
            return False
        word = self.words[behind]
        return word == "(" or word in _ENDS_VALUE or self.kinds[behind] in (WHOLE, HEAD)

    def _dotted(self, value: Expression) -> Expression:
        self.at += 1
        if self.word == "(":
            return self.call(value, is_new=False)
        if self.word == "[":
            return self._index(value)
        if self.kind != NAME:
            return Opaque(value.start, self.behind)
        at, name = self.start, self.word
        self.at += 1
        if is_environment(value):
            self.module.environment.append((name, value.start, self.behind))
        return Member(value, name, at, value.start, self.behind)

    def _index(self, value: Expression) -> Expression:
        key = self._within(self.expression)
        if isinstance(key, Quoted):
            from bedrock_policy_lint.code.javascript.texts import unescaped

            name = unescaped(self.text, key.start + 1, key.end - 1)[0]
            if is_environment(value):
                self.module.environment.append((name, value.start, self.behind))
            return Member(value, name, key.start, value.start, self.behind)
        return Index(value, key or Opaque(value.start, self.behind), value.start, self.behind)

    def _within(self, read: object) -> Expression | None:
        """What stands between the brackets here, as a reader reads it; None where nothing does."""
        closing = self.partner(self.at)
        self.at += 1
        was = self.has_in, self.is_between
        self.has_in, self.is_between = True, False
        value: Expression | None = None
        if self.at < closing:
            value = read()  # type: ignore[operator]
        self.has_in, self.is_between = was
        self.leave(closing)
        return value

    def call(self, callee: Expression, *, is_new: bool, start: int = -1) -> Expression:
        """The arguments of a call, and with them the call."""
        arguments = self._list()
        value = Call(callee, arguments, is_new, callee.start if start < 0 else start, self.behind)
        self.module.calls.append(value)
        if self.owner is not None and isinstance(callee, Name) and callee.name == "super":
            self.module.supers[id(value)] = self.owner
        return value

    def _list(self) -> tuple[Expression, ...]:
        """What stands between brackets, with commas between."""
        items: list[Expression] = []

        def read() -> Expression:
            closing = self.last
            while self.at < closing and self.word not in (")", "]", "}"):
                at = self.at
                items.append(self._spread() if self.word == "..." else self._item())
                if not self.take(",") or self.at == at:
                    break
            return Opaque(0, 0)

        self._within(read)
        return tuple(items)

    def _item(self) -> Expression:
        return Opaque(self.start, self.start) if self.word == "," else self.assignment()

    def _spread(self) -> Expression:
        start = self.start
        self.at += 1
        return Spread(self.assignment(), start, self.behind)

    def _primary(self) -> Expression:  # noqa: PLR0911 - one for each kind of token
        start, kind = self.start, self.kind
        if kind == NAME:
            return self._named(start)
        if kind == STRING:
            self.at += 1
            return Quoted(start, self.behind)
        if kind in (WHOLE, HEAD):
            return self._template()
        if kind == NUMBER:
            self.at += 1
            return Plain(self.text[start : self.behind], start, self.behind)
        if kind == "(":
            return self._within(self.expression) or self.opaque(start)
        if kind == "[":
            return Array(self._list(), start, self.behind)
        if kind == "{":
            return self._record(start)
        if kind == JSX:
            return self._jsx(start)
        if kind == "@":
            self.decorators()
            return self._primary() if self.word == "class" else self.opaque(start)
        if kind not in _ENDS_VALUE and self.at < self.last:
            if kind != REGEX:
                self.trouble(self.at)
            self.at += 1
        return self.opaque(start)

    def _named(self, start: int) -> Expression:  # noqa: PLR0911 - one for each word of the language
        word = self.word
        self.at += 1
        if word == "function" or (word == "async" and self.word == "function" and not self.is_on_new_line(self.at)):
            self.take("function")
            self.take("*")
            return self.function(start)
        if word == "class":
            return self.class_(start)
        if word == "new":
            return self._new(start)
        if word == "this":
            return This(self.owner, start, self.behind) if self.owner else self.opaque(start)
        if word == "import" and self.word == "." and self.next_word() == "meta":
            self.at += 2
            return Name("import.meta", self.scope, start, self.behind)
        if word in _PLAIN:
            return Plain(_PLAIN[word], start, self.behind)
        if self.word != "(":
            self._mention(word)
        return Name(word, self.scope, start, self.behind)

    def _mention(self, name: str) -> None:
        """Notes a name that is not called on the spot, so that a function of that name may be called elsewhere."""
        mentions = self.module.mentions
        mentions[name] = mentions.get(name, 0) + 1

    def _new(self, start: int) -> Expression:
        if self.word == ".":
            self.at += 2
            return self.opaque(start)
        self.depth += 1
        callee = self._primary() if self.depth < DEEPEST else self._too_deep()
        self.depth -= 1
        while self.word in (".", "?.", "["):
            callee = self._index(callee) if self.word == "[" else self._dotted(callee)
        if self.word == "<" and self.is_typed and (behind := self.type_arguments(self.at)) > 0:
            self.at = behind
        if self.word == "(":
            return self.call(callee, is_new=True, start=start)
        value = Call(callee, (), True, start, self.behind)
        self.module.calls.append(value)
        return value

    def _template(self) -> Expression:
        start = self.start
        parts: list[tuple[int, int] | Expression] = []
        while self.kind in (WHOLE, HEAD, MIDDLE, TAIL):
            kind = self.kind
            is_last = kind in (WHOLE, TAIL)
            parts.append((self.start + 1, self.ends[self.at] - (1 if is_last else 2)))
            self.at += 1
            if is_last:
                break
            was = self.has_in, self.is_between
            self.has_in, self.is_between = True, False
            parts.append(self.expression())
            self.has_in, self.is_between = was
            while self.at < self.last and self.kind not in (MIDDLE, TAIL):
                self.trouble(self.at)
                self.at = self.partner(self.at) + 1 if self.at in self.partners else self.at + 1
        self.at = min(self.at, self.last)
        return Templated(tuple(parts), start, self.behind)

    def _jsx(self, start: int) -> Expression:
        closing = self.partner(self.at)
        while self.at < closing:
            if self.kind != "{":
                self.at += 1
                continue
            if self.next_word() == "}":
                self.at += 2
            else:
                self._list()
        self.at = min(closing + 1, self.last)
        return self.opaque(start)

    def _record(self, start: int) -> Expression:
        members: list[Property | Spread] = []

        def read() -> Expression:
            while self.at < self.last and self.word != "}":
                at = self.at
                member = self._spread() if self.word == "..." else self._property()
                if isinstance(member, Property | Spread):
                    members.append(member)
                if not self.take(",") or self.at == at:
                    break
            return Opaque(0, 0)

        self._within(read)
        return Record(tuple(members), start, self.behind)

    def _property(self) -> Property | Expression:
        self._modifiers()
        start = self.start
        name, key = self.property_name()
        end = self.behind
        if self.word in ("(", "<"):
            function = self.function(start)
            function.name = name
            return Property(name, function, start, end, key)
        if self.take(":"):
            value = self.assignment()
            if isinstance(value, Function) and not value.name:
                value.name = name
            return Property(name, value, start, end, key)
        value = Name(name, self.scope, start, end)
        self._mention(name)
        if self.take("="):
            self.assignment()
        return Property(name, value, start, end)

    def _modifiers(self) -> None:
        while self.word in ("async", "get", "set", "*") and self.next_word() not in ("(", ",", ":", "}", "=", "<"):
            self.at += 1

    def property_name(self) -> tuple[str, Expression | None]:
        """The name of a member of an object or class; one that is computed is an expression."""
        kind, start = self.kind, self.start
        if kind == "[":
            key = self._within(self.assignment)
            if isinstance(key, Quoted):
                return self.text[key.start + 1 : key.end - 1], None
            return "", key or self.opaque(start)
        if kind in (NAME, NUMBER, STRING):
            self.at += 1
            return (self.text[start + 1 : self.behind - 1] if kind == STRING else self.text[start : self.behind]), None
        if self.at < self.last and kind not in _ENDS_VALUE:
            self.trouble(self.at)
            self.at += 1
        return "", self.opaque(start)


def _combined(operands: list[Expression], operators: list[str], start: int, end: int) -> Expression:
    """Operands with operators between them, those that bind least apart first."""
    for level in (("??", "||"), ("&&",)):
        places = [at for at, operator in enumerate(operators) if operator in level]
        if places:
            groups = [
                _group(operands, operators, first, last)
                for first, last in zip([0, *(at + 1 for at in places)], [*places, len(operators)], strict=True)
            ]
            return Either(operators[places[0]], tuple(groups), "", start, end)
    if all(operator == "+" for operator in operators):
        return Sum(tuple(operands), start, end)
    return Opaque(start, end)


def _group(operands: list[Expression], operators: list[str], first: int, last: int) -> Expression:
    """The operands from the first to the last."""
    if first == last:
        return operands[first]
    start, end = operands[first].start, operands[last].end
    return _combined(operands[first : last + 1], operators[first:last], start, end)
